"""What to do about a query that fails or drags: the prefix meant, the pattern out of place."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

from mineralgraph.errors import DeadlineExceeded, MineralgraphError, QuerySyntaxError
from mineralgraph.rdf import sparql
from mineralgraph.rdf.namespaces import prefixes
from mineralgraph.rdf.query_text import QueryText
from mineralgraph.rdf.sparql import Token

_MAX_DETAIL: Final = 300


def explain(error: MineralgraphError, query: QueryText) -> MineralgraphError:
    """Return an error about a query with the best hint that its tokens give."""
    if isinstance(error, QuerySyntaxError):
        return _syntax(error, query.tokens)
    if isinstance(error, DeadlineExceeded):
        note = lint(query)
        if note:
            return DeadlineExceeded(error.detail, hint=f"{note}.", **error.extra)
    return error


def lint(query: QueryText) -> str:
    """Return what makes a query slow for no need; the empty string when nothing is known.

    A pattern after an OPTIONAL makes the engine evaluate the whole left join again for every
    row of that pattern (engines.md 3.2): seconds become hours.
    """
    late = query.after_optional()
    if not late:
        return ""
    places = ", ".join(f"line {t.line} column {t.column}" for t in late)
    return f"Move the pattern that follows an OPTIONAL ({places}) before the OPTIONAL"


def _syntax(error: QuerySyntaxError, tokens: Sequence[Token]) -> QuerySyntaxError:
    unknown = _undeclared(tokens)
    if unknown is None:
        detail = error.detail
        if len(detail) > _MAX_DETAIL:  # the engine lists every character that might follow
            detail = detail[:_MAX_DETAIL] + " ..."
        return QuerySyntaxError(detail, hint=error.hint, **error.extra)
    name = unknown.text.partition(":")[0]
    close = get_close_matches(name, prefixes(), n=3, cutoff=0.6)
    meant = f"Did you mean {' or '.join(p + ':' for p in close)}? " if close else ""
    return QuerySyntaxError(
        f"the prefix {name}: is not declared",
        hint=f"{meant}Declare it with PREFIX {name}: <...>; ours are predeclared.",
        line=unknown.line,
        column=unknown.column,
    )


def _undeclared(tokens: Sequence[Token]) -> Token | None:
    """Return the first prefixed name whose prefix nobody declares."""
    declared = {d.name for d in sparql.prefix_declarations(tokens)} | set(prefixes())
    for token in tokens[sparql.prologue_length(tokens) :]:
        if token.type == sparql.PNAME and token.text.partition(":")[0] not in declared:
            return token
    return None
