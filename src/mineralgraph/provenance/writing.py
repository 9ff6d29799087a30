"""Writing an answer with its sources: SPARQL JSON with further members, CSV and TSV, RDF.

JSON (``docs/explanation/why-provenance.md`` has the members one by one) stays valid for clients
that know SPARQL 1.1 JSON only.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from mineralgraph.errors import NotAcceptable
from mineralgraph.provenance.explain import Explained
from mineralgraph.provenance.how import All, How, jointly
from mineralgraph.provenance.report import write_rdf
from mineralgraph.rdf import formats
from mineralgraph.rdf.formats import GraphFormat, ResultFormat
from mineralgraph.rdf.namespaces import RDF, XSD
from mineralgraph.store.results import Cell, Sink

_BATCH = 256
_IMPLIED = frozenset({XSD.string.value, RDF.langString.value})
_quoted = json.encoder.encode_basestring


def write_explained(explained: Explained, sink: Sink, form: ResultFormat | GraphFormat) -> None:
    """Write an answer with its sources.

    Raises:
        NotAcceptable: for SPARQL XML, which has no place for them, and for CSV or TSV of an ASK.
    """
    if isinstance(form, GraphFormat):
        write_rdf(explained, sink, form)
    elif form == formats.JSON:
        _write_json(explained, sink)
    elif form in (formats.CSV, formats.TSV) and explained.boolean is None:
        _write_table(explained, sink, tabs=form == formats.TSV)
    else:
        raise NotAcceptable(
            f"{form.media_type} has no place for the sources of this answer",
            hint="Ask for SPARQL JSON, for CSV or TSV of a SELECT, or for an RDF format.",
        )


class _Terms:
    """Terms as SPARQL JSON, each rendered once."""

    def __init__(self) -> None:
        self._known: dict[Cell, str] = {}

    def text(self, term: Cell) -> str:
        """Return the JSON text of a term."""
        found = self._known.get(term)
        if found is None:
            found = self._known[term] = _term(term)
        return found


def _term(term: Cell) -> str:
    match term:
        case NamedNode():
            return f'{{"type":"uri","value":{_quoted(term.value)}}}'
        case BlankNode():
            return f'{{"type":"bnode","value":{_quoted(term.value)}}}'
        case Literal():
            return _literal(term)
        case Triple():
            parts = ",".join(
                f'"{name}":{_term(part)}'
                for name, part in zip(("subject", "predicate", "object"), term, strict=True)
            )
            return f'{{"type":"triple","value":{{{parts}}}}}'
    raise TypeError(term)


def _literal(term: Literal) -> str:
    more = ""
    if term.language:
        more = f',"xml:lang":{_quoted(term.language)}'
        if term.direction:
            more += f',"its:dir":{_quoted(str(term.direction))}'
    elif term.datatype.value not in _IMPLIED:
        more = f',"datatype":{_quoted(term.datatype.value)}'
    return f'{{"type":"literal","value":{_quoted(term.value)}{more}}}'


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _write_json(explained: Explained, sink: Sink) -> None:
    terms = _Terms()
    entries = [explained.entries(number) for number in range(len(explained.rows))]
    if explained.boolean is None:
        head = _dumps({"vars": list(explained.columns)})
        _write(sink, f'{{"head":{head},"results":{{"bindings":[')
        names = [_dumps(name) for name in explained.columns]
        rows = (zip(names, row, strict=True) for row in explained.rows)
        _write_list(sink, (_object(terms, pairs) for pairs in rows))
        _write(sink, "]}")
    else:
        _write(sink, f'{{"head":{{}},"boolean":{_dumps(explained.boolean)}')
    _write(sink, ',"sources":[')
    held = [f"[{','.join(_quoted(name.value) for name in names)}]" for names in explained.holders]
    _write_list(sink, (f"[{','.join(held[triple] for triple in row)}]" for row in entries))
    _write(sink, f'],"claims":{_dumps(_claims(explained))},"triples":[')
    _write_list(sink, (_triple(terms, triple) for triple in explained.triples))
    _write(sink, '],"derivations":[')
    _write_list(
        sink,
        (
            f'{{"triples":[{",".join(map(str, row))}],"needs":{_needs(how, row)}}}'
            for how, row in zip(explained.hows, entries, strict=True)
        ),
    )
    notes = [{"feature": n.feature, "why": n.why} for n in explained.untraceable]
    _write(sink, f'],"untraceable":{_dumps(notes)}')
    if explained.validity is not None:
        undated = explained.validity.count("undated")
        _write(sink, f',"validity":{_dumps(explained.validity)},"undated":{undated}')
    _write(sink, "}\n")


def _claims(explained: Explained) -> dict[str, Any]:
    return {
        claim.value: {
            "gist": note.gist,
            "article": note.article,
            "url": note.url,
            "spans": [{"start": span.start, "end": span.end} for span in note.spans],
            "current": note.current,
            **({"validity": note.validity} if note.validity else {}),
        }
        for claim, note in explained.claims.items()
    }


def _triple(terms: _Terms, triple: tuple[Cell, ...]) -> str:
    names = ('"subject"', '"predicate"', '"object"', '"graph"')
    return _object(terms, zip(names, triple, strict=True))


def _object(terms: _Terms, pairs: Iterable[tuple[str, Cell]]) -> str:
    """Return a JSON object of terms; unbound ones are left out."""
    members = (f"{name}:{terms.text(cell)}" for name, cell in pairs if cell is not None)
    return f"{{{','.join(members)}}}"


def _needs(how: How, entries: list[int]) -> str:
    """Return how the entries of a row belong together: ``all``, or a tree of their positions."""
    if jointly(how):
        return '"all"'
    place = {triple: position for position, triple in enumerate(entries)}

    def tree(part: How) -> str:
        if isinstance(part, int):
            return str(place[part])
        kind = "all" if isinstance(part, All) else "any"
        return f'{{"{kind}":[{",".join(map(tree, part.parts))}]}}'

    return tree(how)


def _write_list(sink: Sink, items: Iterable[str]) -> None:
    waiting: list[str] = []
    first = True
    for item in items:
        waiting.append(item)
        if len(waiting) >= _BATCH:
            _write(sink, ("" if first else ",") + ",".join(waiting))
            waiting, first = [], False
    if waiting:
        _write(sink, ("" if first else ",") + ",".join(waiting))


def _write(sink: Sink, text: str) -> None:
    sink.write(text.encode())


def _write_table(explained: Explained, sink: Sink, *, tabs: bool) -> None:
    """Write rows with one more column: entries joined by `` ; ``, their holders by `` | ``.

    What is untraceable stands at the end of every cell of that column, after ``untraceable:``.
    """
    extra = "sources"
    while extra in explained.columns:
        extra += "_"
    missing = ", ".join(dict.fromkeys(note.feature for note in explained.untraceable))
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    columns = [*explained.columns, extra]
    if tabs:
        buffer.write("\t".join(f"?{name}" for name in columns) + "\n")
    else:
        writer.writerow(columns)
    for number, row in enumerate(explained.rows):
        cells = [
            " | ".join(name.value for name in explained.holders[triple])
            for triple in explained.entries(number)
        ]
        if missing:
            cells.append(f"untraceable: {missing}")
        text = " ; ".join(cells)
        if tabs:
            terms = ["" if cell is None else str(cell) for cell in row]
            buffer.write("\t".join([*terms, str(Literal(text))]) + "\n")
        else:
            writer.writerow([*map(_plain, row), text])
        if buffer.tell() > 64 * 1024:
            _write(sink, buffer.getvalue())
            buffer.seek(0)
            buffer.truncate()
    _write(sink, buffer.getvalue())


def _plain(cell: Cell) -> str:
    """Return a term as SPARQL CSV writes it."""
    match cell:
        case None:
            return ""
        case NamedNode() | Literal():
            return cell.value
    return str(cell)
