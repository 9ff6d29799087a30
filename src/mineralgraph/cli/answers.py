"""An answer, from the store or from a service, in the format asked for."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

from pyoxigraph import (
    BlankNode,
    Literal,
    NamedNode,
    QueryBoolean,
    QuerySolutions,
    Triple,
    parse,
    parse_query_results,
)

from mineralgraph.cli.console import put, put_bytes, put_table
from mineralgraph.errors import NotAcceptable
from mineralgraph.execution.serialise import serialise
from mineralgraph.provenance import explain, write_explained
from mineralgraph.rdf import formats
from mineralgraph.rdf.namespaces import XSD, curie
from mineralgraph.rdf.writing import write
from mineralgraph.store.base import Store
from mineralgraph.store.embedded import EmbeddedBoolean, EmbeddedRows
from mineralgraph.store.results import Answer, Boolean, Cell, Triples

TABLE: Final = "table"


def show(answer: Answer, name: str) -> None:
    """Write an answer of the store to stdout.

    Raises:
        NotAcceptable: when the format does not fit the kind of answer.
    """
    if isinstance(answer, Triples):
        put_bytes(write(sorted(answer, key=str), _graph_format(name)))
    elif name != TABLE:
        sink = io.BytesIO()
        serialise(answer, _result_format(name), sink)
        put_bytes(sink.getvalue())
    elif isinstance(answer, Boolean):
        put("true" if answer.value else "false")
    else:
        put_table(answer.columns, ([cell_text(c) for c in row] for row in answer))


def show_sources(store: Store, text: str, name: str) -> None:
    """Write an answer of the store with what each row rests on; a table means CSV.

    Raises:
        NotAcceptable: when the format has no place for sources.
    """
    form = formats.CSV if name == TABLE else formats.result_format(name)
    graph = formats.graph_format(name)
    chosen = form or graph
    if chosen is None:
        raise _misfit(name, formats.RESULT_FORMATS)
    sink = io.BytesIO()
    write_explained(explain(store, text), sink, chosen)
    put_bytes(sink.getvalue())


def show_body(body: bytes, media_type: str, name: str) -> None:
    """Write the answer of a service to stdout.

    Raises:
        NotAcceptable: when the format does not fit the kind of answer, or the service is none
            of ours.
    """
    graph = formats.graph_format(media_type)
    rows = formats.result_format(media_type)
    if graph is not None:
        triples = sorted((quad.triple for quad in parse(body, format=graph.engine)), key=str)
        put_bytes(write(triples, _graph_format(name)))
    elif rows is not None:
        show(_answer(parse_query_results(body, format=rows.engine)), name)
    else:
        raise NotAcceptable(
            f"the service answered in {media_type}", hint="Is this a mineralgraph service?"
        )


def _answer(found: QuerySolutions | QueryBoolean) -> Answer:
    return EmbeddedRows(found) if isinstance(found, QuerySolutions) else EmbeddedBoolean(found)


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
