"""All canned queries by name, and the binding of parameters.

The mechanism: in the file each parameter has one line ``VALUES ?name { sample } # param``, so
that the file runs as it is in any SPARQL editor. Binding replaces exactly that line's braces:
with the caller's term, with the default, or with ``UNDEF``, which joins with everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mineralgraph import resources
from mineralgraph.errors import BadParameter, NotFound
from mineralgraph.queries.header import THEMES, Parameter, fault, parse_header
from mineralgraph.queries.lint import PARAMETER_LINE, lint, projection
from mineralgraph.queries.parameters import read_parameter
from mineralgraph.rdf import sparql

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Query:
    """One canned query.

    Attributes:
        name: the file's name without ``.rq``.
        rows: ``facts``, ``summary`` or ``graph``; see ``header.Header``.
        theme: what it is about; see ``header.THEMES``.
        form: ``SELECT``, ``CONSTRUCT``, ``DESCRIBE`` or ``ASK``.
        columns: the columns of a SELECT, in order.
        text: the file as written; it runs with its samples.
    """

    name: str
    title: str
    description: str
    rows: str
    theme: str
    parameters: tuple[Parameter, ...]
    form: str
    columns: tuple[str, ...]
    text: str

    @property
    def marked(self) -> bool:
        """Whether each row names its claim, so that it can be marked as contested."""
        return "claim" in self.columns and "contested" not in self.columns

    @property
    def example(self) -> dict[str, str]:
        """The sample call: the required parameters' examples."""
        return {p.name: p.example for p in self.parameters if p.required}

    def bind(self, values: Mapping[str, str]) -> str:
        """Return the SPARQL text for these parameter values.

        Raises:
            BadParameter: a value is unknown, missing, or of the wrong type.
        """
        known = {p.name: p for p in self.parameters}
        for name in values:
            if name not in known:
                accepted = ", ".join(known) or "none"
                raise BadParameter(
                    f"the query {self.name!r} has no parameter {name!r}",
                    hint=f"It takes: {accepted}.",
                    parameter=name,
                )
        rendered = {name: self._rendered(p, values.get(name)) for name, p in known.items()}
        return PARAMETER_LINE.sub(
            lambda match: f"{match['head']} {rendered[match['name']]} {match['tail']}", self.text
        )

    def _rendered(self, parameter: Parameter, given: str | None) -> str:
        value = parameter.default if given is None else given
        if value is not None:
            return str(read_parameter(parameter.name, parameter.type, value))
        if parameter.required:
            raise BadParameter(
                f"the query {self.name!r} needs the parameter {parameter.name!r}",
                hint=f"Give {parameter.type.accepts}, for example {parameter.example}.",
                parameter=parameter.name,
                expected=str(parameter.type),
            )
        return "UNDEF"


class Catalog(Mapping[str, Query]):
    """Canned queries by name, in alphabetical order."""

    def __init__(self, queries: Mapping[str, Query]) -> None:
        self._queries = dict(sorted(queries.items()))

    def __getitem__(self, name: str) -> Query:
        return self._queries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._queries)

    def __len__(self) -> int:
        return len(self._queries)

    def by_theme(self) -> dict[str, list[Query]]:
        """Return the queries of each theme that has any, by title."""
        found = {t: [q for q in self._queries.values() if q.theme == t] for t in THEMES}
        return {t: sorted(some, key=lambda q: q.title) for t, some in found.items() if some}

    def find(self, name: str) -> Query:
        """Return a query by name.

        Raises:
            NotFound: when there is none.
        """
        if name not in self._queries:
            raise NotFound(f"there is no canned query {name!r}", hint="/queries lists all of them.")
        return self._queries[name]


def load_query(path: Path) -> Query:
    """Read and check one ``.rq`` file.

    Raises:
        QueryFileError: with file and line, when it breaks a rule.
    """
    text = path.read_text(encoding="utf-8")
    if not _NAME.fullmatch(path.stem):
        raise fault(path.name, 1, "a query's name is lower-case words joined by hyphens")
    header = parse_header(text, path.name)
    for finding in lint(header, text):
        raise fault(path.name, finding.line, finding.message)
    tokens = sparql.tokenize(text)
    return Query(
        name=path.stem,
        title=header.title,
        description=header.description,
        rows=header.rows,
        theme=header.theme,
        parameters=header.parameters,
        form=sparql.query_form(tokens) or "",
        columns=tuple(projection(tokens)),
        text=text,
    )


def load_catalog(*folders: Path) -> Catalog:
    """Read the queries of one or more folders; the project's own ``queries/`` by default.

    Raises:
        QueryFileError: a file breaks a rule, or two have one name or one title.
    """
    found: dict[str, Query] = {}
    titles: dict[str, str] = {}
    for folder in folders or (resources.folder("queries"),):
        for path in sorted(folder.glob("*.rq")):
            query = load_query(path)
            if query.name in found:
                raise fault(path.name, 1, f"there are two queries named {query.name!r}")
            if query.title in titles:
                raise fault(path.name, 1, f"{titles[query.title]!r} has the same title")
            found[query.name] = query
            titles[query.title] = query.name
    return Catalog(found)
