"""The whole dataset as quads: every file of ontology/ and data/, expanded and completed.

``compile_dataset`` reads the folders; ``complete`` derives what follows from the rest
(``mg:current``, ``mg:about``, a default review state) and is shared with submissions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from mineralgraph import resources
from mineralgraph.errors import AuthoringError, NotFound
from mineralgraph.intake import document as documents
from mineralgraph.intake.document import Document
from mineralgraph.intake.expand import expand
from mineralgraph.intake.placing import place_descriptions
from mineralgraph.rdf.identifiers import mint, split
from mineralgraph.rdf.namespaces import GRAPH_BASE, MG, ONTOLOGY_GRAPH, PROV, RDF, RDFS, SKOS, XSD

ACCEPTED = mint("review-state", "accepted")


@dataclass
class Compiled:
    """The compiled dataset and where it came from.

    Attributes:
        quads: named graphs only; the current view is derived by the store.
        documents: the files read, for pointing at lines.
    """

    quads: list[Quad]
    documents: list[Document] = field(default_factory=list)

    def place(self, *nodes: NamedNode | BlankNode) -> tuple[str, int] | None:
        """Return file and line of the first of the nodes that stands as a subject somewhere."""
        for node in nodes:
            for document in self.documents:
                line = document.line_of(node)
                if line is not None and _declares(document, node):
                    return document.name, line
        return None


def _declares(document: Document, node: object) -> bool:
    return any(quad.subject == node for quad in document.quads)


def compile_dataset(data: Path | None = None, ontology: Path | None = None) -> Compiled:
    """Compile ``data/`` and ``ontology/`` to quads in the dataset's own form.

    Args:
        data: the data folder; the project's own when left out.
        ontology: the ontology folder; the project's own when left out.

    Raises:
        RdfSyntaxError: when a file does not parse (file, line, column).
        AuthoringError: when a file breaks the authoring form (file, line).
    """
    return compile_sources([data or resources.folder("data")], ontology)


def compile_sources(sources: Iterable[Path], ontology: Path | None = None) -> Compiled:
    """Compile data folders and single RDF files together, with the ontology.

    Args:
        sources: folders laid out like ``data/``, and files in any RDF syntax.
        ontology: the ontology folder; the project's own when left out.

    Raises:
        NotFound: when a source does not exist, or a folder holds no data.
        RdfSyntaxError: when a file does not parse (file, line, column).
        AuthoringError: when a file breaks the authoring form (file, line).
    """
    quads = list(ontology_quads(ontology))
    read = [documents.read_file(p, name) for source in sources for p, name in _files(source)]
    for document in read:
        quads += place_descriptions(document, expand(document))
    return Compiled(complete(quads, default_review=ACCEPTED), read)


def _files(source: Path) -> list[tuple[Path, str]]:
    if source.is_file():
        return [(source, source.name)]
    found = [(path, _relative(path, source)) for path in _data_files(source)]
    if not found:
        raise NotFound(
            f"{source} is no file, and no folder with reference/ or articles/ in it",
            hint="Name RDF files, or folders laid out like data/.",
        )
    return found


def _data_files(data: Path) -> Iterator[Path]:
    for pattern in ("reference/**/*.trig", "reference/**/*.ttl", "articles/**/*.trig"):
        yield from sorted(data.glob(pattern))


def _relative(path: Path, data: Path) -> str:
    return f"{data.name}/{path.relative_to(data)}"


def ontology_quads(folder: Path | None = None) -> Iterator[Quad]:
    """Yield the ontology, its code lists and alignments, all in ``ref:ontology``.

    Raises:
        AuthoringError: when a module holds a blank node, which the store never holds.
    """
    folder = folder or resources.folder("ontology")
    for path in sorted(folder.rglob("*.ttl")):
        document = documents.read_file(path, _relative(path, folder))
        for quad in document.quads:
            if isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode):
                raise AuthoringError(f"{document.name}: a blank node; give it an IRI")
            yield Quad(quad.subject, quad.predicate, quad.object, ONTOLOGY_GRAPH)


def is_reference_graph(graph: NamedNode) -> bool:
    """Tell whether a graph holds reference data, descriptions or the ontology (not a claim)."""
    return graph.value.startswith(GRAPH_BASE)


def complete(
    quads: Iterable[Quad], default_review: NamedNode, known: Labels | None = None
) -> list[Quad]:
    """Add the derived statements of every claim, replacing any that the author wrote.

    Args:
        quads: expanded quads.
        default_review: the review state of a claim that names none.
        known: labels and modalities of data outside ``quads`` (the store's, for a submission).

    Returns:
        The quads, each once, sorted.
    """
    given = list(quads)
    facts = (known or Labels()).extended(given)
    claims = _Claims(given)
    derived = {MG.current, MG.about}
    kept = [q for q in given if not (q.subject in claims.home and q.predicate in derived)]
    added: list[Quad] = []
    for claim, home in claims.home.items():
        states = claims.states[claim] or {default_review}
        if not claims.states[claim]:
            added.append(Quad(claim, MG.reviewState, default_review, home))
        actual = bool(claims.modalities[claim]) and claims.modalities[claim] <= facts.actual
        current = states == {ACCEPTED} and actual
        flag = Literal("true" if current else "false", datatype=XSD.boolean)
        added.append(Quad(claim, MG.current, flag, home))
        added.append(Quad(claim, RDF.type, PROV.Entity, home))
        for thing in sorted(claims.mentions[claim] & facts.entities, key=str):
            added.append(Quad(claim, MG.about, thing, home))
    return sorted(set(kept) | set(added), key=str)


class Labels:
    """What ``complete`` must know of the rest: labelled entities and actual modalities."""

    def __init__(
        self,
        entities: frozenset[NamedNode] = frozenset(),
        actual: frozenset[NamedNode] = frozenset(),
    ) -> None:
        self.entities = entities
        self.actual = actual

    def extended(self, quads: list[Quad]) -> Labels:
        """Return these labels with those of more quads."""
        entities, actual, concepts = set(self.entities), set(self.actual), set()
        for quad in quads:
            subject, graph = quad.subject, quad.graph_name
            if not isinstance(subject, NamedNode) or not isinstance(graph, NamedNode):
                continue
            if quad.predicate == MG.actual and getattr(quad.object, "value", "") == "true":
                actual.add(subject)
            elif graph == ONTOLOGY_GRAPH:
                concepts.add(subject)
            elif is_reference_graph(graph) and quad.predicate in (RDFS.label, SKOS.prefLabel):
                entities.add(subject)
        return Labels(frozenset(entities - concepts), frozenset(actual))


class _Claims:
    """The claims of some quads: where described, how sure, what their graphs mention."""

    def __init__(self, quads: list[Quad]) -> None:
        self.home: dict[NamedNode, NamedNode] = {}
        for quad in quads:
            claim, home = quad.subject, quad.graph_name
            typed = quad.predicate == RDF.type and quad.object == MG.Claim
            if typed and isinstance(claim, NamedNode) and isinstance(home, NamedNode):
                self.home[claim] = home
        self.modalities: dict[object, set[NamedNode]] = {c: set() for c in self.home}
        self.states: dict[object, set[NamedNode]] = {c: set() for c in self.home}
        self.mentions: dict[NamedNode, set[NamedNode]] = {c: set() for c in self.home}
        for quad in quads:
            self._note(quad)

    def _note(self, quad: Quad) -> None:
        subject = quad.subject
        said = {MG.modality: self.modalities, MG.reviewState: self.states}.get(quad.predicate)
        known = isinstance(subject, NamedNode) and subject in self.home
        if said is not None and known and isinstance(quad.object, NamedNode):
            said[subject].add(quad.object)
        graph = quad.graph_name
        if isinstance(graph, NamedNode) and graph in self.mentions:
            for node in (quad.subject, quad.object):
                if isinstance(node, NamedNode) and split(node):
                    self.mentions[graph].add(node)
