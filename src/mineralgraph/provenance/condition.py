"""The shape of a FILTER's expression around the EXISTS in it: ``&&``, ``||`` and brackets."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mineralgraph.provenance.syntax import Exists, Expression, Parsed, Span


@dataclass(frozen=True)
class Plain:
    """An expression as a whole, and the EXISTS that stand somewhere ``inside`` it."""

    span: Span
    inside: tuple[Exists, ...]


@dataclass(frozen=True)
class Both:
    """``a && b``."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Either:
    """``a || b``."""

    parts: tuple[Condition, ...]


Condition = Plain | Both | Either | Exists


def condition(parsed: Parsed, span: Span, expression: Expression) -> Condition:
    """Return the shape of an expression, or of a part of it."""
    return _read(parsed, span, {e.span.low: e for e in expression.exists})


def _read(parsed: Parsed, span: Span, exists: dict[int, Exists]) -> Condition:
    first = exists.get(span.low)
    if first is not None and first.span == span:
        return first
    for sign, kind in (("||", Either), ("&&", Both)):
        parts = _split(parsed, span, exists, sign)
        if len(parts) > 1:
            return _joined(kind, span, [_read(parsed, part, exists) for part in parts])
    if parsed.tokens[span.low].text == "!":
        inner = _read(parsed, Span(span.low + 1, span.high), exists)
        if isinstance(inner, Exists):
            return replace(inner, negative=not inner.negative, span=span)
    if _is_bracketed(parsed, span, exists):
        return _read(parsed, Span(span.low + 1, span.high - 1), exists)
    inside = (found for at, found in exists.items() if span.low <= at < span.high)
    return Plain(span, tuple(inside))


def _joined(kind: type[Both | Either], span: Span, parts: list[Condition]) -> Condition:
    if all(isinstance(part, Plain) and not part.inside for part in parts):
        return Plain(span, ())
    return kind(tuple(parts))


def _split(parsed: Parsed, span: Span, exists: dict[int, Exists], sign: str) -> list[Span]:
    parts, low, depth, at = [], span.low, 0, span.low
    while at < span.high:
        if at in exists:
            at = exists[at].span.high
            continue
        text = parsed.tokens[at].text
        depth += (text == "(") - (text == ")")
        if text == sign and depth == 0:
            parts.append(Span(low, at))
            low = at + 1
        at += 1
    return [*parts, Span(low, span.high)]


def _is_bracketed(parsed: Parsed, span: Span, exists: dict[int, Exists]) -> bool:
    """Whether the first bracket closes at the end."""
    if parsed.tokens[span.low].text != "(":
        return False
    depth, at = 0, span.low
    while at < span.high:
        if at in exists:
            at = exists[at].span.high
            continue
        text = parsed.tokens[at].text
        depth += (text == "(") - (text == ")")
        at += 1
        if depth == 0:
            return at == span.high
    return False
