"""Writing an answer with its sources: SPARQL JSON with further members, CSV and TSV, RDF.

JSON (``docs/explanation/why-provenance.md`` has the members one by one) stays valid for clients
that know SPARQL 1.1 JSON only.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from mineralgraph.errors import NotAcceptable
from mineralgraph.provenance.explain import Explained
from mineralgraph.provenance.how import All, How, jointly
from mineralgraph.provenance.marks import Marks, members, text_of
from mineralgraph.provenance.report import write_rdf
from mineralgraph.provenance.trace import Solution
from mineralgraph.rdf import formats
from mineralgraph.rdf.formats import GraphFormat, ResultFormat
from mineralgraph.rdf.namespaces import RDF, XSD
from mineralgraph.rdf.writing import Sink
from mineralgraph.store.results import Cell

_BATCH = 256
_BARE = {
    XSD.boolean: re.compile("true|false"),
    XSD.integer: re.compile("[+-]?[0-9]+"),
    XSD.decimal: re.compile("[+-]?[0-9]*[.][0-9]+"),
    XSD.double: re.compile("[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)[eE][+-]?[0-9]+"),
}
_RETURN = {"\r": "&#13;"}
_XML = "http://www.w3.org/2005/sparql-results#"
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
        further = _Columns(explained.columns, explained.marks)
        further.add("sources", _sources(explained))
        columns, rows = explained.columns, explained.rows
        _write_table(columns, rows, further, sink, tabs=form == formats.TSV)
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
    _write_head(sink, explained.columns, explained.boolean)
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
    _write_members(sink, explained.marks)
    _write_results(sink, terms, explained.columns, explained.boolean, explained.rows)


def write_marked_rows(
    columns: Sequence[str],
    boolean: bool | None,
    rows: Sequence[Solution],
    marks: Marks,
    sink: Sink,
    form: ResultFormat,
) -> None:
    """Write an answer without its sources, but with marks on each row.

    SPARQL JSON has them as members beside ``results``, arrays that run parallel to the rows; CSV,
    TSV and SPARQL XML as further columns. An ASK has them in JSON alone.
    """
    if form == formats.JSON:
        _write_head(sink, columns, boolean)
        _write_members(sink, marks)
        _write_results(sink, _Terms(), columns, boolean, rows)
    elif form == formats.XML:
        _write_xml(columns, rows, marks, sink)
    else:
        _write_table(columns, rows, _Columns(columns, marks), sink, tabs=form == formats.TSV)


def _write_head(sink: Sink, columns: Sequence[str], boolean: bool | None) -> None:
    """Begin SPARQL JSON. What is ours comes next: readers that stream stop after the results."""
    head = {"vars": list(columns)} if boolean is None else {}
    _write(sink, f'{{"head":{_dumps(head)}')


def _write_members(sink: Sink, marks: Marks) -> None:
    for name, value in members(marks).items():
        _write(sink, f',"{name}":{_dumps(value)}')


def _write_results(
    sink: Sink,
    terms: _Terms,
    columns: Sequence[str],
    boolean: bool | None,
    rows: Sequence[Solution],
) -> None:
    if boolean is not None:
        _write(sink, f',"boolean":{_dumps(boolean)}}}\n')
        return
    _write(sink, ',"results":{"bindings":[')
    names = [_dumps(name) for name in columns]
    _write_list(sink, (_object(terms, zip(names, row, strict=True)) for row in rows))
    _write(sink, "]}}\n")


def _claims(explained: Explained) -> dict[str, Any]:
    return {
        claim.value: {
            "gist": note.gist,
            "article": note.article,
            "url": note.url,
            "spans": [{"start": span.start, "end": span.end} for span in note.spans],
            "current": note.current,
            "contested": note.contested,
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


class _Columns:
    """Further columns of a table, under names that the answer leaves free."""

    def __init__(self, columns: Sequence[str], marks: Marks) -> None:
        self._taken = set(columns)
        self.names: list[str] = []
        self.cells: list[Sequence[str]] = []
        for name, values in marks:
            self.add(name, [text_of(value) for value in values])

    def add(self, name: str, cells: Sequence[str]) -> None:
        """Add a column."""
        while name in self._taken:
            name += "_"
        self._taken.add(name)
        self.names.append(name)
        self.cells.append(cells)

    def of(self, row: int) -> list[str]:
        """Return the further cells of a row."""
        return [cells[row] for cells in self.cells]


def _sources(explained: Explained) -> list[str]:
    """Return the cells of the column with sources: entries by `` ; ``, their holders by `` | ``.

    What is untraceable stands at the end of every cell, after ``untraceable:``.
    """
    missing = ", ".join(dict.fromkeys(note.feature for note in explained.untraceable))
    last = [f"untraceable: {missing}"] if missing else []
    held = [" | ".join(name.value for name in names) for names in explained.holders]
    return [
        " ; ".join([*(held[triple] for triple in explained.entries(number)), *last])
        for number in range(len(explained.rows))
    ]


def _write_table(
    columns: Sequence[str], rows: Sequence[Solution], further: _Columns, sink: Sink, *, tabs: bool
) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    names = [*columns, *further.names]
    if tabs:
        buffer.write("\t".join(f"?{name}" for name in names) + "\n")
    else:
        writer.writerow(names)
    for number, row in enumerate(rows):
        more = further.of(number)
        if tabs:
            buffer.write("\t".join([*map(_tsv, row), *map(_tsv, map(_literal_of, more))]) + "\n")
        else:
            writer.writerow([*map(_plain, row), *more])
        if buffer.tell() > 64 * 1024:
            _write(sink, buffer.getvalue())
            buffer.seek(0)
            buffer.truncate()
    _write(sink, buffer.getvalue())


def _tsv(cell: Cell) -> str:
    """Return a term as SPARQL TSV writes it: as in Turtle, with numbers and booleans bare."""
    if isinstance(cell, Literal):
        bare = _BARE.get(cell.datatype)
        if bare is not None and bare.fullmatch(cell.value):
            return cell.value
    return "" if cell is None else str(cell)


def _write_xml(columns: Sequence[str], rows: Sequence[Solution], marks: Marks, sink: Sink) -> None:
    further = _Columns(columns, marks)
    names = [*columns, *further.names]
    head = "".join(f"<variable name={quoteattr(name)}/>" for name in names)
    _write(sink, f'<?xml version="1.0"?><sparql xmlns="{_XML}"><head>{head}</head><results>')
    for number, row in enumerate(rows):
        more = [_literal_of(text) for text in further.of(number)]
        bindings = "".join(
            f"<binding name={quoteattr(name)}>{_xml(cell)}</binding>"
            for name, cell in zip(names, [*row, *more], strict=True)
            if cell is not None
        )
        _write(sink, f"<result>{bindings}</result>")
    _write(sink, "</results></sparql>")


def _literal_of(text: str) -> Literal | None:
    if text in ("true", "false"):
        return Literal(text == "true")
    return Literal(text) if text else None


def _xml(cell: Cell) -> str:
    match cell:
        case NamedNode():
            return f"<uri>{escape(cell.value)}</uri>"
        case BlankNode():
            return f"<bnode>{escape(cell.value)}</bnode>"
        case Literal():
            kind = f" datatype={quoteattr(cell.datatype.value)}"
            if cell.datatype.value in _IMPLIED:
                kind = f" xml:lang={quoteattr(cell.language)}" if cell.language else ""
            return f"<literal{kind}>{escape(cell.value, _RETURN)}</literal>"
    raise TypeError(cell)


def _plain(cell: Cell) -> str:
    """Return a term as SPARQL CSV writes it."""
    match cell:
        case None:
            return ""
        case NamedNode() | Literal():
            return cell.value
    return str(cell)
