"""An answer with its sources as RDF.

Rows stand in the result-set vocabulary of the W3C's data access tests. A row was derived
(``prov:wasDerivedFrom``) from *every* thing it names so: a matched triple (``rdf:Statement``), or
an ``rdf:Alt`` of which one member is enough; a ``prov:Collection`` in it needs all its members. A
triple was derived from *any* of the claims and reference sets that it names so: each holds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from mineralgraph.provenance.explain import Explained
from mineralgraph.provenance.how import All, How
from mineralgraph.rdf.formats import GraphFormat
from mineralgraph.rdf.namespaces import MG, OA, PROV, RDF, RDFS, SCHEMA, XSD
from mineralgraph.rdf.writing import Sink, write_to

_RS: Final = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"

Subject = NamedNode | BlankNode


def write_rdf(explained: Explained, sink: Sink, form: GraphFormat) -> None:
    """Write an answer with its sources as RDF."""
    write_to(sink, _answer(explained), form, {"rs": _RS})


def _rs(name: str) -> NamedNode:
    return NamedNode(_RS + name)


def _answer(explained: Explained) -> Iterator[Triple]:
    result = BlankNode("result")
    yield Triple(result, RDF.type, _rs("ResultSet"))
    for name in explained.columns:
        yield Triple(result, _rs("resultVariable"), Literal(name))
    if explained.boolean is not None:
        yield Triple(result, _rs("boolean"), Literal(explained.boolean))
    for number, how in enumerate(explained.hows):
        row = BlankNode(f"row{number}")
        yield Triple(result, _rs("solution"), row)
        yield Triple(row, _rs("index"), Literal(number + 1))
        yield Triple(row, RDF.type, PROV.Entity)
        yield from _marks(explained, number, row)
        for column, (name, cell) in enumerate(
            zip(explained.columns, explained.rows[number], strict=True)
        ):
            if cell is not None:
                binding = BlankNode(f"row{number}x{column}")
                yield Triple(row, _rs("binding"), binding)
                yield Triple(binding, _rs("variable"), Literal(name))
                yield Triple(binding, _rs("value"), cell)
        for position, part in enumerate(how.parts if isinstance(how, All) else (how,)):
            node = _node(part, f"row{number}p{position}")
            yield Triple(row, PROV.wasDerivedFrom, node)
            yield from _tree(part, node)
    for note in explained.untraceable:
        yield Triple(result, RDFS.comment, Literal(f"not traced: {note.feature}: {note.why}"))
    yield from _triples(explained)
    yield from _claims(explained)


def _marks(explained: Explained, number: int, row: BlankNode) -> Iterator[Triple]:
    for name, values in explained.marks:
        mark = values[number]
        if mark is not None:
            yield Triple(row, MG[name], Literal(mark))


def _node(how: How, name: str) -> BlankNode:
    return BlankNode(f"triple{how}" if isinstance(how, int) else name)


def _tree(how: How, node: BlankNode) -> Iterator[Triple]:
    if isinstance(how, int):
        return
    joint = isinstance(how, All)
    yield Triple(node, RDF.type, PROV.Collection if joint else RDF.Alt)
    for position, part in enumerate(how.parts):
        member = _node(part, f"{node.value}p{position}")
        yield Triple(node, PROV.hadMember if joint else RDF[f"_{position + 1}"], member)
        yield from _tree(part, member)


def _triples(explained: Explained) -> Iterator[Triple]:
    for number, (triple, holders) in enumerate(
        zip(explained.triples, explained.holders, strict=True)
    ):
        node = BlankNode(f"triple{number}")
        yield Triple(node, RDF.type, RDF.Statement)
        yield Triple(node, RDF.subject, triple[0])
        yield Triple(node, RDF.predicate, triple[1])
        yield Triple(node, RDF.object, triple[2])
        yield from _each(node, PROV.wasDerivedFrom, holders)


def _each(node: Subject, name: NamedNode, values: Sequence[NamedNode]) -> Iterator[Triple]:
    for value in values:
        yield Triple(node, name, value)


def _claims(explained: Explained) -> Iterator[Triple]:
    for number, (claim, note) in enumerate(explained.claims.items()):
        yield Triple(claim, RDF.type, MG.Claim)
        flag = Literal(str(note.current).lower(), datatype=XSD.boolean)
        yield Triple(claim, MG.current, flag)
        if note.contested:
            yield Triple(claim, MG.contested, Literal(True))
        if note.validity is not None:
            yield Triple(claim, MG.validity, Literal(note.validity))
        if note.gist is not None:
            yield Triple(claim, MG.gist, Literal(note.gist, language="en"))
        if note.article is not None:
            article = NamedNode(note.article)
            yield Triple(claim, PROV.wasDerivedFrom, article)
            if note.url is not None:
                yield Triple(article, SCHEMA.url, NamedNode(note.url))
        for position, span in enumerate(note.spans):
            evidence, selector = (BlankNode(f"{k}{number}x{position}") for k in ("ev", "sel"))
            yield Triple(claim, MG.evidence, evidence)
            yield Triple(evidence, OA.hasSelector, selector)
            yield Triple(selector, RDF.type, OA.TextPositionSelector)
            yield Triple(selector, OA.start, Literal(span.start))
            yield Triple(selector, OA.end, Literal(span.end))
