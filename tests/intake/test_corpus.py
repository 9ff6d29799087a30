"""Passages are found, never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mineralgraph.errors import AmbiguousPassage, AuthoringError, SettingsError
from mineralgraph.intake.corpus import Corpus, find, span
from mineralgraph.rdf.identifiers import digest

TEXT = "The envoy “arrived”.\n\nThe  envoy left – by train. Үш министр келді."


def test_a_passage_gives_its_span_and_digest() -> None:
    found = find(TEXT, "left – by train")
    assert TEXT[found.start : found.end] == "left – by train"
    assert found.digest == digest("left – by train".encode())


def test_positions_count_code_points_not_bytes() -> None:
    found = find(TEXT, "Үш министр")
    assert TEXT[found.start : found.end] == "Үш министр"


def test_white_space_in_the_passage_matches_any_in_the_text() -> None:
    found = find(TEXT, "The envoy\nleft")
    assert TEXT[found.start : found.end] == "The  envoy left"


def test_a_passage_that_occurs_twice_is_refused_until_told_which() -> None:
    with pytest.raises(AmbiguousPassage, match="2 times"):
        find(TEXT, "The envoy")
    assert find(TEXT, "The envoy", 2).start > find(TEXT, "The envoy", 1).start == 0


@pytest.mark.parametrize(
    ("passage", "occurrence", "says"),
    [("", None, "empty"), ("the envoy", None, "does not occur"), ("envoy", 3, "no occurrence 3")],
)
def test_what_is_not_there_is_refused(passage: str, occurrence: int | None, says: str) -> None:
    with pytest.raises(AuthoringError, match=says):
        find(TEXT, passage, occurrence)


@given(st.text(min_size=1, max_size=60), st.data())
def test_every_cut_is_found_again(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    words = text[start:end].split()
    if not words:
        return
    hits = 0
    while True:
        try:
            found = find(text, text[start:end], hits + 1)
        except AuthoringError:
            break
        assert text[found.start : found.end].split() == words
        assert span(text, found.start, found.end) == found
        hits += 1
    assert hits >= 1


def test_texts_are_known_by_digest_not_by_name(tmp_path: Path) -> None:
    (tmp_path / "any-name.txt").write_text(TEXT, encoding="utf-8", newline="")
    corpus = Corpus(tmp_path)
    assert corpus.text(digest(TEXT.encode())) == TEXT
    assert corpus.text(digest(b"another")) is None
    assert not Corpus(None)


def test_a_missing_folder_is_an_error_not_an_empty_corpus(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="does not exist"):
        Corpus(tmp_path / "nowhere")
