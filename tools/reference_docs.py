"""Write docs/reference/*.md from the settings, the command line, the queries, shapes and errors.

reference_docs.py            write the pages
reference_docs.py --check    fail when a page is not what the code says
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

from typer.testing import CliRunner

from mineralgraph import errors
from mineralgraph.cli.main import VERBS, app
from mineralgraph.gate import checks, rules
from mineralgraph.queries import Query, load_catalog
from mineralgraph.settings import Settings

FOLDER: Final = Path(__file__).resolve().parent.parent / "docs" / "reference"
NOTICE: Final = "<!-- Written by `make docs` from the code; do not edit. -->\n\n"


def settings_page() -> str:
    """Every setting with its default and meaning."""
    rows = [
        (f"`MINERALGRAPH_{name.upper()}`", f"`{field.default}`", field.description or "")
        for name, field in Settings.model_fields.items()
    ]
    rows = [(name, "" if default == "`None`" else default, text) for name, default, text in rows]
    return (
        "# Settings\n\nEnvironment variables; an option of a command overrides its variable.\n\n"
        + (table(("variable", "default", "meaning"), rows))
    )


def cli_page() -> str:
    """The help of every verb."""
    parts = ["# Command line\n"]
    for name in ("", *(verb for verb, _ in VERBS)):
        shown = CliRunner().invoke(
            app, [*name.split(), "--help"], prog_name="mineralgraph", terminal_width=100
        )
        title = f"## `mineralgraph {name}`" if name else "## The verbs"
        lines = "\n".join(line.rstrip() for line in shown.stdout.strip().splitlines())
        parts.append(f"{title}\n\n```text\n{lines}\n```\n")
    return "\n".join(parts)


def queries_page() -> str:
    """Every canned query with its parameters and an example call."""
    catalog = load_catalog()
    parts = ["# Canned queries\n", f"There are {len(catalog)}. Each is a file in `queries/`.\n"]
    parts.append(table(("name", "title"), [(_link(q.name), q.title) for q in catalog.values()]))
    parts += [_query(query) for query in catalog.values()]
    return "\n".join(parts)


def _query(query: Query) -> str:
    rows = [
        (f"`{p.name}`", f"`{p.type}`", _need(p.required, p.default), f"`{p.example}`", p.help)
        for p in query.parameters
    ]
    call = " ".join(["mineralgraph query", query.name, *_sample(query)])
    columns = ", ".join(f"`{c}`" for c in query.columns)
    parts = [f"## {query.name}\n", f"**{query.title}.** {query.description}\n"]
    if columns:
        parts.append(f"Columns: {columns}.\n")
    if rows:
        parts.append(table(("parameter", "type", "", "example", "meaning"), rows))
    parts.append(f"```console\n$ {call}\n```\n")
    return "\n".join(parts)


def _sample(query: Query) -> Iterator[str]:
    for key, value in query.example.items():
        yield f"-p {key}={value}"


def _need(required: bool, default: str | None) -> str:
    return "required" if required else f"default `{default}`" if default else "optional"


def _link(name: str) -> str:
    return f"[{name}](#{name})"


def shapes_page() -> str:
    """Every shape that reports, and every check over the whole dataset."""
    parts = [
        "# Shapes and checks\n",
        "A shape looks at one claim unit; a check looks at the whole dataset. Violations keep "
        "data out, warnings are reported.\n",
    ]
    for file, group in groupby(rules.rules().values(), key=lambda rule: rule.file):
        rows = [(f"`{r.name}`", r.message, r.mend) for r in group if r.message]
        if rows:
            parts.append(f"## {file}\n")
            parts.append(table(("shape", "says", "mend"), sorted(rows)))
    rows = [(f"`{c.name}`", c.title, c.fix) for c in checks.load()]
    parts += ["## queries/checks\n", table(("check", "finds", "mend"), rows)]
    return "\n".join(parts)


def errors_page() -> str:
    """The tree of errors, with HTTP status and exit code."""
    tree = inspect.getdoc(errors) or ""
    drawing = tree.partition("::\n\n")[2].partition("\n\nEach class")[0]
    drawing = inspect.cleandoc(drawing)
    rows = []
    for cls in error_classes():
        rows.append((f"`{cls.slug}`", str(cls.status), str(cls.exit_code), cls.title, cls.__name__))
    return (
        "# Errors\n\nOver HTTP an error is a problem document (RFC 9457) of type "
        f"`{errors.PROBLEM_BASE}SLUG`; on the command line it is a message, a hint and an exit "
        f"code.\n\n```text\n{drawing}\n```\n\n"
        + table(("slug", "HTTP status", "exit code", "title", "class"), sorted(rows))
    )


def error_classes() -> list[type[errors.MineralgraphError]]:
    """Return every class of the tree, the base included."""
    found = [errors.MineralgraphError]
    for cls in found:
        found += [c for c in cls.__subclasses__() if c.__module__ == errors.__name__]
    return list(dict.fromkeys(found))


def table(columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Write a Markdown table."""
    lines = [columns, tuple("---" for _ in columns), *rows]
    return "".join(f"| {' | '.join(_cell(cell) for cell in line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


PAGES: Final[dict[str, Callable[[], str]]] = {
    "settings.md": settings_page,
    "cli.md": cli_page,
    "queries.md": queries_page,
    "shapes.md": shapes_page,
    "errors.md": errors_page,
}


def stale() -> Iterator[str]:
    """Yield the names of pages that are not what the code says."""
    for name, page in PAGES.items():
        path = FOLDER / name
        if not path.is_file() or path.read_text(encoding="utf-8") != NOTICE + page():
            yield name


def main() -> int:
    """Write the pages, or check them."""
    if "--check" in sys.argv[1:]:
        found = list(stale())
        for name in found:
            print(f"docs/reference/{name} is not current; run `make docs`")
        return 1 if found else 0
    for name, page in PAGES.items():
        (FOLDER / name).write_text(NOTICE + page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
