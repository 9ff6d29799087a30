"""A store that takes raw writes: for trying things out, and for conformance suites.

No gate stands before it, so ``opening`` makes one only where the gate is off and the store was
never gated. The current view is not derived: the default graph holds what was written there.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from pathlib import Path

from pyoxigraph import DefaultGraph, NamedNode, Quad, Triple

from mineralgraph.errors import InputError, QueryRefused, StoreError
from mineralgraph.rdf import sparql
from mineralgraph.rdf.namespaces import prefixes
from mineralgraph.store.base import Graph
from mineralgraph.store.descriptions import describes
from mineralgraph.store.embedded import EmbeddedStore, syntax_error


class ScratchStore(EmbeddedStore):
    """Oxigraph with SPARQL Update and whole-graph writes."""

    def __init__(self, folder: Path | None = None) -> None:
        """See ``EmbeddedStore``."""
        super().__init__(folder)
        self._state = uuid.uuid4().hex  # nothing in the store says how it came about

    def version(self) -> str:
        """Return a version that no earlier state of any scratch store had."""
        return hashlib.sha256(self._state.encode()).hexdigest()[:16]

    def described(self, node: NamedNode) -> tuple[Quad, ...]:
        """See ``Store.described``; raw writes keep no account of what they change."""
        return tuple(filter(describes, self.quads(node)))

    def update(self, text: str, using: Iterable[str] = (), named: Iterable[str] = ()) -> None:
        """Run SPARQL 1.1 Update, all of it or nothing.

        Args:
            text: the update; our prefixes are predeclared.
            using: the protocol's ``using-graph-uri``.
            named: the protocol's ``using-named-graph-uri``.

        Raises:
            QueryRefused: for LOAD and SERVICE, which would call another host.
            InputError: when the text names graphs of its own beside ``using``.
            QuerySyntaxError: when it does not parse.
        """
        call = sparql.calls_outside(text)
        if call is not None:
            raise QueryRefused(
                f"{call.text} would call another host, which this service never does",
                hint="Send the data itself: PUT it to /data.",
                line=call.line,
                column=call.column,
            )
        try:
            self._store.update(with_using(text, using, named), prefixes=prefixes())
            self._store.flush()
        except SyntaxError as error:
            raise syntax_error(error) from error
        except (OSError, RuntimeError, ValueError) as error:
            raise StoreError(f"the update failed: {error}") from error
        self._moved()

    def holds(self, graph: Graph) -> bool:
        """Tell whether there is such a graph; the default graph always is."""
        return isinstance(graph, DefaultGraph) or self._store.contains_named_graph(graph)

    def put(self, graph: Graph, triples: Iterable[Triple], *, replace: bool) -> None:
        """Add triples to a graph, in one step; with ``replace`` they are all that it holds then."""
        quads = [Quad(t.subject, t.predicate, t.object, graph) for t in triples]
        if replace:
            self._store.clear_graph(graph)
        if not isinstance(graph, DefaultGraph):
            self._store.add_graph(graph)
        self._store.extend(quads)
        self._store.flush()
        self._moved()

    def drop(self, graph: Graph) -> None:
        """Remove a graph."""
        if isinstance(graph, DefaultGraph):
            self._store.clear_graph(graph)
        else:
            self._store.remove_graph(graph)
        self._store.flush()
        self._moved()

    def _moved(self) -> None:
        self._state += "'"


def with_using(text: str, using: Iterable[str], named: Iterable[str]) -> str:
    """Return an update whose WHERE clauses see the dataset of the protocol's parameters.

    Raises:
        InputError: when the update has USING or WITH itself (SPARQL 1.1 Protocol, 2.2.3).
    """
    clauses = [f"USING <{iri}>" for iri in using] + [f"USING NAMED <{iri}>" for iri in named]
    if not clauses:
        return text
    tokens, depth, places = sparql.tokenize(text), 0, []
    for number, token in enumerate(tokens):
        if token.type == sparql.OPERATOR and token.text in "{}":
            depth += 1 if token.text == "{" else -1
        elif depth == 0 and token.is_word("USING", "WITH"):
            raise InputError(
                f"the update has {token.text}, and the request names graphs too",
                hint="Name the graphs in one of the two places.",
            )
        elif depth == 0 and token.is_word("WHERE") and not tokens[number - 1].is_word("DELETE"):
            places.append(token.start)
    for place in reversed(places):
        text = f"{text[:place]}{' '.join(clauses)} {text[place:]}"
    return text
