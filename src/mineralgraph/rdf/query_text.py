"""What is asked of every query before it runs, answered from its tokens only where it must be.

Making tokens takes as long as the engine takes for a small query. Most questions can be denied
without: a keyword that is nowhere in the text, be it in a string, is not among its tokens either.
Whatever cannot be denied that way is answered from the tokens (``sparql.py``).
"""

from __future__ import annotations

import re
from typing import Final

from mineralgraph.rdf import sparql
from mineralgraph.rdf.sparql import Token

_PLAIN_BEGINNING: Final = re.compile(
    r"(?>[ \t\r\n]*PREFIX[ \t\r\n]+(?:[A-Z][A-Z0-9_-]*+)?:[ \t\r\n]*<[^<>\"{}|^`\\\x00-\x20]*+>)*+"
    r"[ \t\r\n]*(SELECT|CONSTRUCT|DESCRIBE|ASK)(?=[ \t\r\n{*?$(<])",
    re.IGNORECASE | re.ASCII,
)


class QueryText:
    """A query as written.

    Attributes:
        form: SELECT, CONSTRUCT, DESCRIBE or ASK; None for an update or anything else.
    """

    __slots__ = ("_tokens", "_upper", "form", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._upper = text.upper()
        self._tokens: list[Token] | None = None
        plain = _PLAIN_BEGINNING.match(text)
        self.form = plain[1].upper() if plain else sparql.query_form(self.tokens)

    def __repr__(self) -> str:
        return f"QueryText({self.text!r})"

    @property
    def tokens(self) -> list[Token]:
        """Its tokens, without comments; made when they are first asked for."""
        if self._tokens is None:
            self._tokens = sparql.tokenize(self.text)
        return self._tokens

    @property
    def non_deterministic(self) -> bool:
        """Whether its answer changes from run to run (NOW, RAND, UUID, STRUUID, BNODE)."""
        possible = self.may_say(*sparql.NON_DETERMINISTIC)
        return possible and bool(sparql.non_deterministic(self.tokens))

    def left_open(self) -> Token | None:
        """See ``sparql.left_open``."""
        possible = self.may_say("LIMIT", "OFFSET", "SAMPLE", "GROUP_CONCAT")
        return sparql.left_open(self.tokens) if possible else None

    def may_say(self, *words: str) -> bool:
        """Whether one of these words, given in capitals, stands anywhere in the text.

        Where none does, no token has it as a part.
        """
        for word in words:  # noqa: SIM110  (any() takes twice as long, on every query)
            if word in self._upper:
                return True
        return False

    def outside_call(self) -> Token | None:
        """Return the first SERVICE or LOAD in any reading of the text, or None."""
        if "\\" in self.text or self.may_say("SERVICE", "LOAD"):
            return sparql.calls_outside(self.text)
        return None

    def after_optional(self) -> list[Token]:
        """See ``sparql.after_optional``."""
        return sparql.after_optional(self.tokens) if self.may_say("OPTIONAL") else []
