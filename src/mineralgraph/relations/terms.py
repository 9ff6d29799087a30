"""The graphs and properties that relations between claims are made of."""

from __future__ import annotations

from typing import Final

from pyoxigraph import NamedNode

from mineralgraph.rdf.identifiers import mint
from mineralgraph.rdf.namespaces import DCTERMS, MG, ORG

RELATIONS: Final = mint("graph", "relations")
"""Holds the relations that the rules find."""
FAMILIES: Final = mint("graph", "source-families")
"""Holds, for every article and source, the one that stands for its family."""
REVIEWS: Final = mint("graph", "relation-reviews")
"""Holds curators' verdicts on relations."""
DERIVED: Final = frozenset({RELATIONS, FAMILIES})
"""The graphs whose content follows from the rest of the dataset."""

THING_AS_OBJECT: Final[tuple[NamedNode, ...]] = (
    MG.inEvent,
    MG.stepOf,
    MG.quantityOf,
    MG.conveys,
    MG.inSeries,
    MG.saidIn,
    MG.sameUtteranceAs,
    ORG.post,
    DCTERMS.hasPart,
)
"""Properties whose object a rule may compare claims about, besides the subjects of triples."""
LINKS: Final[tuple[NamedNode, ...]] = (MG.sameUtteranceAs, DCTERMS.hasPart)
"""Properties that a rule may follow from one thing to another through different claims."""

ACCEPTED: Final = mint("review-state", "accepted")
REJECTED: Final = mint("review-state", "rejected")
