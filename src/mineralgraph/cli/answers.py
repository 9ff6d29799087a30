"""An answer, from the store or from a service, in the format asked for."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Final

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryBoolean,
    Triple,
    parse,
    parse_query_results,
)

from mineralgraph.cli.console import put, put_bytes, put_table, say
from mineralgraph.errors import NotAcceptable
from mineralgraph.execution.base import Request
from mineralgraph.execution.serialise import respond
from mineralgraph.provenance.marks import CONTESTED, VALIDITY
from mineralgraph.rdf import formats
from mineralgraph.rdf import sparql as syntax
from mineralgraph.rdf.namespaces import XSD, curie
from mineralgraph.rdf.writing import write
from mineralgraph.store.base import Store
from mineralgraph.store.results import Cell

Form = formats.GraphFormat | formats.ResultFormat
TABLE: Final = "table"


def makes_graph(text: str) -> bool:
    """Tell whether a query is answered with triples."""
    return syntax.query_form(syntax.tokenize(text)) in ("CONSTRUCT", "DESCRIBE")


def form_of(text: str, name: str, *, sources: bool = False) -> Form:
    """Return the format in which a query is answered; a table is made from SPARQL JSON.

    With sources, a table means CSV.

    Raises:
        NotAcceptable: when the format does not fit the kind of answer.
        QuerySyntaxError: when the query's form cannot be told.
    """
    if makes_graph(text) and not sources:
        return _graph_format(name)
    if name == TABLE:
        return formats.CSV if sources else formats.JSON
    found = formats.graph_format(name) if sources else None
    return found or _result_format(name)


def show(store: Store, request: Request, name: str) -> None:
    """Answer from the store to stdout.

    Raises:
        NotAcceptable: when the format does not fit the kind of answer.
    """
    sink = io.BytesIO()
    respond(store, request, sink)
    show_body(sink.getvalue(), request.form, name)


def show_body(body: bytes, form: Form, name: str) -> None:
    """Write a serialised answer to stdout: as it is, or SPARQL JSON as a table."""
    if isinstance(form, formats.GraphFormat):
        triples = sorted((quad.triple for quad in parse(body, format=form.engine)), key=str)
        put_bytes(write(triples, form))
    elif name == TABLE and form is formats.JSON:
        _show_table(body)
    else:
        put_bytes(body)


def _show_table(body: bytes) -> None:
    """Write rows as a table; what is contested is marked where something is."""
    read = parse_query_results(body, format=formats.JSON.engine)
    if isinstance(read, QueryBoolean):
        return put("true" if read else "false")
    columns = [variable.value for variable in read.variables]
    rows = [[cell_text(cell) for cell in solution] for solution in read]
    about = json.loads(body)
    if any(about.get(CONTESTED, ())):
        columns.append(CONTESTED)
        rows = _with(rows, ["contested" if mark else "" for mark in about[CONTESTED]])
    if VALIDITY in about:
        columns.append(VALIDITY)
        rows = _with(rows, [mark or "" for mark in about[VALIDITY]])
        say(f"{about['undated']} of {len(rows)} rows have no date")
    return put_table(columns, rows)


def _with(rows: list[list[str]], cells: list[str]) -> list[list[str]]:
    return [[*row, cell] for row, cell in zip(rows, cells, strict=True)]


def _graph_format(name: str) -> formats.GraphFormat:
    found = formats.TURTLE if name == TABLE else formats.graph_format(name)
    if found is None:
        raise _misfit(name, formats.GRAPH_FORMATS)
    return found


def _result_format(name: str) -> formats.ResultFormat:
    found = formats.result_format(name)
    if found is None:
        raise _misfit(name, formats.RESULT_FORMATS)
    return found


def _misfit(
    name: str, fitting: Sequence[formats.GraphFormat | formats.ResultFormat]
) -> NotAcceptable:
    names = ", ".join([TABLE, *(f.name for f in fitting)])
    return NotAcceptable(
        f"{name!r} does not fit this answer", hint=f"Use --format with one of: {names}."
    )


def cell_text(cell: Cell) -> str:
    """Return a term as people read it: IRIs shortened, literals bare, a gap for unbound."""
    if cell is None:
        return ""
    if isinstance(cell, NamedNode):
        return curie(cell.value)
    if isinstance(cell, Literal):
        plain = cell.datatype == XSD.string or cell.language in (None, "en")
        return cell.value if plain else f"{cell.value} @{cell.language}"
    if isinstance(cell, BlankNode | Triple):
        return str(cell)
