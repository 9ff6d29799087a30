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
# As far as no string and no comment can have begun. At "<" an IRI comes first, as in a token.
_IN_THE_OPEN: Final = re.compile(r"(?:[^\"'#<]++|<[^<>\"{}|^`\x00-\x20]*+>|<<?)*+")
_CUT: Final = re.compile(r"[ \t\r\n}]LIMIT[ \t\r\n]++[0-9]")
_CALL: Final = re.compile(rf"(?:{'|'.join(sparql.NON_DETERMINISTIC)})[ \t\r\n]*+[(#]")


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
        text = self._upper
        if not ("NOW" in text or "RAND" in text or "UUID" in text or "BNODE" in text):
            return False
        return _CALL.search(text) is not None and bool(sparql.non_deterministic(self.tokens))

    @property
    def left_open(self) -> bool:
        """Whether it leaves the engine a choice (``sparql.left_open``)."""
        text = self._upper
        limit = text.find("LIMIT")
        if limit < 0 and not self.may_say("OFFSET", "SAMPLE", "GROUP_CONCAT"):
            return False
        # Letters beyond ASCII may become these, or more than one, as capitals.
        if limit > 0 and "ORDER" not in text and self.text.isascii():
            before = limit - 1
            if _CUT.match(text, before) and _IN_THE_OPEN.fullmatch(text, 0, before):
                return True
        return sparql.left_open(self.tokens) is not None

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
