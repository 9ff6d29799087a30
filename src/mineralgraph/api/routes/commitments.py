"""``/commitments``: offers, instruments and undertakings by how far they have come.

A column is a step of the ladder. What is known of an amount is a floor and a ceiling; both are
summed within a column only, by currency: a sum over steps would count a promise as money.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from fastapi import FastAPI

from mineralgraph.api import ask, views
from mineralgraph.api.presentation.labels import Labels
from mineralgraph.api.presentation.terms import page_of, plain, text
from mineralgraph.api.service import Service
from mineralgraph.api.things import Json
from mineralgraph.api.views import View

COLUMNS: Final = (
    "thing", "label", "kind", "step", "rank", "when", "dated", "since", "by", "to", "amounts",
    "claims", "page",
)  # fmt: skip
FILTERS: Final = {
    "about": ("Only what this thing takes part in: a party, a country, a mineral.",
              "place:kazakhstan"),
}  # fmt: skip


def register(app: FastAPI, service: Service) -> None:
    """Add the route."""
    views.register(app, service, VIEW)


async def rows(
    service: Service, filters: Mapping[str, str], labels: Labels
) -> tuple[list[Json], str]:
    """Return one row per offer, instrument and undertaking, with its latest step."""
    steps = await ask.canned(service, "status-history")
    offers = await ask.canned(service, "financing-offers")
    undertakings = await ask.canned(service, "undertakings", modality="held")
    found: dict[str, Json] = {}
    for row in steps:  # the latest step comes first
        card = _card(found, text(row["thing"]), labels)
        if card["step"] is None:
            card.update(
                step=text(row["status"]), rank=plain(row["rank"]), dated=plain(row["dated"]),
                when=text(row["when"]) or None, since=text(row["countsFrom"]),
            )  # fmt: skip
        _cite(card, row)
    for row in undertakings:
        card = _card(found, text(row["undertaking"]), labels)
        _add(card, "by", text(row["byLabel"]))
        _add(card, "to", labels.label(text(row["to"])) if row["to"] else "")
        _cite(card, row)
    for row in offers:
        if text(row["modality"]).endswith("/held"):
            card = _card(found, text(row["offer"]), labels)
            _bound(card, row)
            _add(card, "by", labels.label(text(row["by"])) if row["by"] else "")
            _cite(card, row)
    for row in await ask.table(service, "parties"):
        if text(row["thing"]) in found:
            _add(found[text(row["thing"])], "by", labels.label(text(row["party"])))
    if "about" in filters:
        near = await ask.table(service, "network", about=filters["about"])
        ends = {text(row[end]) for row in near for end in ("from", "to")}
        found = {iri: card for iri, card in found.items() if iri in ends}
    listed = sorted(found.values(), key=lambda c: (c["rank"] or 99, c["label"], c["thing"]))
    return listed, steps.version


def _card(found: dict[str, Json], iri: str, labels: Labels) -> Json:
    if iri not in found:
        named = labels.find(iri)
        found[iri] = {
            "thing": iri,
            "label": labels.label(iri),
            "kind": ", ".join(labels.label(t) for t in named.types) if named else "",
            "step": None, "rank": None, "when": None, "dated": False, "since": None,
            "by": [], "to": [], "amounts": [], "claims": [], "page": page_of(iri),
        }  # fmt: skip
    return found[iri]


def _add(card: Json, name: str, label: str) -> None:
    if label and label not in card[name]:
        card[name].append(label)


def _cite(card: Json, row: ask.Row) -> None:
    claim = text(row["claim"])
    if claim not in card["claims"]:
        card["claims"].append(claim)


def _bound(card: Json, row: ask.Row) -> None:
    """Widen a card's bounds to what one claim says of the amount: claims may differ."""
    exactly, most = plain(row["exactly"]), plain(row["atMost"])
    least, over = plain(row["atLeast"]), plain(row["moreThan"])
    floor = next((x for x in (exactly, least, over) if isinstance(x, int | float)), None)
    ceiling = next((x for x in (exactly, most) if isinstance(x, int | float)), None)
    if not row["currency"]:
        return
    currency = text(row["currency"])
    amount = next((a for a in card["amounts"] if a["currency"] == currency), None)
    if amount is None:
        card["amounts"].append({"currency": currency, "floor": floor, "ceiling": ceiling})
        return
    for side, value, wider in (("floor", floor, min), ("ceiling", ceiling, max)):
        if value is not None:
            amount[side] = value if amount[side] is None else wider(amount[side], value)


async def board(service: Service, found: list[Json], labels: Labels) -> Json:
    """Return the columns of the ladder that hold a card, each with totals of its own."""
    gists = await ask.gists(service, (claim for card in found for claim in card["claims"]))
    articles = await ask.table(service, "articles")
    newest = max((text(row["first"]) for row in articles if row["first"]), default="")
    for card in found:
        card["age"] = _days_between(card["since"], newest)
    columns: dict[str | None, list[Json]] = {}
    for card in found:
        columns.setdefault(card["step"], []).append(card)
    return {
        "gists": {
            claim: {"gist": text(row["gist"]), "article": labels.label(text(row["article"]))}
            for claim, row in gists.items()
        },
        "columns": [
            {
                "label": labels.label(step) if step else None,
                "cards": cards,
                "totals": totals(cards),
            }
            for step, cards in columns.items()
        ],
    }


def _days_between(day: str | None, later: str) -> int | None:
    """Return how many days lie between two days, None where one is no day or lies the other way."""
    try:
        days = (date.fromisoformat(later) - date.fromisoformat(day or "")).days
    except ValueError:
        return None
    return days if days > 0 else None


def totals(cards: Iterable[Json]) -> list[Json]:
    """Return floor and ceiling by currency; without a ceiling on each card there is none."""
    found: dict[str, list[Json]] = {}
    for card in cards:
        for amount in card["amounts"]:
            found.setdefault(amount["currency"], []).append(amount)
    return [
        {"currency": currency, "floor": _floor(amounts), "ceiling": _ceiling(amounts)}
        for currency, amounts in found.items()
    ]


def _floor(amounts: Iterable[Json]) -> Any:
    known = [amount["floor"] for amount in amounts if amount["floor"] is not None]
    return sum(known) if known else None


def _ceiling(amounts: Iterable[Json]) -> Any:
    every = [amount["ceiling"] for amount in amounts]
    return None if None in every else sum(every)


VIEW: Final = View(
    name="commitments",
    summary="Offers, instruments and undertakings by how far they have come",
    columns=COLUMNS,
    filters=FILTERS,
    rows=rows,
    shown=board,
)
