"""``explain``: the rows of a SELECT or ASK, and what each rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from pyoxigraph import Literal, NamedNode, Triple

from mineralgraph.errors import NotAcceptable
from mineralgraph.provenance import marks
from mineralgraph.provenance.holders import ClaimNote
from mineralgraph.provenance.holding import held
from mineralgraph.provenance.how import NOTHING, How, any_of, leaves
from mineralgraph.provenance.marks import Marks
from mineralgraph.provenance.plan import Note
from mineralgraph.provenance.rewrite import QueryPlan, plan
from mineralgraph.provenance.syntax import NotUnderstood
from mineralgraph.provenance.trace import Solution, Trace, Triples
from mineralgraph.store.base import WHOLE, Dataset, Store
from mineralgraph.store.clock import on_a_day
from mineralgraph.store.results import Boolean, Rows


@dataclass(frozen=True)
class Explained:
    """An answer with its sources.

    Attributes:
        columns: the columns; empty for ASK.
        boolean: the answer of an ASK; None for a SELECT.
        rows: the rows in the engine's order; for ASK one empty row when it is true.
        hows: what each row rests on, by numbers of ``triples``.
        triples: the matched triples, with the graph that GRAPH named.
        holders: for each triple the claims, and then the reference sets, that hold it.
        claims: what the answer says of each claim.
        untraceable: what is not traced, or only partly.
        marks: which rows are contested, and on a day, whether they held.
    """

    columns: tuple[str, ...]
    boolean: bool | None
    rows: Sequence[Solution]
    hows: Sequence[How]
    triples: Sequence[Triples]
    holders: Sequence[tuple[NamedNode, ...]]
    claims: dict[NamedNode, ClaimNote]
    untraceable: tuple[Note, ...] = field(default=())
    marks: Marks = field(default_factory=Marks)

    def entries(self, number: int) -> list[int]:
        """Return the triples of a row."""
        return list(leaves(self.hows[number]))

    def witnesses(self) -> Iterator[tuple[Solution, list[tuple[NamedNode, ...]]]]:
        """Yield each row with the holders of each of its triples."""
        for number, row in enumerate(self.rows):
            yield row, [self.holders[triple] for triple in self.entries(number)]


def explain(
    store: Store, text: str, dataset: Dataset = WHOLE, *, contested: bool = False
) -> Explained:
    """Answer a SELECT or ASK query, each row with what its triples rest on.

    The rows and their order are those of the plain query, which is run as it is; other queries
    find what they rest on. What cannot be traced is named in ``untraceable``.

    Args:
        store: what to ask.
        text: the query.
        dataset: the protocol's dataset parameters.
        contested: let each row also say whether a claim that it names is contested.

    Raises:
        NotAcceptable: for CONSTRUCT and DESCRIBE, whose answers are no rows.
        QuerySyntaxError, QueryRefused, StoreError: as the store's ``query``.
    """
    answer = store.query(text, dataset)
    if isinstance(answer, Rows):
        columns: tuple[str, ...] = tuple(answer.columns)
        rows, boolean = list(answer), None
    elif isinstance(answer, Boolean):
        columns, boolean = (), answer.value
        rows = [()] if boolean else []
    else:
        raise NotAcceptable(
            "sources are given for SELECT and ASK",
            hint="The triples of CONSTRUCT have none; ask for the same pattern with SELECT.",
        )
    try:
        made = plan(text)
        trace = Trace(store, made.dataset if dataset.whole else dataset, made.constants)
        hows = _hows(trace, made, columns, rows)
        notes = [*made.notes, *trace.notes]
    except NotUnderstood as error:
        trace = Trace(store, dataset, {})
        hows, notes = [NOTHING] * len(rows), [Note(error.feature, error.why)]
    if boolean is False:
        notes.append(Note("ASK", "a false answer rests on the absence of matches"))
    elif boolean:
        notes.append(Note("ASK", "one match is given; others may exist"))
    found = _described(trace, columns, boolean, rows, hows, notes)
    against = marks.contested_rows(store, rows) if contested and columns else None
    return replace(found, marks=Marks(against, _validity(store, found)))


def _hows(
    trace: Trace, made: QueryPlan, columns: tuple[str, ...], rows: Sequence[Solution]
) -> list[How]:
    """Return what each row rests on; equal rows of a multiset get one way each."""
    if not rows:
        return []
    if sorted(columns) != sorted([*made.columns, *made.chance]):
        raise NotUnderstood("SELECT *", "the columns of the query are not those that were expected")
    order = [columns.index(name) for name in made.columns]
    keys = [tuple(row[i] for i in order) for row in rows]
    select = trace.select(made.select)
    select.prepare(keys)
    merged = {key: any_of(select.hows(key)) for key in set(keys)}
    times: dict[Solution, int] = {}
    found: list[How] = []
    lost = 0
    for key in keys:
        ways = select.hows(key)
        turn = times[key] = times.get(key, -1) + 1
        lost += not ways
        one_each = not made.select.merged and turn < len(ways)
        found.append(ways[turn] if one_each else merged[key] if ways else NOTHING)
    if lost:
        trace.note("rows", f"{lost} of {len(rows)} were not found again, so they have no sources")
    return found


def _described(
    trace: Trace,
    columns: tuple[str, ...],
    boolean: bool | None,
    rows: Sequence[Solution],
    hows: Sequence[How],
    notes: Sequence[Note],
) -> Explained:
    if trace.store.distant:
        plain = [
            Triple(subject, name, value)
            for subject, name, value, graph in trace.triples
            if graph is None and not isinstance(subject, Literal)
        ]
        trace.holders.fetch(plain, [graph for *_, graph in trace.triples if graph is not None])
    holders = [trace.holders.holders(*triple) for triple in trace.triples]
    named = dict.fromkeys(name for names in holders for name in names)
    claims = {n: trace.holders.describe(n) for n in named if trace.holders.is_claim(n)}
    against = marks.contested_claims(trace.store, claims)
    claims |= {claim: replace(claims[claim], contested=True) for claim in against}
    if not all(holders):
        notes = [*notes, Note("a matched triple", "no claim or reference set holds it")]
    return Explained(
        columns, boolean, rows, hows, trace.triples, holders, claims, tuple(dict.fromkeys(notes))
    )


def _validity(store: Store, found: Explained) -> tuple[str | None, ...] | None:
    """Return whether the rows held: by the claim that they are about, else by their sources."""
    if not on_a_day(store.quads):
        return None
    words = {name: note.validity for name, note in found.claims.items()}
    named = marks.by_claim(store, found.columns, found.rows)
    rests = (held(how, found.holders, words.get) for how in found.hows)
    return tuple(one or other for one, other in zip(named, rests, strict=True))
