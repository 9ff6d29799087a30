"""Writing an answer in a format that fits it."""

from __future__ import annotations

from mineralgraph.errors import NotAcceptable
from mineralgraph.execution.base import Request
from mineralgraph.provenance import explain, write_explained, write_marked
from mineralgraph.rdf.formats import GraphFormat, ResultFormat
from mineralgraph.rdf.writing import Sink, write_to
from mineralgraph.store.base import Store
from mineralgraph.store.results import Answer, Boolean, Rows, Triples


def respond(store: Store, request: Request, sink: Sink) -> None:
    """Run a query and write its answer, with sources and marks where they are asked for.

    Instead of a query's answer, the request may ask for the whole dataset.

    Raises:
        NotAcceptable: when the format does not fit the kind of answer.
    """
    text, form, dataset = request.text, request.form, request.dataset
    if request.everything:
        if not (isinstance(form, GraphFormat) and form.datasets):
            raise NotAcceptable(f"{form.media_type} cannot carry a dataset")
        write_to(sink, store.dataset(), form)
    elif request.sources:
        found = explain(store, text, dataset, contested=request.contested)
        write_explained(found, sink, form)
    elif request.contested or request.held:
        write_marked(store, text, sink, form, dataset, contested=request.contested)
    else:
        serialise(store.query(text, dataset), form, sink)


def serialise(answer: Answer, form: GraphFormat | ResultFormat, sink: Sink) -> None:
    """Write an answer to a sink.

    Raises:
        NotAcceptable: when the format does not fit the kind of answer.
    """
    if isinstance(form, ResultFormat):
        if isinstance(answer, Rows):
            return answer.write_rows(sink, form)
        if isinstance(answer, Boolean):
            return answer.write_boolean(sink, form)
    elif isinstance(answer, Triples):
        return answer.write_graph(sink, form)
    raise NotAcceptable(f"{form.media_type} cannot carry the answer of this kind of query")
