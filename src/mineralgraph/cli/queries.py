"""``mineralgraph queries``: which questions there are, and what one of them takes."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated, Any

import typer

from mineralgraph.cli.console import put, put_table
from mineralgraph.queries import Query, load_catalog


class Listing(StrEnum):
    """How to list."""

    TABLE = "table"
    JSON = "json"


def queries(
    name: Annotated[
        str | None, typer.Argument(help="one query, with its parameters", show_default=False)
    ] = None,
    format: Annotated[Listing, typer.Option(help="how to list them")] = Listing.TABLE,
) -> None:
    """List the canned queries, or describe one."""
    catalog = load_catalog()
    chosen = [catalog.find(name)] if name else list(catalog.values())
    if format is Listing.JSON:
        put(json.dumps([as_json(q) for q in chosen], indent=2, ensure_ascii=False))
    elif name:
        _show(chosen[0])
    else:
        put_table(("name", "title"), [(q.name, q.title) for q in chosen])


def as_json(query: Query) -> dict[str, Any]:
    """Return a query's description as plain data."""
    return {
        "name": query.name,
        "title": query.title,
        "description": query.description,
        "theme": query.theme,
        "form": query.form,
        "columns": list(query.columns),
        "parameters": [
            {
                "name": p.name,
                "type": str(p.type),
                "required": p.required,
                "default": p.default,
                "example": p.example,
                "help": p.help,
            }
            for p in query.parameters
        ],
    }


def _show(query: Query) -> None:
    put(f"{query.name}: {query.title}\n\n{query.description}\n\n")
    rows = []
    for p in query.parameters:
        need = "required" if p.required else f"default {p.default}" if p.default else "optional"
        rows.append((p.name, str(p.type), need, p.example, p.help))
    put_table(("parameter", "type", "", "example", "meaning"), rows)
    sample = " ".join(f"-p {k}={v}" for k, v in query.example.items())
    put(f"\nmineralgraph query {query.name} {sample}".rstrip())
