"""A plain query on an engine that knows nothing of the current view.

On a remote engine the view stands in the named graph ``CURRENT_VIEW``. A query without a
dataset is rewritten so that its patterns match there: ``{ P }`` becomes
``{ GRAPH <current> { P } }``, for the main group and for ``EXISTS`` groups outside it. Every
``GRAPH ?g { P }`` gets a filter, so that neither the view nor anybody else's graphs are listed.
A query with a dataset gets its ``FROM`` clauses. Both are plain SPARQL 1.1, the same for every
engine, whether its default graph is a graph of its own or the union.

The text is parsed by Oxigraph first: only a well-formed query can be rewritten by its tokens.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from urllib.parse import urljoin

import pyoxigraph
from pyoxigraph import Literal, NamedNode, Variable

from mineralgraph.errors import QueryRefused, QuerySyntaxError
from mineralgraph.rdf import sparql
from mineralgraph.rdf.namespaces import CURRENT_VIEW, GRAPH_BASE, ID_BASE, prefixes
from mineralgraph.rdf.sparql import Token
from mineralgraph.store.base import Dataset
from mineralgraph.store.embedded import dataset_of, refuse, syntax_error

NOWHERE = NamedNode(GRAPH_BASE + "none")
"""A graph that is never filled: stands where a dataset has no graph of a kind."""
_EXTENSIONS = ("bif:", "sql:", "java:", "js:")
_NEVER = Variable("mineralgraph_never_projected")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_PLAIN = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


@dataclass(frozen=True)
class Parts:
    """Where a query's main group stands, as token indices of its braces, and its head."""

    form: str
    head: int
    opens: int
    closes: int


@dataclass(frozen=True)
class Rewritten:
    """A query as a remote engine gets it.

    Attributes:
        form: SELECT, ASK or CONSTRUCT.
        text: what to send.
        merges: whether the default graph is the merge of several graphs.
    """

    form: str
    text: str
    merges: bool = False


@dataclass(frozen=True)
class Description:
    """A DESCRIBE query, which engines answer each in their own way, in two steps.

    Attributes:
        resources: those that it names.
        select: a query for the others, or None.
        dataset: what it runs on.
    """

    resources: tuple[NamedNode, ...]
    select: str | None
    dataset: Dataset


def rewrite(text: str, dataset: Dataset) -> Rewritten | Description:
    """Return a query that any SPARQL 1.1 service answers as the embedded engine would.

    Raises:
        QuerySyntaxError: when the text does not parse (line and column).
        QueryRefused: for updates, calls outside, and an engine's own extensions.
    """
    tokens = refuse(text).tokens
    parts = check(text, tokens)
    if dataset.whole:
        dataset = dataset_of(tokens)
    if CURRENT_VIEW in dataset.named:
        raise QueryRefused(
            "the current view is a default graph, not a named graph",
            hint=f"Use FROM {CURRENT_VIEW} or default-graph-uri, without GRAPH.",
        )
    names = _Names(tokens)
    names.refuse_extensions()
    if parts.form == "DESCRIBE":
        return _description(text, tokens, parts, dataset, names)
    text = clean(text)
    tokens = sparql.tokenize(text)
    parts = _parts(tokens, parts.form, parts.head)
    edits = _Edits(text)
    _graphs(tokens, names, edits, filtered=dataset.whole)
    for clause in sparql.dataset_clauses(tokens):
        edits.replace(clause.start, clause.end, "")
    if dataset.whole:
        _into_view(tokens, parts, edits)
    else:
        _from(tokens, parts, dataset, edits)
    head = tokens[parts.head]
    if parts.form == "CONSTRUCT" and tokens[parts.head + 1].text != "{":
        template = text[tokens[parts.opens].start : tokens[parts.closes].end]
        edits.replace(head.start, head.end, f"CONSTRUCT {template}")
    merges = len(set(dataset.default)) > 1
    return Rewritten(parts.form, names.prologue() + edits.text(), merges)


def check(text: str, tokens: Sequence[Token]) -> Parts:
    """Parse a query without running it, and find its parts.

    Oxigraph has no parser of its own in Python, but refuses to bind a variable outside the
    projection after parsing and before evaluating; so each form is dressed as a SELECT.
    """
    head = sparql.prologue_length(tokens)
    form = sparql.query_form(tokens)
    if form is None:
        _parse(text, 0, 0)
        raise QueryRefused("this is no query")
    if form == "SELECT":
        _parse(text, 0, 0)
        return _parts(tokens, form, head)
    parts = _parts(tokens, form, head)
    at = tokens[head]
    if parts.opens < 0:  # DESCRIBE <a> <b>, which nothing is matched for
        _evaluate(text)
        return parts
    where = _before_where(tokens, parts)
    if form == "CONSTRUCT" and not _templated(tokens, head):
        _evaluate(text)  # the short form holds triples only
        return parts
    body = "SELECT (1 AS ?mineralgraph_check) "
    _parse(text[: at.start] + body + text[where:], at.line, where - at.start - len(body))
    _evaluate(text[:where] + "{}")
    return parts


def _templated(tokens: Sequence[Token], head: int) -> bool:
    return head + 1 < len(tokens) and tokens[head + 1].text == "{"


def _before_where(tokens: Sequence[Token], parts: Parts) -> int:
    """Return where the dataset clauses and the WHERE group begin, as a character position."""
    first = tokens[parts.opens].start
    for clause in sparql.dataset_clauses(tokens):
        first = min(first, clause.start)
    previous = tokens[parts.opens - 1]
    return min(first, previous.start) if previous.is_word("WHERE") else first


@cache
def _empty() -> pyoxigraph.Store:
    return pyoxigraph.Store()


def _parse(text: str, line: int, shift: int) -> None:
    """Let Oxigraph parse a SELECT; ``shift`` corrects columns of ``line``."""
    try:
        _empty().query(text, prefixes=prefixes(), substitutions={_NEVER: Literal(1)})
    except SyntaxError as error:
        wrong = syntax_error(error)
        extra = dict(wrong.extra)
        if extra.get("line") == line and isinstance(extra.get("column"), int):
            extra["column"] = max(1, extra["column"] + shift)
        raise QuerySyntaxError(wrong.detail, **extra) from error
    except RuntimeError:
        return  # parsed; the binding is what it refuses


def _evaluate(text: str) -> None:
    """Let Oxigraph parse, and run, a query that matches nothing."""
    try:
        _empty().query(text, prefixes=prefixes())
    except SyntaxError as error:
        raise syntax_error(error) from error


def _parts(tokens: Sequence[Token], form: str, head: int) -> Parts:
    depth = 0
    start = head + 1
    if form == "CONSTRUCT" and _templated(tokens, head):
        start = _closing(tokens, head + 1) + 1
    for i in range(start, len(tokens)):
        token = tokens[i]
        if token.type != sparql.OPERATOR:
            continue
        if token.text == "{" and depth == 0:
            return Parts(form, head, i, _closing(tokens, i))
        depth += {"(": 1, ")": -1}.get(token.text, 0)
    return Parts(form, head, -1, -1)


def _closing(tokens: Sequence[Token], opens: int) -> int:
    depth = 0
    for i in range(opens, len(tokens)):
        if tokens[i].type == sparql.OPERATOR and tokens[i].text in "{}":
            depth += 1 if tokens[i].text == "{" else -1
            if depth == 0:
                return i
    last = tokens[-1]
    raise QuerySyntaxError("a { is never closed", line=last.line, column=last.column)


class _Edits:
    """Replacements in a text, collected and then made at once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._made: list[tuple[int, int, int, str]] = []

    def replace(self, start: int, end: int, new: str) -> None:
        """Put ``new`` where the text from ``start`` to ``end`` stands."""
        self._made.append((start, end, len(self._made), new))

    def text(self) -> str:
        """Return the edited text."""
        out, at = [], 0
        for start, end, _, new in sorted(self._made):
            out += [self._text[at:start], new]
            at = max(at, end)
        return "".join([*out, self._text[at:]])


class _Names:
    """What the IRIs and prefixed names of a query stand for."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._declared = {d.name: d.iri for d in sparql.prefix_declarations(tokens)}
        head = tokens[: sparql.prologue_length(tokens)]
        bases = [b for a, b in pairwise(head) if a.is_word("BASE")]
        self._base = sparql.decode_codepoints(bases[-1].text[1:-1]) if bases else ""

    def iri(self, token: Token) -> str:
        """Return the IRI of a token, absolute."""
        if token.type == sparql.IRI:
            iri = sparql.decode_codepoints(token.text[1:-1])
            return urljoin(self._base, iri) if self._base else iri
        prefix, _, local = token.text.partition(":")
        space = self._declared.get(prefix, prefixes().get(prefix, ""))
        return sparql.decode_codepoints(space) + re.sub(r"\\(.)", r"\1", local)

    def prologue(self) -> str:
        """Return declarations of our prefixes that the query uses and does not declare."""
        used = {t.text.partition(":")[0] for t in self._tokens if t.type == sparql.PNAME}
        ours = sorted((used - set(self._declared)) & set(prefixes()))
        return "".join(f"PREFIX {p}: <{prefixes()[p]}>\n" for p in ours)

    def refuse_extensions(self) -> None:
        """Refuse names by which engines reach their own functions, files and the network."""
        for token in self._tokens:
            if token.type in {sparql.IRI, sparql.PNAME} and self.iri(token).lower().startswith(
                _EXTENSIONS
            ):
                raise QueryRefused(
                    f"{token.text} is an engine's own extension, which no other engine has",
                    line=token.line,
                    column=token.column,
                )


def _into_view(tokens: Sequence[Token], parts: Parts, edits: _Edits) -> None:
    """Let the main group, and EXISTS groups outside it, match in the current view."""
    groups = [(parts.opens, parts.closes)]
    for i, token in enumerate(tokens[:-1]):
        outside = i < parts.opens or i > parts.closes
        if outside and token.type == sparql.WORD and token.text.upper().endswith("EXISTS"):
            groups.append((i + 1, _closing(tokens, i + 1)))
    for opens, closes in groups:
        edits.replace(tokens[opens].end, tokens[opens].end, f" GRAPH {CURRENT_VIEW} {{")
        edits.replace(tokens[closes].start, tokens[closes].start, "} ")


def _from(tokens: Sequence[Token], parts: Parts, dataset: Dataset, edits: _Edits) -> None:
    """Write the dataset's clauses; a kind without graphs gets one that holds nothing."""
    default = [g for g in dict.fromkeys(dataset.default) if _ours(g.value)] or [NOWHERE]
    named = [g for g in dict.fromkeys(dataset.named) if _ours(g.value)] or [NOWHERE]
    clauses = "".join(f" FROM {g}" for g in default) + "".join(f" FROM NAMED {g}" for g in named)
    before = tokens[parts.opens - 1]
    at = before.start if before.is_word("WHERE") else tokens[parts.opens].start
    edits.replace(at, at, f"{clauses} ")


def _graphs(tokens: Sequence[Token], names: _Names, edits: _Edits, *, filtered: bool) -> None:
    """Keep ``GRAPH`` to the graphs of the dataset."""
    for i, token in enumerate(tokens[:-2]):
        _refuse_glued(tokens, i)
        if not token.is_word("GRAPH"):
            continue
        graph = tokens[i + 1]
        if graph.type == sparql.VARIABLE and filtered:
            end = tokens[_closing(tokens, i + 2)].end
            name = graph.text
            condition = f'{name} != {CURRENT_VIEW} && STRSTARTS(STR({name}), "{ID_BASE}")'
            edits.replace(end, end, f" FILTER({condition})")
        elif graph.type in {sparql.IRI, sparql.PNAME}:
            iri = names.iri(graph)
            if iri == CURRENT_VIEW.value or not _ours(iri):
                edits.replace(graph.start, graph.end, str(NOWHERE))


def _refuse_glued(tokens: Sequence[Token], i: int) -> None:
    """Refuse a GRAPH that only Oxigraph sees, as in ``trueGRAPH ?g {`` and ``GRAPHx:y {``."""
    token = tokens[i]
    word = token.text.upper()
    if token.type == sparql.WORD:
        glued = word != "GRAPH" and word.endswith("GRAPH")
    else:
        before = i > 0 and tokens[i - 1].is_word("GRAPH")
        name = token.type == sparql.PNAME and tokens[i + 1].text == "{"
        glued = name and word.startswith("GRAPH") and not before
    if glued:
        raise QueryRefused(
            f"{token.text}: write a space on both sides of GRAPH",
            line=token.line,
            column=token.column,
        )


def _ours(iri: str) -> bool:
    return iri.startswith(ID_BASE)


def clean(text: str) -> str:
    r"""Leave out comments and write ``\uXXXX`` out, which engines resolve at different times.

    An engine that resolves it before parsing would see other tokens than were judged here.

    Raises:
        QueryRefused: for a string that no spelling keeps from that.
    """
    edits = _Edits(text)
    for token in sparql.tokenize(text, comments=True):
        if token.type == sparql.COMMENT:
            edits.replace(token.start, token.end, "")
        elif "\\" in token.text and token.type == sparql.IRI:
            edits.replace(token.start, token.end, sparql.decode_codepoints(token.text))
        elif "\\" in token.text and token.type == sparql.STRING:
            edits.replace(token.start, token.end, _plain_string(token))
    return edits.text()


def _plain_string(token: Token) -> str:
    width = 3 if token.text[:3] in {'"""', "'''"} else 1
    value = _ESCAPE.sub(_character, token.text[width:-width])
    if sparql.decode_codepoints(value) != value:
        raise QueryRefused(
            "the string holds a backslash before u and digits, which engines read differently",
            hint="Match it with CONCAT of two strings.",
            line=token.line,
            column=token.column,
        )
    return str(Literal(value))


def _character(match: re.Match[str]) -> str:
    number = match[1] or match[2]
    return chr(int(number, 16)) if number else _PLAIN.get(match[3], match[3])


def _description(
    text: str, tokens: Sequence[Token], parts: Parts, dataset: Dataset, names: _Names
) -> Description:
    head = tokens[parts.head]
    last = parts.opens if parts.opens >= 0 else len(tokens)
    targets = []
    for token in tokens[parts.head + 1 : last]:
        if token.is_word("FROM", "FROMNAMED", "WHERE"):
            break
        targets.append(token)
    named = [NamedNode(names.iri(t)) for t in targets if t.type in {sparql.IRI, sparql.PNAME}]
    asked = [t.text for t in targets if t.type == sparql.VARIABLE or t.text == "*"]
    select = None
    if asked and parts.opens >= 0:
        rest = text[_before_where(tokens, parts) :]
        select = f"{text[: head.start]}SELECT {' '.join(asked)} {rest}"
    return Description(tuple(named), select, dataset)
