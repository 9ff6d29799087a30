"""Findings and reports, for people and for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


@dataclass(frozen=True)
class Terms:
    """The raw RDF terms behind a finding's words, in N-Triples syntax, for the W3C report.

    Attributes:
        focus: the focus node.
        value: the offending value, None where something is missing.
        path: the property where the path is a single one; any other path is the shape's.
        shape: IRI of the shape; None where another check found it.
    """

    focus: str
    value: str | None = None
    path: str | None = None
    shape: str | None = None


class Severity(StrEnum):
    """How grave a finding is (SHACL section 2.1.4); only a violation refuses data."""

    VIOLATION = "violation"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, in plain words.

    Attributes:
        severity: only ``violation`` makes data non-conforming.
        claim: IRI of the claim at fault, None where it is not in a claim.
        focus: IRI of the node at fault.
        label: what people call that node.
        path: the property, in words.
        value: the offending value, None where something is missing.
        message: what is wrong.
        fix: how to mend it.
        rule: IRI of the shape, or name of the check, that found it.
        component: IRI of the SHACL constraint component, None for other checks.
        document: file or request that holds the node.
        line: line in that document, None where the syntax gives none.
        terms: the raw terms, where the focus is not simply the IRI in ``focus``.
    """

    severity: Severity
    focus: str
    message: str
    fix: str
    rule: str
    claim: str | None = None
    label: str | None = None
    path: str | None = None
    value: str | None = None
    component: str | None = None
    document: str | None = None
    line: int | None = None
    terms: Terms | None = None

    @property
    def raw(self) -> Terms:
        """The raw terms; a finding without any is about the IRI in ``focus``."""
        return self.terms or Terms(_term_of(self.focus))

    def as_json(self) -> dict[str, Any]:
        """Return the finding as plain JSON data; ``asdict`` takes ten times as long."""
        return {**vars(self), "terms": dict(vars(self.terms)) if self.terms else None}

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Finding:
        """Return the finding that ``as_json`` gave these fields of."""
        terms = fields["terms"]
        return cls(
            **{
                **fields,
                "severity": Severity(fields["severity"]),
                "terms": Terms(**terms) if terms else None,
            }
        )


def _term_of(text: str) -> str:
    return text if text.startswith("_:") or not text else f"<{text}>"


class EvidenceState(StrEnum):
    """What is known of a span: only a comparison with the text can call it right."""

    RIGHT = "right"
    WRONG = "wrong"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True)
class EvidenceCounts:
    """How many spans were found right, wrong, and could not be checked."""

    right: int = 0
    wrong: int = 0
    not_checked: int = 0

    def __str__(self) -> str:
        parts = [f"{self.right} right"] if self.right or not self.not_checked else []
        parts += [f"{self.wrong} wrong"] if self.wrong else []
        parts += [f"{self.not_checked} not checked"] if self.not_checked else []
        return ", ".join(parts)


@dataclass(frozen=True)
class Report:
    """The gate's verdict on some data.

    Attributes:
        findings: what is wrong, gravest first.
        checked: how many things of each kind were looked at.
        evidence: what is known of the spans.
        notes: what the reader must know of how the verdict was reached.
    """

    findings: tuple[Finding, ...] = ()
    checked: Mapping[str, int] = field(default_factory=dict)
    evidence: EvidenceCounts = EvidenceCounts()
    notes: tuple[str, ...] = ()

    @property
    def conforms(self) -> bool:
        """Whether there is no violation; warnings do not count (model: should, not must)."""
        return all(f.severity is not Severity.VIOLATION for f in self.findings)

    def count(self, severity: Severity) -> int:
        """Return how many findings have this severity."""
        return sum(f.severity is severity for f in self.findings)

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain JSON data (architecture.md section 5)."""
        return {
            "conforms": self.conforms,
            "checked": dict(self.checked),
            "violations": self.count(Severity.VIOLATION),
            "warnings": self.count(Severity.WARNING),
            "evidence": {**asdict(self.evidence), "text": str(self.evidence)},
            "notes": list(self.notes),
            "findings": [f.as_json() for f in self.findings],
        }

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Report:
        """Return the report that ``as_json`` gave these fields of."""
        counts = fields["evidence"]
        return cls(
            tuple(Finding.from_json(f) for f in fields["findings"]),
            dict(fields["checked"]),
            EvidenceCounts(counts["right"], counts["wrong"], counts["not_checked"]),
            tuple(fields["notes"]),
        )

    def as_text(self) -> str:
        """Return the report for a terminal, one finding to a paragraph."""
        times = Counter(_paragraph(f) for f in self.findings)
        lines = [text + (f"    found: {n} times\n" if n > 1 else "") for text, n in times.items()]
        lines += [f"note: {note}" for note in self.notes]
        verdict = "conforms" if self.conforms else "does not conform"
        counted = ", ".join(f"{n} {what}" for what, n in self.checked.items())
        lines.append(
            f"{verdict}: {self.count(Severity.VIOLATION)} violation(s), "
            f"{self.count(Severity.WARNING)} warning(s); checked {counted or 'nothing'}; "
            f"evidence {self.evidence}"
        )
        return "\n".join(lines) + "\n"


def _paragraph(finding: Finding) -> str:
    where = finding.document or ""
    where += f":{finding.line}" if finding.line else ""
    head = f"{where + ': ' if where else ''}{finding.severity}: {finding.message}"
    rows = [("claim", finding.claim), ("node", finding.focus), ("property", finding.path)]
    rows += [("value", finding.value), ("mend", finding.fix), ("rule", finding.rule)]
    body = [f"    {name}: {value}" for name, value in rows if value]
    return "\n".join([head, *body]) + "\n"


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings each once, gravest first, then by claim and node."""
    rank = {Severity.VIOLATION: 0, Severity.WARNING: 1, Severity.INFO: 2}
    unique = set(findings)
    return tuple(
        sorted(
            unique,
            key=lambda f: (
                rank[f.severity], f.claim or "", f.focus, f.path or "", f.rule, f.value or "",
                f.message,
            ),
        )
    )  # fmt: skip
