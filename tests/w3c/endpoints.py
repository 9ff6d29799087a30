"""A service under test, spoken to by HTTP alone: ours, or the engine's own server."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx
import pyoxigraph

from tests.w3c.manifests import State, path

FORMATS = {
    "ttl": pyoxigraph.RdfFormat.TURTLE,
    "rdf": pyoxigraph.RdfFormat.RDF_XML,
    "nt": pyoxigraph.RdfFormat.N_TRIPLES,
    "trig": pyoxigraph.RdfFormat.TRIG,
}


@dataclass
class Endpoint:
    """Three addresses and what to send along.

    Attributes:
        query: SPARQL Protocol query address.
        update: SPARQL Protocol update address.
        graphs: Graph Store Protocol address.
        headers: such as Authorization.
    """

    query: str
    update: str
    graphs: str
    headers: dict[str, str] = field(default_factory=dict)
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30))

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    def ask(self, text: str, accept: str) -> httpx.Response:
        """Send a query by direct POST."""
        headers = {"Content-Type": "application/sparql-query", "Accept": accept}
        return self.client.post(self.query, content=text.encode(), headers=headers)

    def change(self, text: str) -> httpx.Response:
        """Send an update by direct POST."""
        headers = {"Content-Type": "application/sparql-update", **self.headers}
        return self.client.post(self.update, content=text.encode(), headers=headers)

    def fill(self, state: State) -> None:
        """Replace the whole dataset by a test's."""
        self.change("CLEAR ALL").raise_for_status()
        for file in state.default:
            self._load({"default": ""}, file)
        for name, file in state.named:
            self._load({"graph": name}, file)

    def _load(self, graph: dict[str, str], file: str) -> None:
        triples = list(load(file))
        if not triples:
            return
        body = pyoxigraph.serialize(triples, format=pyoxigraph.RdfFormat.N_TRIPLES)
        headers = {"Content-Type": "application/n-triples", **self.headers}
        self.client.post(
            self.graphs, params=graph, content=body or b"", headers=headers
        ).raise_for_status()

    def quads(self) -> list[pyoxigraph.Quad]:
        """Return the whole dataset."""
        found = []
        for text in (
            "SELECT ?s ?p ?o { ?s ?p ?o }",
            "SELECT ?s ?p ?o ?g { GRAPH ?g { ?s ?p ?o } }",
        ):
            answer = self.ask(text, "application/sparql-results+json").raise_for_status()
            rows = pyoxigraph.parse_query_results(
                answer.content, format=pyoxigraph.QueryResultsFormat.JSON
            )
            assert isinstance(rows, pyoxigraph.QuerySolutions)
            found += [pyoxigraph.Quad(*row) for row in rows]
        return found


def load(file: str) -> list[pyoxigraph.Triple]:
    """Read a data file of the suites with its own IRI as base."""
    source = path(file)
    form = FORMATS[source.suffix.removeprefix(".")]
    return [q.triple for q in pyoxigraph.parse(path=source, format=form, base_iri=file)]


def with_base(text: str, iri: str) -> str:
    """Give a query or update the base that its file has."""
    return f"BASE <{iri}>\n{text}"
