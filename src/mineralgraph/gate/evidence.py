"""Spans and digests against the article texts (model.md section 7)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Quad

from mineralgraph.gate.report import EvidenceCounts, EvidenceState, Finding, Severity
from mineralgraph.intake.corpus import Corpus
from mineralgraph.rdf.identifiers import digest
from mineralgraph.rdf.namespaces import MG, OA

RULE = "evidence"
_NUMBER = re.compile(r"-?[0-9]{1,18}")
_CITES = (MG.evidence, MG.setAside)


@dataclass(frozen=True)
class SpanCheck:
    """What was found out about one span of one article."""

    evidence: NamedNode
    article: NamedNode | None
    claims: tuple[NamedNode, ...]
    start: int | None
    end: int | None
    state: EvidenceState
    reason: str = ""
    quote: str | None = None


class _Index:
    """The triples that evidence is made of, by subject."""

    def __init__(self, quads: Iterable[Quad]) -> None:
        self.values: dict[tuple[object, NamedNode], list[object]] = {}
        self.claims: dict[object, list[NamedNode]] = {}
        self.evidence: list[NamedNode] = []
        wanted = {OA.hasSource, OA.hasSelector, OA.start, OA.end, MG.spanDigest}
        wanted |= {MG.textDigest, MG.textLength}
        for quad in quads:
            if quad.predicate in wanted:
                self.values.setdefault((quad.subject, quad.predicate), []).append(quad.object)
            if quad.predicate == MG.spanDigest and isinstance(quad.subject, NamedNode):
                self.evidence.append(quad.subject)
            elif quad.predicate in _CITES and isinstance(quad.subject, NamedNode):
                self.claims.setdefault(quad.object, []).append(quad.subject)

    def only(self, node: object, predicate: NamedNode) -> object | None:
        """Return the single value of a property; ``None`` for none or several."""
        values = list(dict.fromkeys(self.values.get((node, predicate), ())))
        return values[0] if len(values) == 1 else None

    def text(self, node: object, predicate: NamedNode) -> str | None:
        """Return the single literal value's text."""
        value = self.only(node, predicate)
        return value.value if isinstance(value, Literal) else None

    def number(self, node: object, predicate: NamedNode) -> int | None:
        """Return the single literal value as an integer."""
        text = self.text(node, predicate)
        return int(text) if text is not None and _NUMBER.fullmatch(text) else None


def check_spans(quads: Iterable[Quad], corpus: Corpus) -> Iterator[SpanCheck]:
    """Compare every span with the text it was taken from.

    Args:
        quads: descriptions of articles, claims and evidence.
        corpus: the texts at hand; a text that is not there leaves its spans unchecked.

    Yields:
        One result for each evidence node, in the order of their IRIs.
    """
    index = _Index(quads)
    for evidence in sorted(set(index.evidence), key=str):
        yield _check(index, evidence, corpus)


def _check(index: _Index, evidence: NamedNode, corpus: Corpus) -> SpanCheck:
    article = index.only(evidence, OA.hasSource)
    selector = index.only(evidence, OA.hasSelector)
    start, end = index.number(selector, OA.start), index.number(selector, OA.end)
    claims = tuple(sorted(set(index.claims.get(evidence, ())), key=str))

    def result(state: EvidenceState, reason: str = "", quote: str | None = None) -> SpanCheck:
        named = article if isinstance(article, NamedNode) else None
        return SpanCheck(evidence, named, claims, start, end, state, reason, quote)

    text_digest = index.text(article, MG.textDigest)
    text = corpus.text(text_digest) if text_digest else None
    if text is None:
        if corpus and text_digest is None:
            return result(EvidenceState.NOT_CHECKED, "the article states no text digest")
        return result(EvidenceState.NOT_CHECKED, "the article's text is not at hand")
    if start is None or end is None:
        return result(EvidenceState.WRONG, "the span has no single start and end")
    if index.number(article, MG.textLength) != len(text):
        return result(EvidenceState.WRONG, f"the text has {len(text)} code points, not as stated")
    if not 0 <= start < end <= len(text):
        return result(EvidenceState.WRONG, f"{start}-{end} is outside the text (0-{len(text)})")
    quote = text[start:end]
    if index.text(evidence, MG.spanDigest) != digest(quote.encode()):
        return result(EvidenceState.WRONG, f"the text at {start}-{end} has another digest")
    if quote != quote.strip():
        return result(EvidenceState.WRONG, "the span begins or ends with white space")
    return result(EvidenceState.RIGHT, quote=quote)


def findings(checks: Iterable[SpanCheck]) -> Iterator[Finding]:
    """Turn wrong spans into findings, one for each claim that rests on them."""
    for check in checks:
        if check.state is EvidenceState.WRONG:
            for claim in check.claims or (check.evidence,):
                yield Finding(
                    severity=Severity.VIOLATION,
                    claim=claim.value,
                    focus=check.evidence.value,
                    path="span digest",
                    value=f"{check.start}-{check.end}",
                    message=f"The span is wrong: {check.reason}.",
                    fix='Run `mineralgraph cite ARTICLE "passage"` and paste the line it prints.',
                    rule=RULE,
                )


def count(checks: Iterable[SpanCheck]) -> EvidenceCounts:
    """Count the spans by what is known of them."""
    states = [check.state for check in checks]
    return EvidenceCounts(
        right=states.count(EvidenceState.RIGHT),
        wrong=states.count(EvidenceState.WRONG),
        not_checked=states.count(EvidenceState.NOT_CHECKED),
    )
