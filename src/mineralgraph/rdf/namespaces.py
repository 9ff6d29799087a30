"""Namespaces, read from ``ontology/prefixes.ttl``: the one prefix table of the project.

The table is SHACL's ``sh:declare`` form, so that shapes use the very same declarations.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Final

from pyoxigraph import NamedNode, RdfFormat, parse

from mineralgraph import resources

_SH: Final = "http://www.w3.org/ns/shacl#"


@cache
def prefixes() -> dict[str, str]:
    """Return prefix → namespace IRI, sorted by prefix."""
    path = resources.folder("ontology") / "prefixes.ttl"
    names: dict[str, str] = {}
    spaces: dict[str, str] = {}
    for quad in parse(path=path, format=RdfFormat.TURTLE):
        node = str(quad.subject)
        if quad.predicate.value == _SH + "prefix":
            names[node] = str(getattr(quad.object, "value", ""))
        elif quad.predicate.value == _SH + "namespace":
            spaces[node] = str(getattr(quad.object, "value", ""))
    return dict(sorted((names[node], spaces[node]) for node in names))


class Namespace:
    """Terms of one namespace: ``MG["Claim"]`` or ``MG.Claim`` is a ``NamedNode``."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._terms: dict[str, NamedNode] = {}

    @property
    def base(self) -> str:
        """The namespace IRI."""
        return prefixes()[self._prefix]

    def __getitem__(self, local: str) -> NamedNode:
        term = self._terms.get(local)
        if term is None:
            term = self._terms[local] = NamedNode(self.base + local)
        return term

    def __getattr__(self, local: str) -> NamedNode:
        if local.startswith("__"):
            raise AttributeError(local)
        return self[local]


MG = Namespace("mg")
RDF = Namespace("rdf")
RDFS = Namespace("rdfs")
XSD = Namespace("xsd")
SKOS = Namespace("skos")
SH = Namespace("sh")
PROV = Namespace("prov")
OA = Namespace("oa")
ORG = Namespace("org")
TIME = Namespace("time")
DCTERMS = Namespace("dcterms")
SCHEMA = Namespace("schema")
EDTF = Namespace("edtf")
OWL = Namespace("owl")

ID_BASE: Final = "https://w3id.org/mineralgraph/id/"
GRAPH_BASE: Final = ID_BASE + "graph/"
CURRENT_VIEW: Final = NamedNode(GRAPH_BASE + "current")
"""Name of the current view, which every engine shows as the default graph (model.md section 2)."""
ONTOLOGY_GRAPH: Final = NamedNode(GRAPH_BASE + "ontology")
DATASET: Final = NamedNode(ID_BASE + "dataset/mineralgraph")
SERVICE_GRAPH: Final = NamedNode(GRAPH_BASE + "dataset")
"""Holds what the store says of itself: dataset version, and whether the gate was ever on."""
AUDIT_GRAPH: Final = NamedNode(GRAPH_BASE + "audit")
"""Holds the record of writes: who, when, what, and the versions before and after."""


def curie(iri: str) -> str:
    """Shorten an IRI with the longest matching prefix; an IRI without one stays in ``<>``."""
    best = max(
        (p for p, ns in prefixes().items() if iri.startswith(ns) and iri != ns),
        key=lambda p: len(prefixes()[p]),
        default=None,
    )
    if best is None:
        return f"<{iri}>"
    local = iri[len(prefixes()[best]) :]
    return f"<{iri}>" if "/" in local or "#" in local else f"{best}:{local}"


def is_iri(node: str) -> bool:
    """Tell an IRI from a blank node's label and from plain text without a colon."""
    return ":" in node and not node.startswith("_:")


@lru_cache(maxsize=10_000)
def short(node: str) -> str:
    """Return ``prefix:local`` for an IRI, and anything else as it is."""
    return curie(node) if is_iri(node) else node


def expand(name: str) -> str:
    """Expand ``prefix:local`` with our table.

    Raises:
        KeyError: when the prefix is not in the table.
    """
    prefix, _, local = name.partition(":")
    return prefixes()[prefix] + local


def prefixes_in(text: str) -> dict[str, str]:
    """Return our prefixes that a query may use; the engine takes a microsecond for each."""
    known = prefixes()
    return {
        prefix: known[prefix]
        for before in text.split(":")[:-1]
        for size in _sizes_of_prefixes()
        if (prefix := before[-size:]) in known
    }


@cache
def _sizes_of_prefixes() -> list[int]:
    return sorted({len(prefix) for prefix in prefixes()})


def sparql_prologue() -> str:
    """Return the PREFIX lines that are predeclared for every query."""
    return "".join(f"PREFIX {p}: <{ns}>\n" for p, ns in prefixes().items())
