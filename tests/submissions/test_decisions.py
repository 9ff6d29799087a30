"""Withdrawal and review: a claim changes its state, stays citable, and says what became of it."""

from __future__ import annotations

import pytest
from pyoxigraph import DefaultGraph, Literal, Quad

from mineralgraph.rdf.identifiers import mint
from mineralgraph.rdf.namespaces import MG, PROV

HELD = "mem:alia-norden--minister-mines-arvania org:post post:minister-mines-arvania"
SINCE = "mem:alia-norden--minister-mines-arvania org:memberDuring ?interval"


def state(world, slug: str) -> str:
    return world.claim(slug)["review"]["iri"].rpartition("/")[2]


@pytest.mark.parametrize("basis", ["curation-error", "source-retraction"])
def test_a_withdrawn_claim_leaves_the_view_and_stays_citable(filled, basis):
    assert filled.ask(SINCE)
    answer = filled.withdraw("lesson-since", basis=basis)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == "/claims/lesson-since"
    assert not filled.ask(SINCE)
    assert filled.ask(f"GRAPH claim:lesson-since {{ {SINCE} }}")
    assert filled.ask("claim:lesson-since mg:reviewState rev:withdrawn ; mg:current false")
    assert filled.ask(
        f"?w a mg:Withdrawal ; mg:withdraws claim:lesson-since ; mg:basis wbasis:{basis} ;"
        ' mg:reason "The span was misread."@en ; prov:endedAtTime ?when ;'
        " prov:wasAssociatedWith <https://w3id.org/mineralgraph/id/agent/admin>"
    )
    fate = filled.claim("lesson-since")["fate"]["withdrawn"]
    assert fate == {"basis": basis, "reason": "The span was misread.", "who": "admin",
                    "when": "2031-05-10T12:00:02Z", "retracted_on": None}  # fmt: skip


def test_a_retraction_has_the_day_of_the_source(filled):
    answer = filled.withdraw("lesson-since", basis="source-retraction", retracted_on="2031-05-07")
    assert answer.status_code == 201, answer.text
    assert filled.ask('?w mg:withdraws claim:lesson-since ; mg:retractedOn "2031-05-07"^^xsd:date')
    assert filled.claim("lesson-since")["fate"]["withdrawn"]["retracted_on"] == "2031-05-07"
    page = filled.client.get("/claims/lesson-since", headers={"Accept": "text/html"})
    assert "The source took it back on 2031-05-07." in page.text


@pytest.mark.parametrize(
    "body",
    [
        {"basis": "curation-error", "retracted_on": "2031-05-07"},
        {"basis": "source-retraction", "retracted_on": "2031-05-11"},  # tomorrow
        {"basis": "source-retraction", "retracted_on": "May 2031"},
        {"basis": "source-retraction", "retracted_on": "20310507"},
        {"basis": "source-retraction", "retracted_on": 20310507},
    ],
)
def test_a_day_of_retraction_that_does_not_fit_is_refused(filled, body):
    before = filled.dump()
    answer = filled.withdraw("lesson-since", **body)
    assert answer.status_code == 422
    assert answer.json()["parameter"] == "retracted_on"
    assert filled.dump() == before


@pytest.mark.parametrize("form", ["text/html", "text/turtle", "application/trig"])
def test_every_form_of_the_page_says_that_it_is_withdrawn(filled, form):
    filled.withdraw("lesson-since")
    page = filled.client.get("/claims/lesson-since", headers={"Accept": form})
    assert page.status_code == 200
    assert "The span was misread." in page.text


def test_a_second_withdrawal_is_a_conflict(filled):
    assert filled.withdraw("lesson-since").status_code == 201
    before = filled.dump()
    again = filled.withdraw("lesson-since", basis="source-retraction", reason="Other.")
    assert again.status_code == 409
    assert filled.dump() == before


def test_a_triple_that_another_claim_holds_stays(filled):
    """lesson-post and lesson-since both say that she holds the office."""
    assert filled.withdraw("lesson-since").status_code == 201
    assert filled.ask(HELD)
    assert filled.withdraw("lesson-post").status_code == 201
    assert not filled.ask(HELD)


def test_no_submission_brings_a_withdrawn_claim_back(filled, article):
    filled.withdraw("lesson-since")
    assert filled.submit(article).status_code == 201  # unchanged, and so it stays withdrawn
    assert state(filled, "lesson-since") == "withdrawn"
    changed = article.replace("March 2031", "the spring of 2031").replace(
        "claim:lesson-since a mg:Claim ;", 'claim:lesson-since a mg:Claim ; mg:inferred "x"@en ;'
    )
    assert filled.submit(changed).status_code == 409
    assert state(filled, "lesson-since") == "withdrawn"
    assert filled.review("lesson-since", "accept").status_code == 409


def test_a_claim_that_todays_rules_refuse_can_be_withdrawn(world_of, article):
    world = world_of(gate="warn")
    gist = 'mg:gist "Norden is given as Arvania\'s minister of mines."@en'
    assert gist in article
    assert world.submit(article.replace(gist, "oa:start 1")).status_code == 201
    object.__setattr__(world.writer, "gate", world.writer.gate.ENFORCE)
    answer = world.withdraw("lesson-post")
    assert answer.status_code == 201, answer.text
    claim = mint("claim", "lesson-post")
    assert Quad(claim, MG.reviewState, mint("review-state", "withdrawn"), DefaultGraph()) in (
        world.dump()
    )


@pytest.mark.parametrize(
    ("body", "member"),
    [({"basis": "boredom"}, "basis"), ({"basis": None}, "basis"), ({"basis": 1}, "basis"),
     ({"reason": ""}, "reason"), ({"reason": None}, "reason"), ({"reason": "x" * 2001}, "reason")],
)  # fmt: skip
def test_reason_and_basis_are_needed(filled, body, member):
    answer = filled.withdraw("lesson-since", **body)
    assert answer.status_code == 422
    assert answer.json()["parameter"] == member


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [("[]", "application/json", 400), ("{", "application/json", 400),
     ("{}", "text/plain", 415), ("[" * 60000, "application/json", 400)],
)  # fmt: skip
def test_the_body_is_a_json_object(filled, content, kind, status):
    headers = filled.headers("admin", content_type=kind)
    answer = filled.client.post("/claims/lesson-since/withdrawal", content=content, headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize("slug", ["none", "a%3E%20b", "%22"])
def test_an_unknown_claim_is_not_found(filled, slug):
    assert filled.withdraw(slug).status_code == 404
    assert filled.review(slug, "accept").status_code == 404


@pytest.mark.parametrize(
    ("who", "withdraw", "review"),
    [(None, 401, 401), ("submitter", 403, 403), ("withdrawer", 201, 403), ("editor", 201, 403),
     ("admin", 201, 201)],
)  # fmt: skip
def test_each_decision_has_its_scope(world, article, who, withdraw, review):
    assert world.submit(article, "submitter").status_code == 201
    assert world.review("lesson-post", "accept", who).status_code == review
    assert world.withdraw("lesson-since", who).status_code == withdraw


def test_accepting_a_claim_brings_it_into_the_view(world, article):
    assert world.submit(article, "submitter").status_code == 201
    assert not world.ask(HELD)
    assert world.review("lesson-post", "accept").status_code == 201
    assert world.ask(HELD)
    assert state(world, "lesson-post") == "accepted"
    history = world.claim("lesson-post")["fate"]["history"]
    assert [(h["kind"], h["who"]) for h in history] == [
        ("submission", "submitter"), ("acceptance", "admin"),
    ]  # fmt: skip
    assert world.review("lesson-post", "accept").status_code == 409


def test_accepting_a_plan_makes_it_no_fact(world, article):
    assert world.submit(article, "submitter").status_code == 201
    assert world.review("lesson-forum", "accept").status_code == 201
    assert world.ask("claim:lesson-forum mg:reviewState rev:accepted ; mg:current false")


def test_a_rejected_claim_stays_out_until_it_is_accepted_after_all(world, article):
    assert world.submit(article, "submitter").status_code == 201
    assert world.review("lesson-post", "reject").status_code == 201
    assert state(world, "lesson-post") == "rejected"
    assert not world.ask(HELD)
    assert world.review("lesson-post", "reject").status_code == 409
    assert world.review("lesson-post", "accept").status_code == 201
    assert world.review("lesson-post", "reject").status_code == 409  # withdrawn, if anything


def test_a_decision_is_one_of_two(world, article):
    assert world.submit(article, "submitter").status_code == 201
    answer = world.review("lesson-post", "maybe")
    assert answer.status_code == 422
    assert answer.json()["parameter"] == "decision"


def test_a_correction_is_a_new_claim_that_revises_the_old(filled, article):
    block = article[article.index("claim:lesson-since a") : article.index("claim:lesson-forum a")]
    head = article[: article.index("# The article")]
    new = block.replace("lesson-since", "lesson-since-2").replace(
        "a mg:Claim ;", "a mg:Claim ; prov:wasRevisionOf claim:lesson-since ;"
    )
    answer = filled.submit(head + new)
    assert answer.status_code == 201, answer.text
    assert filled.withdraw("lesson-since").status_code == 201
    old, corrected = filled.claim("lesson-since"), filled.claim("lesson-since-2")
    assert [c["page"] for c in old["fate"]["revised_by"]] == ["/claims/lesson-since-2"]
    assert [c["page"] for c in corrected["fate"]["revision_of"]] == ["/claims/lesson-since"]
    assert filled.ask(SINCE)  # the new claim holds it


def test_the_record_can_be_queried_and_followed(filled):
    first = filled.client.get("/changes").json()
    assert first["columns"][:5] == ["seq", "when", "who", "kind", "things"]
    (row,) = first["rows"]
    assert (row["seq"], row["who"], row["kind"]) == (1, "admin", "submission")
    assert row["when"] == "2031-05-10T12:00:01Z"
    assert "https://w3id.org/mineralgraph/id/claim/lesson-post" in row["things"]
    seen = row["version"]
    filled.withdraw("lesson-since")
    filled.withdraw("lesson-post")
    rows = filled.client.get("/changes", params={"since": seen}).json()["rows"]
    assert [r["seq"] for r in rows] == [2, 3]
    assert rows[0]["version_before"] == seen
    assert rows[0]["version"] == rows[1]["version_before"]
    assert rows[1]["version"] == filled.store.version()
    assert rows[0]["reason"] == "The span was misread."
    assert filled.client.get("/changes?since=2").json()["rows"] == rows[1:]
    assert filled.client.get("/changes?since=9").json()["rows"] == []
    page = filled.client.get("/changes?limit=1&offset=1").json()
    assert [r["seq"] for r in page["rows"]] == [2]
    assert page["links"]["next"]
    whole = filled.client.get("/data?format=nquads").text
    assert "<https://w3id.org/mineralgraph/id/write/000003>" in whole
    assert filled.ask("GRAPH ref:audit { ?a a prov:Activity ; prov:wasAssociatedWith ?who ;"
                      f' mg:versionAfter "{filled.store.version()}" }}')  # fmt: skip


def test_the_first_version_of_a_store_can_be_followed_too(world, article):
    version = world.store.version()
    assert world.client.get("/changes", params={"since": version}).json()["rows"] == []
    assert world.submit(article).status_code == 201
    rows = world.client.get("/changes", params={"since": version}).json()["rows"]
    assert [r["seq"] for r in rows] == [1]


@pytest.mark.parametrize("since", ["nonsense", "-1", '"} DROP ALL #'])
def test_a_version_that_never_was_is_gone(filled, since):
    assert filled.client.get("/changes", params={"since": since}).status_code == 410


def test_numbers_have_no_gaps(filled):
    from mineralgraph.pipeline import audit  # noqa: PLC0415

    for slug in ("lesson-since", "lesson-post", "lesson-forum", "lesson-zeal"):
        filled.withdraw(slug)
    assert audit.count(filled.store) == 5
    found = {q.object for q in filled.store.quads(None, MG.sequenceNumber)}
    assert found == {Literal(n) for n in range(1, 6)}
    assert any(True for _ in filled.store.quads(None, PROV.wasAssociatedWith))
