"""Reading every label of a dataset version, for ``labels.py`` to hold."""

from __future__ import annotations

from mineralgraph.api import ask
from mineralgraph.api.labels import Labels
from mineralgraph.api.service import Service
from mineralgraph.api.terms import text
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
