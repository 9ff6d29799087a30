"""A claim as a nanopublication over HTTP and on the command line."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, parse
from typer.testing import CliRunner

from mineralgraph.cli.main import app
from mineralgraph.rdf import nanopubs
from mineralgraph.rdf.identifiers import mint
from mineralgraph.rdf.namespaces import MG
from mineralgraph.store import nanopubs as making
from mineralgraph.store.base import Change
from mineralgraph.store.embedded import EmbeddedStore
from tests.api.conftest import KeptOpen, Serve


@pytest.fixture(scope="module")
def claim(store: EmbeddedStore) -> NamedNode:
    return making.claims_of(store.quads)[0]


def path(claim: NamedNode) -> str:
    return "/claims/" + claim.value.rpartition("/")[2]


def test_a_claim_as_a_nanopublication(
    client: httpx.Client, store: EmbeddedStore, claim: NamedNode
) -> None:
    answer = client.get(path(claim), params={"format": "nanopub"})
    quads = list(parse(answer.content, format=RdfFormat.TRIG))
    name = nanopubs.verify(quads)
    assert set(quads) == set(making.of_claim(claim, store.quads))
    assert name.value in answer.headers["link"]
    accept = 'application/trig; profile="http://www.nanopub.org/nschema"'
    again = client.get(path(claim), headers={"Accept": accept})
    assert again.content == answer.content
    assert again.headers["content-type"] == accept
    plain = client.get(path(claim), headers={"Accept": "application/trig"})
    assert plain.content != answer.content


def test_a_withdrawal_as_a_retraction(serve: Serve, quads: list[Quad], claim: NamedNode) -> None:
    store = EmbeddedStore()
    store.load(quads)
    client = serve(KeptOpen(store))
    before = client.get(path(claim), params={"format": "nanopub"})
    assert client.get(path(claim), params={"format": "retraction"}).status_code == 404
    home = next(q.graph_name for q in store.quads(claim) if isinstance(q.graph_name, NamedNode))
    node = mint("withdrawal", claim.value.rpartition("/")[2])
    states = list(store.quads(claim, MG.reviewState, None, home))
    withdrawn = Quad(claim, MG.reviewState, mint("review-state", "withdrawn"), home)
    store.apply(
        Change(frozenset([Quad(node, MG.withdraws, claim, home), withdrawn]), frozenset(states))
    )
    answer = client.get(path(claim), params={"format": "retraction"})
    made = list(parse(answer.content, format=RdfFormat.TRIG))
    assert nanopubs.verify(made)
    (said,) = [q for q in made if q.predicate.value.endswith("/retracts")]
    name = nanopubs.verify(list(parse(before.content, format=RdfFormat.TRIG)))
    assert said.object == name
    assert client.get(path(claim), params={"format": "nanopub"}).content == before.content


def test_all_claims_from_the_command_line(tmp_path: Path) -> None:
    out = tmp_path / "claims.nq"
    done = CliRunner().invoke(
        app, ["export", "--nanopubs", "--format", "nquads", "--out", str(out)]
    )
    assert done.exit_code == 0, done.output
    groups: dict[str, list[Quad]] = {}
    for quad in parse(out.read_bytes(), format=RdfFormat.N_QUADS):
        assert isinstance(quad.graph_name, NamedNode)
        groups.setdefault(quad.graph_name.value.partition("#")[0], []).append(quad)
    assert len(groups) > 100
    for name, found in groups.items():
        assert nanopubs.verify(found).value == name
    wrong = CliRunner().invoke(app, ["export", "--nanopubs", "--format", "turtle"])
    assert wrong.exit_code == 2
