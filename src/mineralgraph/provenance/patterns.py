"""Reading triple patterns and property paths from tokens (SPARQL 1.1 grammar, rules 75 to 107).

The engine has accepted the text before, so nothing is checked here that it checks. What is not
understood raises ``NotUnderstood``; it is never skipped.
"""

from __future__ import annotations

from typing import Final

from mineralgraph.provenance.syntax import (
    Alternative,
    Constant,
    Inverse,
    Link,
    Negated,
    Node,
    NotUnderstood,
    Path,
    Repeat,
    Span,
    Steps,
    TriplePattern,
    Variable,
)
from mineralgraph.rdf import sparql
from mineralgraph.rdf.sparql import Token

_RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
TYPE: Final = Constant(f"<{_RDF}type>")
FIRST: Final = Constant(f"<{_RDF}first>")
REST: Final = Constant(f"<{_RDF}rest>")
NIL: Final = Constant(f"<{_RDF}nil>")
_END: Final = Token("END", "", 0, 0, 0)


class Cursor:
    """A place in the tokens of a query."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = sparql.tokenize(text)
        self.at = 0
        names = {t.text[1:] for t in self.tokens if t.type == sparql.VARIABLE}
        self.fresh = "mgw"
        while any(name.startswith(self.fresh) for name in names):
            self.fresh += "w"
        self.constants: set[str] = set()
        self._made = 0

    @property
    def token(self) -> Token:
        """The next token."""
        return self.tokens[self.at] if self.at < len(self.tokens) else _END

    def next(self) -> Token:
        """Take the next token."""
        token = self.token
        self.at += 1
        return token

    def is_word(self, *words: str) -> bool:
        """Whether the next token is one of these keywords."""
        return self.token.is_word(*words)

    def is_sign(self, *signs: str) -> bool:
        """Whether the next token is one of these operators."""
        return self.token.type == sparql.OPERATOR and self.token.text in signs

    def take_word(self, *words: str) -> bool:
        """Take one of these keywords, if it comes next."""
        if self.is_word(*words):
            self.at += 1
            return True
        return False

    def take_sign(self, *signs: str) -> str | None:
        """Take one of these operators, if it comes next."""
        return self.next().text if self.is_sign(*signs) else None

    def expect(self, sign: str) -> None:
        """Take an operator that must come now."""
        if self.take_sign(sign) is None:
            raise self.lost()

    def raw(self, span: Span) -> str:
        """Return tokens as they were written."""
        if span.low >= span.high:
            return ""
        return self.text[self.tokens[span.low].start : self.tokens[span.high - 1].end]

    def lost(self) -> NotUnderstood:
        """Return the error for a token that has no place here."""
        token = self.token
        return NotUnderstood(
            f"syntax at line {token.line}, column {token.column}: {token.text!r}",
            "this part of the query is not understood by the tracing, though by the engine",
        )

    def variable(self) -> str:
        """Take a variable's name."""
        if self.token.type != sparql.VARIABLE:
            raise self.lost()
        return self.next().text[1:]

    def fresh_variable(self) -> Variable:
        """Return a variable of ours, in place of a blank node."""
        self._made += 1
        return Variable(f"{self.fresh}b{self._made}", hidden=True)

    def constant(self, text: str) -> Constant:
        """Note a constant of a pattern."""
        self.constants.add(text)
        return Constant(text)


class PatternParser(Cursor):
    """Reads triples into ``found``."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.found: list[TriplePattern] = []
        self._blank: dict[str, Variable] = {}

    def triples(self) -> list[TriplePattern]:
        """Read one subject with all that hangs on it."""
        self.found = []
        compound = self.is_sign("[", "(")
        subject = self.node()
        if (
            not (compound and (self.is_sign(".", "}", "{") or self.token.type == sparql.WORD))
            or self._is_type()
        ):
            self._properties(subject)
        return self.found

    def _properties(self, subject: Node) -> None:
        while True:
            predicate, path, text = self._verb()
            while True:
                target = self.node()
                self.found.append(TriplePattern(subject, predicate, target, path, text))
                if self.is_sign("{|", "~"):
                    raise NotUnderstood("annotations of triples", "RDF 1.2 is not traced")
                if not self.take_sign(","):
                    break
            if not self.take_sign(";"):
                return
            while self.take_sign(";"):
                pass
            if self.is_sign(".", "}", "]", "{") or (
                self.token.type == sparql.WORD and not self._is_type()
            ):
                return

    def _verb(self) -> tuple[Node | None, Path | None, str]:
        if self.token.type == sparql.VARIABLE:
            return Variable(self.variable()), None, ""
        low = self.at
        path = self._alternative()
        if isinstance(path, Link):
            return path.predicate, None, ""
        return None, path, self.raw(Span(low, self.at))

    def node(self) -> Node:
        """Read a subject or an object; what it brings along goes into ``found``."""
        token = self.token
        if token.type == sparql.VARIABLE:
            return Variable(self.variable())
        if token.type == sparql.BLANK:
            self.at += 1
            return self._blank.setdefault(token.text, self.fresh_variable())
        if self.is_sign("["):
            return self._bracketed()
        if self.is_sign("("):
            return self._collection()
        return self.literal_or_iri()

    def literal_or_iri(self) -> Constant:
        """Read a constant."""
        low, token = self.at, self.next()
        if token.type in (sparql.IRI, sparql.PNAME, sparql.NUMBER):
            pass
        elif token.type == sparql.STRING:
            if self.token.type == sparql.LANGTAG or self.take_sign("^^"):
                self.at += 1
        elif token.type == sparql.OPERATOR and token.text in "+-":
            if self.next().type != sparql.NUMBER:
                raise self.lost()
        elif token.is_word("TRUE", "FALSE"):
            return self.constant(token.text.lower())
        else:
            self.at = low
            raise self.lost()
        return self.constant(self.raw(Span(low, self.at)))

    def _bracketed(self) -> Variable:
        self.expect("[")
        made = self.fresh_variable()
        if not self.is_sign("]"):
            self._properties(made)
        self.expect("]")
        return made

    def _collection(self) -> Node:
        self.expect("(")
        if self.take_sign(")"):
            return self.constant(NIL.text)
        head = cell = self.fresh_variable()
        while True:
            self.found.append(TriplePattern(cell, self.constant(FIRST.text), self.node()))
            if self.take_sign(")"):
                break
            following = self.fresh_variable()
            self.found.append(TriplePattern(cell, self.constant(REST.text), following))
            cell = following
        self.found.append(TriplePattern(cell, self.constant(REST.text), self.constant(NIL.text)))
        return head

    def _alternative(self) -> Path:
        parts = [self._sequence()]
        while self.take_sign("|"):
            parts.append(self._sequence())
        return parts[0] if len(parts) == 1 else Alternative(tuple(parts))

    def _sequence(self) -> Path:
        parts = [self._step()]
        while self.take_sign("/"):
            parts.append(self._step())
        return parts[0] if len(parts) == 1 else Steps(tuple(parts))

    def _step(self) -> Path:
        if self.take_sign("^"):
            return Inverse(self._repeated())
        return self._repeated()

    def _repeated(self) -> Path:
        path: Path
        if self.take_sign("("):
            path = self._alternative()
            self.expect(")")
        elif self.take_sign("!"):
            path = self._negated()
        else:
            path = Link(self._predicate())
        mark = self.take_sign("?", "*", "+")
        return path if mark is None else Repeat(path, mark)

    def _is_type(self) -> bool:
        return self.token.type == sparql.WORD and self.token.text == "a"

    def _predicate(self) -> Constant:
        if self._is_type():
            self.at += 1
            return self.constant(TYPE.text)
        if self.token.type not in (sparql.IRI, sparql.PNAME):
            raise self.lost()
        return self.constant(self.next().text)

    def _negated(self) -> Negated:
        forward: list[Constant] = []
        backward: list[Constant] = []
        many = self.take_sign("(")
        while not self.is_sign(")"):
            chosen = backward if self.take_sign("^") else forward
            chosen.append(self._predicate())
            if not many or not self.take_sign("|"):
                break
        if many:
            self.expect(")")
        return Negated(tuple(forward), tuple(backward), bool(backward))
