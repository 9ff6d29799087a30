"""Where a document may write; these rules are not the shapes' and hold in every mode.

A description stands in the graph of its article, a reference entity in a reference set, a
statement of fact in a claim. Graphs of the ontology and of the service are nobody's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pyoxigraph import NamedNode, Quad

from mineralgraph.gate.context import Lookup
from mineralgraph.gate.report import Finding, Severity
from mineralgraph.intake.dataset import is_reference_graph
from mineralgraph.intake.placing import description_graph
from mineralgraph.rdf.identifiers import split
from mineralgraph.rdf.namespaces import (
    AUDIT_GRAPH,
    CURRENT_VIEW,
    DCTERMS,
    GRAPH_BASE,
    MG,
    OA,
    ONTOLOGY_GRAPH,
    OWL,
    PROV,
    RDF,
    RDFS,
    SERVICE_GRAPH,
    SKOS,
    short,
)

RESERVED = frozenset({ONTOLOGY_GRAPH, CURRENT_VIEW, SERVICE_GRAPH, AUDIT_GRAPH})
_ARTICLE = GRAPH_BASE + "article--"
_RECORDED = frozenset({"withdrawal", "agent"})
_DESCRIBING = frozenset({"article", "claim", "evidence", "selector", "source", *_RECORDED})
_STATING = frozenset(
    {
        "article", "claim", "evidence", "selector", "withdrawal", "write", "agent", "assessment",
        "membership", "participation", "partnership", "status-step", "supply-link", "utterance",
    }
)  # fmt: skip
_HAPPENING = frozenset({"event", "instrument", "commitment", "offer"})
_IDENTITY = frozenset(
    {
        RDF.type, RDFS.label, RDFS.seeAlso, SKOS.altLabel, SKOS.editorialNote, SKOS.exactMatch,
        OWL.sameAs, DCTERMS.isReplacedBy, MG.eventType, MG.instrumentType, MG.financingType,
    }
)  # fmt: skip


def findings(quads: set[Quad], known: Lookup) -> Iterator[Finding]:
    """Yield what stands where it may not.

    Args:
        quads: a document in the dataset's own form.
        known: what the graph already says of a subject.
    """
    about: dict[object, list[Quad]] = defaultdict(list)
    for quad in quads:
        about[quad.subject].append(quad)
    for graph in sorted({q.graph_name for q in quads}, key=str):
        if graph in RESERVED and isinstance(graph, NamedNode):
            yield _finding(
                "reserved-graph",
                graph,
                f"The graph {short(graph.value)} is kept by the service itself.",
                "Leave it out. Reference entities go into a graph of their own under "
                f"{GRAPH_BASE}.",
            )
    for subject, graph in sorted({(q.subject, q.graph_name) for q in quads}, key=str):
        if isinstance(subject, NamedNode) and isinstance(graph, NamedNode):
            yield from _misplaced(subject, graph, about[subject], known)


def _misplaced(
    subject: NamedNode, graph: NamedNode, about: list[Quad], known: Lookup
) -> Iterator[Finding]:
    if graph in RESERVED or not is_reference_graph(graph):
        return
    kind, _ = split(subject) or ("", "")
    if not kind:
        yield _finding(
            "foreign-subject",
            subject,
            f"{short(subject.value)} is described here, but is none of our things.",
            "Describe things under https://w3id.org/mineralgraph/id/ and link to others.",
        )
    elif not graph.value.startswith(_ARTICLE):
        if kind in _HAPPENING:
            yield from _more_than_identity(subject, graph, about)
        if kind in _STATING or (kind == "graph" and subject != graph):
            yield _finding(
                "misplaced",
                subject,
                f"{short(subject.value)} is described among the reference data.",
                "Let a claim state it; reference data says only who or what a thing is.",
            )
    elif kind not in _DESCRIBING:
        yield _finding(
            "misplaced",
            subject,
            f"{short(subject.value)} is described beside the article.",
            "Put reference entities into a named graph such as ref:people, and what the article "
            "says of them into a claim.",
        )
    elif kind in _RECORDED and set(about) - set(known(subject)):
        yield _finding(
            "withdrawal-by-submission",
            subject,
            "A withdrawal cannot be submitted.",
            "POST reason and basis to /claims/{slug}/withdrawal.",
        )
    else:
        yield from _wrong_article(subject, graph, kind, about)


def _more_than_identity(
    subject: NamedNode, graph: NamedNode, about: list[Quad]
) -> Iterator[Finding]:
    """Yield a finding where reference data says of an event or the like what claims must say."""
    here = [q for q in about if q.graph_name == graph and q.predicate not in _IDENTITY]
    for predicate in sorted({q.predicate for q in here}, key=str):
        yield _finding(
            "identity-only",
            subject,
            f"Reference data says {short(predicate.value)} of {short(subject.value)}, of which it "
            "may say only what it is called and of what type it is.",
            "That it was held, signed, made or offered, and how, is for a claim to say, with its "
            "evidence.",
        )


def _wrong_article(
    subject: NamedNode, graph: NamedNode, kind: str, about: list[Quad]
) -> Iterator[Finding]:
    """Yield a finding where an article's graph describes what belongs to another article."""
    belongs = {"claim": PROV.wasDerivedFrom, "evidence": OA.hasSource}.get(kind)
    articles = [q.object for q in about if q.predicate == belongs]
    if kind == "article":
        articles = [subject]
    for article in articles:
        if isinstance(article, NamedNode) and description_graph(article) != graph:
            yield _finding(
                "wrong-article",
                subject,
                f"{short(subject.value)} belongs to {short(article.value)}, but is described in "
                f"{short(graph.value)}.",
                "Describe it in its own article's graph, or outside any named graph.",
            )


def _finding(rule: str, focus: NamedNode, message: str, fix: str) -> Finding:
    return Finding(Severity.VIOLATION, focus.value, message, fix, rule)
