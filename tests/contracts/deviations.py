"""What an engine is known to do otherwise, by name and with the reason.

Strictly: a deviation that no longer shows fails the run, until its line is taken out here.
``docs/reference/engines.md`` tells users the same.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

Deviations = Mapping[tuple[str, str], str]

_V = "virtuoso"
_TRUTH = "Virtuoso 7 has no boolean: a computed one comes as the integer 1 or 0"
_LOST = "Virtuoso 7 loses rows of a subquery or VALUES with unbound cells inside a group"
_SQL = "Virtuoso 7 makes SQL of it that its own compiler refuses (SQ156)"
_OTHER = "Virtuoso 7 computes IF, COALESCE or SAMPLE over unbound cells in its own way"

_TWICE = "finds a triple once for each merged graph that holds it; refused with 501"
_MERGES = ("merge counts once", "merge with the view", "merge joins", "merge and named")

STORE_DEVIATIONS: Deviations = {}
"""By the name of a test in ``test_store.py``."""

QUERY_DEVIATIONS: Deviations = {
    (_V, "computed boolean"): _TRUTH,
    (_V, "exists in the projection"): _TRUTH,
    (_V, "bound exists"): _TRUTH,
    **{(engine, name): _TWICE for engine in ("oxigraph", _V) for name in _MERGES},
    (_V, "path with both ends free"): "Virtuoso 7 refuses it: 'transitive start not given'",
}
"""By the name of a query in ``test_queries_agree.py``."""

CANNED_DEVIATIONS: Deviations = {
    (_V, "competing-values"): _TRUTH,
    (_V, "corroboration"): _TRUTH,
    (_V, "names-of-thing"): _TRUTH,
    (_V, "non-state-participants"): _TRUTH,
    (_V, "organizations-mentioned"): _TRUTH,
    (_V, "share-comparison"): _TRUTH,
    (_V, "status-history"): _TRUTH,
    (_V, "events-on-day"): _LOST,
    (_V, "opinions"): _LOST,
    (_V, "single-source-claims"): _LOST,
    (_V, "list-additions"): _OTHER,
    (_V, "list-members"): _OTHER,
    (_V, "post-holders"): _OTHER,
    (_V, "ladder-totals"): _SQL,
    (_V, "present-steps"): _SQL,
}
"""By the name of a canned query."""


def expect(request: pytest.FixtureRequest, known: Deviations, engine: str, name: str) -> None:
    """Mark a test whose failure on an engine is known."""
    if (reason := known.get((engine, name))) is not None:
        request.node.add_marker(pytest.mark.xfail(reason=reason, strict=True))
