"""Sentences of an article, and those that no claim touches."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sentencex import get_sentence_boundaries


@dataclass(frozen=True)
class Sentence:
    """A sentence by its position in the text (code points, end excluded)."""

    start: int
    end: int

    def touches(self, spans: Iterable[tuple[int, int]]) -> bool:
        """Tell whether one of the spans shares a character with the sentence."""
        return any(start < self.end and end > self.start for start, end in spans)


def sentences(text: str, language: str = "en") -> list[Sentence]:
    """Split a text into sentences; white space around them belongs to none."""
    found = []
    for start, end in _lines(text):
        for boundary in get_sentence_boundaries(language, text[start:end]):
            piece = text[start + boundary["start_index"] : start + boundary["end_index"]]
            if piece.strip():
                left = start + boundary["start_index"] + len(piece) - len(piece.lstrip())
                found.append(Sentence(left, left + len(piece.strip())))
    return found


def _lines(text: str) -> list[tuple[int, int]]:
    return [(m.start(), m.end()) for m in re.finditer(r"[^\n]+", text) if m.group().strip()]
