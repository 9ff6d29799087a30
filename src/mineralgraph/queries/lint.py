"""What every canned query must keep to, checked on its tokens.

The rules come from what broke: patterns after an OPTIONAL ran for minutes, rows without an order
cannot be paged, facts without a claim cannot be checked by the reader.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from mineralgraph.queries.header import Header, Parameter
from mineralgraph.rdf import sparql
from mineralgraph.rdf.namespaces import XSD, prefixes
from mineralgraph.rdf.sparql import Token

PARAMETER_LINE: Final = re.compile(
    r"^(?P<head>[ \t]*VALUES[ \t]+\?(?P<name>\w+)[ \t]*\{)(?P<sample>[^{}\n]*)"
    r"(?P<tail>\}[ \t]*# param[ \t]*)$",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach of a rule, with the line where it stands."""

    line: int
    message: str


def lint(header: Header, text: str) -> list[Finding]:
    """Return every breach of the rules in a query file, by line."""
    tokens = sparql.tokenize(text)
    rules = (
        _unlexable(tokens),
        _prefixes(tokens),
        _parameter_lines(header, text),
        _form(header, tokens),
        _columns(header, tokens),
        _refused(tokens),
        (
            Finding(t.line, "nothing may stand after an OPTIONAL in its group")
            for t in sparql.after_optional(tokens)
        ),
    )
    found = [finding for rule in rules for finding in rule]
    return sorted(found, key=lambda finding: finding.line)


def projection(tokens: Sequence[Token]) -> list[str]:
    """Return the column names of a SELECT query, in order; empty for other forms and ``*``."""
    if sparql.query_form(tokens) != "SELECT":
        return []
    names: list[str] = []
    depth = 0
    for i in range(sparql.prologue_length(tokens) + 1, len(tokens)):
        token = tokens[i]
        if token.text == "{" or token.is_word("WHERE", "FROM"):
            break
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        # In "(COUNT(?x) AS ?n)" only the name after AS is a column.
        if token.type == sparql.VARIABLE and (depth == 0 or tokens[i - 1].is_word("AS")):
            names.append(token.text[1:])
    return names


def _unlexable(tokens: Sequence[Token]) -> Iterator[Finding]:
    for token in tokens:
        if token.type == sparql.ERROR:
            yield Finding(token.line, f"{token.text!r} begins no SPARQL token")


def _prefixes(tokens: Sequence[Token]) -> Iterator[Finding]:
    declared = sparql.prefix_declarations(tokens)
    for declaration in declared:
        ours = prefixes().get(declaration.name)
        if ours is None:
            yield Finding(
                declaration.token.line, f"ontology/prefixes.ttl has no prefix {declaration.name!r}"
            )
        elif ours != declaration.iri:
            yield Finding(declaration.token.line, f"the prefix {declaration.name!r} is <{ours}>")
    names = {d.name for d in declared}
    used = set()
    for token in tokens[sparql.prologue_length(tokens) :]:
        if token.type == sparql.PNAME:
            name = token.text.partition(":")[0]
            used.add(name)
            if name not in names:
                yield Finding(token.line, f"the prefix {name!r} is not declared in the file")
    for declaration in declared:
        if declaration.name not in used:
            yield Finding(declaration.token.line, f"the prefix {declaration.name!r} is not used")


def _parameter_lines(header: Header, text: str) -> Iterator[Finding]:
    places: dict[str, list[re.Match[str]]] = {}
    for match in PARAMETER_LINE.finditer(text):
        places.setdefault(match["name"], []).append(match)
    for name, matches in places.items():
        if name not in {p.name for p in header.parameters}:
            line = text.count("\n", 0, matches[0].start()) + 1
            yield Finding(line, f"the header declares no parameter {name!r}")
    for parameter in header.parameters:
        matches = places.get(parameter.name, [])
        if not matches:
            yield Finding(
                parameter.line,
                f"the parameter {parameter.name!r} needs a line "
                f"'VALUES ?{parameter.name} {{ ... }} # param', and has none",
            )
        for match in matches:
            if not _is_sample(parameter, match["sample"]):
                line = text.count("\n", 0, match.start()) + 1
                yield Finding(
                    line,
                    f"the sample of {parameter.name!r} is not the header's {parameter.example!r}",
                )


def _is_sample(parameter: Parameter, sample: str) -> bool:
    """Whether the body's sample is the header's example, or UNDEF where that means any."""
    tokens = sparql.tokenize(sample)
    if len(tokens) == 1 and tokens[0].is_word("UNDEF"):
        return not parameter.required and parameter.default is None
    return "".join(_rendered(token) for token in tokens) == str(parameter.example_term)


def _rendered(token: Token) -> str:
    """Write one token of a sample as the RDF library writes it."""
    if token.type == sparql.PNAME:
        prefix, _, local = token.text.partition(":")
        return f"<{prefixes().get(prefix, '')}{local}>"
    if token.type == sparql.NUMBER:
        return f'"{token.text}"^^{XSD["integer"]}'
    if token.is_word("TRUE", "FALSE"):
        return f'"{token.text}"^^{XSD["boolean"]}'
    return token.text


def _form(header: Header, tokens: Sequence[Token]) -> Iterator[Finding]:
    form = sparql.query_form(tokens)
    if form is None:
        yield Finding(1, "the file holds no query")
    elif (form in {"CONSTRUCT", "DESCRIBE"}) != (header.rows == "graph"):
        yield Finding(1, f"'rows: {header.rows}' does not fit a {form} query")
    elif form == "SELECT" and not _is_ordered(tokens):
        yield Finding(1, "rows that are paged need an ORDER BY")


def _is_ordered(tokens: Sequence[Token]) -> bool:
    last_brace = max((i for i, t in enumerate(tokens) if t.text == "}"), default=0)
    return any(t.is_word("ORDER") for t in tokens[last_brace:])


def _columns(header: Header, tokens: Sequence[Token]) -> Iterator[Finding]:
    if header.rows != "facts":
        return
    columns = set(projection(tokens))
    if not ({"claim", "article"} <= columns or "source" in columns):
        yield Finding(1, "rows of facts need the columns claim and article, or source")


def _refused(tokens: Sequence[Token]) -> Iterator[Finding]:
    for token in sparql.outside_calls(tokens):
        yield Finding(token.line, f"{token.text} calls outside")
    for token in sparql.non_deterministic(tokens):
        yield Finding(token.line, f"{token.text} changes from run to run")
    for clause in sparql.dataset_clauses(tokens):
        yield Finding(clause.graph.line, "a canned query does not choose its dataset")
