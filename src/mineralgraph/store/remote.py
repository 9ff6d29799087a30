"""Any SPARQL 1.1 service as a store: same contract, same answers (``store.base``).

The current view stands in the named graph ``CURRENT_VIEW`` and queries are rewritten to see it
(``store.rewrite``). Only graphs under ``id/`` belong to the dataset, so that an engine may hold
other people's graphs beside ours. A change is one DELETE/INSERT operation that happens only if
the dataset version is still the one that it was computed on, so that two writers cannot mix.
"""

from __future__ import annotations

import contextlib
import copy
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import ClassVar, TypeVar, cast

import pyoxigraph
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad

from mineralgraph.errors import MineralgraphError, NotOffered, StoreBusy, StoreError
from mineralgraph.rdf.namespaces import (
    CURRENT_VIEW,
    DATASET,
    ID_BASE,
    MG,
    SCHEMA,
    SERVICE_GRAPH,
)
from mineralgraph.store import view
from mineralgraph.store.base import WHOLE, Applied, Change, Dataset, Graph, Store, Term
from mineralgraph.store.embedded import EmbeddedStore
from mineralgraph.store.remote_answers import (
    GivenTriples,
    RemoteBoolean,
    RemoteRows,
    RemoteTriples,
    canonical_quad,
)
from mineralgraph.store.remote_http import Call, checked_url
from mineralgraph.store.remote_wire import Client, Credentials, endpoints
from mineralgraph.store.results import Answer
from mineralgraph.store.rewrite import Description, Rewritten, rewrite

READ_BATCH, TRIPLE_BATCH, LOAD_BATCH = 200, 50, 500
WRITE_SECONDS = 300.0
_OURS = f'FILTER(STRSTARTS(STR(?g), "{ID_BASE}"))'
_BROKEN_OFF = f"After a start that was broken off, drop the graphs under {ID_BASE} there."
_T = TypeVar("_T")


class RemoteStore(Store):
    """A SPARQL 1.1 service by its address; safe for threads."""

    distant: ClassVar[bool] = True

    def __init__(
        self,
        url: str,
        *,
        update: str | None = None,
        credentials: Credentials | None = None,
        timeout: float = 30.0,
    ) -> None:
        """Prepare a client; nothing is sent yet.

        Args:
            url: address for queries (see ``remote_wire.endpoints`` for the forms).
            update: address for updates where it cannot be told from the other.
            credentials: who asks.
            timeout: seconds that a query may take where its caller does not say.

        Raises:
            SettingsError: when an address is none.
        """
        self.url = checked_url(url)
        addresses = endpoints(self.url, checked_url(update) if update else None)
        self._client = Client(addresses, credentials)
        self._timeout = timeout
        self._writing = threading.Lock()
        self._call: Call | None = None

    @property
    def engine(self) -> str:
        """How the service names itself; empty until it has answered, or where it does not."""
        return self._client.engine

    def within(self, call: Call) -> RemoteStore:
        """Return this store with everything that reads under one deadline."""
        other = copy.copy(self)
        other._call = call
        return other

    def query(self, text: str, dataset: Dataset = WHOLE) -> Answer:
        """See ``Store.query``."""
        sent = rewrite(text, dataset)
        call = self._call or Call(self._timeout)
        try:
            if isinstance(sent, Description):
                return self._describe(sent, call)
            return self._answer(sent, call)
        except BaseException:
            call.finish()
            raise

    def _answer(self, sent: Rewritten, call: Call) -> Answer:
        if sent.merges and not self._merges_sets(call):
            raise NotOffered(
                "the engine behind this service finds a triple once for each graph of a merged "
                "default graph that holds it, so that its answer would be wrong",
                hint="Name one default graph, or match in GRAPH ?g and say DISTINCT.",
            )
        return self._send(sent.text, sent.form, call)

    def _merges_sets(self, call: Call) -> bool:
        """Tell whether the engine merges default graphs as sets (SPARQL 1.1, section 13.1).

        The version stands in the service's graph and in the view, and must be found once.
        """
        if self._client.merges_sets is None:
            text = f"FROM {SERVICE_GRAPH} FROM {CURRENT_VIEW} {{ {DATASET} {SCHEMA.version} ?v }}"
            rows = cast(RemoteRows, self._send(f"SELECT ?v {text}", "SELECT", call))
            found = len(list(rows))
            if not found:
                return True  # an empty store
            self._client.merges_sets = found == 1
        return self._client.merges_sets

    def _send(self, text: str, form: str, call: Call) -> Answer:
        reply = self._client.query(text, form, call)
        if form == "SELECT":
            return RemoteRows(reply, exact=self.engine.startswith("oxigraph"))
        return RemoteBoolean(reply) if form == "ASK" else RemoteTriples(reply)

    def _describe(self, asked: Description, call: Call) -> Answer:
        """Answer DESCRIBE: the triples of the resources' own, as there are no blank nodes."""
        resources = dict.fromkeys(asked.resources)
        if asked.select is not None:
            sent = rewrite(asked.select, asked.dataset)
            assert not isinstance(sent, Description)  # noqa: S101
            rows = cast(RemoteRows, self._answer(sent, call))
            resources |= dict.fromkeys(c for row in rows for c in row if isinstance(c, NamedNode))
        triples = []
        for some in _batches(resources, READ_BATCH):
            listed = " ".join(map(str, some))
            text = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ VALUES ?s {{ {listed} }} ?s ?p ?o }}"
            step = rewrite(text, asked.dataset)
            assert not isinstance(step, Description)  # noqa: S101
            triples += list(cast(RemoteTriples, self._send(step.text, "CONSTRUCT", call)))
        call.finish()
        return GivenTriples(triples)

    def quads(
        self,
        subject: Term | None = None,
        predicate: NamedNode | None = None,
        object: Term | None = None,
        graph: Graph | None = None,
    ) -> Iterator[Quad]:
        """See ``Store.quads``; the view's quads are those of the default graph."""
        if isinstance(subject, BlankNode) or isinstance(object, BlankNode):
            return iter(())  # there are none in the store
        name = CURRENT_VIEW if isinstance(graph, DefaultGraph) else graph
        if name is not None and (name == CURRENT_VIEW) != isinstance(graph, DefaultGraph):
            return iter(())  # the view is no named graph
        slots = [
            str(term) if term is not None else f"?{variable}"
            for variable, term in zip("spog", (subject, predicate, object, name), strict=True)
        ]
        pattern = f"GRAPH {slots[3]} {{ {slots[0]} {slots[1]} {slots[2]} }}"
        return self._found(pattern, (subject, predicate, object, name))

    def _found(self, pattern: str, known: Sequence[Term | None]) -> Iterator[Quad]:
        free = [v for v, term in zip("spog", known, strict=True) if term is None]
        limit = _OURS if "g" in free else ""
        if not free:
            if self._ask(pattern):
                yield _quad(cast("Sequence[Term]", known))
            return
        text = f"SELECT {' '.join(f'?{v}' for v in free)} {{ {pattern} {limit} }}"
        for row in self._rows(text):
            found = dict(zip(free, row, strict=True))
            whole = [term or found[v] for v, term in zip("spog", known, strict=True)]
            yield _quad(cast("Sequence[Term]", whole))

    def _rows(self, text: str) -> RemoteRows:
        return cast(RemoteRows, self._send(text, "SELECT", self._call or Call(WRITE_SECONDS)))

    def _ask(self, pattern: str) -> bool:
        sent = self._send(f"ASK {{ {pattern} }}", "ASK", self._call or Call(self._timeout))
        return cast(RemoteBoolean, sent).value

    def held_in(self, triples: Sequence[pyoxigraph.Triple]) -> list[list[Graph]]:
        """See ``Store.held_in``; each triple is a pattern, as where it is asked for alone."""
        found: list[list[Graph]] = [[] for _ in triples]
        for some in _batches(enumerate(triples), TRIPLE_BATCH):
            parts = (f"{{ BIND({n} AS ?n) GRAPH ?g {{ {triple} }} }}" for n, triple in some)
            for number, graph in self._rows(f"SELECT ?n ?g {{ {' UNION '.join(parts)} {_OURS} }}"):
                name = DefaultGraph() if graph == CURRENT_VIEW else cast(NamedNode, graph)
                found[int(cast(Literal, number).value)].append(name)
        return found

    def about(self, subjects: Iterable[Term]) -> Iterator[Quad]:
        """See ``Store.about``."""
        named = (s for s in subjects if isinstance(s, NamedNode))
        for some in _batches(named, READ_BATCH):
            values = f"VALUES ?s {{ {' '.join(map(str, some))} }}"
            text = f"SELECT ?s ?p ?o {{ {values} GRAPH {CURRENT_VIEW} {{ ?s ?p ?o }} }}"
            for row in self._rows(text):
                yield _quad(cast("Sequence[Term]", (*row, CURRENT_VIEW)))

    def graph_names(self) -> Iterator[NamedNode]:
        """See ``Store.graph_names``."""
        for (name,) in self._rows(f"SELECT DISTINCT ?g {{ GRAPH ?g {{ ?s ?p ?o }} {_OURS} }}"):
            if isinstance(name, NamedNode) and name != CURRENT_VIEW:
                yield name

    def version(self) -> str:
        """See ``Store.version``."""
        return view.version_of(self.quads)

    def apply(self, change: Change) -> Applied:
        """See ``Store.apply``: one operation, on the condition that the version is as read."""
        _refuse_foreign(change.added)
        with self._writing, contextlib.closing(self._near(change)) as near:
            change = Change(
                frozenset(q for q in change.added if not near.holds(q)),
                frozenset(q for q in change.removed if near.holds(q) and q not in change.added),
            )
            if not change:
                return Applied(near.version())
            former = near.version()
            change, version = view.stamp(near.quads, change)
            shown = view.effect(near.quads, change)
            removed = [*change.removed, *(_in_default(t) for t in shown.removed)]
            added = [*change.added, *(_in_default(t) for t in shown.added)]
            self._exchange(removed, added, former, version)
            return Applied(version, tuple(removed), tuple(added))

    def _near(self, change: Change) -> _Near:
        """Copy what decides a change's effect: the quads of its subjects, and their holders."""
        near = _Near()
        touched = change.added | change.removed
        try:
            near.add(self.quads(DATASET, SCHEMA.version, None, SERVICE_GRAPH))
            flipped = {q.subject for q in touched if q.predicate == MG.current}
            inside = list(self._matching("g", flipped))
            near.add(inside)
            about = list(self._matching("s", {q.subject for q in [*touched, *inside]}))
            near.add(about)
            claims = {q.graph_name for q in [*inside, *about]} | {q.graph_name for q in touched}
            near.add(self._matching("s", claims, f"?p = {MG.current}"))
        except BaseException:
            near.close()
            raise
        return near

    def _matching(
        self, variable: str, values: Iterable[object], condition: str = ""
    ) -> Iterator[Quad]:
        """Yield the quads whose subject or graph is one of some IRIs."""
        named = sorted({str(v) for v in values if isinstance(v, NamedNode)})
        limit = f"FILTER({condition})" if condition else ""
        for some in _batches(named, READ_BATCH):
            text = (
                f"SELECT ?s ?p ?o ?g {{ VALUES ?{variable} {{ {' '.join(some)} }} "
                f"GRAPH ?g {{ ?s ?p ?o }} {_OURS} {limit} }}"
            )
            for row in self._rows(text):
                yield _quad(cast("Sequence[Term]", row))

    def _exchange(self, removed: list[Quad], added: list[Quad], former: str, version: str) -> None:
        """Send the one operation and make sure that it has happened."""
        stamped = f"GRAPH {SERVICE_GRAPH} {{ {DATASET} {SCHEMA.version} "
        if former == "empty":
            condition = f"FILTER NOT EXISTS {{ {stamped} ?v }} }}"
        else:
            condition = f'{stamped} "{former}" }}'
        delete = f"DELETE {{ {_data(removed)} }}\n" if removed else ""
        insert = f"INSERT {{ {_data(added)} }}\n"
        try:
            self._client.update(f"{delete}{insert}WHERE {{ {condition} }}", Call(WRITE_SECONDS))
        except MineralgraphError as error:
            if self._version_now() != version:
                raise StoreError(f"the change was not made: {error.detail}") from error
            return  # it has happened; only the answer was lost
        if self.version() != version:
            raise StoreBusy(
                "somebody else wrote to the engine at the same moment; nothing was changed",
                hint="Send it again.",
            )

    def _version_now(self) -> str | None:
        try:
            return self.version()
        except MineralgraphError:
            return None

    def load(self, quads: Iterable[Quad]) -> str:
        """See ``Store.load``: in batches, the version last; what a failure leaves is removed."""
        given = frozenset(quads)
        _refuse_foreign(given)
        with self._writing:
            if self._ask(f"GRAPH ?g {{ ?s ?p ?o }} {_OURS}"):
                raise StoreError("only an empty store can be loaded", hint=_BROKEN_OFF)
            change, version = view.stamp(lambda *_: (), Change(given))
            stamp = view.version_quad(version)
            shown = map(_in_default, view.derive(change.added))
            rest = sorted({*map(canonical_quad, change.added - {stamp}), *shown}, key=_by_graph)
            try:
                for some in [*_batches(rest, LOAD_BATCH), [stamp]]:
                    self._client.update(f"INSERT DATA {{ {_data(some)} }}", Call(WRITE_SECONDS))
            except MineralgraphError as error:
                self._wipe()
                raise StoreError(f"the store was not filled: {error.detail}") from error
        return version

    def clear(self) -> None:
        """Remove the dataset; other people's graphs stay.

        Raises:
            StoreError: when the engine fails.
        """
        for some in _batches([*self.graph_names(), CURRENT_VIEW], LOAD_BATCH):
            text = " ;\n".join(f"CLEAR SILENT GRAPH {graph}" for graph in some)
            self._client.update(text, Call(WRITE_SECONDS))

    def _wipe(self) -> None:
        try:
            self.clear()
        except MineralgraphError as error:
            raise StoreError(
                f"the store was filled in part only, and could not be cleared: {error.detail}",
                hint="Empty it by the engine's own means before the next start.",
            ) from error

    def close(self) -> None:
        """See ``Store.close``."""
        self._client.close()


class _Near(EmbeddedStore):
    """The part of the remote dataset that a change touches, at hand for ``store.view``."""

    def add(self, quads: Iterable[Quad]) -> None:
        """Take quads in."""
        self._store.extend(quads)

    def holds(self, quad: Quad) -> bool:
        """Tell whether a quad is there."""
        return quad in self._store


def _quad(parts: Sequence[Term]) -> Quad:
    """Return a quad from its four terms; the view's graph is the default graph."""
    subject, predicate, obj, graph = parts
    name = DefaultGraph() if graph == CURRENT_VIEW else cast(NamedNode, graph)
    return canonical_quad(Quad(cast(NamedNode, subject), cast(NamedNode, predicate), obj, name))


def _in_default(triple: pyoxigraph.Triple) -> Quad:
    return canonical_quad(Quad(triple.subject, triple.predicate, triple.object, DefaultGraph()))


def _by_graph(quad: Quad) -> str:
    return str(quad.graph_name)


def _data(quads: Iterable[Quad]) -> str:
    """Render quads by graph for an update; the terms render themselves."""
    graphs: defaultdict[str, list[str]] = defaultdict(list)
    for quad in map(canonical_quad, quads):
        name = quad.graph_name
        graph = CURRENT_VIEW if isinstance(name, DefaultGraph) else name
        graphs[str(graph)].append(f"{quad.subject} {quad.predicate} {quad.object} .")
    return "\n".join(f"GRAPH {g} {{ {' '.join(lines)} }}" for g, lines in sorted(graphs.items()))


def _refuse_foreign(quads: Iterable[Quad]) -> None:
    """Refuse what a remote store could not tell from other people's data.

    Raises:
        StoreError: for graphs outside ``id/`` and for blank nodes.
    """
    for quad in quads:
        name = quad.graph_name
        if not isinstance(name, NamedNode) or not name.value.startswith(ID_BASE):
            raise StoreError(
                f"{name} is no graph of the dataset: on a remote engine their names begin "
                f"with {ID_BASE}"
            )
        if isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode):
            raise StoreError("a remote store takes no blank nodes")


def _batches(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    remaining = iter(items)
    while some := list(islice(remaining, size)):
        yield some
