"""Every term of our own is complete, and no file uses one that no module defines."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import ontology_terms as terms
import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, parse

Descriptions = dict[str, dict[str, list[NamedNode | Literal]]]

MODULES = terms.modules()
ONTOLOGY_FILES = terms.rdf_files("ontology")
OWN = sorted(terms.own_terms())
ONTOLOGY_IRI = "https://w3id.org/mineralgraph/ontology"


def _descriptions() -> Descriptions:
    found: Descriptions = defaultdict(lambda: defaultdict(list))
    for path in [*MODULES, terms.BORROWED]:
        for quad in terms.read(path):
            if isinstance(quad.subject, NamedNode) and not isinstance(quad.object, BlankNode):
                found[quad.subject.value][quad.predicate.value].append(quad.object)
    return found


DESCRIPTIONS = _descriptions()


def _english(iri: str, predicate: str) -> list[str]:
    values = DESCRIPTIONS[iri][predicate]
    return [v.value for v in values if isinstance(v, Literal) and v.language == "en"]


def _module_of(iri: str) -> Path:
    return next(p for p in MODULES if any(str(q.subject) == f"<{iri}>" for q in terms.read(p)))


def test_there_are_modules_and_terms() -> None:
    assert len(MODULES) >= 12
    assert len(OWN) >= 100


@pytest.mark.parametrize("iri", OWN, ids=terms.shorten)
def test_own_term_is_complete(iri: str) -> None:
    labels = _english(iri, terms.RDFS + "label")
    definitions = _english(iri, terms.SKOS + "definition")
    assert len(labels) == 1
    assert len(definitions) == 1
    assert definitions[0].endswith(".")
    assert definitions[0].lower() != labels[0].lower()
    module = f"{ONTOLOGY_IRI}/{_module_of(iri).stem}"
    assert DESCRIPTIONS[iri][terms.RDFS + "isDefinedBy"] == [NamedNode(module)]


@pytest.mark.parametrize("iri", OWN, ids=terms.shorten)
def test_example_is_turtle_that_uses_the_term(iri: str) -> None:
    examples = [v.value for v in DESCRIPTIONS[iri][terms.SKOS + "example"]]
    assert examples
    prologue = "".join(f"@prefix {p}: <{ns}> .\n" for p, ns in terms.prefix_table().items())
    for example in examples:
        quads = list(parse(prologue + example, format=RdfFormat.TURTLE))
        named = {q.predicate.value for q in quads} | {
            node.value for q in quads for node in (q.subject, q.object) if hasattr(node, "value")
        }
        assert iri in named


@pytest.mark.parametrize("iri", OWN, ids=terms.shorten)
def test_what_a_term_refers_to_is_known(iri: str) -> None:
    known = set(OWN) | set(terms.borrowed_terms())
    for relation in ("domain", "range", "subClassOf", "subPropertyOf"):
        for value in DESCRIPTIONS[iri][terms.RDFS + relation]:
            assert value.value in known, f"{relation} {value}"


def test_a_term_is_defined_in_one_module_only() -> None:
    homes: dict[str, set[str]] = defaultdict(set)
    for path in MODULES:
        for quad in terms.read(path):
            if isinstance(quad.subject, NamedNode) and quad.subject.value.startswith(terms.MG):
                homes[quad.subject.value].add(path.name)
    assert homes
    assert {iri: files for iri, files in homes.items() if len(files) > 1} == {}


def test_no_file_uses_an_undefined_own_term() -> None:
    used = terms.own_uses()
    assert len({use.file for use in used}) > len(MODULES)
    own = set(OWN)
    unknown = sorted(f"{u.file}: {terms.shorten(u.iri)}" for u in used if u.iri not in own)
    assert unknown == []


@pytest.mark.parametrize("path", ONTOLOGY_FILES, ids=terms.relative)
def test_ontology_file_has_no_blank_node(path: Path) -> None:
    quads = terms.read(path)
    assert quads
    blank = [q for q in quads if BlankNode in (type(q.subject), type(q.object))]
    assert blank == []


def test_the_ontology_imports_every_module() -> None:
    imports = {
        q.object.value
        for q in terms.read(terms.ONTOLOGY / "mineralgraph.ttl")
        if q.predicate.value == terms.OWL + "imports" and isinstance(q.object, NamedNode)
    }
    assert imports == {f"{ONTOLOGY_IRI}/{path.stem}" for path in MODULES}


@pytest.mark.parametrize("path", MODULES, ids=terms.relative)
def test_module_imports_the_modules_that_it_refers_to(path: Path) -> None:
    quads = terms.read(path)
    structure = {terms.RDFS + r for r in ("domain", "range", "subClassOf", "subPropertyOf")}
    needed = {
        f"{ONTOLOGY_IRI}/{_module_of(q.object.value).stem}"
        for q in quads
        if q.predicate.value in structure
        and isinstance(q.object, NamedNode)
        and q.object.value.startswith(terms.MG)
    } - {f"{ONTOLOGY_IRI}/{path.stem}"}
    imported = {q.object.value for q in quads if q.predicate.value == terms.OWL + "imports"}
    assert imported == needed


def test_alignments_stand_in_their_own_folder_and_define_nothing() -> None:
    files = sorted((terms.ONTOLOGY / "alignments").glob("*.ttl"))
    assert len(files) >= 8
    for path in files:
        typed = {q.object.value for q in terms.read(path) if q.predicate == terms.TYPE}
        assert typed == {terms.OWL + "Ontology"}, terms.relative(path)
