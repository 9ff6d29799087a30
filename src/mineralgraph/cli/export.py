"""``mineralgraph export``: the dataset in a standard syntax."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from pyoxigraph import DefaultGraph

from mineralgraph import opening
from mineralgraph import settings as configuration
from mineralgraph.cli import options
from mineralgraph.cli.console import put_bytes, say
from mineralgraph.errors import NotAcceptable
from mineralgraph.rdf import formats
from mineralgraph.rdf.writing import write
from mineralgraph.store.base import Store


def export(
    format: Annotated[
        str, typer.Option(help="trig, nquads, jsonld; or turtle, ntriples, rdfxml")
    ] = "trig",
    out: Annotated[
        Path | None, typer.Option(help="write to this file", show_default="stdout")
    ] = None,
    store: options.Store = None,
    data: options.Data = None,
) -> None:
    """Write the dataset in a standard syntax.

    Dataset syntaxes carry every named graph. Triples-only syntaxes carry the current view, so
    that nothing planned, denied or withdrawn is flattened into a fact.
    """
    form = formats.graph_format(format)
    if form is None:
        names = ", ".join(f.name for f in formats.GRAPH_FORMATS)
        raise NotAcceptable(f"{format!r} is no RDF syntax", hint=f"Use one of: {names}.")
    settings = configuration.load(store=store, data=data)
    with opening.open_to_read(settings) as opened:
        body = dump(opened, form)
    if out is None:
        put_bytes(body)
    else:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(body)
        say(f"wrote {out}: {len(body):,} bytes")


def dump(store: Store, form: formats.GraphFormat) -> bytes:
    """Serialise a store, sorted."""
    if form.datasets:
        found = sorted(
            (q for q in store.quads() if not isinstance(q.graph_name, DefaultGraph)),
            key=lambda q: (str(q.graph_name), str(q)),
        )
        return write(found, form)
    return write(sorted((q.triple for q in store.quads(graph=DefaultGraph())), key=str), form)
