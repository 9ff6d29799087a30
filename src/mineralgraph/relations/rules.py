"""The rules: one SELECT query in ``queries/derive/`` each, with a comment header.

    # title: Two persons signed for one side
    # description: What the rule compares, and what it leaves alone.
    # relation: contradicts
    # key: thing property side
    # reason: For {side} signed, by different articles: {said}.

- ``relation``: a code of ``relation-type``; several, with commas, where the column ``?relation``
  says which one a row is of.
- ``key``: the columns that make the identity of a relation; ``thing`` is always among them. A
  relation keeps its IRI, and its review, while claims join and leave.
- ``reason``: one sentence; ``{column}`` stands for the distinct values of a column in the
  relation, ``{from.column}`` and ``{to.column}`` for those in rows of that direction.

Each row is one claim in one relation: ``?thing`` and ``?claim``, often ``?property`` and
``?value``, and ``?direction`` (``"from"`` or ``"to"``) where the relation has one. What a rule says
of a thing may rest on the claims that speak of it, on reference data and on source families, and
on nothing else: see ``scope``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from mineralgraph import resources
from mineralgraph.errors import QueryFileError

TYPES: Final = (
    "repeats",
    "supports",
    "refines",
    "supersedes",
    "contradicts",
    "differs-in-scope",
)
PLACE: Final = re.compile(r"\{(?:(?P<side>from|to)\.)?(?P<column>\w+)\}")
_KEY: Final = re.compile(r"# (?P<key>[a-z]+): (?P<value>\S.*)")
_CONTINUED: Final = re.compile(r"#   +(?P<value>\S.*)")
_KEYS: Final = ("title", "description", "relation", "key", "reason")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; see the module for what its parts mean."""

    name: str
    title: str
    description: str
    relations: tuple[str, ...]
    key: tuple[str, ...]
    reason: str
    text: str


@cache
def load(folder: Path | None = None) -> tuple[Rule, ...]:
    """Read the rules, by name.

    Raises:
        QueryFileError: with file and line, when a header breaks the form.
    """
    folder = folder or resources.folder("queries") / "derive"
    return tuple(read(path) for path in sorted(folder.glob("*.rq")))


def read(path: Path) -> Rule:
    """Read one rule.

    Raises:
        QueryFileError: with file and line, when the header breaks the form.
    """
    text = path.read_text(encoding="utf-8")
    header = _header(text, path.name)
    missing = [key for key in _KEYS if key not in header]
    if missing:
        raise _fault(path.name, 1, f"the header has no {missing[0]!r}")
    relations = tuple(part.strip() for part in header["relation"].split(","))
    unknown = [r for r in relations if r not in TYPES]
    if unknown:
        raise _fault(path.name, 1, f"there is no relation type {unknown[0]!r}")
    key = tuple(header["key"].split())
    if "thing" not in key:
        raise _fault(path.name, 1, "the key has no thing")
    return Rule(
        name=path.stem,
        title=header["title"],
        description=header["description"],
        relations=relations,
        key=key,
        reason=header["reason"],
        text=text,
    )


def _header(text: str, file: str) -> dict[str, str]:
    found: dict[str, str] = {}
    last = ""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("#"):
            break
        if match := _KEY.fullmatch(line.rstrip()):
            last = match["key"]
            if last not in _KEYS or last in found:
                raise _fault(file, number, f"{last!r} is no header key, or stands twice")
            found[last] = match["value"]
        elif last and (match := _CONTINUED.fullmatch(line.rstrip())):
            found[last] += f" {match['value']}"
        else:
            raise _fault(file, number, "a header line is '# key: value' or is indented by three")
    return found


def _fault(file: str, line: int, message: str) -> QueryFileError:
    return QueryFileError(f"derive/{file}:{line}: {message}", file=file, line=line)
