"""``write_marked``: the rows of a query, each with a mark or two, without their sources."""

from __future__ import annotations

from mineralgraph.errors import NotAcceptable
from mineralgraph.provenance import marks
from mineralgraph.provenance.explain import explain
from mineralgraph.provenance.marks import Marks
from mineralgraph.provenance.trace import Solution
from mineralgraph.provenance.writing import write_marked_rows
from mineralgraph.rdf import formats
from mineralgraph.rdf.formats import GraphFormat, ResultFormat
from mineralgraph.rdf.writing import Sink
from mineralgraph.store.base import WHOLE, Dataset, Store
from mineralgraph.store.clock import on_a_day
from mineralgraph.store.results import Boolean, Rows


def write_marked(
    store: Store,
    text: str,
    sink: Sink,
    form: ResultFormat | GraphFormat,
    dataset: Dataset = WHOLE,
    *,
    contested: bool = False,
) -> None:
    """Answer a SELECT or ASK query, each row with its marks (``marks.py``).

    On a day that is looked at, rows say whether they held; without one they do not.

    Args:
        store: what to ask.
        text: the query.
        sink: takes the answer.
        form: how to write it.
        dataset: the protocol's dataset parameters.
        contested: let each row also say whether a claim that it names is contested.

    Raises:
        NotAcceptable: when the format does not fit the kind of answer.
        QuerySyntaxError, QueryRefused, StoreError: as the store's ``query``.
    """
    answer = store.query(text, dataset)
    if isinstance(form, GraphFormat) or not isinstance(answer, Rows | Boolean):
        raise NotAcceptable(f"{form.media_type} cannot carry the answer of this kind of query")
    if isinstance(answer, Boolean):
        if form != formats.JSON:
            return answer.write_boolean(sink, form)
        found = explain(store, text, dataset)
        return write_marked_rows((), answer.value, found.rows, found.marks, sink, form)
    columns, rows = tuple(answer.columns), list(answer)
    validity = _validity(store, text, dataset, columns, rows)
    against = marks.contested_rows(store, rows) if contested else None
    return write_marked_rows(columns, None, rows, Marks(against, validity), sink, form)


def _validity(
    store: Store, text: str, dataset: Dataset, columns: tuple[str, ...], rows: list[Solution]
) -> tuple[str | None, ...] | None:
    """Return whether the rows held; the query is traced only where a row names no claim."""
    if not on_a_day(store.quads):
        return None
    found = marks.by_claim(store, columns, rows)
    if None not in found:
        return found
    traced = explain(store, text, dataset)
    if traced.rows != rows:  # without a total order the engine may give them in another one
        rows[:] = traced.rows
    return traced.marks.validity
