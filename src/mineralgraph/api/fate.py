"""What became of a claim: its withdrawal, its revisions, and the writes that touched it."""

from __future__ import annotations

from typing import Any

from mineralgraph.api import ask
from mineralgraph.api.ask import Row
from mineralgraph.api.presentation.terms import page_of, plain, text
from mineralgraph.api.service import Service
from mineralgraph.rdf.identifiers import split


async def of(service: Service, claim: str) -> dict[str, Any]:
    """Return what became of a claim as JSON data.

    Keys: ``withdrawn`` (basis, reason, when, who, and retracted_on where the source's own day is
    known; null while the claim stands), ``revised_by`` and ``revision_of`` (claims), ``history``
    (the writes that touched it, in order).
    """
    table = await ask.table(service, "fate", claim=claim)
    rows = list(table)
    withdrawn = [
        {**_decision(row, "basis"), "retracted_on": text(row["retracted"]) or None}
        for row in rows
        if text(row["what"]) == "withdrawal"
    ]
    return {
        "withdrawn": withdrawn[0] if withdrawn else None,
        "revised_by": [_link(row) for row in rows if text(row["what"]) == "revised-by"],
        "revision_of": [_link(row) for row in rows if text(row["what"]) == "revision-of"],
        "history": [
            {"seq": plain(row["seq"]), **_decision(row, "kind")}
            for row in rows
            if text(row["what"]) == "write"
        ],
    }


def _decision(row: Row, name: str) -> dict[str, Any]:
    return {
        name: (split(text(row["kind"])) or ("", text(row["kind"])))[1],
        "reason": text(row["reason"]) or None,
        "when": text(row["when"]) or None,
        "who": text(row["who"]) or None,
    }


def _link(row: Row) -> dict[str, Any]:
    iri = text(row["node"])
    return {"iri": iri, "page": page_of(iri)}
