r"""A SPARQL 1.1 tokenizer and the questions that can be answered from tokens alone.

Regular expressions on query text are fooled by strings, comments, IRIs and prefixed names;
tokens are not. Nothing here parses: that is the engine's work. What is asked here is asked
*before* the engine sees the text (does it call outside?), or about its form (is anything
placed after an OPTIONAL?).

Two readings of one text. SPARQL 1.1 section 19.2 resolves ``\uXXXX`` in the whole text before
parsing; Oxigraph 0.5 resolves it inside strings and IRIs only. ``"a\u0022" SERVICE <x> {} #"``
calls outside in one reading and is all string in the other, so a refusal looks at both
(``readings``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple
from urllib.parse import urljoin

IRI: Final = "IRI"
STRING: Final = "STRING"
VARIABLE: Final = "VARIABLE"
PNAME: Final = "PNAME"  # prefixed name, with or without a local part
BLANK: Final = "BLANK"
LANGTAG: Final = "LANGTAG"
NUMBER: Final = "NUMBER"
WORD: Final = "WORD"  # keyword, built-in function, ``a``, ``true``
COMMENT: Final = "COMMENT"
OPERATOR: Final = "OPERATOR"
ERROR: Final = "ERROR"  # a character that begins no token; the engine will refuse the text

_BASE = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_CHARS = _BASE + "_0-9\u00b7\u0300-\u036f\u203f-\u2040\\-"
_PLX = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"
# Bounded, or "a-a-a-..." would be scanned to its end from every "a". A longer prefix falls apart
# into words, which is the careful side.
_PREFIX = rf"[{_BASE}](?>[{_CHARS}]{{0,255}}(?:\.++[{_CHARS}]{{1,255}}){{0,8}})"
_LOCAL = rf"(?:[{_BASE}_:0-9]|{_PLX})(?:[{_CHARS}:]|{_PLX}|\.++(?=[{_CHARS}:%\\]))*+"

_TOKEN: Final = re.compile(
    "|".join(
        (
            rf"(?P<{VARIABLE}>[?$][{_BASE}_0-9][{_BASE}_0-9\u00b7\u0300-\u036f\u203f-\u2040]*+)",
            rf"(?P<{PNAME}>(?:{_PREFIX})?:(?:{_LOCAL})?)",
            rf"(?P<{BLANK}>_:[{_BASE}_0-9](?:[{_CHARS}]|\.++(?=[{_CHARS}]))*+)",
            rf"(?P<{WORD}>[A-Za-z_][A-Za-z_0-9]*+)",
            rf"(?P<{IRI}><[^<>\"{{}}|^`\x00-\x20]*+>)",
            rf'(?P<{STRING}>"""(?:[^"\\]|\\.|"(?!""))*+"""|'
            r"'''(?:[^'\\]|\\.|'(?!''))*+'''|"
            r'"(?:[^"\\\r\n]|\\[^\r\n])*+"|'
            r"'(?:[^'\\\r\n]|\\[^\r\n])*+')",
            rf"(?P<{COMMENT}>\#[^\r\n]*+)",
            rf"(?P<{NUMBER}>(?:[0-9]+\.?[0-9]*|\.[0-9]+)[eE][+-]?[0-9]+|[0-9]*\.[0-9]+|[0-9]+)",
            rf"(?P<{LANGTAG}>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)",
            rf"(?P<{OPERATOR}><<\(?|\)?>>|\{{\||\|\}}|\^\^|\|\||&&|[<>!]=|[{{}}()\[\].,;*+/|^!?=<>~-])",
            rf"(?P<{ERROR}>[^ \t\r\n])",
        )
    ),
    re.DOTALL,
)
_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))")
_QUERY_FORMS: Final = frozenset({"SELECT", "CONSTRUCT", "DESCRIBE", "ASK"})
NON_DETERMINISTIC: Final = ("NOW", "RAND", "STRUUID", "UUID", "BNODE")


class Token(NamedTuple):
    """One token; ``start`` counts code points from 0, ``line`` and ``column`` from 1."""

    type: str
    text: str
    start: int
    line: int
    column: int

    @property
    def end(self) -> int:
        """Where the next character begins."""
        return self.start + len(self.text)

    def is_word(self, *words: str) -> bool:
        """Whether this is one of the given keywords (given in capitals)."""
        return self.type == WORD and self.text.upper() in words


def tokenize(text: str, *, comments: bool = False) -> list[Token]:
    """Split a query or update into tokens; comments are left out unless asked for."""
    tokens: list[Token] = []
    line, line_start, newline = 1, 0, text.find("\n")
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ERROR
        if kind == COMMENT and not comments:
            continue
        start = match.start()
        while -1 < newline < start:
            line, line_start = line + 1, newline + 1
            newline = text.find("\n", line_start)
        tokens.append(Token(kind, match[0], start, line, start - line_start + 1))
    return tokens


def decode_codepoints(text: str) -> str:
    r"""Resolve ``\uXXXX`` and ``\UXXXXXXXX`` everywhere, as SPARQL 1.1 section 19.2 says."""

    def character(match: re.Match[str]) -> str:
        number = int(match[1] or match[2], 16)
        return chr(number) if number <= 0x10FFFF else match[0]

    return _ESCAPE.sub(character, text)


def readings(text: str) -> tuple[list[Token], ...]:
    """Return the token lists that engines may see: as written, and with code points resolved.

    Positions in the second reading count from the resolved text.
    """
    written = tokenize(text)
    if "\\" not in text or not _ESCAPE.search(text):
        return (written,)
    return (written, tokenize(decode_codepoints(text)))


@dataclass(frozen=True, slots=True)
class PrefixDeclaration:
    """``PREFIX name: <iri>``; ``name`` is without its colon."""

    name: str
    iri: str
    token: Token


@dataclass(frozen=True, slots=True)
class DatasetClause:
    """``FROM <g>`` or ``FROM NAMED <g>``; ``graph`` is the token as written, IRI or prefixed."""

    named: bool
    graph: Token
    start: int
    end: int


def prologue_length(tokens: Sequence[Token]) -> int:
    """Return how many tokens the BASE, PREFIX and VERSION declarations at the head take."""
    i = 0
    while i < len(tokens):
        if tokens[i].is_word("PREFIX"):
            i += 3
        elif tokens[i].is_word("BASE", "VERSION"):
            i += 2
        else:
            break
    return min(i, len(tokens))


def prefix_declarations(tokens: Sequence[Token]) -> list[PrefixDeclaration]:
    """Return the prefixes that the prologue declares, in order."""
    found = []
    for i in range(max(0, prologue_length(tokens) - 2)):
        name, iri = tokens[i + 1], tokens[i + 2]
        if tokens[i].is_word("PREFIX") and name.type == PNAME and iri.type == IRI:
            found.append(PrefixDeclaration(name.text[:-1], iri.text[1:-1], tokens[i]))
    return found


def base(tokens: Sequence[Token]) -> str:
    """Return the IRI of the last BASE declaration, or the empty string."""
    found = ""
    for i in range(max(0, prologue_length(tokens) - 1)):
        if tokens[i].is_word("BASE") and tokens[i + 1].type == IRI:
            found = urljoin(found, decode_codepoints(tokens[i + 1].text[1:-1]))
    return found


def query_form(tokens: Sequence[Token]) -> str | None:
    """Return SELECT, CONSTRUCT, DESCRIBE or ASK; None for an update or anything else."""
    head = prologue_length(tokens)
    if head < len(tokens) and tokens[head].is_word(*_QUERY_FORMS):
        return tokens[head].text.upper()
    return None


def dataset_clauses(tokens: Sequence[Token]) -> list[DatasetClause]:
    """Return the FROM and FROM NAMED clauses of a query.

    ``FROMNAMED<g>``, which Oxigraph accepts, is found too.
    """
    found = []
    for i, token in _outside_braces(tokens):
        if not token.is_word("FROM", "FROMNAMED"):
            continue
        named = token.is_word("FROMNAMED")
        following = tokens[i + 1 : i + 3]
        if following and following[0].is_word("NAMED"):
            named, following = True, following[1:]
        if following and following[0].type in {IRI, PNAME}:
            found.append(DatasetClause(named, following[0], token.start, following[0].end))
    return found


def outside_calls(tokens: Sequence[Token]) -> list[Token]:
    """Return the tokens that make an engine fetch from outside: SERVICE and LOAD.

    Oxigraph needs no space after a keyword: ``SERVICE:x {`` and ``SERVICEf:x {`` call outside
    there, though the grammar reads one prefixed name. No valid query has such a name before a
    brace inside a group except after GRAPH and SERVICE, so nothing innocent is caught.
    """
    found = []
    depth = 0
    for i, token in enumerate(tokens):
        if token.type == OPERATOR and token.text in "{}":
            depth += 1 if token.text == "{" else -1
        elif token.type == WORD:
            word = token.text.upper()
            if "SERVICE" in word or word.startswith("LOAD"):
                found.append(token)
        elif token.type == PNAME and (
            _is_glued_service(tokens, i) if depth else _is_glued_load(tokens, i)
        ):
            found.append(token)
    return found


def calls_outside(text: str) -> Token | None:
    """Return the first SERVICE or LOAD of a text in any of its readings, or None."""
    return next((t for tokens in readings(text) for t in outside_calls(tokens)), None)


def non_deterministic(tokens: Sequence[Token]) -> list[Token]:
    """Return the calls whose value changes from run to run: NOW, RAND, UUID, STRUUID, BNODE."""
    return [
        token
        for token, following in pairwise(tokens)
        if token.type == WORD
        and following.text == "("
        and token.text.upper().endswith(NON_DETERMINISTIC)
    ]


def left_open(tokens: Sequence[Token]) -> Token | None:
    """Return what leaves the engine a choice: LIMIT or OFFSET without ORDER BY, or SAMPLE.

    The same data may then be answered with other rows, by another engine or after a restart. So
    may GROUP_CONCAT, whose parts have no order. Ties in an ORDER BY are not looked for.
    """
    ordered = [False]  # for each open group: has its SELECT an ORDER BY
    for token, following in pairwise(tokens):
        if token.text == "{":
            ordered.append(False)
        elif token.text == "}" and len(ordered) > 1:
            ordered.pop()
        elif token.is_word("ORDER"):
            ordered[-1] = True
        cut = token.is_word("LIMIT", "OFFSET") and following.type == NUMBER
        picked = token.is_word("SAMPLE", "GROUP_CONCAT") and following.text == "("
        if picked or (cut and not ordered[-1]):
            return token
    return None


def after_optional(tokens: Iterable[Token]) -> list[Token]:
    """Return what stands after an OPTIONAL in its group and is no further OPTIONAL.

    Oxigraph 0.5 re-evaluates the whole left join for every row of such a pattern. One token is
    returned for each group at fault. A FILTER can always be written before the OPTIONAL.
    """
    found: list[Token] = []
    groups = [[False, False]]  # for each open group: is it an OPTIONAL's, was one closed in it
    previous: Token | None = None
    for token in tokens:
        if token.text == "}" and token.type == OPERATOR:
            optional = len(groups) > 1 and groups.pop()[0]
            groups[-1][1] |= optional
        else:
            optional = previous is not None and previous.is_word("OPTIONAL")
            if groups[-1][1] and not (optional or token.text == "." or token.is_word("OPTIONAL")):
                found.append(token)
                groups[-1][1] = False
            if token.text == "{" and token.type == OPERATOR:
                groups.append([optional, False])
        previous = token
    return found


def _outside_braces(tokens: Sequence[Token]) -> Iterator[tuple[int, Token]]:
    depth = 0
    for i, token in enumerate(tokens):
        if token.type == OPERATOR and token.text in "{}":
            depth += 1 if token.text == "{" else -1
        elif depth == 0:
            yield i, token


def _is_glued_service(tokens: Sequence[Token], i: int) -> bool:
    """Whether token i is a name such as ``SERVICE:x`` before ``{`` and not after GRAPH."""
    if "SERVICE" not in tokens[i].text.upper():
        return False
    opens = i + 1 < len(tokens) and tokens[i + 1].text == "{"
    return opens and not tokens[i - 1].is_word("GRAPH", "SERVICE")


def _is_glued_load(tokens: Sequence[Token], i: int) -> bool:
    """Whether token i is a prefixed name such as ``LOAD:x`` where an operation begins."""
    token = tokens[i]
    if not token.text.upper().startswith("LOAD"):
        return False
    return i == prologue_length(tokens) or tokens[i - 1].text == ";"
