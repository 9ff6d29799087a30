"""Two names for one person are merged, and taken apart again; nothing is lost on the way."""

from __future__ import annotations

import pytest
from pyoxigraph import DefaultGraph, Quad

from mineralgraph.rdf.namespaces import AUDIT_GRAPH, SERVICE_GRAPH

TWIN = """GRAPH ref:twins { ref:twins a mg:ReferenceSet ; rdfs:label "Twins"@en ;
    prov:wasAttributedTo org_:lesson-curator ; dcterms:source article:lesson .
  person:a-norden a schema:Person ; rdfs:label "A. Norden"@en ; skos:altLabel "Nordén"@en . }
claim:lesson-twin a mg:Claim ; prov:wasDerivedFrom article:lesson ; mg:modality mod:held ;
  mg:evidence [ oa:start 93 ; oa:end 133 ;
    mg:spanDigest "sha256:21fe65eb5264f9fb39aa51f983a06adb034f22e39e2a05f4ac223c288bdc11e4" ] ;
  mg:gist "Norden holds the office."@en .
claim:lesson-twin {
  mem:a-norden--minister-mines-arvania a org:Membership ; org:member person:a-norden ;
    org:post post:minister-mines-arvania ; mg:attestedAt [ mg:edtf "2031-05-09"^^edtf:EDTF ] . }
"""
OLD, NEW = "person/a-norden", "person/alia-norden"
ID = "https://w3id.org/mineralgraph/id/"


@pytest.fixture
def twins(filled):
    answer = filled.submit(TWIN)
    assert answer.status_code == 201, answer.text
    return filled


def merge(world, old=OLD, into=NEW, who="admin", reason="The same woman."):
    return world.client.post(
        f"/entities/{old}/merge", json={"into": into, "reason": reason}, headers=world.headers(who)
    )


def split(world, old=OLD, who="admin", reason="Two women after all."):
    return world.client.post(
        f"/entities/{old}/split", json={"reason": reason}, headers=world.headers(who)
    )


def data_only(world) -> set[Quad]:
    own = (AUDIT_GRAPH, SERVICE_GRAPH, DefaultGraph())
    return {q for q in world.dump() if q.graph_name not in own}


def test_a_merge_leaves_one_thing_with_all_its_names_and_claims(twins):
    answer = merge(twins)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/entities/{NEW}"
    assert not [q for q in data_only(twins) if "a-norden" in str(q).replace("alia-norden", "")]
    for name in ("A. Norden", "Nordén", "Norden"):
        assert twins.ask(f'person:alia-norden skos:altLabel "{name}"@en')
    assert twins.ask('person:alia-norden rdfs:label "Alia Norden"@en')
    membership = "mem:alia-norden--minister-mines-arvania org:member person:alia-norden"
    for claim in ("lesson-twin", "lesson-post"):
        assert twins.ask(f"GRAPH claim:{claim} {{ {membership} }}")
        assert twins.ask(f"claim:{claim} mg:about person:alia-norden")


def test_the_old_name_leads_on(twins):
    merge(twins)
    moved = twins.client.get(f"/id/{OLD}")
    assert moved.status_code == 303
    assert moved.headers["location"] == f"/entities/{NEW}"
    page = twins.client.get(f"/entities/{OLD}?format=json")
    assert page.status_code == 307
    assert page.headers["location"] == f"/entities/{NEW}?format=json"
    assert twins.client.get(page.headers["location"]).status_code == 200
    assert twins.ask("GRAPH ref:audit { person:a-norden owl:sameAs person:alia-norden ;"
                     " dcterms:isReplacedBy person:alia-norden }")  # fmt: skip


def test_a_split_restores_exactly_what_was(twins):
    before = data_only(twins)
    assert merge(twins).status_code == 201
    assert data_only(twins) != before
    answer = split(twins)
    assert answer.status_code == 201, answer.text
    assert data_only(twins) == before
    assert twins.client.get(f"/entities/{OLD}").status_code == 200
    kinds = [row["kind"] for row in twins.client.get("/changes").json()["rows"]]
    assert kinds == ["submission", "submission", "merge", "split"]
    merged = '?merge mg:merged person:a-norden ; mg:reason "The same woman."@en'
    assert twins.ask(f"GRAPH ref:audit {{ ?split mg:undoes ?merge . {merged} }}")


def test_a_second_merge_and_split_work_like_the_first(twins):
    before = data_only(twins)
    for _ in range(2):
        assert merge(twins).status_code == 201
        assert split(twins).status_code == 201
        assert data_only(twins) == before


def test_what_was_said_since_stays_with_the_thing_that_stayed(twins):
    merge(twins)
    later = TWIN[TWIN.index("claim:lesson-twin a") :].replace("lesson-twin", "lesson-later")
    assert twins.submit(later.replace("a-norden", "alia-norden")).status_code == 201
    withdrawn = twins.withdraw("lesson-twin")
    assert withdrawn.status_code == 201
    assert split(twins).status_code == 201
    assert twins.ask("GRAPH claim:lesson-later { ?m org:member person:alia-norden }")
    assert twins.ask("GRAPH claim:lesson-twin { ?m org:member person:a-norden }")
    assert twins.claim("lesson-twin")["fate"]["withdrawn"]


def test_only_like_things_that_are_known_are_merged(twins):
    before = twins.dump()
    for old, into, status in (
        (OLD, OLD, 422), (OLD, "place/arvania", 422),
        ("claim/lesson-post", "claim/lesson-twin", 422),
        (OLD, "person/nobody", 404), ("person/nobody", NEW, 404), (OLD, "nonsense", 422),
        (OLD, "a b/c>", 422),
    ):  # fmt: skip
        assert merge(twins, old, into).status_code == status, (old, into)
    assert merge(twins, reason="").status_code == 422
    assert split(twins).status_code == 404
    assert twins.dump() == before


def test_a_merged_thing_is_not_merged_again(twins):
    merge(twins)
    assert merge(twins).status_code == 409
    assert merge(twins, NEW, OLD).status_code == 409


@pytest.mark.parametrize(("who", "status"), [(None, 401), ("submitter", 403), ("editor", 403)])
def test_only_an_admin_merges(twins, who, status):
    before = twins.dump()
    assert merge(twins, who=who).status_code == status
    assert split(twins, who=who).status_code == status
    assert twins.dump() == before
