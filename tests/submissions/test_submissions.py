"""POST /submissions: what comes in, what it replaces, who may, and that refusal leaves no trace."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pyoxigraph import DefaultGraph, Quad, RdfFormat, parse, serialize

from mineralgraph.rdf.namespaces import AUDIT_GRAPH, SERVICE_GRAPH, prefixes

CLAIM = """
claim:lesson-{slug} a mg:Claim ; prov:wasDerivedFrom article:lesson ; mg:modality mod:held ;
  mg:evidence [ oa:start 93 ; oa:end 133 ;
    mg:spanDigest "sha256:21fe65eb5264f9fb39aa51f983a06adb034f22e39e2a05f4ac223c288bdc11e4" ] ;
  mg:gist "{gist}"@en {more}.
claim:lesson-{slug} {{
  mem:alia-norden--minister-mines-arvania a org:Membership ; org:member person:alia-norden ;
    org:post post:minister-mines-arvania ; mg:attestedAt [ mg:edtf "{day}"^^edtf:EDTF ] . }}
"""
POST = "mem:alia-norden--minister-mines-arvania a org:Membership"
HEAD = "".join(f"PREFIX {p}: <{ns}>\n" for p, ns in prefixes().items())
REPORT = {"conforms", "checked", "findings"}


def claim(slug: str, gist: str = "Norden holds the office.", day: str = "2031-05-09",
          more: str = "") -> str:  # fmt: skip
    return CLAIM.format(slug=slug, gist=gist, day=day, more=more)


def data_only(quads: set[Quad]) -> set[Quad]:
    own = (AUDIT_GRAPH, SERVICE_GRAPH, DefaultGraph())
    return {q for q in quads if q.graph_name not in own}


def rules(answer: Any) -> set[str]:
    assert answer.status_code == 422, answer.text
    return {finding["rule"] for finding in answer.json()["report"]["findings"]}


def test_an_article_is_taken_in_with_location_and_report(world, article):
    before = world.store.version()
    answer = world.submit(article)
    assert answer.status_code == 201, answer.text
    said = answer.json()
    assert said["report"].keys() >= REPORT
    assert said["report"]["conforms"] is True
    assert said["report"]["checked"]["claims"] == 7
    assert answer.headers["location"] == "/articles/lesson"
    assert world.client.get("/articles/lesson").status_code == 200
    assert said["version"] == world.store.version() != before == said["version_before"]
    assert answer.headers["mineralgraph-dataset-version"] == world.store.version()
    assert world.ask(POST)


def test_the_three_syntaxes_give_the_same_dataset(world_of, world, article):
    assert world.submit(article).status_code == 201
    quads = list(parse(article, format=RdfFormat.TRIG))
    for form, kind in ((RdfFormat.N_QUADS, "application/n-quads"),
                       (RdfFormat.JSON_LD, "application/ld+json")):  # fmt: skip
        other = world_of()
        text = serialize(quads, format=form)
        assert text is not None
        assert other.submit(text.decode(), content_type=kind).status_code == 201
        assert other.dump() == world.dump()


@pytest.mark.parametrize("kind", ["text/turtle", "text/plain", ""])
def test_another_syntax_is_refused(world, kind):
    assert world.submit("x", content_type=kind).status_code == 415


def test_what_a_claim_page_gives_can_be_posted_and_changes_nothing(filled):
    before = data_only(filled.dump())
    for slug in ("lesson-post", "lesson-forum"):
        page = filled.client.get(f"/claims/{slug}", headers={"Accept": "application/trig"})
        assert page.status_code == 200
        for who in ("admin", "submitter"):
            answer = filled.submit(page.text, who)
            assert answer.status_code == 201, answer.text
            assert answer.json()["touches"] == []
    assert data_only(filled.dump()) == before
    assert answer.headers["location"].startswith("/claims/lesson-")


def test_the_whole_dataset_can_be_posted_back(filled):
    assert filled.withdraw("lesson-since").status_code == 201
    graphs = ("article--lesson", "/claim/")
    quads = [q for q in filled.store.quads() if any(g in str(q.graph_name) for g in graphs)]
    text = serialize(quads, format=RdfFormat.N_QUADS)
    assert text is not None
    answer = filled.submit(text.decode(), "submitter", content_type="application/n-quads")
    assert answer.status_code == 201, answer.text
    assert answer.json()["touches"] == []


@pytest.mark.parametrize(
    ("who", "state", "seen"), [("submitter", "submitted", False), ("admin", "accepted", True)]
)
def test_the_review_state_is_set_by_scope(world, article, who, state, seen):
    """What the submitter says of it counts for nothing, whichever way he says it."""
    forged = HEAD + article.replace(
        "a mg:Claim ;", "a mg:Claim ; mg:reviewState rev:accepted ; mg:current true ;"
    )
    answer = world.submit(forged, who)
    assert answer.status_code == 201, answer.text
    assert world.claim("lesson-post")["review"]["iri"].endswith(state)
    assert (
        world.ask("claim:lesson-post mg:reviewState ?s . claim:lesson-post mg:current true") is seen
    )
    assert world.ask(POST) is seen


def test_a_violation_is_refused_with_the_report_and_leaves_no_trace(world, article):
    before = world.dump()
    broken = article.replace("mg:modality mod:held", "mg:modality mod:wishful", 1)
    answer = world.submit(broken)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    said = answer.json()
    assert said["type"].endswith("gate-refused")
    assert said["report"].keys() >= REPORT
    assert any(f["claim"] and f["fix"] and f["line"] for f in said["report"]["findings"])
    assert world.dump() == before


def test_a_wrong_span_is_refused(world, article):
    answer = world.submit(article.replace("oa:start 93 ; oa:end 133", "oa:start 93 ; oa:end 132"))
    assert rules(answer) & {"span", "evidence"} or answer.json()["report"]["evidence"]["wrong"] == 1


def test_the_checks_over_the_dataset_hold_for_submissions(filled):
    """A second person of the same name is seen only beside the first."""
    text = """GRAPH ref:twins { ref:twins a mg:ReferenceSet ; rdfs:label "Twins"@en ;
      prov:wasAttributedTo org_:lesson-curator ; dcterms:source article:lesson .
      person:norden-2 a schema:Person ; rdfs:label "Alia Norden"@en . }"""
    assert "queries/checks/two-entities-one-name-violation" in rules(filled.submit(text))


def test_warn_accepts_with_the_report(world_of, article):
    world = world_of(gate="warn")
    broken = article.replace(
        'mg:gist "Norden is given as Arvania\'s minister of mines."@en', "oa:x 1"
    )
    answer = world.submit(broken)
    assert answer.status_code == 201, answer.text
    assert answer.json()["report"]["conforms"] is False
    assert world.client.get("/claims/lesson-since").status_code == 200


@pytest.mark.parametrize("gate", ["enforce", "warn"])
@pytest.mark.parametrize("graph", ["ontology", "current", "dataset", "audit"])
def test_reserved_graphs_are_refused(world_of, graph, gate):
    world = world_of(gate=gate)
    before = world.dump()
    text = f'GRAPH ref:{graph} {{ person:x a schema:Person ; rdfs:label "X"@en . }}'
    assert "reserved-graph" in rules(world.submit(text))
    assert world.dump() == before


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("GRAPH ref:article--lesson { person:alia-norden rdfs:label 'Other'@en . }", "misplaced"),
        ("GRAPH ref:lesson { part:x a mg:Participation . }", "misplaced"),
        ("GRAPH ref:lesson { claim:x a mg:Claim . }", "misplaced"),
        ("GRAPH ref:lesson { ref:ontology rdfs:label 'x'@en . }", "misplaced"),
        ("GRAPH ref:lesson { <https://example.org/x> a schema:Person . }", "foreign-subject"),
        ("GRAPH ref:article--other { article:lesson schema:inLanguage 'de' . }", "wrong-article"),
        ("GRAPH ref:article--other { claim:y prov:wasDerivedFrom article:lesson . }",
         "wrong-article"),
        ("GRAPH ref:article--lesson { wd:lesson-post a mg:Withdrawal ; "
         "mg:withdraws claim:lesson-post . }", "withdrawal-by-submission"),
    ],
)  # fmt: skip
def test_everything_has_its_place(filled, text, rule):
    before = filled.dump()
    assert rule in rules(filled.submit(text))
    assert filled.dump() == before


def test_reference_entities_come_in_by_their_graph(world):
    text = """GRAPH ref:more { ref:more a mg:ReferenceSet ; rdfs:label "More"@en ;
      prov:wasAttributedTo org_:lesson-curator ; dcterms:source <https://example.org/> ;
      mg:reviewState rev:accepted .
      person:bo-berg a schema:Person ; rdfs:label "Bo Berg"@en . }"""
    answer = world.submit(text, "submitter")
    assert answer.status_code == 201, answer.text
    assert world.client.get("/entities/person/bo-berg").status_code == 200
    assert world.ask("GRAPH ref:more { ref:more mg:reviewState rev:submitted }")
    assert answer.json()["touches"][-1].endswith("person/bo-berg")


@pytest.mark.parametrize(("who", "status"), [("submitter", 403), ("editor", 403), ("admin", 201)])
def test_only_an_admin_changes_what_is_known(filled, who, status):
    before = data_only(filled.dump())
    text = 'GRAPH ref:lesson { person:alia-norden a schema:Person ; rdfs:label "A. Norden"@en . }'
    answer = filled.submit(text, who)
    assert answer.status_code == status, answer.text
    assert filled.ask('person:alia-norden rdfs:label "A. Norden"@en') is (status == 201)
    assert filled.ask('person:alia-norden rdfs:label "Alia Norden"@en') is (status == 403)
    assert (data_only(filled.dump()) == before) is (status == 403)


def test_a_changed_entity_is_judged_with_the_claims_that_rest_on_it(filled):
    """The post would no longer be a post in the claims that hold it."""
    text = 'GRAPH ref:lesson { post:minister-mines-arvania a schema:City ; rdfs:label "X"@en . }'
    answer = filled.submit(text)
    assert answer.status_code == 422
    focused = {f["focus"] for f in answer.json()["report"]["findings"]}
    assert any("/membership/" in focus for focus in focused)


def test_a_claim_with_the_same_name_is_replaced(filled):
    first = filled.submit(claim("two"))
    assert first.status_code == 201, first.text
    assert first.headers["location"] == "/claims/lesson-two"
    again = filled.submit(claim("two", gist="Norden is the minister."))
    assert again.status_code == 201
    assert filled.claim("lesson-two")["gist"] == "Norden is the minister."
    assert not filled.ask('claim:lesson-two mg:gist "Norden holds the office."@en')
    assert again.json()["touches"] == ["https://w3id.org/mineralgraph/id/claim/lesson-two"]


def test_evidence_goes_with_the_last_claim_that_points_at_it(filled):
    assert filled.submit(claim("two")).status_code == 201
    span = filled.submit(
        claim("two")
        .replace("oa:start 93 ; oa:end 133", "oa:start 192 ; oa:end 217")
        .replace("21fe65eb5264f9fb39aa51f983a06adb034f22e39e2a05f4ac223c288bdc11e4", "0" * 64)
    )
    assert span.status_code == 422  # a wrong span never gets in
    assert filled.ask("ev:lesson--93-133 oa:hasSelector sel:93-133")  # lesson-post points at it


@pytest.mark.parametrize(("who", "status"), [("submitter", 403), ("editor", 201), ("admin", 201)])
def test_replacing_an_accepted_claim_needs_more_than_submit(filled, who, status):
    """Else a submitter could take any accepted claim out of the view."""
    text = claim("post", gist="Norden is something else.")
    answer = filled.submit(text, who)
    assert answer.status_code == status, answer.text
    state = filled.claim("lesson-post")["review"]["iri"].rpartition("/")[2]
    assert state == ("submitted" if who == "editor" else "accepted")


def test_replacing_an_article_withdraws_its_other_accepted_claims(filled, article):
    kept = [part for part in article.split("\n\n") if "lesson-since" not in part]
    answer = filled.submit("\n\n".join(kept), "submitter", "?replace=article")
    assert answer.status_code == 403
    answer = filled.submit("\n\n".join(kept), "admin", "?replace=article")
    assert answer.status_code == 201, answer.text
    assert filled.claim("lesson-since")["review"]["iri"].endswith("withdrawn")
    assert filled.claim("lesson-post")["review"]["iri"].endswith("accepted")
    assert filled.ask("?w mg:withdraws claim:lesson-since ; mg:reason ?why")


def test_replacing_an_article_removes_what_was_never_accepted(world, article):
    assert world.submit(article, "submitter").status_code == 201
    kept = [part for part in article.split("\n\n") if "lesson-since" not in part]
    answer = world.submit("\n\n".join(kept), "submitter", "?replace=article")
    assert answer.status_code == 201, answer.text
    assert world.client.get("/claims/lesson-since").status_code == 404
    assert world.client.get("/claims/lesson-post").status_code == 200
    assert not [q for q in world.store.quads() if "lesson-since" in str(q.subject)]


def test_without_replace_the_other_claims_stay(filled):
    assert filled.submit(claim("two")).status_code == 201
    assert filled.claim("lesson-post")["review"]["iri"].endswith("accepted")


def test_a_dry_run_says_and_does_nothing(world, article):
    before = world.dump()
    answer = world.submit(article, "submitter", "?dry-run=true")
    assert answer.status_code == 200
    assert answer.json()["report"]["conforms"] is True
    assert answer.json()["dry_run"] is True
    assert len(answer.json()["touches"]) == 8
    assert "location" not in answer.headers
    assert (
        world.submit(article.replace("mod:held", "mod:x", 1), "admin", "?dry-run=true").status_code
        == 422
    )
    assert world.dump() == before


@pytest.mark.parametrize("query", ["?dry-run=maybe", "?replace=all", "?x=1"])
def test_parameters_are_known_ones(world, article, query):
    answer = world.submit(article, "admin", query)
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("bad-parameter")


def test_the_same_key_and_body_are_done_once(world, article):
    first = world.submit(article, Idempotency_Key="abc")
    after = world.dump()
    again = world.submit(article, Idempotency_Key="abc")
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert world.dump() == after


def test_the_same_key_with_another_body_is_refused(world, article):
    assert world.submit(article, Idempotency_Key="abc").status_code == 201
    for other in (
        world.submit(article + "\n", Idempotency_Key="abc"),
        world.submit(article, "admin", "?dry-run=true", Idempotency_Key="abc"),
    ):
        assert other.status_code == 422
        assert other.json()["type"].endswith("idempotency-key-reused")
    assert world.submit(article, "editor", Idempotency_Key="abc").status_code == 201  # own keys


def test_a_refused_request_keeps_no_key(world, article):
    broken = article.replace("mod:held", "mod:x", 1)
    assert world.submit(broken, Idempotency_Key="abc").status_code == 422
    assert world.submit(article, Idempotency_Key="abc").status_code == 201


def test_if_match_guards_against_a_stale_version(world, article):
    version = world.client.get("/changes").headers["mineralgraph-dataset-version"]
    assert world.submit(article, If_Match='"old"').status_code == 412
    assert world.submit(article, If_Match=f'W/"{version}"').status_code == 412
    assert world.submit(article, If_Match=version).status_code == 400
    assert world.submit(article, If_Match=f'"old", "{version}"').status_code == 201
    stale = world.submit(claim("two"), If_Match=f'"{version}"')
    assert stale.status_code == 412
    assert stale.json()["version"] == world.store.version()
    assert world.submit(claim("two"), If_Match="*").status_code == 201


@pytest.mark.parametrize(
    ("who", "status"),
    [(None, 401), ("wrong", 401), ("withdrawer", 403), ("submitter", 201), ("admin", 201)],
)
def test_a_token_with_the_scope_is_needed(world, article, who, status):
    world.secrets["wrong"] = "mg_not-a-token"
    before = world.dump()
    answer = world.submit(article, who)
    assert answer.status_code == status
    assert (world.dump() == before) is (status != 201)
    if status == 401:
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_without_any_token_writes_are_off(world_of, article):
    world = world_of(token_file=None)
    answer = world.submit(article)
    assert answer.status_code == 403
    assert "token" in answer.json()["hint"].lower()


def test_a_token_is_never_logged(world, article, caplog):
    caplog.set_level("DEBUG")
    world.submit(article)
    world.submit(article, None, authorization="Bearer mg_guess")
    world.submit("nonsense {")
    assert caplog.records
    logged = caplog.text + json.dumps([r.__dict__ for r in caplog.records], default=str)
    assert not [s for s in (*world.secrets.values(), "mg_guess") if s in logged]


def test_a_syntax_error_names_line_and_column(world):
    answer = world.submit("claim:x a mg:Claim ;\n  !")
    assert answer.status_code == 400
    assert answer.json()["line"]
