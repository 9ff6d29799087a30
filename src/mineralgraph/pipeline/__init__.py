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
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import Quad

from mineralgraph import relations
from mineralgraph.errors import GateRefused
from mineralgraph.gate.evidence import SpanCheck, check_spans
from mineralgraph.gate.report import Report
from mineralgraph.intake.corpus import Corpus
from mineralgraph.intake.dataset import Compiled
from mineralgraph.pipeline import audit
from mineralgraph.pipeline.surroundings import touched
from mineralgraph.store import view
from mineralgraph.store.base import Applied, Change, Store

if TYPE_CHECKING:
    from mineralgraph.pipeline.verdicts import build, judge, judge_change, judge_record, warm

_JUDGES: Final = frozenset({"build", "judge", "judge_change", "judge_record", "warm"})


def __getattr__(name: str) -> Any:
    """Import the gate when it is first asked for: a service that judges nothing needs none."""
    if name in _JUDGES:
        return getattr(import_module("mineralgraph.pipeline.verdicts"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@dataclass(frozen=True)
class Judged:
    """A dataset and the gate's verdict on it."""

    quads: list[Quad]
    report: Report


def require(report: Report) -> None:
    """Raise ``GateRefused`` unless the report conforms."""
    if not report.conforms:
        raise GateRefused(
            f"{sum(f.severity == 'violation' for f in report.findings)} violation(s)",
            report=report.as_json(),
        )


def evidence(compiled: Compiled, corpus: Corpus) -> list[SpanCheck]:
    """Compare every span of a dataset with the texts at hand."""
    return list(check_spans(compiled.quads, corpus))


def fill(store: Store, quads: Iterable[Quad], name: str, at: datetime) -> audit.Written:
    """Put a judged dataset into an empty store, together with the record of that.

    The record does not name what it touches, for that is everything.

    Args:
        store: the store.
        quads: the dataset, and what the service notes about it.
        name: name of the release, such as ``mineralgraph-1-0-0``.
        at: when.

    Raises:
        StoreError: when the store is not empty, or the engine fails; then it stays empty.
    """
    given = frozenset(quads)
    _, after = view.stamp(store.quads, Change(given))
    written = audit.Written(1, store.version(), after)
    reason = "An empty store was filled with the data and the ontology of this release."
    store.load(given | audit.Record("release", name, at, reason=reason).quads(written))
    return written


def write(store: Store, change: Change, record: audit.Record) -> tuple[audit.Written, Applied]:
    """Make a judged change and its record in one atomic write.

    What the change does to the relations between claims comes along in the same write.

    Raises:
        StoreError: when the engine fails; then nothing has changed.
    """
    return _recorded(store, view.effective(store.quads, relations.extended(store, change)), record)


def release(store: Store, change: Change, name: str, at: datetime) -> audit.Written | None:
    """Put newer built-in data in the place of the former, with a record; None if nothing differs.

    Args:
        store: the store.
        change: what the release adds and takes away.
        name: name of the release, such as ``mineralgraph-1-0-0``.
        at: when.

    Raises:
        StoreError: when the engine fails; then nothing has changed.
    """
    # Relations anew: submissions stand in them too, and the rules may be others now.
    change = view.effective(store.quads, relations.extended(store, change, whole=True))
    if not change:
        return None
    reason = "The built-in data, ontology or rules are those of another release."
    return _recorded(store, change, audit.Record("release", name, at, touched(change), reason))[0]


def _recorded(store: Store, change: Change, record: audit.Record) -> tuple[audit.Written, Applied]:
    _, after = view.stamp(store.quads, change)
    written = audit.Written(audit.count(store) + 1, store.version(), after)
    applied = store.apply(Change(change.added | record.quads(written), change.removed))
    return written, applied


__all__ = [
    "Judged",
    "build",
    "evidence",
    "fill",
    "judge",
    "judge_change",
    "judge_record",
    "release",
    "require",
    "warm",
    "write",
]
