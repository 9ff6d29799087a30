"""The cases of disagreement that our five articles show, and what the rules make of them.

Every relation on the five articles was read against its claims; ``JUDGED`` counts them, so that a
new one is read before it goes in (docs/explanation/disagreement.md gives the judgement).
"""

from __future__ import annotations

from collections import Counter

import pytest
from pyoxigraph import Quad

from mineralgraph import relations
from mineralgraph.rdf.namespaces import MG

from . import worlds

JUDGED = {
    ("supports", "same-fact"): 17,
    ("supports", "same-words"): 3,
    ("repeats", "same-fact"): 18,
    ("refines", "finer-count"): 1,
    ("refines", "finer-date"): 1,
    ("refines", "names-the-speaker"): 1,
    ("supersedes", "happened-after-plan"): 2,
    ("differs-in-scope", "shares-of-other-lists"): 1,
}


@pytest.fixture(scope="module")
def found(articles: list[Quad]) -> list[worlds.Found]:
    return worlds.found(articles)


def about(found: list[worlds.Found], thing: str) -> list[worlds.Found]:
    return [relation for relation in found if relation.thing == thing]


def joining(found: list[worlds.Found], *claims: str) -> set[tuple[str, str]]:
    """Return type and rule of the relations in which all of some claims stand."""
    return {
        (r.type, r.rule)
        for r in found
        if set(claims) <= set(f"{r.ahead} {r.behind} {r.group}".split())
    }


def test_these_relations_were_read(found: list[worlds.Found]) -> None:
    assert Counter((r.type, r.rule) for r in found) == JUDGED


def test_the_five_articles_hold_no_plain_contradiction(found: list[worlds.Found]) -> None:
    assert not [r for r in found if r.type == "contradicts"]


def test_three_families_stand_behind_five_articles(articles: list[Quad]) -> None:
    families = {
        str(q.subject).split("/")[-1].rstrip(">"): str(q.object)
        for q in articles
        if q.predicate == MG.sourceFamily and "/article/" in str(q.subject)
    }
    assert families["qazinform"] == families["astanatimes"]
    assert families["minexforum"] == families["timesca"]
    assert len(families) == 5
    assert len(set(families.values())) == 3


def test_c01_one_article_names_a_signatory(found: list[worlds.Found]) -> None:
    """The others name nobody, and one leaves the other side open: no contradiction."""
    assert joining(found, "mx-memorandum-signatory") <= {("supports", "same-fact")}
    assert joining(found, "mx-memorandum-us-signatory") == set()


def test_c02_signed_following_the_visit(found: list[worlds.Found]) -> None:
    """Nobody dates the signing; November 2025 dates the visit."""
    assert {r.type for r in about(found, "event:mou-signing-kz-us")} == {"repeats", "supports"}
    assert joining(found, "at-memorandum-signed", "qz-memorandum-signed") == {
        ("repeats", "same-fact"),
        ("supports", "same-fact"),
    }


def test_c03_and_c13_names_do_not_contradict(found: list[worlds.Found]) -> None:
    for claim in ("qz-memorandum-name", "at-memorandum-name", "mx-memorandum-name"):
        assert joining(found, claim) == set()
    for claim in ("at-conference-name", "mx-conference-name", "tc-name-meeting"):
        assert joining(found, claim) == set()


def test_c04_c12_and_c25_firsts_stand_alone(found: list[worlds.Found]) -> None:
    for claim in ("qz-memorandum-first", "at-conference-first", "mx-first-official-visit"):
        assert joining(found, claim) == set()


def test_c05_shares_of_two_lists_differ_in_scope(found: list[worlds.Found]) -> None:
    assert joining(found, "kt-17-of-50", "at-20-of-60", "qz-20-of-60") == {
        ("differs-in-scope", "shares-of-other-lists")
    }


def test_c08_one_names_the_speaker(found: list[worlds.Found]) -> None:
    [named] = [r for r in found if r.rule == "names-the-speaker"]
    assert (named.ahead, named.behind) == ("at-20-of-60", "qz-20-of-60")
    assert ("repeats", "same-fact") in joining(found, "at-20-of-60", "qz-20-of-60")


def test_c09_what_happened_supersedes_what_was_planned(found: list[worlds.Found]) -> None:
    [came] = [
        r
        for r in about(found, "part:ministerial-2026--kosherbayev--attendee")
        if r.type == "supersedes"
    ]
    assert came.ahead == "at-took-part qz-kosherbayev-attended"
    assert came.behind == "mx-will-take-part tc-kosherbayev-slated"


def test_c10_more_than_fifty_refines_dozens(found: list[worlds.Found]) -> None:
    [finer] = [r for r in found if r.rule == "finer-count"]
    assert finer.ahead == "at-countries-count qz-countries-count"
    assert finer.behind == "tc-countries-count"


def test_c11_counts_of_other_sets_are_not_compared(found: list[worlds.Found]) -> None:
    assert joining(found, "qz-heads-count") == set()


def test_c14_the_day_refines_the_days_of_the_plan(found: list[worlds.Found]) -> None:
    [finer] = [r for r in found if r.rule == "finer-date"]
    assert finer.ahead == "at-conference-date tc-conference-date"
    assert finer.behind == "mx-conference-planned"
    assert ("supports", "same-fact") in joining(found, "at-conference-date", "tc-conference-date")
    assert joining(found, "mx-visit", "at-conference-date") == set()


def test_c15_inviter_host_and_host_country_do_not_contradict(found: list[worlds.Found]) -> None:
    for claim in ("at-rubio-inviter", "mx-state-department-host", "tc-us-host"):
        assert joining(found, claim) == set()


def test_c16_two_wordings_are_one_utterance(found: list[worlds.Found]) -> None:
    for name in ("devices", "goal", "power"):
        assert joining(found, f"at-rubio-{name}", f"tc-rubio-{name}") == {
            ("supports", "same-words")
        }


def test_c18_parts_of_the_proposal_do_not_compete(found: list[worlds.Found]) -> None:
    for part in ("at-reference-prices", "tc-trading-bloc", "tc-preferential-zone"):
        assert joining(found, part) == set()


def test_c20_the_letter_stays_what_one_article_says(found: list[worlds.Found]) -> None:
    assert about(found, "offer:exim-letter-2026") == []


def test_c24_an_open_invitation_is_filled_by_nobody(found: list[worlds.Found]) -> None:
    assert joining(found, "mx-g20-roles") == set()


def test_c26_two_meetings_are_two(found: list[worlds.Found]) -> None:
    assert joining(found, "qz-mast-meeting") == joining(found, "qz-daines-meeting") == set()


def test_c28_plans_without_an_outcome_stay_plans(found: list[worlds.Found]) -> None:
    for claim in ("kt-usgs-meeting", "kt-biswal-meeting", "kt-uskzbc-meeting"):
        assert joining(found, claim) == set()


def test_c30_titanium_is_supplied_and_prospected(found: list[worlds.Found]) -> None:
    for claim in ("kt-titanium-supply", "kt-titanium-prospective", "mx-titanium"):
        assert joining(found, claim) == set()


def test_c31_to_c33_offices(found: list[worlds.Found]) -> None:
    """A term that began in September refines nothing, and no seat has two holders."""
    [post] = about(found, "mem:kosherbayev--foreign-minister-kz")
    assert post.type == "supports"
    assert "mx-minister-since" in post.group.split()
    assert joining(found, "qz-head-of-state", "at-president-post", "mx-tokayev-post") == {
        ("supports", "same-fact")
    }


def test_c35_the_publisher_of_the_list(found: list[worlds.Found]) -> None:
    assert joining(found, "at-usgs-list", "qz-usgs-list") == {("repeats", "same-fact")}
    assert joining(found, "kt-list-owner") == set()


def test_the_same_bytes_each_time(articles: list[Quad]) -> None:
    again = relations.complete(reversed(articles))
    assert again == articles
