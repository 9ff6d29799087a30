"""Which named graph each statement of a document stands in.

In TriG, N-Quads and JSON-LD a claim's triples stand in the claim's graph, and what stands outside
any graph describes one article and its claims. Turtle, N-Triples and RDF/XML know no graphs: there
``mg:asserts`` leads from a claim to what it asserts, and a document that describes one claim only
needs not even that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from pyoxigraph import DefaultGraph, NamedNode, Quad

from mineralgraph.errors import AuthoringError
from mineralgraph.intake.document import Document
from mineralgraph.rdf.identifiers import slug_of, split
from mineralgraph.rdf.namespaces import GRAPH_BASE, MG, PROV, RDF, short

UNNAMED = NamedNode(GRAPH_BASE + "unnamed")
"""Where reference entities are judged that stand in no named graph; nothing is stored there."""
_DESCRIBING = frozenset({"article", "claim", "evidence", "selector", "source", "withdrawal"})
_VALUES = frozenset({"date", "interval", "amount", "quantity"})


def place_descriptions(
    document: Document, quads: Iterable[Quad], *, reference: NamedNode | None = None
) -> list[Quad]:
    """Move what stands outside any named graph into the graph that it belongs to.

    Args:
        document: where the quads come from.
        quads: its expanded quads.
        reference: where reference entities go that stand in no graph; they are refused when None.

    Raises:
        AuthoringError: when what stands outside a named graph has no place.
    """
    quads = list(quads)
    loose = [q for q in quads if isinstance(q.graph_name, DefaultGraph)]
    if not loose:
        return quads
    named = [q for q in quads if not isinstance(q.graph_name, DefaultGraph)]
    asserted: dict[NamedNode, list[Quad]] = {}
    if not named:
        loose, asserted = _told_apart(loose)
    articles = _articles(loose)
    if articles:
        home = _home(document, articles)
        spare = [q for q in loose if asserted and not _describes(q)]
        beside = _reference(document, spare, reference) if spare else home
        placed = [_in(q, home if _describes(q) or not asserted else beside) for q in loose]
    else:
        graph = _reference(document, loose, reference)
        placed = [_in(q, graph) for q in loose]
    return [*named, *placed, *(_in(q, c) for c, said in asserted.items() for q in said)]


def description_graph(article: NamedNode) -> NamedNode:
    """Return the graph that holds an article's description and those of its claims."""
    return NamedNode(f"{GRAPH_BASE}article--{slug_of(article)}")


def _in(quad: Quad, graph: NamedNode) -> Quad:
    return Quad(quad.subject, quad.predicate, quad.object, graph)


def _describes(quad: Quad) -> bool:
    """Tell whether a statement is about an article, a claim or evidence."""
    kind, _ = (split(quad.subject) if isinstance(quad.subject, NamedNode) else None) or ("", "")
    return kind in _DESCRIBING


def _told_apart(loose: list[Quad]) -> tuple[list[Quad], dict[NamedNode, list[Quad]]]:
    """Return descriptions, and what each claim asserts, of a document that knows no graphs."""
    claims = {q.subject for q in loose if q.predicate == RDF.type and q.object == MG.Claim}
    pointers = [q for q in loose if q.predicate == MG.asserts]
    kept = [q for q in loose if q.predicate != MG.asserts]
    about: dict[object, list[Quad]] = defaultdict(list)
    for quad in kept:
        if not _describes(quad):
            about[quad.subject].append(quad)
    said: dict[NamedNode, list[Quad]] = {}
    if pointers:
        for claim in sorted(claims, key=str):
            starts = [q.object for q in pointers if q.subject == claim]
            if isinstance(claim, NamedNode):
                said[claim] = _with_values(starts, about)
    elif len(claims) == 1 and about:
        (claim,) = claims
        if isinstance(claim, NamedNode):
            said[claim] = [q for quads in about.values() for q in quads]
    gone = {q for quads in said.values() for q in quads}
    return [q for q in kept if q not in gone], said


def _with_values(starts: Iterable[object], about: dict[object, list[Quad]]) -> list[Quad]:
    """Return what is said of some things, and of the dates and amounts that they lead to."""
    waiting = list(dict.fromkeys(starts))
    seen, found = set(waiting), []
    for node in waiting:
        for quad in about.get(node, ()):
            found.append(quad)
            end = quad.object
            kind, _ = (split(end) if isinstance(end, NamedNode) else None) or ("", "")
            if kind in _VALUES and end not in seen:
                seen.add(end)
                waiting.append(end)
    return found


def _articles(loose: list[Quad]) -> list[NamedNode]:
    found = {q.object for q in loose if q.predicate == PROV.wasDerivedFrom}
    found |= {q.subject for q in loose if q.predicate == MG.textDigest}
    return sorted((a for a in found if isinstance(a, NamedNode)), key=str)


def _home(document: Document, articles: list[NamedNode]) -> NamedNode:
    if len(articles) > 1:
        named = " and ".join(f"{short(a.value)}{_line(document, a)}" for a in articles)
        raise AuthoringError(
            f"{document.name}: what stands outside a named graph describes several articles: "
            f"{named}",
            hint="Correct the name if one is misspelt; otherwise keep one article, with its "
            "claims, to a document.",
        )
    return description_graph(articles[0])


def _line(document: Document, node: NamedNode) -> str:
    line = document.line_of(node)
    return f" (line {line})" if line else ""


def _reference(document: Document, loose: list[Quad], reference: NamedNode | None) -> NamedNode:
    """Return the reference set that a document describes, or the one given for lack of any."""
    sets = {q.subject for q in loose if q.predicate == RDF.type and q.object == MG.ReferenceSet}
    if len(sets) == 1:
        (only,) = sets
        if isinstance(only, NamedNode) and only.value.startswith(GRAPH_BASE):
            return only
    if reference is not None:
        return reference
    raise AuthoringError(
        f"{document.name}: what stands outside a named graph describes no article",
        hint="Put reference entities into a named graph under "
        "https://w3id.org/mineralgraph/id/graph/, or describe their reference set "
        "(`ref:NAME a mg:ReferenceSet`) in the same document.",
    )
