"""A write carries what it does to families and relations; curators review what was found."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode
from typer.testing import CliRunner

from mineralgraph import relations
from mineralgraph.cli import remote
from mineralgraph.cli.main import app as cli
from mineralgraph.rdf.identifiers import mint, slug_of
from mineralgraph.rdf.namespaces import GRAPH_BASE, MG
from tests.relations import worlds

DECIDED = {"reason": "Read side by side."}


def test_relations_are_in_step_after_every_write(world, article):
    assert world.submit(article).status_code == 201
    families = NamedNode(GRAPH_BASE + "source-families")
    assert list(world.store.quads(graph=families)), "the article has come with its family"
    assert not relations.renewed(world.store)
    assert world.withdraw("lesson-since").status_code == 201
    assert not relations.renewed(world.store)


@pytest.fixture
def related(world_of):
    """A world whose papers disagree, and the slug of a relation between two claims."""
    world = world_of(relations.complete(worlds.invented()))
    [node] = {
        q.subject
        for q in world.store.quads(None, MG.rule, Literal("counts-apart"), relations.RELATIONS)
    }
    return world, slug_of(node)


def review(world, slug, verdict, who="admin", **headers):
    return world.client.post(
        f"/relations/{slug}/review",
        json={"verdict": verdict, **DECIDED},
        headers=world.headers(who, **headers),
    )


def rules(world):
    return {found.rule for found in worlds.found(world.store.quads())}


def test_a_rejected_relation_goes_is_recorded_and_does_not_come_back(related):
    world, slug = related
    before = world.store.version()
    answer = review(world, slug, "reject")
    assert answer.status_code == 201, answer.text
    assert "counts-apart" not in rules(world)
    (row,) = world.client.get("/changes").json()["rows"]
    assert (row["kind"], row["who"], row["reason"]) == (
        "relation-rejection", "admin", DECIDED["reason"],
    )  # fmt: skip
    assert row["version_before"] == before
    assert mint("relation", slug).value in row["things"]
    assert any("/claim/" in thing for thing in row["things"])
    # Each of its claims is written anew, which looks at the relation again.
    claims = [thing.rpartition("/")[2] for thing in row["things"] if "/claim/" in thing]
    assert world.withdraw(claims[0]).status_code == 201
    assert not relations.renewed(world.store)
    assert "counts-apart" not in rules(world)


def test_a_relation_comes_back_when_it_is_confirmed_after_all(related):
    world, slug = related
    found = worlds.found(world.store.quads())
    assert review(world, slug, "reject").status_code == 201
    assert review(world, slug, "confirm").status_code == 201
    assert worlds.found(world.store.quads()) == found
    kinds = [row["kind"] for row in world.client.get("/changes").json()["rows"]]
    assert kinds == ["relation-rejection", "relation-confirmation"]
    assert not relations.renewed(world.store)


@pytest.mark.parametrize(
    ("who", "slug", "verdict", "status"),
    [
        (None, "", "reject", 401), ("submitter", "", "reject", 403),
        ("editor", "", "confirm", 403), ("admin", "", "accept", 422),
        ("admin", "ffffffffffffffff", "reject", 404), ("admin", "no such", "reject", 404),
    ],
)  # fmt: skip
def test_a_review_that_may_not_be_changes_nothing(related, who, slug, verdict, status):
    world, known = related
    before = world.dump()
    answer = review(world, slug or known, verdict, who)
    assert answer.status_code == status, answer.text
    assert world.dump() == before


def test_a_review_heeds_if_match_and_idempotency_key(related):
    world, slug = related
    stale = review(world, slug, "reject", if_match='"0000000000000000"')
    assert stale.status_code == 412
    first = review(world, slug, "reject", idempotency_key="one")
    again = review(world, slug, "reject", idempotency_key="one")
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"


def test_the_command_line_reviews_through_the_service(related, monkeypatch):
    world, slug = related

    def ask(self, address, headers, data=None):
        answer = world.client.post(address, content=data, headers=headers)
        if answer.status_code >= 400:
            raise remote.problem(answer.status_code, answer.content)
        return answer.content, "application/json", None

    monkeypatch.setattr(remote.Service, "ask", ask)
    monkeypatch.setenv("MINERALGRAPH_TOKEN", world.secrets["admin"])
    given = ["--reason", "Read side by side.", "--url", "http://testserver"]
    run = CliRunner().invoke(cli, ["review", f"relation/{slug}", "reject", *given])
    assert run.exit_code == 0, run.output
    assert run.stdout.startswith("write 1: relation-rejection, version ")
    assert "counts-apart" not in rules(world)
    for thing, verdict in (("relation/none", "reject"), ("person/x", "reject"), (slug, "reject"),
                           (f"relation/{slug}", "accept")):  # fmt: skip
        assert CliRunner().invoke(cli, ["review", thing, verdict, *given]).exit_code == 2
