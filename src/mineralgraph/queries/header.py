"""The comment header of a ``.rq`` file: what the question is and what it takes.

    # title: Who took part in an event
    # description: One row per claim and participation,
    #   with the modality, so that planned and happened stay apart.
    # rows: facts
    # theme: events
    # param: event | iri(event) | required | ministerial-2026 | The event
    # param: on | date | optional | 2026-02-04 | Only what held on this day
    # param: least | integer | default=2 | 2 | At least so many families

The header ends at the first line that is no comment. A comment line in the header that begins
with neither a known key nor three spaces is an error, so that a misspelt key is not lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from mineralgraph.errors import QueryFileError
from mineralgraph.queries.parameters import ParameterType, Term

RESERVED: Final = frozenset(
    {"format", "limit", "offset", "as-of", "as-of-basis", "valid-on", "sources", "version"}
)
ROWS: Final = ("facts", "summary", "graph")
THEMES: Final = ("events", "people", "agreements", "promises", "minerals", "sources", "other")
"""What questions are about, in the order that they are offered in; the last where none is given."""

_CHOICES: Final = {"rows": ROWS, "theme": THEMES}
_KEY: Final = re.compile(r"# (?P<key>[a-z]+): (?P<value>\S.*)")
_CONTINUED: Final = re.compile(r"#   +(?P<value>\S.*)")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a canned query.

    Attributes:
        name: the name in URLs and, with a question mark, in the query.
        type: what a value must be.
        required: whether the caller must give it.
        default: the value taken when none is given; None means: any.
        example: a value for which the query has rows on our data.
        help: one sentence for the reader of the documentation.
        line: where the header declares it.
    """

    name: str
    type: ParameterType
    required: bool
    default: str | None
    example: str
    help: str
    line: int

    @property
    def example_term(self) -> Term:
        """The example as a term."""
        return self.type.read(self.example)


@dataclass(frozen=True, slots=True)
class Header:
    """Everything that the comment header says.

    Attributes:
        rows: ``facts`` (each row rests on a claim or a source), ``summary`` (rows that count or
            compare claims), or ``graph`` (the query constructs triples).
        theme: one of ``THEMES``.
    """

    title: str
    description: str
    rows: str
    parameters: tuple[Parameter, ...] = field(default=())
    theme: str = THEMES[-1]


def parse_header(text: str, file: str) -> Header:
    """Read the header of a query file.

    Raises:
        QueryFileError: with file and line, when the header breaks the grammar.
    """
    single: dict[str, str] = {}
    parameters: dict[str, Parameter] = {}
    for line, key, value in _entries(text, file):
        if key == "param":
            parameter = _parameter(value, line, file)
            if parameter.name in parameters:
                raise fault(file, line, f"the parameter {parameter.name!r} is declared twice")
            parameters[parameter.name] = parameter
        elif key not in {"title", "description", "rows", "theme"}:
            raise fault(file, line, f"there is no header key {key!r}")
        elif key in single:
            raise fault(file, line, f"the header has a second {key!r}")
        elif key in _CHOICES and value not in _CHOICES[key]:
            raise fault(file, line, f"{key} must be one of {', '.join(_CHOICES[key])}")
        else:
            single[key] = value
    missing = [key for key in ("title", "description", "rows") if key not in single]
    if missing:
        raise fault(file, 1, f"the header has no {missing[0]!r}")
    return Header(**single, parameters=tuple(parameters.values()))


def fault(file: str, line: int, message: str) -> QueryFileError:
    """Return the error for a line of a query file."""
    return QueryFileError(f"{file}:{line}: {message}", file=file, line=line)


def _entries(text: str, file: str) -> Iterator[tuple[int, str, str]]:
    """Yield line, key and value, with continuation lines joined."""
    entry: tuple[int, str, str] | None = None
    for line, raw in enumerate(text.splitlines(), start=1):
        if not raw.startswith("#"):
            break
        if match := _KEY.fullmatch(raw.rstrip()):
            if entry:
                yield entry
            entry = (line, match["key"], match["value"])
        elif entry and (match := _CONTINUED.fullmatch(raw.rstrip())):
            entry = (entry[0], entry[1], f"{entry[2]} {match['value']}")
        else:
            raise fault(file, line, "a header line is '# key: value' or is indented by three")
    if entry:
        yield entry


def _parameter(value: str, line: int, file: str) -> Parameter:
    parts = [part.strip() for part in value.split("|")]
    if len(parts) != 5 or not all(parts):
        raise fault(file, line, "write: name | type | required or optional | example | help")
    name, type_text, need, example, help_ = parts
    if not _NAME.fullmatch(name) or name in RESERVED:
        raise fault(file, line, f"{name!r} cannot be a parameter's name")
    default = need.removeprefix("default=") if need.startswith("default=") else None
    if default is None and need not in {"required", "optional"}:
        raise fault(file, line, "after the type stands required, optional or default=VALUE")
    try:
        type_ = ParameterType.declared(type_text)
        for text in (example, default):
            if text is not None:
                type_.read(text)
    except ValueError as error:
        raise fault(file, line, str(error)) from None
    return Parameter(name, type_, need == "required", default, example, help_, line)
