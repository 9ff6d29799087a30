"""What things are called, and finding them by that: every label of one dataset version.

Held in memory and read anew when the version changes. Search folds case and diacritics, which
SPARQL cannot, and ranks: the whole label, its beginning, a word of it, any part of it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

from mineralgraph.api.presentation.terms import fallback_label
from mineralgraph.rdf.identifiers import split

_WORD: Final = re.compile(r"\w+")
_NOT_ENTITIES: Final = frozenset({"article", "claim", "graph", "evidence", "selector"})


class Match(IntEnum):
    """How well a label fits what was typed; less is better."""

    EXACT = 0
    PREFIX = 1
    WORD = 2
    SUBSTRING = 3


@dataclass(frozen=True, slots=True)
class Label:
    """One label or variant of a thing."""

    text: str
    language: str
    preferred: bool


@dataclass(slots=True)
class Named:
    """A thing with its labels and classes."""

    iri: str
    labels: list[Label] = field(default_factory=list)
    types: list[str] = field(default_factory=list)

    @property
    def shown(self) -> Label:
        """The label to show: the English one where there is one."""
        ranked = sorted(self.labels, key=lambda x: (not x.preferred, x.language != "en"))
        return ranked[0] if ranked else Label(fallback_label(self.iri), "", preferred=True)

    @property
    def label(self) -> str:
        """The text of the label to show."""
        return self.shown.text


@dataclass(frozen=True, slots=True)
class Hit:
    """One search result: the thing, the label that fits best, and how well."""

    thing: Named
    label: Label
    match: Match


def fold(text: str) -> str:
    """Return text without case, diacritics and doubled spaces, for comparing."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(bare.split())


class Labels:
    """The labels of one dataset version."""

    def __init__(
        self,
        labels: Iterable[tuple[str, str, str, bool]] = (),
        entities: Iterable[tuple[str, str]] = (),
    ) -> None:
        """Index labels.

        Args:
            labels: IRI, text, language tag, and whether it is the label (or a variant).
            entities: IRI and class of reference entities.
        """
        self._named: dict[str, Named] = {}
        for iri, text, language, preferred in labels:
            self._at(iri).labels.append(Label(text, language, preferred))
        found: dict[str, Named] = {}
        for iri, type_ in entities:
            parts = split(iri)
            if parts and parts[0] not in _NOT_ENTITIES:
                found.setdefault(iri, self._at(iri)).types.append(type_)
        self.entities: Sequence[Named] = sorted(found.values(), key=lambda n: fold(n.label))
        self._folded = [
            (fold(label.text), label, thing) for thing in self.entities for label in thing.labels
        ]

    def _at(self, iri: str) -> Named:
        if iri not in self._named:
            self._named[iri] = Named(iri)
        return self._named[iri]

    def find(self, iri: str) -> Named | None:
        """Return a thing that has a label."""
        return self._named.get(iri)

    def label(self, iri: str) -> str:
        """Return what to call an IRI, always something."""
        named = self._named.get(iri)
        return named.label if named else fallback_label(iri)

    def language(self, iri: str) -> str:
        """Return the language of what ``label`` returns, empty where none is known."""
        named = self._named.get(iri)
        return named.shown.language if named else ""

    def of_kind(self, kind: str | None) -> list[Named]:
        """Return the reference entities of a kind (all without one), in order of label."""
        if kind is None:
            return list(self.entities)
        return [n for n in self.entities if (split(n.iri) or ("", ""))[0] == kind]

    def concepts(self, kind: str) -> list[Named]:
        """Return everything with a label that is of a kind, such as the terms of a code list."""
        found = [n for iri, n in self._named.items() if (split(iri) or ("", ""))[0] == kind]
        return sorted(found, key=lambda n: fold(n.label))

    def kinds(self) -> dict[str, int]:
        """Return how many reference entities there are of each kind."""
        counts: dict[str, int] = {}
        for named in self.entities:
            kind = (split(named.iri) or ("", ""))[0]
            counts[kind] = counts.get(kind, 0) + 1
        return dict(sorted(counts.items()))

    def search(self, text: str, kind: str | None = None) -> list[Hit]:
        """Return the reference entities whose labels fit, best first, each once."""
        wanted = fold(text)
        if not wanted:
            return []
        words = _WORD.findall(wanted)
        best: dict[str, Hit] = {}
        for folded, label, thing in self._folded:
            match = _match(folded, wanted, words)
            if match is None or (kind and (split(thing.iri) or ("", ""))[0] != kind):
                continue
            former = best.get(thing.iri)
            if former is None or _rank(Hit(thing, label, match)) < _rank(former):
                best[thing.iri] = Hit(thing, label, match)
        return sorted(best.values(), key=_rank)


def _match(folded: str, wanted: str, words: list[str]) -> Match | None:
    if folded == wanted:
        return Match.EXACT
    if folded.startswith(wanted):
        return Match.PREFIX
    has = _WORD.findall(folded)
    if words and all(any(h.startswith(w) for h in has) for w in words):
        return Match.WORD
    return Match.SUBSTRING if wanted in folded else None


def _rank(hit: Hit) -> tuple[int, bool, int, str, str]:
    return (hit.match, not hit.label.preferred, len(hit.label.text), hit.thing.label, hit.thing.iri)
