"""Read me first: how anything gets into the graph.

::

    documents ─► intake (expand, complete) ─► gate (evidence, structure, shapes, checks) ─► store

The whole of ``data/``: ``build`` judges it, ``fill`` puts it into an empty store. A store that is
being served: ``judge`` judges a document and changes nothing; a submission or a decision becomes
a ``Change`` (package ``submissions``), ``judge_change`` judges it, and ``write`` makes it,
together with its record. There is no other way in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from pyoxigraph import NamedNode, Quad

from mineralgraph import relations
from mineralgraph.errors import GateRefused
from mineralgraph.gate import bulk, placement
from mineralgraph.gate.check import Place, check
from mineralgraph.gate.evidence import SpanCheck, check_spans
from mineralgraph.gate.incremental import Incremental
from mineralgraph.gate.report import Report, ordered
from mineralgraph.intake.corpus import Corpus
from mineralgraph.intake.dataset import (
    ACCEPTED,
    Compiled,
    complete,
    place_descriptions,
)
from mineralgraph.intake.document import Document
from mineralgraph.intake.expand import expand
from mineralgraph.pipeline import audit
from mineralgraph.pipeline.surroundings import (
    around,
    known_labels,
    new_findings,
    run_checks,
    units_of,
)
from mineralgraph.rdf.identifiers import mint
from mineralgraph.rdf.namespaces import ONTOLOGY_GRAPH
from mineralgraph.store import view
from mineralgraph.store.base import Applied, Change, Store
from mineralgraph.store.embedded import EmbeddedStore

SUBMITTED = mint("review-state", "submitted")


@dataclass(frozen=True)
class Judged:
    """A dataset and the gate's verdict on it."""

    quads: list[Quad]
    report: Report


def build(compiled: Compiled, corpus: Corpus, *, progress: bulk.Progress | None = None) -> Judged:
    """Judge a whole dataset: evidence, structure, shapes, and the checks over everything.

    All processors that this process may use take part where there are many claims.

    Args:
        compiled: what ``intake.dataset.compile_dataset`` gave.
        corpus: the texts at hand.
        progress: told how many claims are judged, of how many.
    """
    quads = relations.complete(compiled.quads)
    with EmbeddedStore() as store:
        store.load(quads)
        extra = list(run_checks(store))
    report = check(
        quads,
        corpus=corpus,
        place=compiled.place,
        extra=extra,
        processes=bulk.cores(),
        progress=progress,
    )
    return Judged(quads, report)


def require(report: Report) -> None:
    """Raise ``GateRefused`` unless the report conforms."""
    if not report.conforms:
        raise GateRefused(
            f"{sum(f.severity == 'violation' for f in report.findings)} violation(s)",
            report=report.as_json(),
        )


def judge(
    document: Document,
    store: Store,
    corpus: Corpus,
    *,
    shapes: tuple[str, ...] = (),
    default_review: NamedNode = SUBMITTED,
) -> Judged:
    """Judge one document in the context of a store, without touching it.

    Args:
        document: parsed RDF in the authoring form or the dataset's own form.
        store: the graph around it.
        corpus: the texts at hand.
        shapes: which shapes to use; all when empty.
        default_review: review state of claims that name none.

    Raises:
        AuthoringError: when the document breaks the authoring form.
    """
    placed = place_descriptions(document, expand(document))
    quads = complete(placed, default_review, known_labels(store, placed))
    report = check(
        quads,
        around=around(store.quads),
        corpus=corpus,
        shapes=shapes,
        place=lambda node: _in_document(document, node),
        extra=placement.findings(set(quads), store.quads),
    )
    return Judged(quads, report)


def _in_document(document: Document, node: NamedNode) -> tuple[str, int] | None:
    line = document.line_of(node)
    return (document.name, line) if line else None


def evidence(compiled: Compiled, corpus: Corpus) -> list[SpanCheck]:
    """Compare every span of a dataset with the texts at hand."""
    return list(check_spans(compiled.quads, corpus))


def fill(store: Store, judged: Judged) -> str:
    """Put a judged dataset into an empty store; returns the dataset version.

    Raises:
        GateRefused: when the verdict is not good; the store stays empty.
    """
    require(judged.report)
    return store.load(judged.quads)


def judge_change(
    store: Store,
    change: Change,
    corpus: Corpus,
    *,
    given: Iterable[Quad] = (),
    place: Place | None = None,
) -> Report:
    """Judge a change to a store before it is made: all that it can make wrong, and only that.

    Args:
        store: the graph as it is.
        change: the change.
        corpus: the texts at hand.
        given: the document behind the change, where it says more than it changes.
        place: where a node is written, for pointing at lines.
    """
    # A store that was never given the ontology borrows ours, which a lookup by pattern cannot.
    filled = any(True for _ in store.quads(graph=ONTOLOGY_GRAPH))
    exact = Incremental(store.quads, change.added, change.removed) if filled else None
    return check(
        units_of(store.quads, change, given),
        around=around(view.After(store.quads, change).quads),
        corpus=corpus,
        place=place,
        extra=new_findings(store.quads, change),
        change=exact,
    )


def judge_record(store: Store, change: Change, record: Iterable[Quad]) -> Report:
    """Judge a change that only takes something back: the record of it, not what is taken back.

    A claim that the rules of today would refuse can be withdrawn all the same.
    """
    said = list(record)
    own = {getattr(quad.subject, "value", "") for quad in said}
    lookup = around(view.After(store.quads, change).quads)
    report = check(said, around=lookup)
    kept = [finding for finding in report.findings if finding.focus in own]
    return replace(report, findings=ordered([*kept, *new_findings(store.quads, change)]))


def write(store: Store, change: Change, record: audit.Record) -> tuple[audit.Written, Applied]:
    """Make a judged change and its record in one atomic write.

    What the change does to the relations between claims comes along in the same write.

    Raises:
        StoreError: when the engine fails; then nothing has changed.
    """
    change = view.effective(store.quads, relations.extended(store, change))
    _, after = view.stamp(store.quads, change)
    written = audit.Written(audit.count(store) + 1, store.version(), after)
    applied = store.apply(Change(change.added | record.quads(written), change.removed))
    return written, applied


__all__ = [
    "ACCEPTED",
    "SUBMITTED",
    "Judged",
    "around",
    "build",
    "evidence",
    "fill",
    "judge",
    "judge_change",
    "judge_record",
    "known_labels",
    "require",
    "run_checks",
    "write",
]
