"""What a query answers with: the same three kinds from every engine, terms kept whole."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from mineralgraph.rdf.formats import GraphFormat, ResultFormat
from mineralgraph.rdf.writing import Sink, write_to

Cell = NamedNode | BlankNode | Literal | Triple | None


class Rows(ABC):
    """The solutions of a SELECT query, readable once."""

    @property
    @abstractmethod
    def columns(self) -> list[str]:
        """Variable names in the order of the projection."""

    @abstractmethod
    def __iter__(self) -> Iterator[tuple[Cell, ...]]:
        """Yield one tuple for each solution; ``None`` is an unbound variable."""

    @abstractmethod
    def write_rows(self, sink: Sink, form: ResultFormat) -> None:
        """Serialise all solutions by the engine's own writer."""


class Triples(ABC):
    """The triples of a CONSTRUCT or DESCRIBE query, readable once."""

    @abstractmethod
    def __iter__(self) -> Iterator[Triple]:
        """Yield the triples, each once."""

    def write_graph(self, sink: Sink, form: GraphFormat) -> None:
        """Serialise the triples, with our prefixes."""
        write_to(sink, self, form)


class Boolean(ABC):
    """The answer of an ASK query."""

    @property
    @abstractmethod
    def value(self) -> bool:
        """Whether the pattern has a solution."""

    @abstractmethod
    def write_boolean(self, sink: Sink, form: ResultFormat) -> None:
        """Serialise the answer."""


Answer = Rows | Triples | Boolean
