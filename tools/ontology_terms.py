"""What the repository's RDF and SPARQL files say about terms: own, borrowed, used.

Shared by the tools of the ontology and by its tests. Reads files only; knows no registry.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from mineralgraph.rdf import sparql

ROOT: Final = Path(__file__).resolve().parent.parent
ONTOLOGY: Final = ROOT / "ontology"
PREFIX_TABLE: Final = ONTOLOGY / "prefixes.ttl"
BORROWED: Final = ONTOLOGY / "borrowed.ttl"

MG: Final = "https://w3id.org/mineralgraph/ontology#"
OURS: Final = "https://w3id.org/mineralgraph/"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
SHACL: Final = "http://www.w3.org/ns/shacl#"

TYPE: Final = NamedNode(RDF + "type")
TERM_TYPES: Final = frozenset(
    OWL + kind for kind in ("Class", "ObjectProperty", "DatatypeProperty", "AnnotationProperty")
)
_USE_FOLDERS: Final = ("ontology", "shapes", "queries", "data")
_SPARQL_IN_SHAPES: Final = frozenset(SHACL + name for name in ("select", "ask", "construct"))


@dataclass(frozen=True, order=True, slots=True)
class Use:
    """One IRI as one file uses it."""

    iri: str
    file: str


def relative(path: Path) -> str:
    """Return a path as it is written in messages: from the repository's root."""
    return path.relative_to(ROOT).as_posix()


def read(path: Path) -> list[Quad]:
    """Parse a Turtle or TriG file."""
    kind = RdfFormat.TRIG if path.suffix == ".trig" else RdfFormat.TURTLE
    return list(parse(path=path, format=kind))


def declared_prefixes(path: Path) -> dict[str, str]:
    """Return the prefixes that a Turtle, TriG or SPARQL file declares for itself."""
    if path.suffix == ".rq":
        tokens = sparql.tokenize(path.read_text(encoding="utf-8"))
        triples = zip(tokens, tokens[1:], tokens[2:], strict=False)
        return {
            name.text[:-1]: iri.text[1:-1]
            for word, name, iri in triples
            if word.is_word("PREFIX") and name.type == sparql.PNAME and iri.type == sparql.IRI
        }
    kind = RdfFormat.TRIG if path.suffix == ".trig" else RdfFormat.TURTLE
    parser = parse(path=path, format=kind)
    for _ in parser:
        pass  # the parser knows the prefixes once it has read the file
    return dict(parser.prefixes)


def modules() -> list[Path]:
    """Return the files that define own terms: one per topic, directly in ``ontology/``."""
    apart = {PREFIX_TABLE, BORROWED, ONTOLOGY / "mineralgraph.ttl"}
    return [path for path in sorted(ONTOLOGY.glob("*.ttl")) if path not in apart]


def code_lists() -> list[Path]:
    """Return the files of the SKOS code lists."""
    return sorted((ONTOLOGY / "codelists").glob("*.ttl"))


def rdf_files(*folders: str) -> list[Path]:
    """Return the Turtle and TriG files under the given folders, all RDF folders by default."""
    return [
        path
        for folder in folders or _USE_FOLDERS
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in {".ttl", ".trig"}
    ]


def query_files() -> list[Path]:
    """Return the SPARQL files under ``queries/`` and ``shapes/``."""
    return [path for folder in _USE_FOLDERS for path in sorted((ROOT / folder).rglob("*.rq"))]


@cache
def prefix_table() -> dict[str, str]:
    """Return prefix → namespace as ``ontology/prefixes.ttl`` declares them."""
    found: dict[str, dict[str, str]] = {"prefix": {}, "namespace": {}}
    for quad in read(PREFIX_TABLE):
        name = quad.predicate.value.removeprefix(SHACL)
        if name in found and isinstance(quad.object, Literal):
            found[name][str(quad.subject)] = quad.object.value
    return {found["prefix"][node]: found["namespace"][node] for node in found["prefix"]}


def shorten(iri: str) -> str:
    """Write an IRI with its prefix when the table has one for it."""
    fits = [(space, name) for name, space in prefix_table().items() if iri.startswith(space)]
    if not fits:
        return f"<{iri}>"
    space, name = max(fits, key=lambda pair: len(pair[0]))
    return f"{name}:{iri[len(space) :]}"


def own_terms() -> set[str]:
    """Return the IRIs of the classes and properties that the modules define."""
    return {
        quad.subject.value
        for path in modules()
        for quad in read(path)
        if quad.predicate == TYPE
        and isinstance(quad.subject, NamedNode)
        and isinstance(quad.object, NamedNode)
        and quad.object.value in TERM_TYPES
    }


def concepts() -> set[str]:
    """Return the IRIs of the concepts of all code lists."""
    return {
        quad.subject.value
        for path in code_lists()
        for quad in read(path)
        if quad.predicate == TYPE
        and isinstance(quad.subject, NamedNode)
        and isinstance(quad.object, NamedNode)
        and quad.object.value == SKOS + "Concept"
    }


@cache
def borrowed_terms() -> dict[str, str]:
    """Return the IRI of each borrowed term with the vocabulary that it is said to come from."""
    return {
        quad.subject.value: quad.object.value
        for quad in read(BORROWED)
        if quad.predicate.value == RDFS + "isDefinedBy"
        and isinstance(quad.subject, NamedNode)
        and isinstance(quad.object, NamedNode)
    }


def sparql_iris(text: str) -> Iterator[str]:
    """Yield the IRIs that a query names, whether in full or with a prefix of the table."""
    for token in sparql.tokenize(text):
        if token.type == sparql.IRI:
            yield token.text[1:-1]
        elif token.type == sparql.PNAME and not token.text.endswith(":"):
            name, _, local = token.text.partition(":")
            if name in prefix_table():
                yield prefix_table()[name] + local


def _iris_of(quads: Iterable[Quad]) -> Iterator[str]:
    for quad in quads:
        yield quad.predicate.value
        for node in (quad.subject, quad.object):
            if isinstance(node, NamedNode):
                yield node.value
            elif isinstance(node, Literal):
                yield node.datatype.value
                if quad.predicate.value in _SPARQL_IN_SHAPES:
                    yield from sparql_iris(node.value)


def uses(*, without: frozenset[Path] = frozenset()) -> set[Use]:
    """Return every IRI that the RDF and SPARQL files of the repository name, file by file."""
    found: set[Use] = set()
    for path in rdf_files():
        if path not in without:
            found |= {Use(iri, relative(path)) for iri in _iris_of(read(path))}
    for path in query_files():
        text = path.read_text(encoding="utf-8")
        found |= {Use(iri, relative(path)) for iri in sparql_iris(text)}
    return found


def _undeclared_types_and_properties() -> Iterator[Use]:
    """Yield predicates and classes outside every namespace of the table."""
    spaces = tuple(prefix_table().values())
    for path in rdf_files():
        for quad in read(path):
            iris = [quad.predicate.value]
            if quad.predicate == TYPE and isinstance(quad.object, NamedNode):
                iris.append(quad.object.value)
            yield from (Use(iri, relative(path)) for iri in iris if not iri.startswith(spaces))


def borrowed_uses() -> set[Use]:
    """Return the uses of terms of other vocabularies, the list of borrowed terms left out."""
    spaces = {space for space in prefix_table().values() if not space.startswith(OURS)}
    found = {
        use
        for use in uses(without=frozenset({BORROWED, PREFIX_TABLE}))
        for space in spaces
        if use.iri.startswith(space) and use.iri != space
    }
    return found | set(_undeclared_types_and_properties())


def own_uses() -> set[Use]:
    """Return the uses of IRIs in the namespace of the own terms."""
    return {use for use in uses() if use.iri.startswith(MG) and use.iri != MG}
