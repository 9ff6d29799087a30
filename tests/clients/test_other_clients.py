"""Clients that other people wrote, used as their manuals say."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import urlopen

import pytest
import rdflib
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, GET, JSON, POST, TURTLE, XML, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

NAMES = (
    "PREFIX schema: <https://schema.org/> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
    "SELECT ?person ?name { ?person a schema:Person ; rdfs:label ?name "
    'FILTER(LANG(?name) = "en") } ORDER BY ?name'
)
COMUNICA = Path(__file__).parents[2] / "var" / "comunica" / "node_modules" / ".bin"


def asking(url: str, text: str, form: str, method: str = GET) -> SPARQLWrapper:
    wrapper = SPARQLWrapper(f"{url}/sparql")
    wrapper.setQuery(text)
    wrapper.setReturnFormat(form)
    wrapper.setMethod(method)
    return wrapper


@pytest.fixture(scope="module")
def names(url: str) -> list[str]:
    found = asking(url, NAMES, JSON).queryAndConvert()["results"]["bindings"]
    assert len(found) > 5
    return [row["name"]["value"] for row in found]


@pytest.mark.parametrize("method", [GET, POST])
def test_sparqlwrapper(url: str, names: list[str], method: str) -> None:
    rows = asking(url, NAMES, JSON, method).queryAndConvert()["results"]["bindings"]
    assert [row["name"]["value"] for row in rows] == names
    document = asking(url, NAMES, XML, method).queryAndConvert()
    assert len(document.getElementsByTagName("result")) == len(names)
    lines = asking(url, NAMES, CSV, method).queryAndConvert().decode().splitlines()
    assert len(lines) == len(names) + 1
    graph = rdflib.Graph()
    graph.parse(data=asking(url, "DESCRIBE person:tokayev", TURTLE, method).queryAndConvert())
    assert len(graph) > 0
    with pytest.raises(QueryBadFormed, match="does not parse"):
        asking(url, "SELECT * { ?s", JSON, method).query()


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_rdflib_sparqlstore(url: str, names: list[str], method: str) -> None:
    store = SPARQLStore(f"{url}/sparql", method=method, context_aware=False)
    graph = rdflib.Graph(store)
    assert [str(row.name) for row in graph.query(NAMES)] == names  # type: ignore[union-attr]
    person = rdflib.URIRef("https://w3id.org/mineralgraph/id/person/tokayev")
    assert (person, rdflib.RDF.type, rdflib.URIRef("https://schema.org/Person")) in graph
    assert len(list(graph.triples((person, None, None)))) > 1


def test_curl(url: str, names: list[str]) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    ways = (
        ["-G", "--data-urlencode", f"query={NAMES}"],
        ["--data-urlencode", f"query={NAMES}"],
        ["-H", "Content-Type: application/sparql-query", "--data-binary", NAMES],
    )
    for way in ways:
        said = subprocess.run(
            ["curl", "-sS", "--fail", "--compressed", "-H", "Accept: text/csv", *way,
             f"{url}/sparql"],
            capture_output=True, check=True, timeout=60,
        ).stdout.decode()  # fmt: skip
        assert len(said.splitlines()) == len(names) + 1


ODD = "Қазақстан 100% + a&b=c; 'one' #two 日本 \U0001f30d"
ODD_QUERY = f'SELECT ("{ODD}" AS ?text) {{}}'


@pytest.mark.parametrize("method", [GET, POST])
@pytest.mark.parametrize("form", [JSON, CSV, XML])
def test_every_character_survives_sparqlwrapper(url: str, method: str, form: str) -> None:
    said = asking(url, ODD_QUERY, form, method).query().response.read().decode()
    escaped = ODD.replace("&", "&amp;") if form == XML else ODD
    assert escaped in said.replace("&apos;", "'")


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
def test_every_character_survives_sparqlstore(url: str, method: str) -> None:
    graph = rdflib.Graph(SPARQLStore(f"{url}/sparql", method=method, context_aware=False))
    assert [str(row.text) for row in graph.query(ODD_QUERY)] == [ODD]  # type: ignore[union-attr]


def test_every_character_survives_curl_and_an_error_is_one(url: str) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    command = ["curl", "-sS", "-H", "Accept: text/tab-separated-values", f"{url}/sparql"]
    for way in (["-G", "--data-urlencode"], ["--data-urlencode"]):
        sent = [*command, *way, f"query={ODD_QUERY}"]
        said = subprocess.run(sent, capture_output=True, check=True, timeout=60).stdout
        assert said.decode() == f'?text\n"{ODD}"\n'
    wrong = [*command, "--fail-with-body", "--data-urlencode", "query=SELECT * {"]
    failed = subprocess.run(wrong, capture_output=True, check=False, timeout=60)
    assert failed.returncode == 22
    assert json.loads(failed.stdout)["line"] == 1


def test_pandas_pages_by_the_links(url: str) -> None:
    pandas = pytest.importorskip("pandas")
    whole = pandas.read_csv(f"{url}/queries/minerals-by-country.csv?limit=1000")
    pages, following = [], f"{url}/queries/minerals-by-country.csv?limit=9"
    while following:
        with urlopen(following) as answer:
            pages.append(pandas.read_csv(io.BytesIO(answer.read())))
            links = re.findall(r'<([^>]*)>; rel="next"', answer.headers["Link"] or "")
        following = urljoin(url, links[0]) if links else ""
    assert len(pages) > 2
    pandas.testing.assert_frame_equal(
        pandas.concat(pages, ignore_index=True), whole, check_dtype=False
    )


def test_pandas(url: str, names: list[str]) -> None:
    pandas = pytest.importorskip("pandas")
    text = asking(url, NAMES, CSV).queryAndConvert()
    assert list(pandas.read_csv(io.BytesIO(text))["name"]) == names
    canned = pandas.read_csv(f"{url}/queries/persons-and-posts.csv?person=kosherbayev")
    assert {"claim", "article"} <= set(canned.columns)


def test_comunica(url: str, names: list[str]) -> None:
    """Federates by the service description and the protocol: another engine evaluates."""
    program = COMUNICA / "comunica-sparql"
    if shutil.which("node") is None or not program.exists():
        pytest.skip("Comunica is not installed (tests/clients/install.sh)")
    said = subprocess.run(
        [str(program), f"sparql@{url}/sparql", "-q", NAMES, "-t", "application/json"],
        capture_output=True, check=True, timeout=120,
    ).stdout  # fmt: skip
    assert len(json.loads(said)) == len(names)
    said = subprocess.run(
        [str(program), f"sparql@{url}/sparql", "-q", ODD_QUERY, "-t", "application/json"],
        capture_output=True, check=True, timeout=120,
    ).stdout  # fmt: skip
    assert json.loads(said) == [{"text": f'"{ODD}"'}]
