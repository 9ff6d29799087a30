"""What the benchmarks ask: a few queries in full IRIs, and every canned query of the project."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from mineralgraph.queries import Catalog, load_catalog

_MG: Final = "https://w3id.org/mineralgraph/ontology#"
_ID: Final = "https://w3id.org/mineralgraph/id/"
_PROV: Final = "http://www.w3.org/ns/prov#wasDerivedFrom"
_LABEL: Final = "http://www.w3.org/2000/01/rdf-schema#label"

SMALL: Final = f"SELECT ?p ?o WHERE {{ <{_ID}person/who1> ?p ?o }} LIMIT 4"
ROWS: Final = "SELECT ?s ?p ?o WHERE { ?s ?p ?o } LIMIT 10000"
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

# Entities of the generator for each kind of parameter: the ones that the articles speak of most.
_FIRST: Final = {
    "event": "meet0", "instrument": "memo0", "person": "who0", "place": "land0",
    "organization": "bank0", "article": "g0", "offer": "loan0", "mineral": "ore0",
    "post": "post0",
}  # fmt: skip


def canned(catalog: Catalog | None = None) -> dict[str, str]:
    """Return name → path with parameters of every canned query that fits generated data.

    Queries about list editions need lists, which the generator does not make: left out.
    """
    found = {}
    for query in (catalog or load_catalog()).values():
        values: dict[str, str] = {}
        for parameter in query.parameters:
            if not parameter.required:
                continue
            kinds = parameter.type.kinds
            if parameter.type.name == "date":
                values[parameter.name] = "2031-06-01"
            elif not kinds:
                values[parameter.name] = "person/who0"
            elif kinds[0] in _FIRST:
                slug = _FIRST[kinds[0]]
                if parameter.name == "b":
                    slug = slug[:-1] + "1"
                values[parameter.name] = slug if len(kinds) == 1 else f"{kinds[0]}/{slug}"
            else:
                break
        else:
            found[query.name] = f"/queries/{query.name}?{urlencode(values)}"
    return found
