"""The article texts, where they are at hand: found by digest, never by name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mineralgraph.errors import AmbiguousPassage, AuthoringError, SettingsError
from mineralgraph.rdf.identifiers import digest


@dataclass(frozen=True)
class Span:
    """A passage of a text: code points, start included, end excluded (Web Annotation)."""

    start: int
    end: int
    digest: str


class Corpus:
    """A folder of article texts (``*.txt``, UTF-8), read once and looked up by SHA-256."""

    def __init__(self, folder: Path | None) -> None:
        """Read the folder; ``None`` is the empty corpus.

        Raises:
            SettingsError: when the folder does not exist.
        """
        self._texts: dict[str, str] = {}
        if folder is None:
            return
        if not folder.is_dir():
            raise SettingsError(
                f"the corpus folder {folder} does not exist",
                hint="Point MINERALGRAPH_CORPUS at the folder with the article texts, or unset it.",
            )
        for path in sorted(folder.glob("*.txt")):
            data = path.read_bytes()
            self._texts[digest(data)] = data.decode("utf-8")

    def __bool__(self) -> bool:
        return bool(self._texts)

    def text(self, text_digest: str) -> str | None:
        """Return the text with this digest, ``None`` when it is not at hand."""
        return self._texts.get(text_digest)


def span(text: str, start: int, end: int) -> Span:
    """Return the span of a text between two positions, with its digest."""
    return Span(start, end, digest(text[start:end].encode()))


def find(text: str, passage: str, occurrence: int | None = None) -> Span:
    """Find a passage in a text.

    Line breaks and runs of spaces in the passage match any white space in the text, since a
    passage copied from a page rarely keeps them.

    Args:
        text: the article text.
        passage: the words to find.
        occurrence: which one, from 1, when there are several.

    Raises:
        AuthoringError: when the passage is empty, or does not occur (so often).
        AmbiguousPassage: when it occurs several times and ``occurrence`` is not given.
    """
    words = passage.split()
    if not words:
        raise AuthoringError("the passage is empty", hint="Give the words to cite.")
    hits = list(_occurrences(text, words))
    if not hits:
        raise AuthoringError(
            "the passage does not occur in the article's text",
            hint="Copy it from the text letter by letter; quotation marks and dashes count.",
        )
    if occurrence is None and len(hits) > 1:
        places = ", ".join(f"{n}: characters {a}-{b}" for n, (a, b) in enumerate(hits, 1))
        raise AmbiguousPassage(f"the passage occurs {len(hits)} times ({places})")
    index = (occurrence or 1) - 1
    if not 0 <= index < len(hits):
        raise AuthoringError(
            f"there is no occurrence {occurrence}: the passage occurs {len(hits)} time(s)"
        )
    return span(text, *hits[index])


def _occurrences(text: str, words: list[str]) -> list[tuple[int, int]]:
    hits = []
    at = text.find(words[0])
    while at >= 0:
        end = _match(text, at, words)
        if end is not None:
            hits.append((at, end))
        at = text.find(words[0], at + 1)
    return hits


def _match(text: str, at: int, words: list[str]) -> int | None:
    for number, word in enumerate(words):
        if number:
            gap = at
            while at < len(text) and text[at].isspace():
                at += 1
            if gap == at:
                return None
        if not text.startswith(word, at):
            return None
        at += len(word)
    return at
