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


def canned(entity: int, catalog: Catalog | None = None) -> dict[str, str]:
    """Return name → path with parameters of every canned query that fits generated data.

    Queries about list editions need lists, which the generator does not make: left out.

    Args:
        entity: which entity of each kind to ask about. Of all mentions 38 % go to the first
            one (0), 3 % to the sixth, as in news where a few are in every article.
        catalog: the canned queries; the project's own when left out.
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
                values[parameter.name] = f"person:who{entity}"
            elif kinds[0] in _NAMES:
                slug = f"{_NAMES[kinds[0]]}{entity + (parameter.name == 'b')}"
                values[parameter.name] = slug if len(kinds) == 1 else f"{kinds[0]}/{slug}"
            else:
                break
        else:
            found[query.name] = f"/queries/{query.name}?{urlencode(values)}"
    return found
