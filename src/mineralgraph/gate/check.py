"""The gate itself: evidence, structure and shapes over a document, in one report."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import rdflib
from pyoxigraph import NamedNode, Quad
from rdflib.term import Node

from mineralgraph.gate import bulk, evidence, shacl, structure, words
from mineralgraph.gate.context import Context, Lookup, nothing
from mineralgraph.gate.incremental import Incremental
from mineralgraph.gate.report import Finding, Report, Terms, ordered
from mineralgraph.gate.shapes import text_of
from mineralgraph.gate.units import claims_of
from mineralgraph.intake.corpus import Corpus
from mineralgraph.rdf.namespaces import OA, short

Place = Callable[[NamedNode], tuple[str, int] | None]
"""Node → file and line where it is written."""


def check(
    quads: Iterable[Quad],
    *,
    around: Lookup = nothing,
    corpus: Corpus | None = None,
    shapes: tuple[str, ...] = (),
    place: Place | None = None,
    extra: Iterable[Finding] = (),
    change: Incremental | None = None,
    processes: int = 1,
    progress: bulk.Progress | None = None,
) -> Report:
    """Judge quads in the context of the graph.

    Args:
        quads: the document, in the dataset's own form (``intake``).
        around: what the graph already says of a subject.
        corpus: article texts at hand; spans of other texts are reported as not checked.
        shapes: which shapes to use; all when empty.
        place: where a node is written, for pointing at file and line.
        extra: findings of other checks (``queries/checks/``) to report along.
        change: the change that the quads are part of: then the shapes are asked about what it
            can affect in the whole graph, instead of about the quads.
        processes: how many processes may judge claims at the same time (``bulk``).
        progress: told how many claims are judged, where there is no ``change``.

    Returns:
        The report. Nothing is changed anywhere.
    """
    given = list(quads)
    context = Context(given, around)
    claims = claims_of(given)
    results = (
        bulk.validate(given, claims, context, shapes, processes=processes, progress=progress)
        if change is None
        else change.results()
    )
    spans = list(evidence.check_spans([*given, *_articles(given, context)], corpus or Corpus(None)))
    found = [
        *evidence.findings(spans),
        *structure.check(given, context),
        *_shape_findings(results, context, shapes),
        *extra,
    ]
    named = [_placed(_labelled(f, context), place) for f in found]
    checked = {"claims": len(claims), "nodes": len(set(context.described())), "quads": len(given)}
    notes = change.affected().notes if change else ()
    return Report(ordered(named), checked, evidence.count(spans), notes)


def _articles(quads: list[Quad], context: Context) -> Iterable[Quad]:
    """Yield what is known of the articles that spans are taken from: their text digests."""
    sources = {q.object for q in quads if q.predicate == OA.hasSource}
    for article in sources:
        if isinstance(article, NamedNode):
            yield from context.about(article)


def _shape_findings(
    results: Iterable[shacl.ShapeResult], context: Context, names: tuple[str, ...]
) -> Iterable[Finding]:
    seen: dict[tuple[str, ...], Finding] = {}
    shared: set[tuple[str, ...]] = set()
    for result in results:
        _, fix = text_of(result.shape, names)
        finding = Finding(
            severity=result.severity,
            claim=result.claim.value if result.claim else None,
            focus=str(result.focus),
            path=words.path(result.path, context),
            value=words.value(result.value),
            message=result.message,
            fix=fix,
            rule=_rule(result.shape),
            component=result.component,
            terms=_terms(result),
        )
        # The background sees descriptions that claim units see too: name the claim if one alone
        # did. What several claims see is the fault of what they share, such as their article.
        key = (*result.key, str(result.value), finding.rule)
        if key not in seen or (seen[key].claim is None and key not in shared):
            seen[key] = finding
        elif finding.claim and seen[key].claim not in (None, finding.claim):
            shared.add(key)
            seen[key] = replace(finding, claim=None)
    return seen.values()


def _terms(result: shacl.ShapeResult) -> Terms:
    path = words.term(result.path) if isinstance(result.path, rdflib.URIRef) else None
    return Terms(
        words.term(result.focus) or "", words.term(result.value), path, words.term(result.shape)
    )


def _rule(shape: Node) -> str:
    return short(str(shape))


def _labelled(finding: Finding, context: Context) -> Finding:
    return replace(finding, label=words.label(finding.focus, context))


def _placed(finding: Finding, place: Place | None) -> Finding:
    """Add file and line: of the node at fault where it is written, else of the claim."""
    if place is None or finding.document:
        return finding
    for iri in (finding.focus, finding.claim):
        found = place(NamedNode(iri)) if iri and ":" in iri and not iri.startswith("_") else None
        if found:
            return replace(finding, document=found[0], line=found[1])
    return finding
