"""The ladder over HTTP: steps by country, mineral, step and age; a withdrawal moves a step back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mineralgraph.intake.dataset import compile_dataset
from mineralgraph.relations import complete
from tests.submissions.conftest import World

INVENTED = Path(__file__).parent.parent / "queries" / "invented"
LOAN = "https://w3id.org/mineralgraph/id/offer/bank-graustark-loan"


@pytest.fixture
def ladder(world_of: Callable[..., World]) -> World:
    return world_of(quads=complete(compile_dataset(INVENTED).quads), gate="enforce")


def rows(world: World, query: str, **parameters: str) -> list[dict[str, Any]]:
    answer = world.client.get(f"/queries/{query}", params=parameters)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["rows"]
    return found


def steps(world: World, **parameters: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in rows(world, "present-steps", **parameters):
        found.setdefault(row["thing"], set()).add(row["status"].rpartition("/")[2])
    return found


def test_withdrawing_a_claim_moves_the_step_back(ladder: World) -> None:
    before, totals = steps(ladder, thing=LOAN), rows(ladder, "ladder-totals")
    assert before == {LOAN: {"lapsed"}}
    history = rows(ladder, "status-history", thing=LOAN)
    present = {row["claim"] for row in history if row["present"]}
    assert present
    for claim in present:
        assert ladder.withdraw(claim.rpartition("/")[2]).status_code == 201
    [(_, now)] = steps(ladder, thing=LOAN).items()
    assert now == {"approved"}
    marked = [r["status"].rpartition("/")[2] for r in rows(ladder, "status-history", thing=LOAN)
              if r["present"]]  # fmt: skip
    assert set(marked) == now
    after = rows(ladder, "ladder-totals")
    assert after != totals
    assert {r["status"].rpartition("/")[2] for r in after if r["status"]} >= now


def test_each_step_is_found_by_country_mineral_step_and_age(ladder: World) -> None:
    everything = steps(ladder)
    assert len(everything) >= 3
    for thing, [step] in everything.items():
        assert steps(ladder, thing=thing) == {thing: {step}}
        assert steps(ladder, at=step)[thing] == {step}
    for parameter, values in (
        ("country", ("place:ruritania", "place:graustark")),
        ("mineral", ("mineral:zendite", "mineral:strelsium")),
    ):
        found = [steps(ladder, **{parameter: value}) for value in values]
        assert any(found)
        assert found[0] != found[1]
        assert all(some.items() <= everything.items() for some in found)
    dated = {row["thing"]: row["since"] for row in rows(ladder, "present-steps")}
    day = sorted(dated.values())[len(dated) // 2]
    older = steps(ladder, before=day)
    assert set(older) == {thing for thing, since in dated.items() if since < day}


def test_sums_are_given_by_currency_and_step_and_never_across(ladder: World) -> None:
    totals = rows(ladder, "ladder-totals")
    keys = [(row["currency"], row["status"], row["type"]) for row in totals]
    assert len(keys) == len(set(keys)) > 0
    for row in totals:
        same = {"currency": row["currency"]}
        assert row in rows(ladder, "ladder-totals", **same)
        assert {r["currency"] for r in rows(ladder, "ladder-totals", **same)} == {row["currency"]}
        if row["status"]:
            at = rows(ladder, "ladder-totals", at=row["status"])
            assert {r["status"] for r in at} == {row["status"]}
        assert row["floor"] >= 0
        assert (row["ceiling"] is None) == (row["endless"] > 0)
