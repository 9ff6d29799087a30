"""Write the HTML reference of the ontology and the picture of its core classes.

    ontology_docs.py           write docs/reference/ontology.html and ontology-core.svg
    ontology_docs.py --check   write nothing; fail when the committed files are out of date

Both come from the files of ``ontology/`` alone, so that the same ontology gives the same bytes.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import ontology_picture
import ontology_terms as terms
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pyoxigraph import Literal, NamedNode

OUTPUT: Final = terms.ROOT / "docs" / "reference"
PAGE: Final = OUTPUT / "ontology.html"
PICTURE: Final = OUTPUT / "ontology-core.svg"
_TEMPLATES: Final = Path(__file__).resolve().parent / "templates"
_KINDS: Final = {"Class": "class", "ObjectProperty": "property", "DatatypeProperty": "property"}

Node = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Reference:
    """A term as it is named in another term's entry, with a link when it is on the page."""

    name: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of the reference."""

    name: str
    anchor: str
    iri: str
    kind: str
    label: str
    definition: str
    facts: tuple[tuple[str, tuple[Reference, ...]], ...]
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A module, a code list or a borrowed vocabulary."""

    title: str
    anchor: str
    file: str
    description: str
    terms: tuple[Term, ...]


def _nodes(path: Path) -> dict[str, Node]:
    """Return subject → predicate → values, with the subjects in the order of the file."""
    found: dict[str, Node] = {}
    for quad in terms.read(path):
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode | Literal):
            node = found.setdefault(quad.subject.value, defaultdict(list))
            node[quad.predicate.value].append(quad.object.value)
    return found


def _anchor(name: str) -> str:
    return name.replace(":", "-").strip("<>")


def _references(iris: Iterable[str], here: frozenset[str]) -> tuple[Reference, ...]:
    names = [(terms.shorten(iri), iri in here) for iri in iris]
    return tuple(Reference(name, _anchor(name) if on_page else "") for name, on_page in names)


def _first(node: Node, predicate: str) -> str:
    return next(iter(node[predicate]), "")


@dataclass(frozen=True, slots=True)
class Ontology:
    """All that the page shows, read once."""

    modules: dict[Path, dict[str, Node]]
    lists: dict[Path, dict[str, Node]]
    borrowed: dict[str, Node]
    alignments: dict[str, list[tuple[str, str]]]
    here: frozenset[str]

    @classmethod
    def read(cls) -> Ontology:
        """Read the files of ``ontology/``."""
        modules = {path: _nodes(path) for path in terms.modules()}
        lists = {path: _nodes(path) for path in terms.code_lists()}
        alignments: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for path in sorted((terms.ONTOLOGY / "alignments").glob("*.ttl")):
            for iri, node in _nodes(path).items():
                for predicate, values in node.items():
                    if not predicate.startswith(terms.OWL) and terms.TYPE.value not in node:
                        alignments[iri] += [(predicate, value) for value in values]
        borrowed = _nodes(terms.BORROWED)
        here = frozenset(
            iri
            for nodes in (*modules.values(), *lists.values(), borrowed)
            for iri, node in nodes.items()
            if terms.OWL + "Ontology" not in node[terms.TYPE.value]
        )
        return cls(modules, lists, borrowed, alignments, here)

    def term(self, iri: str, node: Node, kind: str) -> Term:
        """Return the entry of one term."""
        name = terms.shorten(iri)
        facts = [
            ("kind of", terms.RDFS + ("subClassOf" if kind == "class" else "subPropertyOf")),
            ("of", terms.RDFS + "domain"),
            ("points to", terms.RDFS + "range"),
            ("broader", terms.SKOS + "broader"),
        ]
        shown = [(label, _references(node[p], self.here)) for label, p in facts if node[p]]
        for label in ("rank", "actual", "statesFact", "identifies"):
            if node[terms.MG + label]:
                shown.append((label, (Reference(_first(node, terms.MG + label), ""),)))
        for predicate, value in self.alignments.get(iri, []):
            relation = terms.shorten(predicate)
            shown.append((relation, _references([value], self.here)))
        return Term(
            name=name,
            anchor=_anchor(name),
            iri=iri,
            kind=kind,
            label=_first(node, terms.RDFS + "label"),
            definition=_first(node, terms.SKOS + "definition"),
            facts=tuple(shown),
            examples=tuple(node[terms.SKOS + "example"]),
        )


def _kind(node: Node) -> str:
    names = [iri.removeprefix(terms.OWL) for iri in node[terms.TYPE.value]]
    return next((_KINDS[name] for name in names if name in _KINDS), "")


def _module_sections(ontology: Ontology) -> list[Section]:
    return [
        Section(
            title=_first(next(iter(nodes.values())), terms.RDFS + "label"),
            anchor="module-" + path.stem,
            file=terms.relative(path),
            description=_first(next(iter(nodes.values())), _description()),
            terms=tuple(ontology.term(i, n, _kind(n)) for i, n in nodes.items() if _kind(n)),
        )
        for path, nodes in ontology.modules.items()
    ]


def _description() -> str:
    return terms.prefix_table()["dcterms"] + "description"


def _list_sections(ontology: Ontology) -> list[Section]:
    sections = []
    for path, nodes in ontology.lists.items():
        (scheme,) = (
            n for n in nodes.values() if terms.SKOS + "ConceptScheme" in n[terms.TYPE.value]
        )
        concepts = {i: n for i, n in nodes.items() if n is not scheme}
        sections.append(
            Section(
                title=_first(scheme, terms.RDFS + "label"),
                anchor="list-" + path.stem,
                file=terms.relative(path),
                description=_first(scheme, terms.SKOS + "definition"),
                terms=tuple(ontology.term(i, n, "concept") for i, n in concepts.items()),
            )
        )
    return sections


def _borrowed_sections(ontology: Ontology) -> list[Section]:
    taken: dict[str, dict[str, Node]] = defaultdict(dict)
    for iri, node in ontology.borrowed.items():
        if node[terms.RDFS + "isDefinedBy"]:
            space = max((s for s in terms.prefix_table().values() if iri.startswith(s)), key=len)
            taken[space][iri] = node
    return [
        Section(
            title=_first(ontology.borrowed[space], terms.RDFS + "label"),
            anchor="borrowed-" + terms.shorten(space).rstrip(":"),
            file=space,
            description="",
            terms=tuple(ontology.term(iri, node, "borrowed") for iri, node in nodes.items()),
        )
        for space, nodes in sorted(taken.items(), key=lambda item: terms.shorten(item[0]))
    ]


def picture(ontology: Ontology) -> str:
    """Return the picture of the core classes, with the labels that the ontology gives them."""
    labels = {
        terms.shorten(iri): _first(node, terms.RDFS + "label")
        for nodes in (*ontology.modules.values(), ontology.borrowed)
        for iri, node in nodes.items()
    }
    return ontology_picture.draw(labels)


def page(ontology: Ontology) -> str:
    """Return the HTML reference."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    header = _nodes(terms.ONTOLOGY / "mineralgraph.ttl")[terms.MG.rstrip("#")]
    modules = _module_sections(ontology)
    return environment.get_template("ontology.html.j2").render(
        title=_first(header, terms.RDFS + "label"),
        description=_first(header, _description()),
        version=_first(header, terms.OWL + "versionInfo"),
        iri=terms.MG,
        modules=modules,
        lists=_list_sections(ontology),
        borrowed=_borrowed_sections(ontology),
        prefixes=terms.prefix_table(),
        picture=Markup(picture(ontology)),  # made here, from escaped text
        counts={kind: sum(t.kind == kind for m in modules for t in m.terms)
                for kind in ("class", "property")},
    )  # fmt: skip


def outputs() -> dict[Path, str]:
    """Return each file of the reference with the text that it should have."""
    ontology = Ontology.read()
    return {PAGE: page(ontology), PICTURE: picture(ontology)}


def stale() -> list[Path]:
    """Return the files of the reference that do not say what the ontology says."""
    return [
        path
        for path, text in outputs().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]


def main(arguments: list[str] | None = None) -> int:
    """Write the reference, or with ``--check`` tell whether it is current."""
    parser = argparse.ArgumentParser(description="HTML reference and picture of the ontology.")
    parser.add_argument("--check", action="store_true", help="write nothing, fail when stale")
    if parser.parse_args(arguments).check:
        old = stale()
        for path in old:
            print(f"{terms.relative(path)} is out of date: run tools/ontology_docs.py")
        return 1 if old else 0
    OUTPUT.mkdir(parents=True, exist_ok=True)
    for path, text in outputs().items():
        path.write_text(text, encoding="utf-8")
        print(terms.relative(path))
    return 0


if __name__ == "__main__":
    sys.exit(main())
