"""Generated queries on generated data: the rows are the plain query's, the witnesses true ones."""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations

from hypothesis import HealthCheck, assume, given, settings
from pyoxigraph import Quad

from mineralgraph.errors import QuerySyntaxError
from mineralgraph.provenance.explain import Explained, explain
from mineralgraph.store.embedded import EmbeddedStore
from tests.provenance import worlds

PARTLY = {
    "property path of length zero",  # needs its node to be there, which no triple shows
    "EXISTS with a sub-SELECT that counts or cuts",
    "EXISTS with BIND",
    "EXISTS with an OPTIONAL that has more than patterns",
    "EXISTS in the filter of an OPTIONAL",
    "EXISTS with a variable made beside it",
    "EXISTS of a group in GRAPH with a variable",
}
FALLING = re.compile("MINUS|OPTIONAL|NOT|!|COUNT|MIN|IF|LIMIT")
"""With these inside, an EXISTS may match in a part of the data though not in all of it."""
LOST = {"rows", "sub-SELECT", "property path", "EXISTS", "a triple pattern", "a matched triple"}
relaxed = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def explained(store: EmbeddedStore, query: str) -> Explained:
    try:
        store.query(query)
    except QuerySyntaxError:
        assume(False)
    return explain(store, query)


def features(answer: Explained) -> set[str]:
    return {note.feature for note in answer.untraceable}


@relaxed
@given(worlds.datasets(10), worlds.ANY)
def test_rows_are_the_plain_ones_and_each_is_found_again(
    quads: frozenset[Quad], query: str
) -> None:
    store = worlds.store_of(quads)
    answer = explained(store, query)
    assert Counter(answer.rows) == worlds.plain(store, query)
    assert not features(answer) & LOST, answer.untraceable


@relaxed
@given(worlds.datasets(8), worlds.ANY)
def test_what_a_row_rests_on_suffices_for_it(quads: frozenset[Quad], query: str) -> None:
    store = worlds.store_of(quads)
    answer = explained(store, query)
    assume("LIMIT" not in query)  # which rows are cut depends on all of them
    assume(not features(answer) & PARTLY)
    assume("NOT EXISTS" not in query or query.count("EXISTS") == 1)
    assume("MINUS" not in query or "EXISTS" not in query)  # what it finds may undo a MINUS no more
    assume("EXISTS without a match" not in features(answer) or not FALLING.search(query))
    for number, row in enumerate(answer.rows):
        kept = frozenset(
            Quad(*answer.triples[triple][:3], holder)
            for triple in answer.entries(number)
            for holder in answer.holders[triple]
        )
        assert row in worlds.plain(worlds.store_of(kept - worlds.FLAGS), query), kept


@relaxed
@given(worlds.datasets(6), worlds.POSITIVE)
def test_the_derivations_are_exactly_the_minimal_witnesses(
    quads: frozenset[Quad], query: str
) -> None:
    """Brute force: every part of the data is tried (sound and complete, positive queries)."""
    store = worlds.store_of(quads)
    answer = explained(store, query)
    assume(answer.boolean is None)
    witnesses: dict[object, set[frozenset[Quad]]] = {}
    for size in range(len(quads) + 1):
        for part in map(frozenset, combinations(sorted(quads, key=str), size)):
            for row in worlds.plain(worlds.store_of(part), query):
                witnesses.setdefault(row, set()).add(part)
    said: dict[object, set[frozenset[Quad]]] = {}
    for row, how in zip(answer.rows, answer.hows, strict=True):
        said.setdefault(row, set()).update(worlds.products(answer, how))
    assert {row: worlds.minimal(sets) for row, sets in said.items()} == {
        row: worlds.minimal(sets) for row, sets in witnesses.items()
    }
