"""Every route and every method that writes goes through the gate, or is not offered."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad

from mineralgraph import opening
from mineralgraph.api import create_app
from mineralgraph.errors import Forbidden, SettingsError, StoreError
from mineralgraph.execution.inline import InlineRunner
from mineralgraph.intake.corpus import Corpus
from mineralgraph.rdf.namespaces import GRAPH_BASE
from mineralgraph.settings import Gate, Settings
from mineralgraph.store.base import Change, Store
from mineralgraph.store.embedded import EmbeddedStore
from mineralgraph.store.scratch import ScratchStore
from mineralgraph.submissions.raw import RawWriter

from .conftest import InProcess

SOURCES = Path(opening.__file__).parent
READING_POSTS = {"/sparql", "/validate"}
GATED = {
    "/submissions", "/claims/{slug}/withdrawal", "/claims/{slug}/review",
    "/relations/{slug}/review",
}  # fmt: skip
RAW = {("/update", "POST"), ("/data", "PUT"), ("/data", "POST"), ("/data", "DELETE")}
# ``load`` is not among them: it fills an empty store and refuses any other.
WRITES = {"apply", "patch", "update", "put", "drop", "bulk_extend", "bulk_load"}
# Who may call what writes to a store that is served. Everything else is a store's own inside.
CALLERS = {
    "pipeline/__init__.py": {"apply"},  # write
    "opening.py": {"apply"},  # data that `build` has judged
    "submissions/raw.py": {"update", "put", "drop"},  # a scratch store only
    "submissions/backup.py": {"bulk_load"},  # a new folder, compared with its digest
}


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
    assert {path for path, _ in writing - RAW} >= GATED
    admin = {path for path, _ in writing - RAW} - GATED
    assert all(path.startswith(("/entities/", "/admin/")) for path in admin), admin
    assert writing >= RAW


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
            if isinstance(node, ast.Attribute) and node.attr in WRITES:
                owner = ast.unparse(node.value).rpartition(".")[2]
                if owner in {"store", "_store"}:
                    found.setdefault(name, set()).add(node.attr)
    assert found == CALLERS


def test_load_fills_an_empty_store_only(world):
    with pytest.raises(StoreError):
        world.store.load([Quad(NamedNode("a:s"), NamedNode("a:p"), Literal(1), NamedNode("a:g"))])


def test_the_contract_names_every_method_that_writes():
    assert {n for n in vars(Store) if n in WRITES} == {"apply"}
    assert not {"update", "put", "drop"} & set(dir(EmbeddedStore))
    assert {"update", "put", "drop"} <= set(dir(ScratchStore))


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
