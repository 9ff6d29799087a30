"""A document is judged with what the graph already knows: its articles' digests, its people."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad

from mineralgraph.gate.check import check
from mineralgraph.gate.report import EvidenceCounts
from mineralgraph.intake.corpus import Corpus
from mineralgraph.rdf.identifiers import digest
from mineralgraph.rdf.namespaces import GRAPH_BASE, ID_BASE, MG, OA, RDF, SCHEMA, XSD

TEXT = "The two sides agreed. An invented text of an invented article."
HOME = NamedNode(GRAPH_BASE + "article--invented")
ARTICLE = NamedNode(ID_BASE + "article/invented")


def integer(number: int) -> Literal:
    return Literal(str(number), datatype=XSD.integer)


@cache
def known() -> tuple[Quad, ...]:
    return (
        Quad(ARTICLE, RDF.type, SCHEMA.NewsArticle, HOME),
        Quad(ARTICLE, MG.textDigest, Literal(digest(TEXT.encode())), HOME),
        Quad(ARTICLE, MG.textLength, integer(len(TEXT)), HOME),
    )


def evidence(start: int, end: int, cut: str) -> list[Quad]:
    node = NamedNode(f"{ID_BASE}evidence/invented--{start}-{end}")
    selector = NamedNode(f"{ID_BASE}selector/{start}-{end}")
    return [
        Quad(node, RDF.type, OA.SpecificResource, HOME),
        Quad(node, OA.hasSource, ARTICLE, HOME),
        Quad(node, OA.hasSelector, selector, HOME),
        Quad(node, MG.spanDigest, Literal(digest(cut.encode())), HOME),
        Quad(selector, OA.start, integer(start), HOME),
        Quad(selector, OA.end, integer(end), HOME),
    ]


def counts(tmp_path: Path, quads: list[Quad]) -> EvidenceCounts:
    (tmp_path / "text.txt").write_text(TEXT, encoding="utf-8")
    around = {q.subject: known() for q in known()}
    return check(quads, around=lambda n: around.get(n, ()), corpus=Corpus(tmp_path)).evidence


def test_a_claim_alone_is_checked_against_the_text_of_its_known_article(tmp_path: Path) -> None:
    assert counts(tmp_path, evidence(0, 20, TEXT[0:20])) == EvidenceCounts(right=1)
    assert counts(tmp_path, evidence(0, 19, TEXT[0:20])) == EvidenceCounts(wrong=1)


def test_without_a_text_nothing_is_called_right() -> None:
    report = check(evidence(0, 20, TEXT[0:20]), corpus=Corpus(None))
    assert report.evidence == EvidenceCounts(not_checked=1)
    assert "right" not in str(report.evidence)
