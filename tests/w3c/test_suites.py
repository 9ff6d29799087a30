"""Query evaluation, update, syntax and results formats of SPARQL 1.1, through HTTP.

The engine's own server runs beside ours: where it passes, ours must.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from tests.w3c import deviations, manifests, runs, suites
from tests.w3c.endpoints import Endpoint
from tests.w3c.manifests import Case

RUNS: dict[str, Callable[[Endpoint, Case], bool]] = {
    "QueryEvaluationTest": runs.evaluate,
    "CSVResultFormatTest": runs.evaluate,
    "UpdateEvaluationTest": runs.update,
    "PositiveSyntaxTest11": runs.accepts,
    "NegativeSyntaxTest11": runs.accepts,
    "PositiveUpdateSyntaxTest11": runs.accepts,
    "NegativeUpdateSyntaxTest11": runs.accepts,
}


EVALUATION = ("QueryEvaluationTest", "CSVResultFormatTest")


@cache
def cases() -> tuple[Case, ...]:
    return tuple(manifests.read())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        found: tuple[Case | None, ...] = cases() if suites.fetch() else (None,)
        metafunc.parametrize("case", found, ids=str)


def test_case(ours: Endpoint, case: Case | None, request: pytest.FixtureRequest) -> None:
    if case is None:
        suites.folder()  # skips with its reason
        return
    known = deviations.ENGINE | deviations.OURS
    if case.id in known:
        request.applymarker(pytest.mark.xfail(reason=known[case.id], strict=True))
    assert RUNS[case.kind](ours, case)


def test_where_the_engine_passes_alone_ours_passes(peer: Endpoint) -> None:
    """Query evaluation is not one test worse than the engine's own server, in one harness."""
    suites.folder()
    failed = {case.id for case in cases() if not RUNS[case.kind](peer, case)}
    assert failed == set(deviations.ENGINE)
    evaluated = {c.id for c in cases() if c.kind in EVALUATION}
    assert evaluated
    assert not evaluated & set(deviations.OURS)
