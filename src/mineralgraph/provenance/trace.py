"""Running the annotated queries and reading from their solutions what each row rests on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from mineralgraph.errors import QuerySyntaxError, StoreError
from mineralgraph.provenance.holders import Holders
from mineralgraph.provenance.how import NOTHING, How, all_of, any_of
from mineralgraph.provenance.plan import (
    EMPTY,
    Alternatives,
    Branches,
    Edge,
    Existing,
    Joined,
    Matched,
    Nested,
    Note,
    Ref,
    Seen,
    SelectPlan,
    Tested,
    Tracer,
    Walk,
)
from mineralgraph.provenance.syntax import NotUnderstood
from mineralgraph.provenance.walks import Walker
from mineralgraph.store.base import Dataset, Store, Term
from mineralgraph.store.results import Cell, Rows

Solution = tuple[Cell, ...]
Triples = tuple[Term, NamedNode, Term, NamedNode | None]

BATCH = 500
MATCHES = 16
"""So many matches of one EXISTS are given as alternatives at most."""
PROBE = "SELECT ?g { GRAPH ?g { { SELECT ?s { ?s ?p ?o } LIMIT 1 } } } LIMIT 1"
"""Whether a sub-SELECT in GRAPH with a variable binds it."""


class Trace:
    """The tracing of one query on one store."""

    def __init__(self, store: Store, dataset: Dataset, constants: Mapping[str, Term]) -> None:
        self.holders = Holders(store, dataset)
        self.triples: list[Triples] = []
        self.notes: dict[Note, None] = {}
        self.store = store
        self._dataset = dataset
        self._constants = constants
        self._ids: dict[Triples, int] = {}
        self._walkers: dict[NamedNode | None, Walker] = {}
        self._selects: dict[SelectPlan, Select] = {}
        self._exists: dict[Existing, dict[Solution, How | None]] = {}
        self._loose: bool | None = None

    def solutions(self, text: str) -> Iterable[Solution]:
        """Run a query of ours."""
        try:
            answer = self.store.query_accepted(text, self._dataset)
        except QuerySyntaxError as error:
            why = f"the engine does not accept its annotated form: {error}"
            raise NotUnderstood("the query", why) from error
        if not isinstance(answer, Rows):
            raise StoreError("a query for sources gave no rows")
        return answer

    def note(self, feature: str, why: str) -> None:
        """Name something that is not traced in this answer."""
        self.notes[Note(feature, why)] = None

    def select(self, plan: SelectPlan) -> Select:
        """Return the tracing of one SELECT of the query."""
        if plan not in self._selects:
            self._selects[plan] = Select(self, plan)
        return self._selects[plan]

    def leaf(self, triple: Triples) -> int:
        """Return the number of a triple."""
        number = self._ids.get(triple)
        if number is None:
            number = self._ids[triple] = len(self.triples)
            self.triples.append(triple)
        return number

    def prepare(self, tracer: Tracer, solutions: Sequence[Solution]) -> None:
        """Ask for everything at once that the tracers of these solutions will need."""
        match tracer:
            case Joined(parts):
                for part in parts:
                    self.prepare(part, solutions)
            case Matched(marker, part):
                self.prepare(part, [s for s in solutions if s[marker] is not None])
            case Branches(marker, parts):
                for number, part in enumerate(parts):
                    self.prepare(part, [s for s in solutions if _number(s[marker]) == number])
            case Alternatives(parts):
                tests = [part.marker for part in parts if isinstance(part, Tested)]
                left = [s for s in solutions if all(s[test] is None for test in tests)]
                for part in parts:
                    self.prepare(part, left)
            case Nested() if self._follows(tracer):
                self.select(tracer.plan).prepare({_row(tracer.row, s) for s in solutions})
            case Existing():
                self._prepare_exists(tracer, {_row(tracer.columns, s) for s in solutions})
            case Seen(existing):
                self.prepare(existing, solutions)

    def how(self, tracer: Tracer, solution: Solution) -> How:
        """Return what one solution rests on."""
        if type(tracer) is Edge:  # nearly all are; it is kept off the slower matching
            return self._edge(tracer, solution)
        match tracer:
            case Joined(parts):
                return all_of([self.how(part, solution) for part in parts])
            case Matched(marker, part):
                return NOTHING if solution[marker] is None else self.how(part, solution)
            case Branches(marker, parts):
                return self.how(parts[_number(solution[marker])], solution)
            case Walk():
                return self._walk(tracer, solution)
            case Nested(plan, row):
                followed = self._follows(tracer)
                return self._nested(plan, _row(row, solution)) if followed else NOTHING
            case Seen():
                return self._seen(tracer, solution)
        found = self._held(tracer, solution)
        if found is None:
            self.note("EXISTS", "a match of it was not found again")
        return NOTHING if found is None else found

    def _edge(self, edge: Edge, solution: Solution) -> How:
        s, p, o, g = edge.subject, edge.predicate, edge.object, edge.graph
        key = (
            solution[s] if s.__class__ is int else s,
            solution[p] if p.__class__ is int else p,
            solution[o] if o.__class__ is int else o,
            solution[g] if g.__class__ is int else g,
        )
        known = self._ids.get(key)  # type: ignore[arg-type]
        return self._new_edge(edge, *key) if known is None else known  # type: ignore[arg-type]

    def _new_edge(
        self, edge: Edge, subject: Cell, predicate: Cell, target: Cell, graph: Cell
    ) -> How:
        if (
            isinstance(predicate, NamedNode)
            and isinstance(subject, _NODES)
            and isinstance(target, _TERMS)
            and (isinstance(graph, NamedNode) or (graph is None and edge.graph is None))
        ):
            return self.leaf((subject, predicate, target, graph))
        self.note("a triple pattern", "its terms are not IRIs or literals of RDF 1.1")
        return NOTHING

    def _walk(self, walk: Walk, solution: Solution) -> How:
        start, end, graph = (
            solution[ref] if isinstance(ref, int) else ref
            for ref in (walk.subject, walk.object, walk.graph)
        )
        found: How | None = None
        place = graph if isinstance(graph, NamedNode) else None
        known = walk.graph is None or place is not None
        if known and isinstance(start, _TERMS) and isinstance(end, _TERMS):
            found = self._walker(place).way(walk.path, start, end)
        if found is not None:
            return found
        self.note("property path", "a way that the engine found was not found again")
        return NOTHING

    def _walker(self, graph: NamedNode | None) -> Walker:
        if graph not in self._walkers:
            self._walkers[graph] = Walker(
                self.holders,
                graph,
                self._constants,
                lambda s, p, o: self.leaf((s, p, o, graph)),
                lambda: self.note(
                    "property path with * or +",
                    "one shortest way is given; other ways may lead there too",
                ),
                lambda: self.note("property path of length zero", "it walks no triple"),
            )
        return self._walkers[graph]

    def _nested(self, plan: SelectPlan, row: Solution) -> How:
        found = self.select(plan).hows(row)
        if not found:
            self.note("sub-SELECT", "a row of it was not found again")
            return NOTHING
        return any_of(found)

    def _follows(self, nested: Nested) -> bool:
        """Whether a sub-SELECT is traced on this engine.

        Inside GRAPH with a variable, Oxigraph 0.5 joins a sub-SELECT of any graph and leaves the
        variable alone, against SPARQL 1.1 section 18.6. The plan follows that; engines that bind
        the variable are told by asking them.
        """
        if not nested.loose:
            return True
        if self._loose is None:
            found = self.solutions(PROBE)
            self._loose = all(graph is None for (graph,) in found)
        if not self._loose:
            self.note("sub-SELECT in GRAPH with a variable", "not traced as this engine reads it")
        return self._loose

    def _seen(self, seen: Seen, solution: Solution) -> How:
        found = self._held(seen.existing, solution)
        if found is None:
            if seen.absent:
                self.notes[seen.absent] = None
            return NOTHING
        return found

    def _held(self, tracer: Tracer, solution: Solution) -> How | None:
        """Return what a condition rests on in a solution; None where it did not hold."""
        match tracer:
            case Tested(marker):
                return None if solution[marker] is None else NOTHING
            case Existing():
                return self._exists[tracer].get(_row(tracer.columns, solution))
            case Joined(parts):
                ways = [self._held(part, solution) for part in parts]
                found = [way for way in ways if way is not None]
                return all_of(found) if len(found) == len(ways) else None
            case Alternatives(parts):
                tests = [part for part in parts if isinstance(part, Tested)]
                if any(self._held(test, solution) is not None for test in tests):
                    return NOTHING
                ways = [self._held(part, solution) for part in parts]
                found = [way for way in ways if way is not None]
                return any_of(found) if found else None
        return self.how(tracer, solution)

    def _prepare_exists(self, existing: Existing, keys: set[Solution]) -> None:
        known = self._exists.setdefault(existing, {})
        waiting = [key for key in keys if key not in known]
        known.update(dict.fromkeys(waiting))
        usable = [key for key in waiting if not any(isinstance(c, _UNWRITTEN) for c in key)]
        for low in range(0, len(usable), BATCH):
            batch = usable[low : low + BATCH]
            text = existing.text.replace(existing.inject, _values(existing.bound, batch))
            matches: dict[int, list[Solution]] = {}
            limit = "" if existing.columns else f" LIMIT {MATCHES + 1}"
            for solution in self.solutions(text + limit):
                found = matches.setdefault(_number(solution[0]), [])
                if len(found) <= MATCHES:
                    found.append(solution)
            for number, found in matches.items():
                if len(found) > MATCHES:
                    self.note(
                        "EXISTS with many matches", f"{MATCHES} matches are given; there are more"
                    )
                kept = found[:MATCHES]
                self.prepare(existing.part, kept)
                known[batch[number]] = any_of([self.how(existing.part, s) for s in kept])


class Select:
    """The tracing of one SELECT: from a row to what it rests on."""

    def __init__(self, trace: Trace, plan: SelectPlan) -> None:
        self._trace = trace
        self._plan = plan
        self._whole = False
        self._solutions: dict[Solution, list[Solution]] | None = None
        self._keys: dict[Solution, list[Solution]] | None = None
        self._hows: dict[Solution, list[How]] = {}

    def prepare(self, rows: Iterable[Solution]) -> None:
        """Find the solutions of these rows, and what those need."""
        wanted = [row for row in dict.fromkeys(rows) if row not in self._hows]
        groups = self._read(self._plan.limited or self._plan.text)
        if self._plan.limited and not self._whole and any(row not in groups for row in wanted):
            # Rows that tie for the last places may be cut differently: now all are read.
            self._whole, self._solutions = True, None
            groups = self._read(self._plan.text)
        found = {row: self._solutions_of(row, groups) for row in wanted}
        self._trace.prepare(
            self._plan.tracer, [s for lists in found.values() for part in lists for s in part]
        )
        if self._plan.also is not EMPTY:
            keys = {self._key(part) for lists in found.values() for part in lists}
            self._trace.prepare(self._plan.also, list(keys))
        for row, lists in found.items():
            self._hows[row] = [self._of(solutions) for solutions in lists]

    def _of(self, solutions: Sequence[Solution]) -> How:
        found = [self._trace.how(self._plan.tracer, s) for s in solutions]
        if self._plan.also is not EMPTY:
            found.append(self._trace.how(self._plan.also, self._key(solutions)))
        return found[0] if len(found) == 1 else all_of(found)

    def _key(self, solutions: Sequence[Solution]) -> Solution:
        """Return the keys of a group; the one group of a query without keys may be empty."""
        return solutions[0][: self._plan.width] if solutions else ()

    def _read(self, text: str) -> dict[Solution, list[Solution]]:
        if self._solutions is None:
            self._solutions = {}
            width = self._plan.width
            for solution in self._trace.solutions(text):
                self._solutions.setdefault(solution[:width], []).append(solution)
        return self._solutions

    def _solutions_of(
        self, row: Solution, groups: Mapping[Solution, list[Solution]]
    ) -> list[list[Solution]]:
        """Return the solutions of a row: one list for each way that it comes about."""
        plan = self._plan
        if not plan.grouped:
            return [[solution] for solution in groups.get(row, ())]
        if plan.keys is not None:
            return [list(groups.get(tuple(row[k] for k in plan.keys), ()))]
        return [list(groups.get(key, ())) for key in self._keyed().get(row, ())]

    def _keyed(self) -> dict[Solution, list[Solution]]:
        if self._keys is None:
            self._keys = {}
            for solution in self._trace.solutions(self._plan.keyed or ""):
                cut = len(solution) - self._plan.width
                self._keys.setdefault(solution[:cut], []).append(solution[cut:])
        return self._keys

    def hows(self, row: Solution) -> list[How]:
        """Return each way that a prepared row comes about; empty when it was not found again."""
        return self._hows.get(row, [])


_NODES = (NamedNode, BlankNode)
_TERMS = (NamedNode, BlankNode, Literal)
_UNWRITTEN = (BlankNode, Triple)


def _row(refs: Iterable[Ref], solution: Solution) -> Solution:
    return tuple(solution[ref] if isinstance(ref, int) else ref for ref in refs)


def _number(cell: Cell) -> int:
    return int(cell.value) if isinstance(cell, Literal) else -1


def _values(names: Sequence[str], rows: Sequence[Solution]) -> str:
    heads = " ".join(f"?{name}" for name in names)
    lines = (
        f"({number} {' '.join('UNDEF' if cell is None else str(cell) for cell in row)})"
        for number, row in enumerate(rows)
    )
    return f"VALUES ({heads}) {{ {' '.join(lines)} }}"
