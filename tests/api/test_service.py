"""Validation, data, writes, description and health."""

import json
import re

import httpx
import pytest
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Triple, parse

from mineralgraph.rdf.formats import GRAPH_FORMATS, RESULT_FORMATS, GraphFormat
from mineralgraph.rdf.namespaces import DATASET, RDF, SH, Namespace
from mineralgraph.store.embedded import EmbeddedStore

from .conftest import ID, Serve

VOID = Namespace("void")
DCAT = Namespace("dcat")
SD = Namespace("sd")
GOOD = """PREFIX schema: <https://schema.org/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX ref: <https://w3id.org/mineralgraph/id/graph/>
PREFIX person: <https://w3id.org/mineralgraph/id/person/>
"""


def turtle(client: httpx.Client, path: str) -> set[Quad]:
    answer = client.get(path, headers={"Accept": "text/turtle"})
    assert answer.status_code == 200, answer.text
    return set(parse(answer.content, format=RdfFormat.TURTLE))


def objects(quads: set[Quad], subject: object, predicate: NamedNode) -> set[str]:
    return {q.object.value for q in quads if q.subject == subject and q.predicate == predicate}  # type: ignore[union-attr]


# /validate


def post(client: httpx.Client, content: bytes | str, kind: str, **params: str) -> httpx.Response:
    return client.post("/validate", content=content, headers={"Content-Type": kind}, params=params)


def test_a_report_of_what_is_wrong(client: httpx.Client) -> None:
    claim = client.get("/claims/sp-attended.trig").text.replace("mg:modality mod:held ;", "")
    answer = post(client, claim, "application/trig")
    report = answer.json()
    assert answer.status_code == 200
    assert report["conforms"] is False
    found = [f for f in report["findings"] if f["claim"] == ID + "claim/sp-attended"]
    assert found
    for key in ("severity", "claim", "focus", "label", "path", "value", "message", "fix", "line"):
        assert key in found[0]
    text = post(client, claim, "application/trig", format="text")
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert "does not conform" in text.text


@pytest.mark.parametrize("form", GRAPH_FORMATS, ids=lambda f: f.name)
def test_the_w3c_report(client: httpx.Client, form: GraphFormat) -> None:
    claim = client.get("/claims/sp-attended.nq").content.replace(b"modality/held", b"modality/x")
    answer = client.post(
        "/validate",
        content=claim,
        headers={"Content-Type": "application/n-quads", "Accept": form.media_type},
    )
    assert answer.headers["content-type"].startswith(form.media_type)
    report = list(parse(answer.content, format=form.engine))
    conforms = [q.object.value for q in report if q.predicate == SH.conforms]  # type: ignore[union-attr]
    assert conforms == ["false"]
    assert any(q.predicate == SH.result for q in report)


@pytest.mark.parametrize("form", GRAPH_FORMATS, ids=lambda f: f.name)
def test_any_syntax_is_judged(client: httpx.Client, form: GraphFormat) -> None:
    content = client.get("/claims/sp-attended", headers={"Accept": form.media_type}).content
    answer = post(client, content, form.media_type)
    assert answer.status_code == 200, answer.text
    assert "findings" in answer.json()


def test_a_document_that_does_not_parse_names_the_place(client: httpx.Client) -> None:
    answer = post(client, GOOD + "person:x a schema:Person ;; .\nperson:y <", "text/turtle")
    problem = answer.json()
    assert answer.status_code == 400
    assert problem["line"] == 6
    assert problem["column"] > 0


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"x", "text/html", 415),
        (b"x", "", 415),
        (b"\xff", "text/turtle", 400),
        (b"{", "application/ld+json", 400),
        (b'{"@context": "https://example.org/context.jsonld", "@id": "x"}',
         "application/ld+json", 400),
        (b"#" * (10 * 1024 * 1024 + 1), "text/turtle", 413),
        (b"", "text/turtle; charset=latin-1", 415),
    ],
)  # fmt: skip
def test_what_cannot_be_judged(
    client: httpx.Client, content: bytes, kind: str, status: int
) -> None:
    answer = post(client, content, kind)
    assert answer.status_code == status, answer.text
    assert answer.json()["hint"]


def test_a_service_without_a_gate_says_so(serve: Serve) -> None:
    assert post(serve(), GOOD, "text/turtle").status_code == 501


# /data


@pytest.mark.parametrize("name", ["trig", "nquads", "jsonld"])
def test_the_whole_dataset(client: httpx.Client, quads: list[Quad], name: str) -> None:
    answer = client.get("/data", params={"format": name})
    form = next(f for f in GRAPH_FORMATS if f.name == name)
    found = set(parse(answer.content, format=form.engine))
    stamp = {q for q in found if str(q.graph_name) == f"<{ID}graph/dataset>"}
    assert found - stamp == set(quads)
    assert answer.headers["mineralgraph-dataset-version"] in {q.object.value for q in stamp}  # type: ignore[union-attr]


def test_a_dataset_does_not_fit_a_format_for_triples(client: httpx.Client) -> None:
    assert client.get("/data", headers={"Accept": "text/turtle"}).status_code == 406


def test_one_graph(client: httpx.Client, quads: list[Quad]) -> None:
    graph = NamedNode(ID + "claim/sp-attended")
    answer = client.get("/data", params={"graph": graph.value})
    found = {q.triple for q in parse(answer.content, format=RdfFormat.TURTLE)}
    assert found == {q.triple for q in quads if q.graph_name == graph}


def test_the_current_view_has_two_names(client: httpx.Client) -> None:
    default = client.get("/data?default&format=ntriples")
    by_name = client.get("/data", params={"graph": ID + "graph/current", "format": "ntriples"})
    assert sorted(default.text.splitlines()) == sorted(by_name.text.splitlines())
    assert len(default.text.splitlines()) > 100


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/data?graph=http://example.org/none", 404),
        ("/data?graph=not-an-iri", 400),
        ("/data?graph=x&default", 400),
        ("/data?other=1", 422),
    ],
)
def test_what_data_has_not(client: httpx.Client, path: str, status: int) -> None:
    assert client.get(path).status_code == status


# writes

WRITES = [("POST", "/update"), ("PUT", "/data"), ("POST", "/data"), ("DELETE", "/data")]


@pytest.mark.parametrize(("method", "path"), WRITES)
@pytest.mark.parametrize("secret", [None, "s3cret"])
@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer s3cret"}], ids=["anybody", "holder"]
)
def test_raw_writes_are_refused_to_everybody_while_the_gate_is_on(
    serve: Serve, method: str, path: str, secret: str | None, headers: dict[str, str]
) -> None:
    client = serve(token=secret) if secret else serve()
    answer = client.request(method, path, headers=headers)
    assert answer.status_code == 403
    assert "gate" in answer.json()["detail"]


def test_submissions_are_off_without_a_token(client: httpx.Client) -> None:
    answer = client.post("/submissions", content=b"", headers={"Authorization": "Bearer x"})
    assert answer.status_code == 403
    assert "token" in answer.json()["detail"]


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer no"}, {"Authorization": "Basic s3cret"}]
)
def test_submissions_need_the_right_token(serve: Serve, headers: dict[str, str]) -> None:
    answer = serve(token="s3cret").post("/submissions", content=b"", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


# descriptions


def test_void_counts_are_true(client: httpx.Client) -> None:
    found = turtle(client, "/.well-known/void")
    count = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
    number = client.get("/sparql", params={"query": count, "format": "tsv"}).text.split("\n")[1]
    assert objects(found, DATASET, VOID.triples) == {number}
    parts = {q.object for q in found if q.predicate == VOID.classPartition}
    classes = {
        next(iter(objects(found, p, VOID["class"]))): next(iter(objects(found, p, VOID.entities)))
        for p in parts
    }
    people = "SELECT (COUNT(DISTINCT ?s) AS ?n) WHERE { ?s a schema:Person }"
    number = client.get("/sparql", params={"query": people, "format": "tsv"}).text.split("\n")[1]
    assert classes["https://schema.org/Person"] == number
    parts = {q.object for q in found if q.predicate == VOID.propertyPartition}
    total = sum(int(next(iter(objects(found, p, VOID.triples)))) for p in parts)
    assert str(total) in objects(found, DATASET, VOID.triples)


def test_every_number_of_void_is_counted_again(client: httpx.Client, store: EmbeddedStore) -> None:
    """By sets in Python, from the quads of the current view, and with no query."""
    view = {q.triple for q in store.quads(graph=DefaultGraph())}
    found = turtle(client, "/.well-known/void")
    single = {
        VOID.triples: len(view),
        VOID.distinctSubjects: len({t.subject for t in view}),
        VOID.distinctObjects: len({t.object for t in view}),
        VOID.classes: len({t.object for t in view if t.predicate == RDF.type}),
        VOID.properties: len({t.predicate for t in view}),
    }
    for name, number in single.items():
        assert objects(found, DATASET, name) == {str(number)}, name
    classes: dict[str, set[object]] = {}
    properties: dict[str, set[Triple]] = {}
    for triple in view:
        properties.setdefault(triple.predicate.value, set()).add(triple)
        if triple.predicate == RDF.type and isinstance(triple.object, NamedNode):
            classes.setdefault(triple.object.value, set()).add(triple.subject)
    assert partition(found, VOID.classPartition, VOID["class"], VOID.entities) == {
        name: (str(len(subjects)),) for name, subjects in classes.items()
    }
    wanted = (VOID.triples, VOID.distinctSubjects, VOID.distinctObjects)
    assert partition(found, VOID.propertyPartition, VOID.property, *wanted) == {
        name: (
            str(len(some)),
            str(len({t.subject for t in some})),
            str(len({t.object for t in some})),
        )
        for name, some in properties.items()
    }


def partition(
    found: set[Quad], part: NamedNode, key: NamedNode, *numbers: NamedNode
) -> dict[str, tuple[str, ...]]:
    """Return what the partitions of one kind say, each number exactly once."""
    parts = [q.object for q in found if q.subject == DATASET and q.predicate == part]
    table = {}
    for node in parts:
        (name,) = objects(found, node, key)
        table[name] = tuple(number for n in numbers for number in objects(found, node, n))
    assert len(table) == len(parts)
    return table


def test_what_void_and_dcat_point_at_is_there(client: httpx.Client) -> None:
    found = turtle(client, "/.well-known/void")
    dumps = objects(found, DATASET, VOID.dataDump)
    assert len(dumps) == 3
    for url in dumps | objects(found, DATASET, VOID.sparqlEndpoint):
        assert client.get(url).status_code == 200
    downloads = {q.object.value for q in found if q.predicate == DCAT.downloadURL}  # type: ignore[union-attr]
    assert downloads == dumps


def test_every_claim_of_the_service_description_holds(client: httpx.Client) -> None:
    found = turtle(client, "/sparql")
    service = next(q.subject for q in found if q.predicate == RDF.type and q.object == SD.Service)
    assert objects(found, service, SD.endpoint) == {"http://testserver/sparql"}
    formats = objects(found, service, SD.resultFormat)
    by_iri = {f.engine.iri: f for f in (*GRAPH_FORMATS, *RESULT_FORMATS)}
    assert formats == set(by_iri)
    for iri in formats:
        form = by_iri[iri]
        graph = isinstance(form, GraphFormat)
        query = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 1" if graph else "SELECT * {} "
        answer = client.get("/sparql", params={"query": query, "format": form.name})
        assert answer.headers["content-type"].startswith(form.media_type)
    assert objects(found, service, SD.supportedLanguage) == {SD.SPARQL11Query.value}
    assert not objects(found, service, SD.feature)
    # No union default graph: a triple that only a plan holds is in no answer of a plain query.
    plain = client.get("/sparql", params={"query": "ASK { ?s a mg:Assessment ; mg:content ?c }"})
    named = client.get(
        "/sparql", params={"query": "ASK { GRAPH ?g { ?s a mg:Assessment ; mg:content ?c } }"}
    )
    assert (plain.json()["boolean"], named.json()["boolean"]) == (False, True)


@pytest.mark.parametrize("form", GRAPH_FORMATS, ids=lambda f: f.name)
@pytest.mark.parametrize("path", ["/sparql", "/.well-known/void"])
def test_descriptions_are_negotiated(client: httpx.Client, path: str, form: GraphFormat) -> None:
    answer = client.get(path, headers={"Accept": form.media_type})
    quads = set(parse(answer.content, format=form.engine))
    assert quads
    assert all(isinstance(q.graph_name, DefaultGraph) for q in quads)


def test_openapi_names_every_answer_that_is_a_problem(client: httpx.Client) -> None:
    document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    names = [o["operationId"] for item in document["paths"].values() for o in item.values()]
    assert len(names) == len(set(names))
    references = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)))
    assert references <= set(document["components"]["schemas"])


def test_docs_show_every_operation(client: httpx.Client) -> None:
    page = client.get("/docs").text
    for path in client.get("/openapi.json").json()["paths"]:
        assert f" {path}</code>" in page


def test_health(client: httpx.Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    ready = client.get("/readyz").json()
    assert ready["status"] == "ready"
    assert client.get("/healthz").headers["cache-control"] == "no-store"
