"""Sentences by position, with the abbreviations that diplomatic news is full of."""

from __future__ import annotations

import pytest

from mineralgraph.intake.sentences import Sentence, sentences

TEXT = (
    "Envoy J.R. Smith met the U.S. delegation in Washington, D.C. on Feb. 4. "
    "“We agree,” she said.\n"
    "\n\n   The memo – No. 12 – follows.  Үшінші сөйлем.\n"
)


def test_each_sentence_is_cut_at_its_own_characters() -> None:
    found = [TEXT[s.start : s.end] for s in sentences(TEXT)]
    assert found == [
        "Envoy J.R. Smith met the U.S. delegation in Washington, D.C. on Feb. 4.",
        "“We agree,” she said.",
        "The memo – No. 12 – follows.",
        "Үшінші сөйлем.",
    ]


def test_a_text_without_words_has_no_sentence() -> None:
    assert sentences(" \n\n \t") == []


@pytest.mark.parametrize(
    ("span", "touched"), [((0, 5), False), ((0, 6), True), ((9, 12), True), ((10, 12), False)]
)
def test_a_span_touches_by_one_shared_character(span: tuple[int, int], touched: bool) -> None:
    assert Sentence(5, 10).touches([span]) is touched
