"""pySHACL's shapes, made ready to be asked about many focus nodes.

pySHACL builds the constraint components of a shape again for every node that it looks at, and
asks a property shape about one node at a time. A ``ReadyShape`` builds them once and asks about
all nodes together; every constraint is still evaluated by pySHACL's own code. Nothing of pySHACL
is replaced outside these objects, so that plain validation beside them stays what it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

import rdflib
from pyshacl.constraints import CONSTRAINT_PARAMETERS_MAP
from pyshacl.constraints.constraint_component import ConstraintComponent
from pyshacl.constraints.core.shape_based_constraints import PropertyConstraintComponent
from pyshacl.errors import ConstraintLoadWarning
from pyshacl.shape import Shape
from rdflib.namespace import SH
from rdflib.paths import Path
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.sparql import Query
from rdflib.query import Result
from rdflib.term import Node

_DESCRIPTION, _MESSAGES = "make_v_result_description", "make_generic_messages"
_ASKING = tuple(
    CONSTRAINT_PARAMETERS_MAP[SH[name]]
    for name in ("node", "and", "or", "xone", "not", "qualifiedValueShape")
)
"""Constraint components that ask other shapes only whether nodes conform."""
_TOLERATED = frozenset({SH.Info, SH.Warning})
_prepared = cache(prepareQuery)
Outcome = tuple[bool, list[tuple[str, Node, list[tuple[Node, Node, Any]]]]]
"""Whether all nodes conform; text, node and triples of each result."""


class IndexedGraph(rdflib.Graph):
    """A graph that only grows, indexed by subject and by object; it has no contexts to keep.

    It parses each SPARQL constraint once: pySHACL hands over the constraint's text again for
    every focus node, and parsing it takes rdflib longer (30 ms) than answering it.
    """

    def __init__(self, triples: Iterable[tuple[Node, Node, Node]] = ()) -> None:
        """Take some triples."""
        super().__init__()
        self._out: dict[Node, dict[Node, dict[Node, None]]] = {}
        self._in: dict[Node, dict[Node, dict[Node, None]]] = {}
        self._size = 0
        for triple in triples:
            self.add(triple)

    def add(self, triple: tuple[Node, Node, Node]) -> IndexedGraph:
        """See ``rdflib.Graph.add``."""
        subject, predicate, value = triple
        values = self._out.setdefault(subject, {}).setdefault(predicate, {})
        self._size += value not in values
        values[value] = None
        self._in.setdefault(value, {}).setdefault(predicate, {})[subject] = None
        return self

    def triples(self, triple: Any) -> Iterator[Any]:  # type: ignore[override]
        """See ``rdflib.Graph.triples``."""
        subject, predicate, value = triple
        if isinstance(predicate, Path):
            for start, end in predicate.eval(self, subject, value):
                yield start, predicate, end
        elif subject is not None:
            for found, values in _of(self._out.get(subject), predicate):
                if value is None:
                    for each in values:
                        yield subject, found, each
                elif value in values:
                    yield subject, found, value
        elif value is not None:
            for found, subjects in _of(self._in.get(value), predicate):
                for each in subjects:
                    yield each, found, value
        else:
            for start in self._out:
                yield from self.triples((start, predicate, None))

    def objects(self, subject: Any = None, predicate: Any = None, unique: bool = False) -> Any:
        """See ``rdflib.Graph.objects``."""
        if subject is None or type(predicate) is not rdflib.URIRef or isinstance(subject, list):
            return super().objects(subject, predicate, unique)
        return iter(self._out.get(subject, _NOTHING).get(predicate, ()))

    def subjects(self, predicate: Any = None, object: Any = None, unique: bool = False) -> Any:
        """See ``rdflib.Graph.subjects``."""
        if object is None or type(predicate) is not rdflib.URIRef or isinstance(object, list):
            return super().subjects(predicate, object, unique)
        return iter(self._in.get(object, _NOTHING).get(predicate, ()))

    def __contains__(self, triple: Any) -> bool:
        return any(True for _ in self.triples(triple))

    def __len__(self) -> int:
        return self._size  # pySHACL asks for it with each result

    def query(self, query_object: str | Query, *args: Any, **more: Any) -> Result:
        """See ``rdflib.Graph.query``."""
        prepared = _prepared(query_object) if isinstance(query_object, str) else query_object
        return super().query(prepared, *args, **more)


_NOTHING: dict[Node, dict[Node, None]] = {}


def _of(
    by_predicate: dict[Node, dict[Node, None]] | None, predicate: Node | None
) -> Iterable[tuple[Node, dict[Node, None]]]:
    if by_predicate is None:
        return ()
    if predicate is None:
        return by_predicate.items()
    found = by_predicate.get(predicate)
    return () if found is None else ((predicate, found),)


class ReadyShape(Shape):
    """A shape that keeps its constraint components."""

    def __init__(self, shape: Shape) -> None:
        """Take a shape of pySHACL's."""
        super().__init__(shape.sg, shape.node, shape.is_property_shape, shape._path, shape.logger)
        self._components: dict[bool, Sequence[Any]] = {}
        self._custom = bool(self.find_custom_constraints())  # type: ignore[no-untyped-call]

    def _made(self, nested: bool) -> Sequence[Any]:
        """Return the constraint components, in the order in which pySHACL evaluates them.

        Args:
            nested: whether another constraint (``sh:or``) only asks whether nodes conform. Then
                nobody reads what the results say, and writing that takes longer than judging.
        """
        found = self._components.get(nested)
        if found is None:
            said = self.sg.graph.predicate_objects(self.node)
            kinds = dict.fromkeys(
                CONSTRAINT_PARAMETERS_MAP[predicate]
                for predicate, _ in said
                if predicate in CONSTRAINT_PARAMETERS_MAP
            )
            made = (self._make(kind, nested) for kind in kinds)
            found = self._components[nested] = [c for c in made if c is not None]
        return found

    def _make(self, kind: type[ConstraintComponent], nested: bool) -> ConstraintComponent | None:
        try:
            made = _Properties(self) if kind is PropertyConstraintComponent else kind(self)
        except ConstraintLoadWarning as why:
            self.logger.warning(repr(why))
            return None
        # pySHACL writes each result out for a log that nobody reads, a tenth of its time.
        setattr(made, _DESCRIPTION, lambda *_, **__: "")
        if nested:
            setattr(made, _MESSAGES, lambda *_, **__: [])
        return made

    def validate(
        self,
        executor: Any,
        target_graph: Any,
        focus: Any = None,
        _evaluation_path: list[Any] | None = None,
    ) -> Outcome:
        """See ``pyshacl.shape.Shape.validate``; ``focus`` is one node or many."""
        above = _evaluation_path or []
        if focus is None or self._custom or len(above) // 2 >= executor.max_validation_depth:
            outcome: Outcome = super().validate(executor, target_graph, focus, above)
            return outcome
        nodes = [focus] if isinstance(focus, Node) else list(focus)
        if self.deactivated or not nodes:
            return True, []
        values = self.value_nodes(target_graph, nodes)
        nested = any(isinstance(each, _ASKING) for each in above)
        conforms, results = True, []
        for component in self._made(nested):
            path = [*above, self, component]
            good, found = component.evaluate(executor, target_graph, values, path)
            conforms = conforms and (good or self.severity in _TOLERATED or _tolerated(found))
            results.extend(found)
        return conforms, results


def _tolerated(results: Iterable[tuple[str, Node, list[tuple[Node, Node, Any]]]]) -> bool:
    """Tell whether some results are all warnings or less."""
    return all(
        value in _TOLERATED
        for _, result, triples in results
        for subject, predicate, value in triples
        if subject == result and predicate == SH.resultSeverity
    )


class _Properties(PropertyConstraintComponent):
    """``sh:property``, asked about all value nodes at once instead of one after another."""

    def _evaluate_property_shape(
        self, executor: Any, prop_shape: Node, target_graph: Any, focus_value_nodes: Any,
        potentially_recursive: Any, _evaluation_path: list[Any],
    ) -> Outcome:  # fmt: skip
        shape = self.shape.get_other_shape(prop_shape)  # type: ignore[no-untyped-call]
        if not isinstance(shape, ReadyShape) or potentially_recursive:
            outcome: Outcome = super()._evaluate_property_shape(  # type: ignore[no-untyped-call]
                executor, prop_shape, target_graph, focus_value_nodes, potentially_recursive,
                _evaluation_path,
            )  # fmt: skip
            return outcome
        nodes = dict.fromkeys(v for values in focus_value_nodes.values() for v in values)
        conforms, results = shape.validate(executor, target_graph, list(nodes), _evaluation_path)
        return not conforms, results


def ready(loaded: Any) -> Any:
    """Return pySHACL's shapes graph with its shapes made ready."""
    shapes = {shape.node: ReadyShape(shape) for shape in loaded.shapes}
    plain, loaded.graph = loaded.graph, IndexedGraph(loaded.graph)
    loaded.graph.namespace_manager = plain.namespace_manager
    loaded._node_shape_cache.update(shapes)
    return loaded
