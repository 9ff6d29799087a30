"""Reading a SELECT or ASK query into its tree (SPARQL 1.1 grammar, rules 2 to 74)."""

from __future__ import annotations

from typing import Final

from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from mineralgraph.provenance.patterns import PatternParser
from mineralgraph.provenance.syntax import (
    Bind,
    Element,
    Exists,
    Expression,
    Filter,
    GraphPattern,
    Group,
    GroupKey,
    Item,
    Minus,
    Node,
    NotUnderstood,
    OptionalGroup,
    Parsed,
    Query,
    Span,
    SubSelect,
    Union,
    Values,
    Variable,
)
from mineralgraph.rdf import sparql
from mineralgraph.rdf.namespaces import prefixes

_AGGREGATES: Final = ("COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT")
_SECTIONS: Final = ("GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES")
_UNKNOWN: Final = ("SERVICE", "LATERAL", "LET")


def read(text: str) -> Parsed:
    """Read a query.

    Raises:
        NotUnderstood: when it is no SELECT or ASK, or has a part that cannot be traced at all.
    """
    parser = _Parser(text)
    head = sparql.prologue_length(parser.tokens)
    parser.at = head
    query = parser.query()
    if parser.at != len(parser.tokens):
        raise parser.lost()
    prologue = text[: parser.tokens[head].start]
    return Parsed(text, parser.tokens, prologue, parser.fresh, frozenset(parser.constants), query)


def constants(parsed: Parsed) -> dict[str, NamedNode | Literal]:
    """Resolve the constants of a query, as written, to terms.

    Turtle writes them as SPARQL does, and its PREFIX and BASE are SPARQL's.
    """
    texts = sorted(parsed.constants)
    if not texts:
        return {}
    declared = "".join(f"PREFIX {p}: <{iri}>\n" for p, iri in prefixes().items())
    lines = [f"<urn:x:{i}> <urn:x:is> {text} ." for i, text in enumerate(texts)]
    # A BASE of the query must not touch our own names: they are absolute.
    document = declared + parsed.prologue + "\n" + "\n".join(lines)
    found: dict[str, NamedNode | Literal] = {}
    try:
        for quad in parse(document, format=RdfFormat.TURTLE):
            number = int(str(getattr(quad.subject, "value", "")).rpartition(":")[2])
            if isinstance(quad.object, NamedNode | Literal):
                found[texts[number]] = quad.object
    except (SyntaxError, ValueError) as error:
        raise NotUnderstood("the constants of the query", str(error)) from error
    return found


class _Parser(PatternParser):
    """Reads queries, groups and expressions."""

    def query(self) -> Query:
        """Read SELECT or ASK with all its clauses."""
        low = self.at
        items: tuple[Item, ...] | None = None
        distinct = False
        if self.take_word("SELECT"):
            form = "SELECT"
            distinct = self.take_word("DISTINCT", "REDUCED")
            items = self._projection()
        elif self.take_word("ASK"):
            form = "ASK"
        else:
            raise NotUnderstood("query form", "sources are given for SELECT and ASK")
        while self.take_word("FROM"):
            self.take_word("NAMED")
            self.at += 1
        self.take_word("WHERE")
        where = self.group()
        keys, conditions, parts, aggregated = self._modifiers()
        values = self._values() if self.is_word("VALUES") else None
        if keys is None and (aggregated or self._aggregates(items)):
            keys = ()
        limits = f"{parts['LIMIT']} {parts['OFFSET']}".strip()
        return Query(
            form,
            items,
            distinct,
            where,
            keys,
            parts["HAVING"],
            conditions,
            parts["ORDER"],
            limits,
            values,
            Span(low, self.at),
        )

    def _projection(self) -> tuple[Item, ...] | None:
        if self.take_sign("*"):
            return None
        items: list[Item] = []
        while True:
            if self.token.type == sparql.VARIABLE:
                items.append(Item(self.variable()))
            elif self.is_sign("("):
                low = self.at
                expression = self._balanced()
                name = self.tokens[self.at - 2]
                if name.type != sparql.VARIABLE:
                    raise self.lost()
                text = self.raw(Span(low, self.at))
                items.append(Item(name.text[1:], expression, text))
            else:
                return tuple(items)

    def _modifiers(
        self,
    ) -> tuple[tuple[GroupKey, ...] | None, tuple[Expression, ...], dict[str, str], bool]:
        """Read what follows the pattern: keys, conditions, the clauses as written, aggregates."""
        keys: tuple[GroupKey, ...] | None = None
        conditions: list[Expression] = []
        parts = {"HAVING": "", "ORDER": "", "LIMIT": "", "OFFSET": ""}
        aggregated = False
        while self.is_word(*_SECTIONS) and not self.is_word("VALUES"):
            low, word = self.at, self.next().text.upper()
            if word == "GROUP":
                self.at += 1
                keys = self._group_keys()
                continue
            if word == "HAVING":
                while not (self.at >= len(self.tokens) or self.is_sign("}") or self._is_section()):
                    conditions.append(self.constraint())
            exists = self._section()
            parts[word] = self.raw(Span(low, self.at))
            aggregated |= word == "HAVING" or self._aggregate(Span(low, self.at), exists)
        return keys, tuple(conditions), parts, aggregated

    def _is_section(self) -> bool:
        return self.is_word(*_SECTIONS)

    def _section(self) -> tuple[Exists, ...]:
        """Pass a clause; what EXISTS in ORDER BY matches decides the order alone."""
        exists: list[Exists] = []
        while self.at < len(self.tokens) and not self.is_sign("}") and not self._is_section():
            if self.is_sign("("):
                exists += self._balanced().exists
            elif self.is_word("NOT", "EXISTS"):
                exists.append(self._exists())
            else:
                self.at += 1
        return tuple(exists)

    def _group_keys(self) -> tuple[GroupKey, ...]:
        keys: list[GroupKey] = []
        while True:
            low = self.at
            if self.token.type == sparql.VARIABLE:
                name = self.variable()
                keys.append(GroupKey(name, f"?{name}"))
            elif self.is_sign("("):
                whole = self._balanced()
                inner = self.raw(Span(low + 1, self.at - 1))
                named = self.tokens[self.at - 3].is_word("AS")
                name = self.tokens[self.at - 2].text[1:] if named else ""
                text = self.raw(Span(low + 1, self.at - 3)) if named else inner
                keys.append(GroupKey(name or None, text, whole))
            elif self.token.type in (sparql.WORD, sparql.IRI, sparql.PNAME) and not self.is_word(
                *_SECTIONS
            ):
                whole = self.constraint()
                keys.append(GroupKey(None, self.raw(Span(low, self.at)), whole))
            else:
                return tuple(keys)

    def _aggregate(self, span: Span, exists: tuple[Exists, ...]) -> bool:
        """Whether an aggregate stands in a span; one inside EXISTS belongs to a query there."""
        hidden = {at for found in exists for at in range(*found.span)}
        return any(self.tokens[at].is_word(*_AGGREGATES) for at in range(*span) if at not in hidden)

    def _aggregates(self, items: tuple[Item, ...] | None) -> bool:
        found = (item.expression for item in items or ())
        return any(e is not None and self._aggregate(e.span, e.exists) for e in found)

    def group(self) -> Group:
        """Read ``{ ... }``."""
        low = self.at
        self.expect("{")
        elements: list[Element] = []
        if self.is_word("SELECT"):
            elements.append(SubSelect(self.query()))
        else:
            while not self.is_sign("}"):
                if self.at >= len(self.tokens):
                    raise self.lost()
                if not self.take_sign("."):
                    elements.extend(self._element())
        self.expect("}")
        return Group(tuple(elements), Span(low, self.at))

    def _element(self) -> list[Element]:
        low = self.at
        if self.is_sign("{"):
            branches = [self.group()]
            while self.take_word("UNION"):
                branches.append(self.group())
            return [Union(tuple(branches))]
        if self.take_word("OPTIONAL"):
            return [OptionalGroup(self.group())]
        if self.take_word("MINUS"):
            self.group()
            return [Minus(Span(low, self.at))]
        if self.take_word("GRAPH"):
            name: Node
            if self.token.type == sparql.VARIABLE:
                name = Variable(self.variable())
            else:
                name = self.literal_or_iri()
            return [GraphPattern(name, self.group())]
        if self.take_word("FILTER"):
            expression = self.constraint()
            return [Filter(Span(low, self.at), expression)]
        if self.take_word("BIND"):
            expression = self._balanced()
            return [Bind(Span(low, self.at), expression, self.tokens[self.at - 2].text[1:])]
        if self.is_word("VALUES"):
            return [self._values()]
        if self.is_word(*_UNKNOWN):
            raise NotUnderstood(self.token.text.upper(), "it is not traced")
        return list(self.triples())

    def _values(self) -> Values:
        low = self.at
        self.take_word("VALUES")
        names: list[str] = []
        if self.take_sign("("):
            while not self.take_sign(")"):
                names.append(self.variable())
        else:
            names.append(self.variable())
        self.expect("{")
        partial = False
        while not self.take_sign("}"):
            if self.at >= len(self.tokens):
                raise self.lost()
            partial |= self.next().is_word("UNDEF")
        return Values(Span(low, self.at), tuple(names), partial)

    def constraint(self) -> Expression:
        """Read what may follow FILTER: brackets, a call, or EXISTS."""
        low = self.at
        if self.is_word("NOT", "EXISTS"):
            found = self._exists()
            return Expression(Span(low, self.at), (found,))
        if not self.is_sign("("):
            self.at += 1
        inner = self._balanced()
        return Expression(Span(low, self.at), inner.exists)

    def _exists(self) -> Exists:
        low = self.at
        negative = self.take_word("NOT")
        if not self.take_word("EXISTS"):
            raise self.lost()
        group = self.group()
        return Exists(group, negative, Span(low, self.at))

    def _balanced(self) -> Expression:
        """Read from a bracket to the one that closes it."""
        low, depth = self.at, 0
        exists: list[Exists] = []
        while True:
            if self.at >= len(self.tokens):
                raise self.lost()
            following = self.tokens[self.at + 1] if self.at + 1 < len(self.tokens) else self.token
            if self.is_word("EXISTS") or (self.is_word("NOT") and following.is_word("EXISTS")):
                exists.append(self._exists())
                continue
            sign = self.next()
            if sign.type != sparql.OPERATOR:
                continue
            if sign.text in ("{", "}", "<<", "<<(", ")>>", ">>"):
                self.at -= 1
                raise self.lost()
            depth += (sign.text == "(") - (sign.text == ")")
            if depth == 0:
                return Expression(Span(low, self.at), tuple(exists))
