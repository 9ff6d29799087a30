"""Oxigraph inside the process: in memory, or in a folder (RocksDB).

The current view is Oxigraph's default graph. ``CURRENT_VIEW`` in ``FROM`` or in a protocol
parameter names that graph. One process may have a folder open for writing; see
``docs/explanation/processes.md`` for how readers get along.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import urljoin

import pyoxigraph
from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, RdfFormat

from mineralgraph.errors import (
    MineralgraphError,
    QueryRefused,
    QuerySyntaxError,
    StoreBusy,
    StoreError,
)
from mineralgraph.rdf import sparql
from mineralgraph.rdf.namespaces import CURRENT_VIEW, GRAPH_BASE, prefixes, prefixes_in
from mineralgraph.rdf.query_text import QueryText
from mineralgraph.store import view
from mineralgraph.store.base import WHOLE, Applied, Change, Dataset, Graph, Store, Term
from mineralgraph.store.clock import Clock, Selection
from mineralgraph.store.descriptions import Descriptions
from mineralgraph.store.embedded_results import EmbeddedBoolean, EmbeddedRows, EmbeddedTriples
from mineralgraph.store.history import History, Patch
from mineralgraph.store.results import Answer

GraphName = NamedNode | BlankNode | DefaultGraph
_AT = re.compile(r"at (\d+):(\d+)")


class EmbeddedStore(Store):
    """Oxigraph in memory (``folder`` is None) or in a folder."""

    def __init__(self, folder: Path | None = None, *, read_only: bool = False) -> None:
        """Open the store, making the folder when it is not there.

        Raises:
            StoreBusy: when another process has the folder open for writing.
            StoreError: when the folder cannot be opened.
        """
        self.folder = folder
        self.history: History | None = None
        self._descriptions = Descriptions(self.quads)
        self._closed = False
        try:
            if folder is None:
                self._store = pyoxigraph.Store()
            elif read_only:
                self._store = pyoxigraph.Store.read_only(str(folder))
            else:
                folder.parent.mkdir(parents=True, exist_ok=True)
                self._store = pyoxigraph.Store(str(folder))
        except OSError as error:
            if "lock" in str(error).lower():
                raise StoreBusy(f"{folder} is open in another process") from error
            raise StoreError(f"{folder} cannot be opened: {error}") from error

    @classmethod
    def from_file(cls, path: Path) -> EmbeddedStore:
        """Return an in-memory store with the quads of an N-Quads file, view included.

        Raises:
            StoreError: when the file cannot be read.
        """
        store = cls()
        try:
            store._store.bulk_load(path=path, format=RdfFormat.N_QUADS)
        except (OSError, SyntaxError) as error:
            raise StoreError(f"{path} cannot be loaded: {error}") from error
        return store

    @classmethod
    def holding(cls, quads: Collection[Quad]) -> EmbeddedStore:
        """Return an in-memory store to ask about some quads: they and their view, no version."""
        store = cls.of(quads)
        store._store.update(_VIEW, prefixes=prefixes())
        return store

    @classmethod
    def of(cls, quads: Collection[Quad]) -> EmbeddedStore:
        """Return an in-memory store of some quads, and nothing else; no view is derived."""
        store = cls()
        store._store.bulk_extend(quads)
        return store

    def seen_by(self, clock: Clock) -> EmbeddedStore:
        """Return an in-memory store of what a clock shows, with the view of that.

        The dataset version stays: what is shown is a selection of it.
        """
        selection = Selection(self.quads, clock)
        other = EmbeddedStore()
        for graph in self.graph_names():
            if graph not in selection.hidden:
                other._store.bulk_extend(self.quads(graph=graph))
        for quad in selection.removed:
            other._store.remove(quad)
        other._store.extend(selection.added)
        other._store.update(_VIEW, prefixes=prefixes())
        return other

    def before(self, patches: Iterable[Patch]) -> EmbeddedStore:
        """Return an in-memory copy in which patches are undone, newest first."""
        other = EmbeddedStore()
        other._store.bulk_extend(self.quads())
        for patch in patches:
            other.patch(patch.added, patch.removed)
        return other

    def query(self, text: str, dataset: Dataset = WHOLE) -> Answer:
        """See ``Store.query``."""
        query = refuse(text)
        if dataset.whole and query.may_say("FROM"):
            dataset = dataset_of(query.tokens)
        return self.query_accepted(text, dataset)

    def query_accepted(self, text: str, dataset: Dataset = WHOLE) -> Answer:
        """See ``Store.query_accepted``."""
        default, named = _graphs(dataset)
        store = self._store
        if default is not None and len(default) > 1:
            # Oxigraph 0.5.13 finds a triple once for each of the graphs that hold it; the merge
            # of graphs is a set (SPARQL 1.1, section 13.1).
            store, default = self._merged(default, named or []), [DefaultGraph()]
        try:
            found = store.query(
                text, prefixes=prefixes_in(text), default_graph=default, named_graphs=named
            )
        except SyntaxError as error:
            raise syntax_error(error) from error
        except (OSError, RuntimeError, ValueError) as error:
            raise engine_error(error) from error
        if isinstance(found, pyoxigraph.QuerySolutions):
            return EmbeddedRows(found)
        if isinstance(found, pyoxigraph.QueryBoolean):
            return EmbeddedBoolean(found)
        return EmbeddedTriples(found)

    def _merged(self, default: Iterable[GraphName], named: Iterable[GraphName]) -> pyoxigraph.Store:
        """Return a store in memory whose default graph is the merge of some graphs."""
        merged = pyoxigraph.Store()
        for graph in default:
            merged.bulk_extend(
                Quad(q.subject, q.predicate, q.object)
                for q in self._store.quads_for_pattern(None, None, None, graph)
            )
        for graph in named:
            merged.bulk_extend(self._store.quads_for_pattern(None, None, None, graph))
        return merged

    def apply(self, change: Change) -> Applied:
        """See ``Store.apply``: one SPARQL update, which Oxigraph makes atomic."""
        change = view.effective(self.quads, change)
        if not change:
            return Applied(self.version())
        change, version = view.stamp(self.quads, change)
        shown = view.effect(self.quads, change)
        removed = [*change.removed, *map(view.shown, shown.removed)]
        added = [*change.added, *map(view.shown, shown.added)]
        applied = Applied(version, tuple(removed), tuple(added))
        if self.history is not None:
            self.history.note(self.version(), applied)
        self.patch(removed, added)
        return applied

    def patch(self, removed: Iterable[Quad], added: Iterable[Quad]) -> None:
        """Remove and add quads of any graph, the view's included, in one atomic update.

        For ``apply``, and for copies that follow a store whose change is already computed.

        Raises:
            StoreError: when the engine fails; then nothing has changed.
        """
        removed, added = list(removed), list(added)
        try:
            self._store.update(
                f"DELETE DATA {{ {_data(removed)} }} ;\nINSERT DATA {{ {_data(added)} }}"
            )
            self._store.flush()
        except (OSError, RuntimeError, SyntaxError) as error:
            raise StoreError(f"the change was not made: {error}") from error
        finally:
            self._descriptions.forget([*removed, *added])

    def dump(self, path: Path) -> None:
        """Write every quad, the current view included, as N-Quads."""
        self._store.dump(path, RdfFormat.N_QUADS)

    def load(self, quads: Iterable[Quad]) -> str:
        """See ``Store.load``."""
        if len(self._store):
            raise StoreError("only an empty store can be loaded", hint="Use apply for changes.")
        change, version = view.stamp(self.quads, Change(frozenset(quads)))
        shown = map(view.shown, view.derive(change.added))
        try:
            self._store.bulk_extend(change.added)
            self._store.bulk_extend(shown)
            self._store.flush()
        except (OSError, RuntimeError) as error:
            raise StoreError(f"the store was not filled: {error}") from error
        return version

    def quads(
        self,
        subject: Term | None = None,
        predicate: NamedNode | None = None,
        object: Term | None = None,
        graph: Graph | None = None,
    ) -> Iterator[Quad]:
        """See ``Store.quads``."""
        yield from self._store.quads_for_pattern(cast(Any, subject), predicate, object, graph)

    def described(self, node: NamedNode) -> tuple[Quad, ...]:
        """See ``Store.described``; kept until a write changes it."""
        return self._descriptions.of(node)

    def dataset(self) -> Iterator[Quad]:
        """See ``Store.dataset``; never more than one graph is in memory."""
        for name in self.graph_names():
            yield from sorted(self.quads(graph=name), key=str)

    def graph_names(self) -> Iterator[NamedNode]:
        """See ``Store.graph_names``; Oxigraph keeps a list."""
        yield from sorted(
            (g for g in self._store.named_graphs() if isinstance(g, NamedNode)), key=str
        )

    def version(self) -> str:
        """See ``Store.version``."""
        return view.version_of(self.quads)

    def snapshot(self, folder: Path) -> None:
        """Make a consistent copy in a new folder: hard links, a few milliseconds.

        Raises:
            StoreError: when the folder exists, or the store is in memory only.
        """
        try:
            self._store.backup(str(folder))
        except OSError as error:
            raise StoreError(f"no copy was made in {folder}: {error}") from error

    def close(self) -> None:
        """See ``Store.close``."""
        if not self._closed:
            self._closed = True
            del self._store


_VIEW = f"""
INSERT {{ ?s ?p ?o }} WHERE {{
  GRAPH ?g {{ ?s ?p ?o }} FILTER(STRSTARTS(STR(?g), "{GRAPH_BASE}")) }} ;
INSERT {{ ?s ?p ?o }} WHERE {{ GRAPH ?any {{ ?g mg:current true }} GRAPH ?g {{ ?s ?p ?o }} }}
"""
_UPDATES = ("INSERT", "DELETE", "WITH", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY")


def refuse(text: str) -> QueryText:
    """Refuse what would reach another host or write (architecture.md section 6).

    Returns:
        The text, with its tokens as written.

    Raises:
        QueryRefused: for SERVICE (also SILENT), LOAD, and updates.
    """
    query = QueryText(text)
    call = query.outside_call()
    if call is not None:
        raise QueryRefused(
            f"{call.text} would call another host, which this service never does",
            hint="Fetch the other data yourself and join the answers.",
            line=call.line,
            column=call.column,
        )
    if query.form is not None:
        return query
    head = query.tokens[sparql.prologue_length(query.tokens) :][:1]
    if head and head[0].is_word(*_UPDATES):
        raise QueryRefused(
            "this is an update, and queries only read",
            hint="New claims go through the gate: POST them to /submissions.",
            line=head[0].line,
            column=head[0].column,
        )
    return query


def _graphs(
    dataset: Dataset,
) -> tuple[list[GraphName] | None, list[NamedNode | BlankNode] | None]:
    """Return Oxigraph's two dataset arguments; ``None, None`` is view and all graphs."""
    if dataset.whole:
        return None, None
    if CURRENT_VIEW in dataset.named:
        raise QueryRefused(
            "the current view is a default graph, not a named graph",
            hint=f"Use FROM {CURRENT_VIEW} or default-graph-uri, without GRAPH.",
        )
    merged: dict[GraphName, None] = dict.fromkeys(
        DefaultGraph() if g == CURRENT_VIEW else g for g in dataset.default
    )
    return list(merged), list(dataset.named)


def dataset_of(tokens: list[sparql.Token]) -> Dataset:
    """Return the dataset that the FROM clauses of a query describe."""
    declared = prefixes() | {d.name: d.iri for d in sparql.prefix_declarations(tokens)}
    base = sparql.base(tokens)
    default: list[NamedNode] = []
    named: list[NamedNode] = []
    for clause in sparql.dataset_clauses(tokens):
        (named if clause.named else default).append(_graph_iri(clause.graph, declared, base))
    return Dataset(tuple(default), tuple(named))


def _graph_iri(token: sparql.Token, declared: dict[str, str], base: str) -> NamedNode:
    if token.type == sparql.IRI:
        iri = urljoin(base, sparql.decode_codepoints(token.text[1:-1]))
    else:
        prefix, _, local = token.text.partition(":")
        if prefix not in declared:
            raise QuerySyntaxError(
                f"the prefix {prefix}: is not declared", line=token.line, column=token.column
            )
        iri = declared[prefix] + re.sub(r"\\(.)", r"\1", local)
    try:
        return NamedNode(iri)
    except ValueError as error:
        raise QuerySyntaxError(str(error), line=token.line, column=token.column) from error


def engine_error(error: Exception) -> MineralgraphError:
    """Turn what the engine raises while it answers into ours: the caller's fault, or its own."""
    if "custom function" in str(error):
        return QueryRefused(
            f"{error}", hint="Use the functions of SPARQL 1.1 and the casts of XML Schema."
        )
    return StoreError(f"the query failed: {error}")


def syntax_error(error: SyntaxError) -> QuerySyntaxError:
    """Turn Oxigraph's syntax error into ours, with line and column."""
    message = str(error.msg if error.msg else error)
    at = _AT.search(message)
    line = error.lineno or (int(at[1]) if at else None)
    column = error.offset or (int(at[2]) if at else None)
    return QuerySyntaxError(message, line=line, column=column)


def _data(quads: Iterable[Quad]) -> str:
    """Render quads for INSERT DATA and DELETE DATA; the terms render themselves."""
    return "\n".join(
        f"{q.subject} {q.predicate} {q.object} ."
        if isinstance(q.graph_name, DefaultGraph)
        else f"GRAPH {q.graph_name} {{ {q.subject} {q.predicate} {q.object} }}"
        for q in quads
    )
