"""Reading the labels and the terms of a dataset version, for a ``Book`` to hold."""

from __future__ import annotations

from mineralgraph.api import ask
from mineralgraph.api.presentation.labels import Labels
from mineralgraph.api.presentation.terms import text
from mineralgraph.api.presentation.vocabulary import Vocabulary
from mineralgraph.api.service import Service
from mineralgraph.rdf.namespaces import SKOS


async def read_labels(service: Service) -> tuple[Labels, str]:
    """Read all labels, and which things are reference entities; with the version they have."""
    named = await ask.table(service, "labels")
    entities = await ask.table(service, "reference-entities")
    labels = Labels(
        (
            (
                text(row["thing"]),
                text(row["label"]),
                getattr(row["label"], "language", None) or "",
                row["property"] != SKOS.altLabel,
            )
            for row in named
        ),
        ((text(row["thing"]), text(row["type"])) for row in entities),
    )
    return labels, named.version


async def read_vocabulary(service: Service) -> tuple[Vocabulary, str]:
    """Read every term of the ontology with how often it is used; with the version they have."""
    stated = await ask.table(service, "ontology")
    uses = await ask.table(service, "term-uses")
    claims = await ask.table(service, "term-claims")
    known = Vocabulary(
        ((row["term"], row["property"], row["value"]) for row in stated),
        {text(row["term"]): int(text(row["uses"])) for row in uses},
        {text(row["term"]): int(text(row["claims"])) for row in claims},
    )
    return known, stated.version
