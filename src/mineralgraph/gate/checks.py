"""Rules over the whole dataset: ``queries/checks/*-violation.rq``. A row is a violation.

The header of each file says ``# message:`` and ``# fix:``; ``?name`` in the message is
replaced by the row's value. The first variable is ``?focus``; ``?claim`` and ``?value`` are
taken over where they are bound. ``# asked-of: document`` marks a rule that a document can break
by itself or against the graph around it; the others can be met by what comes later, and are asked
of the dataset alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from mineralgraph import resources
from mineralgraph.errors import QueryFileError
from mineralgraph.gate.report import Finding, Severity
from mineralgraph.rdf.namespaces import short

_HEADER = re.compile(r"^#[ \t]*(title|message|fix|asked-of):[ \t]*(.+)$", re.MULTILINE)
_VARIABLE = re.compile(r"\?(\w+)")


@dataclass(frozen=True)
class Check:
    """One check query with its words."""

    name: str
    title: str
    message: str
    fix: str
    text: str
    of_document: bool = False

    @property
    def rule(self) -> str:
        """The name of the check in findings."""
        return f"queries/checks/{self.name}"

    def findings(self, rows: Iterable[Mapping[str, str]]) -> Iterator[Finding]:
        """Turn the rows that the query gave into findings."""
        for row in rows:
            yield Finding(
                severity=Severity.VIOLATION,
                claim=row.get("claim"),
                focus=row.get("focus", ""),
                value=short(row["value"]) if "value" in row else None,
                message=_filled(self.message, row),
                fix=self.fix,
                rule=self.rule,
            )


def _filled(message: str, row: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda name: short(row.get(name[1], name[0])), message)


@cache
def load() -> tuple[Check, ...]:
    """Return the checks, by name.

    Raises:
        QueryFileError: when a file lacks a header line.
    """
    found = []
    for path in resources.files("queries", "*-violation.rq"):
        text = path.read_text(encoding="utf-8")
        header = dict(_HEADER.findall(text))
        missing = {"title", "message", "fix"} - header.keys()
        if missing:
            raise QueryFileError(f"{path.name}: the header lacks {', '.join(sorted(missing))}")
        of_document = header.get("asked-of") == "document"
        words = header["title"], header["message"], header["fix"]
        found.append(Check(path.stem, *words, text, of_document))
    return tuple(found)
