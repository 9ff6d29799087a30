"""Answers made comparable: rows without their order, columns by name."""

from __future__ import annotations

from collections import Counter

from mineralgraph.store.base import WHOLE, Dataset, Store
from mineralgraph.store.results import Boolean, Rows


def found(store: Store, text: str, dataset: Dataset = WHOLE) -> Counter[object]:
    """Return what a query answers, each row or triple with how often it is there."""
    answer = store.query(text, dataset)
    if isinstance(answer, Boolean):
        return Counter([answer.value])
    if not isinstance(answer, Rows):
        return Counter(answer)
    order = sorted(answer.columns)
    places = [answer.columns.index(name) for name in order]
    return Counter(tuple((n, row[i]) for n, i in zip(order, places, strict=True)) for row in answer)
