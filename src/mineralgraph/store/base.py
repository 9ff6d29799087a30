"""The store contract: what every engine does, on two screens.

The dataset is that of model.md section 2. A store keeps the *current view* as its default
graph in step with the named graphs, in the same atomic write (``store.view``).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple, Protocol

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Triple

from mineralgraph.store.descriptions import describes
from mineralgraph.store.results import Answer

Term = NamedNode | BlankNode | Literal
Graph = NamedNode | DefaultGraph


@dataclass(frozen=True)
class Change:
    """One atomic write to the named graphs: first ``removed`` goes, then ``added`` comes.

    A quad in neither set stays. The default graph is never named: the store derives it.
    """

    added: frozenset[Quad] = field(default_factory=frozenset)
    removed: frozenset[Quad] = field(default_factory=frozenset)

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)


@dataclass(frozen=True)
class Applied:
    """What a change did: the version after it, and the quads of every graph that went or came.

    The default graph's quads are among them, so that a copy can follow without deriving the
    view again.
    """

    version: str
    removed: tuple[Quad, ...] = ()
    added: tuple[Quad, ...] = ()


class Dataset(NamedTuple):
    """The RDF dataset that a query runs on (SPARQL 1.1 Protocol, section 2.1.4).

    Attributes:
        default: graphs merged to the default graph; empty with ``named`` empty means the
            current view. ``CURRENT_VIEW`` names it explicitly.
        named: the graphs that ``GRAPH`` can see; empty with ``default`` empty means all.
    """

    default: tuple[NamedNode, ...] = ()
    named: tuple[NamedNode, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether neither was given: the current view, and every named graph."""
        return not self.default and not self.named


WHOLE = Dataset()
"""No dataset given: the current view, and every named graph."""


class Source(Protocol):
    """What can be asked for quads; all that the gate is ever told of the graph comes from one."""

    def quads(
        self,
        subject: Term | None = None,
        predicate: NamedNode | None = None,
        object: Term | None = None,
        graph: Graph | None = None,
        /,
    ) -> Iterator[Quad]:
        """See ``Store.quads``."""

    def described(self, node: NamedNode, /) -> Iterable[Quad]:
        """See ``Store.described``."""


class Store(ABC):
    """An RDF store with a current view, a version, and atomic writes.

    ``distant`` where each question costs a way, so that many are better put at once.
    """

    distant: ClassVar[bool] = False

    @abstractmethod
    def query(self, text: str, dataset: Dataset = WHOLE) -> Answer:
        """Answer SPARQL 1.1 SELECT, ASK, CONSTRUCT or DESCRIBE.

        The project's prefixes are predeclared. A dataset clause in the text holds unless
        ``dataset`` says otherwise, as the protocol demands.

        Raises:
            QuerySyntaxError: when the text does not parse (line and column).
            QueryRefused: when it is an update, or would call another host.
            StoreError: when the engine fails.
        """

    def query_accepted(self, text: str, dataset: Dataset = WHOLE) -> Answer:
        """Answer a query that we derived from one that ``query`` has answered.

        It has no dataset clause, and is not looked through for calls outside again.
        """
        return self.query(text, dataset)

    @abstractmethod
    def apply(self, change: Change) -> Applied:
        """Make one change, current view and version included, or none of it.

        Returns:
            The new dataset version, and what was really removed and added.

        Raises:
            StoreError: when the engine fails; then nothing has changed.
        """

    @abstractmethod
    def load(self, quads: Iterable[Quad]) -> str:
        """Fill an empty store in bulk, current view and version included; returns the version.

        Raises:
            StoreError: when the store is not empty, or the engine fails.
        """

    @abstractmethod
    def quads(
        self,
        subject: Term | None = None,
        predicate: NamedNode | None = None,
        object: Term | None = None,
        graph: Graph | None = None,
    ) -> Iterator[Quad]:
        """Yield the quads that match a pattern; ``None`` matches anything."""

    def described(self, node: NamedNode) -> Iterable[Quad]:
        """Return what reference data, descriptions and the ontology say of a node."""
        return filter(describes, self.quads(node))

    def held_in(self, triples: Sequence[Triple]) -> list[list[Graph]]:
        """Return for each triple the graphs that hold it; a distant store is asked for many."""
        return [
            [quad.graph_name for quad in self.quads(t.subject, t.predicate, t.object)]  # type: ignore[misc,arg-type]
            for t in triples
        ]

    def about(self, subjects: Iterable[Term]) -> Iterator[Quad]:
        """Yield what the current view says of some subjects, likewise."""
        for subject in subjects:
            yield from self.quads(subject, None, None, DefaultGraph())

    def dataset(self) -> Iterator[Quad]:
        """Yield the quads of every named graph in a fixed order: graph by graph, each sorted."""
        named = (q for q in self.quads() if isinstance(q.graph_name, NamedNode))
        yield from sorted(named, key=lambda q: (str(q.graph_name), str(q)))

    @abstractmethod
    def version(self) -> str:
        """Return the dataset version: changes with every write, equal for equal histories."""

    @abstractmethod
    def close(self) -> None:
        """Release the engine. Closing twice is harmless."""

    def graph_names(self) -> Iterator[NamedNode]:
        """Yield the names of the non-empty named graphs."""
        seen = set()
        for quad in self.quads():
            if isinstance(quad.graph_name, NamedNode) and quad.graph_name not in seen:
                seen.add(quad.graph_name)
                yield quad.graph_name

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
