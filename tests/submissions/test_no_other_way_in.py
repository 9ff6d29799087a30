"""Every route and every method that writes goes through the gate, or is not offered."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad

from mineralgraph import opening, pipeline, relations
from mineralgraph.api import create_app
from mineralgraph.errors import Forbidden, SettingsError, StoreError
from mineralgraph.execution.inline import InlineRunner
from mineralgraph.gate.report import Finding, Report, Severity
from mineralgraph.intake.corpus import Corpus
from mineralgraph.rdf.identifiers import slug_of
from mineralgraph.rdf.namespaces import GRAPH_BASE, MG
from mineralgraph.settings import Gate, Settings
from mineralgraph.store.base import Change, Store
from mineralgraph.store.embedded import EmbeddedStore
from mineralgraph.store.remote import RemoteStore
from mineralgraph.store.scratch import ScratchStore
from mineralgraph.submissions.raw import RawWriter
from tests.relations import worlds

from .conftest import InProcess, World

SOURCES = Path(opening.__file__).parent
READING_POSTS = {"/sparql", "/validate"}
GATED = {
    "/submissions", "/claims/{slug}/withdrawal", "/claims/{slug}/review",
    "/relations/{slug}/review", "/entities/{kind}/{slug}/merge", "/entities/{kind}/{slug}/split",
}  # fmt: skip
RAW = {("/update", "POST"), ("/data", "PUT"), ("/data", "POST"), ("/data", "DELETE")}
# What else has such a name is told apart by what it is called on.
WRITES = {"apply", "patch", "bulk_extend", "bulk_load"}
WRITES_OF_A_STORE = {"update", "put", "drop", "clear", "load", "extend", "add", "remove"}
# Who may call what writes to a store. Everything else is a store's own inside.
CALLERS = {
    "pipeline/__init__.py": {"apply", "load"},  # write and release; fill
    "opening.py": {"apply", "load"},  # the gate's mark; a scratch store, or one only to be read
    "submissions/raw.py": {"update", "put", "drop"},  # a scratch store only
    "submissions/backup.py": {"bulk_load"},  # a new folder, compared with its digest
    "submissions/content.py": {"extend"},  # a store in memory, for terms as the engine has them
    "cli/check.py": {"patch"},  # the current view, which follows from the claims
}
READING = {"query", "query_accepted", "quads", "described", "held_in", "about", "dataset",
           "version", "graph_names", "close", "distant"}  # fmt: skip
WRITING = {"apply", "load"}
OWN = {
    EmbeddedStore: {"patch", "dump", "snapshot", "seen_by", "before", "from_file", "holding", "of"},
    ScratchStore: {"update", "put", "drop", "holds"},
    RemoteStore: {"within", "engine", "clear"},
}
"""What the engines have besides; ``patch`` and ``clear`` are for copies and for tests."""


@pytest.fixture
def served(base: list[Quad]):
    clients: list[httpx.Client] = []

    def make(store: Store, raw: bool = False, **settings: object) -> httpx.Client:
        app = create_app(
            Settings(token="all", **settings),  # type: ignore[arg-type]
            InlineRunner(store),
            raw=RawWriter(store) if raw else None,
        )
        client = httpx.Client(
            transport=InProcess(app),
            base_url="http://testserver",
            headers={"Authorization": "Bearer all"},
        )
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


def test_every_route_that_could_write_is_known(world):
    app = create_app(Settings(), InlineRunner(world.store))
    writing = {
        (route.path, method)
        for route in app.routes
        for method in (getattr(route, "methods", None) or ())
        if method not in {"GET", "HEAD", "OPTIONS"} and route.path not in READING_POSTS
    }
    assert writing == RAW | {(path, "POST") for path in GATED}


REFUSAL = Report((Finding(Severity.VIOLATION, "urn:x:y", "No.", "Do not.", "test"),))
TWINS = """GRAPH ref:twins { ref:twins a mg:ReferenceSet ; rdfs:label "Twins"@en ;
    prov:wasAttributedTo org_:lesson-curator ; dcterms:source article:lesson .
  person:a-norden a schema:Person ; rdfs:label "A. Norden"@en .
  person:b-norden a schema:Person ; rdfs:label "B. Norden"@en . }"""
DECIDED = {"reason": "Read again."}


def sender(path: str, world: World, article: str) -> Callable[[], httpx.Response]:
    """Return what makes a write of one kind that the gate would pass."""

    def post(address: str, **said: str) -> Callable[[], httpx.Response]:
        return lambda: world.client.post(
            address, json={**DECIDED, **said}, headers=world.headers("admin")
        )

    if path == "/submissions":
        return lambda: world.submit(article)
    if path == "/relations/{slug}/review":
        node = next(world.store.quads(None, MG.rule, Literal("counts-apart")))
        return post(f"/relations/{slug_of(node.subject)}/review", verdict="reject")
    by = "submitter" if path == "/claims/{slug}/review" else "admin"
    assert world.submit(article, by).status_code == 201
    if path == "/claims/{slug}/review":
        return post("/claims/lesson-since/review", decision="accept")
    if path == "/claims/{slug}/withdrawal":
        return post("/claims/lesson-since/withdrawal", basis="curation-error")
    assert world.submit(TWINS).status_code == 201
    merge = post("/entities/person/a-norden/merge", into="person/b-norden")
    if path == "/entities/{kind}/{slug}/merge":
        return merge
    assert merge().status_code == 201
    return post("/entities/person/a-norden/split")


@pytest.mark.parametrize("path", sorted(GATED))
def test_no_route_writes_what_the_gate_refuses(path, world_of, article, monkeypatch):
    related = path == "/relations/{slug}/review"
    world = world_of(relations.complete(worlds.invented())) if related else world_of()
    send = sender(path, world, article)
    before = world.dump()
    with monkeypatch.context() as patched:
        for judge in ("judge_change", "judge_record"):
            patched.setattr(pipeline, judge, lambda *_, **__: REFUSAL, raising=False)
        answer = send()
        assert answer.status_code == 422, answer.text
        assert [f["message"] for f in answer.json()["report"]["findings"]] == ["No."]
        assert world.dump() == before
    answer = send()  # the same request, so that it was the gate that refused
    assert answer.status_code == 201, answer.text
    assert world.dump() != before


def test_raw_writes_are_refused_while_the_gate_is_on(served, base):
    for gate in (Gate.ENFORCE, Gate.WARN):
        with EmbeddedStore() as store:
            store.load(base)
            before = set(store.quads())
            client = served(store, gate=gate)
            for path, method in sorted(RAW):
                for token in ("all", "wrong"):
                    answer = client.request(
                        method,
                        path,
                        params={"default": ""} if path == "/data" else None,
                        content="INSERT DATA { <a:a> <a:b> <a:c> }",
                        headers={"Authorization": f"Bearer {token}",
                                 "Content-Type": "application/sparql-update"},
                    )  # fmt: skip
                    assert answer.status_code == 403, (path, method)
                    assert "gate" in answer.json()["detail"]
            assert set(store.quads()) == before


def test_only_the_pipeline_writes_to_a_store():
    """A call of a writing method anywhere else would be a way round the gate."""
    found: dict[str, set[str]] = {}
    for path in sorted(SOURCES.rglob("*.py")):
        name = path.relative_to(SOURCES).as_posix()
        if name.startswith("store/") or name == "execution/template.py":
            continue  # the engines; the copies that query processes hold
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                owner = ast.unparse(node.value).rpartition(".")[2]
                of_a_store = owner in {"store", "_store", "opened", "kept"}
                if node.attr in WRITES or (of_a_store and node.attr in WRITES_OF_A_STORE):
                    found.setdefault(name, set()).add(node.attr)
    assert found == CALLERS


def test_load_fills_an_empty_store_only(world):
    with pytest.raises(StoreError):
        world.store.load([Quad(NamedNode("a:s"), NamedNode("a:p"), Literal(1), NamedNode("a:g"))])


def test_the_contract_names_every_method_that_writes():
    """Every public method of every store is known, so that a new one is looked at here."""

    def public(kind: type) -> set[str]:
        return {name for name in dir(kind) if not name.startswith("_")}

    assert public(Store) == READING | WRITING
    assert public(EmbeddedStore) == READING | WRITING | OWN[EmbeddedStore]
    assert public(ScratchStore) == public(EmbeddedStore) | OWN[ScratchStore]
    assert public(RemoteStore) == READING | WRITING | OWN[RemoteStore]


def test_a_gated_store_never_opens_without_the_gate(tmp_path):
    folder = str(tmp_path / "store")
    opened = opening.open_to_serve(Settings(store=folder, data="none"), Corpus(None))
    assert type(opened.store) is EmbeddedStore
    opened.store.close()
    with pytest.raises(SettingsError, match="GATE=off"):
        opening.open_to_serve(Settings(store=folder, data="none", gate="off"), Corpus(None))
    opening.open_to_serve(
        Settings(store=folder, data="none", gate="warn"), Corpus(None)
    ).store.close()


def test_what_raw_writes_left_is_judged_before_the_gate_vouches_for_it(tmp_path):
    folder = str(tmp_path / "store")
    scratch = opening.open_to_serve(
        Settings(store=folder, data="none", gate="off"), Corpus(None)
    ).store
    assert isinstance(scratch, ScratchStore)
    scratch.update("INSERT DATA { <https://e.org/s> <https://e.org/p> 1 }")
    scratch.close()
    with pytest.raises(SettingsError, match="raw writes"):
        opening.open_to_serve(Settings(store=folder, data="none"), Corpus(None))


def test_a_raw_writer_takes_only_a_scratch_store():
    with EmbeddedStore() as store, pytest.raises(Forbidden):
        RawWriter(store)


@pytest.fixture
def scratch(served: Callable[..., httpx.Client]):
    with ScratchStore() as store:
        yield served(store, raw=True, gate="off"), store


UPDATE = {"Content-Type": "application/sparql-update"}


def test_update_directly_and_by_form(scratch):
    client, store = scratch
    before = store.version()
    text = "INSERT DATA { <a:s> <a:p> 1 . GRAPH <a:g> { <a:s> <a:p> 2 } }"
    assert client.post("/update", content=text, headers=UPDATE).status_code == 204
    assert store.version() != before
    assert client.post("/update", data={"update": "DELETE WHERE { ?s ?p ?o }"}).status_code == 204
    s, p = NamedNode("a:s"), NamedNode("a:p")
    assert set(store.quads()) == {Quad(s, p, Literal(2), NamedNode("a:g"))}
    read = client.get("/data", params={"graph": "a:g"}, headers={"Accept": "text/turtle"})
    assert "2" in read.text


def test_using_graph_uri_chooses_what_where_sees(scratch):
    client, store = scratch
    data = "INSERT DATA { GRAPH <a:1> { <a:s> <a:p> 1 } GRAPH <a:2> { <a:s> <a:p> 2 } }"
    client.post("/update", content=data, headers=UPDATE)
    copy = "INSERT { GRAPH <a:new> { ?s ?p ?o } } WHERE { ?s ?p ?o }"
    answer = client.post("/update", params={"using-graph-uri": "a:2"}, content=copy, headers=UPDATE)
    assert answer.status_code == 204, answer.text
    new = {q.object for q in store.quads(graph=NamedNode("a:new"))}
    assert new == {Literal(2)}
    named = copy.replace("{ ?s ?p ?o }", "{ GRAPH ?g { ?s ?p ?o } }").replace(
        "GRAPH <a:new> { GRAPH ?g { ?s ?p ?o } }", "GRAPH <a:new2> { ?s ?p ?o }"
    )
    answer = client.post(
        "/update", params={"using-named-graph-uri": "a:1"}, content=named, headers=UPDATE
    )
    assert answer.status_code == 204, answer.text
    assert {q.object for q in store.quads(graph=NamedNode("a:new2"))} == {Literal(1)}
    clash = client.post("/update", params={"using-graph-uri": "a:2"},
                        content="WITH <a:1> " + copy, headers=UPDATE)  # fmt: skip
    assert clash.status_code == 400


@pytest.mark.parametrize(
    ("text", "status"),
    [("LOAD <http://127.0.0.1:9/x>", 400), ("LOAD SILENT <http://127.0.0.1:9/x>", 400),
     ("INSERT { ?s ?p ?o } WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", 400),
     ("INSERT DATA {", 400), ("SELECT * { ?s ?p ?o }", 400)],
)  # fmt: skip
def test_bad_updates_change_nothing(scratch, text, status):
    client, store = scratch
    assert client.post("/update", content=text, headers=UPDATE).status_code == status
    assert not list(store.quads())


def test_the_graph_store_protocol_writes_and_reads(scratch):
    client, store = scratch
    turtle = {"Content-Type": "text/turtle"}
    at = {"graph": "https://e.org/g"}
    one, two = "<a:s> <a:p> 1 .", "<a:s> <a:p> 2 ."
    assert client.put("/data", params=at, content=one, headers=turtle).status_code == 201
    assert client.put("/data", params=at, content=two, headers=turtle).status_code == 204
    assert {q.object for q in store.quads()} == {Literal(2)}
    assert client.post("/data", params=at, content=one, headers=turtle).status_code == 204
    assert len(list(store.quads())) == 2
    assert client.head("/data", params=at).status_code == 200
    assert (
        client.put("/data", params={"default": ""}, content=one, headers=turtle).status_code == 204
    )
    assert len(list(store.quads(graph=DefaultGraph()))) == 1
    made = client.post("/data", content=one, headers=turtle)
    assert made.status_code == 201
    assert client.get(made.headers["location"]).status_code == 200
    files = {
        "a": ("a.ttl", one, "text/turtle"),
        "b": ("b.nt", '<a:s> <a:p> "2" .', "application/n-triples"),
    }
    sent = client.post("/data", params={"graph": "a:f"}, files=files)
    assert sent.status_code == 201, sent.text
    assert len(list(store.quads(graph=NamedNode("a:f")))) == 2
    assert client.delete("/data", params=at).status_code == 204
    assert client.delete("/data", params=at).status_code == 404
    assert client.get("/data", params=at).status_code == 404
    bad = client.put("/data", params=at, content="<a:s> <a:p>", headers=turtle)
    assert bad.status_code == 400


def test_raw_writes_need_the_token_of_an_admin(scratch):
    client, _ = scratch
    answer = client.post("/update", content="CLEAR ALL", headers={**UPDATE, "Authorization": ""})
    assert answer.status_code == 401


def test_a_copy_of_the_view_is_not_written_by_a_change_to_the_default_graph(world):
    """The store derives it; nobody hands it over."""
    quad = Quad(NamedNode("a:s"), NamedNode("a:p"), Literal(1), NamedNode(GRAPH_BASE + "people"))
    world.store.apply(Change(frozenset({quad})))
    assert Quad(quad.subject, quad.predicate, quad.object, DefaultGraph()) in world.dump()
