"""Writing an answer in a format that fits it."""

from __future__ import annotations

from mineralgraph.errors import NotAcceptable
from mineralgraph.rdf.formats import GraphFormat, ResultFormat
from mineralgraph.store.results import Answer, Boolean, Rows, Sink, Triples


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
