"""What the benchmarks ask: a few queries in full IRIs, and every canned query of the project."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from mineralgraph.api.http import paging
from mineralgraph.queries import Catalog, Parameter, Query, load_catalog

_MG: Final = "https://w3id.org/mineralgraph/ontology#"
_ID: Final = "https://w3id.org/mineralgraph/id/"
_PROV: Final = "http://www.w3.org/ns/prov#wasDerivedFrom"
_LABEL: Final = "http://www.w3.org/2000/01/rdf-schema#label"

SMALL: Final = f"SELECT ?p ?o WHERE {{ <{_ID}person/who1> ?p ?o }} LIMIT 4"
ROWS: Final = "SELECT ?s ?p ?o WHERE { ?s ?p ?o } LIMIT 10000"
JOINED: Final = (
    f"SELECT ?claim ?gist ?title ?p ?o WHERE {{ ?claim <{_PROV}> ?article ; <{_MG}gist> ?gist ;"
    f" <{_MG}modality> ?modality ; ?p ?o . ?article <{_LABEL}> ?title }} LIMIT 10000"
)
GROWING: Final = {
    "one subject": SMALL,
    "who took part": (
        f"SELECT ?event ?who WHERE {{ ?part <{_MG}inEvent> ?event ; <{_MG}participant> ?who ."
        f" ?event <{_LABEL}> ?label }} ORDER BY ?event ?who LIMIT 100"
    ),
    "claims of an article": (
        f"SELECT ?claim ?gist WHERE {{ ?claim <{_PROV}> <{_ID}article/g1> ; <{_MG}gist> ?gist }}"
    ),
    "claims by modality": (
        f"SELECT ?modality (COUNT(?claim) AS ?n) WHERE {{ ?claim <{_MG}modality> ?modality }}"
        " GROUP BY ?modality"
    ),
    "10,000 rows": ROWS,
}

_NAMES: Final = {
    "event": "meet", "instrument": "memo", "person": "who", "place": "land",
    "organization": "bank", "article": "g", "offer": "loan", "mineral": "ore", "post": "post",
}  # fmt: skip
_KINDS: Final = {
    "event": "event:meet", "inst": "inst:memo", "person": "person:who", "place": "place:land",
    "offer": "offer:loan",
}  # fmt: skip


@dataclass(frozen=True)
class Call:
    """One way to ask a canned query.

    Attributes:
        name: the query, and after a question mark the optional parameter that narrows it.
        query: the query itself.
        values: its parameters.
    """

    name: str
    query: Query
    values: Mapping[str, str]

    @property
    def path(self) -> str:
        """Path with parameters."""
        return f"/queries/{self.query.name}?{urlencode(self.values)}"

    @property
    def text(self) -> str:
        """The SPARQL text of the first page."""
        text = self.query.bind(self.values)
        if self.query.form != "SELECT":
            return text
        return paging.window(text, self.query.columns, paging.Window())


def canned(entity: int, catalog: Catalog | None = None, *, narrowed: bool = False) -> list[Call]:
    """Return calls of every canned query that fits generated data.

    Queries about list editions need lists, which the generator does not make: left out.

    Args:
        entity: which entity of each kind to ask about. Of all mentions 38 % go to the first
            one (0), 3 % to the sixth, as in news where a few are in every article.
        catalog: the canned queries; the project's own when left out.
        narrowed: besides the required parameters, give an optional one that names a thing,
            each in a call of its own, instead of listing everything.
    """
    found = []
    for query in (catalog or load_catalog()).values():
        values = {p.name: _value(p, entity) for p in query.parameters if p.required}
        if None in values.values():
            continue
        known = {name: value for name, value in values.items() if value is not None}
        things = [p for p in query.parameters if not p.required and p.type.name == "iri"]
        if not narrowed or not things:
            found.append(Call(query.name, query, known))
        else:
            for parameter in things:
                value = _value(parameter, entity)
                if value is not None:
                    name = f"{query.name}?{parameter.name}"
                    found.append(Call(name, query, {**known, parameter.name: value}))
    return found


def _value(parameter: Parameter, entity: int) -> str | None:
    """Return a thing of the generated data that fits a parameter, None where there is none."""
    kinds = parameter.type.kinds
    if parameter.type.name == "date":
        return "2031-06-01"
    if not kinds:
        kind = _KINDS.get(parameter.example.partition(":")[0])
        return f"{kind}{entity}" if kind else parameter.example
    if kinds[0] == "claim":
        return f"g{entity}-c0"
    if kinds[0] not in _NAMES:
        return None
    slug = f"{_NAMES[kinds[0]]}{entity + (parameter.name == 'b')}"
    return slug if len(kinds) == 1 else f"{kinds[0]}/{slug}"
