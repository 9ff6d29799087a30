"""The ontology as it is served: every term with what is said of it, and where it has its page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from pyoxigraph import Literal, NamedNode, Triple

from mineralgraph.api.presentation.terms import Cell, page_of
from mineralgraph.gate import rules
from mineralgraph.rdf.namespaces import DCTERMS, MG, OWL, RDF, RDFS, SKOS, short

KINDS: Final = {
    OWL.Class: "class",
    RDFS.Class: "class",
    OWL.ObjectProperty: "property",
    OWL.DatatypeProperty: "property",
    RDF.Property: "property",
    RDFS.Datatype: "datatype",
    SKOS.ConceptScheme: "list",
    SKOS.Concept: "code",
}
_LINKS: Final = (
    RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range, SKOS.inScheme, SKOS.broader,
    SKOS.closeMatch, SKOS.exactMatch, RDFS.seeAlso,
)  # fmt: skip


@dataclass
class Term:
    """A class, property, datatype, code or code list.

    Attributes:
        iri: its name.
        kind: one of ``KINDS``.
        home: what defines it: a module, or the vocabulary it is borrowed from.
        links: (how, other term), in both directions; a link that leads here begins with ``^``.
    """

    iri: str
    kind: str = ""
    label: str = ""
    definition: str = ""
    home: str = ""
    rank: int = 0
    uses: int = 0
    claims: int = 0
    examples: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Its short name, such as ``mg:Event``."""
        return short(self.iri)

    @property
    def page(self) -> str:
        """The path of its page."""
        return f"/ontology/{self.name}"


@dataclass(frozen=True)
class Section:
    """A module, a code list, or a vocabulary of others, with its terms."""

    anchor: str
    title: str
    about: str
    iri: str
    kind: str
    terms: list[Term]


class Vocabulary:
    """All terms of one dataset version."""

    def __init__(
        self,
        stated: Iterable[tuple[Cell, Cell, Cell]] = (),
        uses: Mapping[str, int] | None = None,
        claims: Mapping[str, int] | None = None,
    ) -> None:
        """Index the terms.

        Args:
            stated: the statements of the ontology.
            uses: term → statements of the current view that have it as property or value.
            claims: term → claims that use it, current or not.
        """
        self.statements: list[Triple] = []
        self._homes: dict[str, tuple[str, str]] = {}
        said: dict[str, list[tuple[NamedNode, NamedNode | Literal]]] = {}
        for subject, property_, value in stated:
            if (
                isinstance(subject, NamedNode)
                and isinstance(property_, NamedNode)
                and isinstance(value, NamedNode | Literal)
            ):
                said.setdefault(subject.value, []).append((property_, value))
                self.statements.append(Triple(subject, property_, value))
        found = [_term(iri, statements) for iri, statements in said.items()]
        self.terms = {term.iri: term for term in found if term.kind and term.home}
        for iri, statements in said.items():
            if iri not in self.terms:
                self._homes[iri] = (_first(statements, RDFS.label), _about(statements))
        for term in self.terms.values():
            term.uses, term.claims = (uses or {}).get(term.iri, 0), (claims or {}).get(term.iri, 0)
        self._link(said)
        self._names = {term.name: term for term in self.terms.values()}

    def _link(self, said: dict[str, list[tuple[NamedNode, NamedNode | Literal]]]) -> None:
        for iri, statements in said.items():
            for property_, value in statements:
                if property_ not in _LINKS or not isinstance(value, NamedNode):
                    continue
                how = short(property_.value)
                if iri in self.terms:
                    self.terms[iri].links.append((how, value.value))
                if value.value in self.terms:
                    self.terms[value.value].links.append((f"^{how}", iri))

    def find(self, name: str) -> Term | None:
        """Return a term by its short name."""
        return self._names.get(name)

    def elsewhere(self, name: str) -> str | None:
        """Return where something lies that is asked for as a term: a module, a bare name."""
        module = f"{MG.base.rstrip('#')}/{name}"
        if any(term.home == module for term in self.terms.values()):
            return f"/ontology#{self.anchor(module)}"
        bare = self.find(f"mg:{name}")
        return bare.page if bare else None

    def named(self, iri: str) -> dict[str, str | None]:
        """Return an IRI with its short name, label and page, whether or not it is a term here."""
        term = self.terms.get(iri)
        name = short(iri)
        if term is None:
            return {"iri": iri, "name": name, "label": name, "page": page_of(iri)}
        return {"iri": iri, "name": name, "label": term.label, "page": term.page}

    def home(self, iri: str) -> tuple[str, str]:
        """Return title and description of what defines a term."""
        if iri in self.terms:
            return self.terms[iri].label, self.terms[iri].definition
        return self._homes.get(iri) or (short(iri).strip("<>"), "")

    def sections(self) -> list[Section]:
        """Return the terms by where they come from: modules, code lists, other vocabularies."""
        lists = {t.iri for t in self.terms.values() if t.kind == "list"}
        by_home: dict[str, list[Term]] = {}
        for term in self.terms.values():
            scheme = next((o for how, o in term.links if how == "skos:inScheme"), None)
            home = scheme if scheme in lists else term.iri if term.kind == "list" else term.home
            by_home.setdefault(home or term.home, []).append(term)
        found = [self._section(home, terms) for home, terms in by_home.items()]
        order = ("module", "list", "borrowed")
        return sorted(found, key=lambda s: (order.index(s.kind), s.title.casefold()))

    def anchor(self, home: str) -> str:
        """Return where what defines a term begins on the list: ``KIND-NAME``."""
        return f"{self._kind(home)}-{home.rstrip('#/').rpartition('/')[2]}"

    def _kind(self, home: str) -> str:
        if home.startswith(MG.base.rstrip("#")):
            return "module"
        return "list" if home in self.terms else "borrowed"

    def _section(self, home: str, terms: list[Term]) -> Section:
        kind = self._kind(home)
        title, about = self.home(home)
        ordered = sorted(terms, key=lambda t: (t.kind != "list", t.rank, t.kind, t.name.casefold()))
        shown = [term for term in ordered if term.iri != home]
        return Section(self.anchor(home), title, about, home, kind, shown)

    def rules_with(self, iri: str) -> Iterator[rules.Rule]:
        """Yield the shapes that name a term and report."""
        yield from (r for r in rules.rules().values() if r.message and iri in r.terms)


def _first(statements: list[tuple[NamedNode, NamedNode | Literal]], wanted: NamedNode) -> str:
    return next((v.value for p, v in statements if p == wanted), "")


def _about(statements: list[tuple[NamedNode, NamedNode | Literal]]) -> str:
    return _first(statements, DCTERMS.description) or _first(statements, SKOS.definition)


def _term(iri: str, statements: list[tuple[NamedNode, NamedNode | Literal]]) -> Term:
    types = [v for p, v in statements if p == RDF.type]
    rank = _first(statements, MG.rank)
    return Term(
        iri=iri,
        kind=next((kind for type_, kind in KINDS.items() if type_ in types), ""),
        label=_first(statements, RDFS.label) or short(iri),
        definition=_about(statements),
        home=_first(statements, RDFS.isDefinedBy),
        rank=int(rank) if rank.isdigit() else 0,
        examples=[v.value for p, v in statements if p == SKOS.example],
    )
