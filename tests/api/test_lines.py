"""How a page says what claims say of a thing."""

from __future__ import annotations

from typing import Any

import httpx
from pyoxigraph import Literal, NamedNode

from mineralgraph.api import lines
from mineralgraph.api.ask import Row
from mineralgraph.api.presentation.labels import Labels

from .conftest import ID

MG = "https://w3id.org/mineralgraph/ontology#"
BROWSER = {"Accept": "text/html"}


def part(name: str, **value: Any) -> dict[str, Any]:
    return {"property": {"iri": MG + name, "label": name}, "value": value}


def line(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"subject": None, "parts": list(parts), "ties": []}


def values(said: dict[str, Any]) -> list[str]:
    return [v.get("label", v.get("value")) for v in said["lead"]]


def test_who_stands_before_the_role_and_the_rest_keeps_its_name() -> None:
    said = lines.said(
        line(
            part("role", label="host"),
            part("onBehalfOf", label="Z"),
            part("participant", label="Y"),
        ),
        "who",
    )
    assert values(said) == ["Y", "host"]
    assert [p["property"]["label"] for p in said["rest"]] == ["onBehalfOf"]


def test_a_share_is_one_value_and_a_bound_stays_in_words() -> None:
    share = line(part("numerator", value=20), part("denominator", value=60),
                 part("bound", iri=ID + "bound/exact", label="exact"))  # fmt: skip
    assert values(lines.said(share, "amounts")) == ["20 of 60"]
    count = line(
        part("count", value=50), part("bound", iri=ID + "bound/more-than", label="more than")
    )
    assert values(lines.said(count, "amounts")) == ["more than 50"]
    vague = line(
        part("vagueTerm", value="dozens"), part("bound", iri=ID + "bound/vague", label="vague")
    )
    assert values(lines.said(vague, "amounts")) == ["dozens"]


def test_a_long_group_is_cut_and_whole_on_its_own_page() -> None:
    group = {
        "name": "who",
        "title": "Who",
        "lines": [line(part("participant", label=str(n))) for n in range(20)],
    }
    (cut,) = lines.blocks([group], None)
    assert (len(cut["lines"]), cut["total"]) == (lines.SHOWN, 20)
    (whole,) = lines.blocks([group], "who")
    assert len(whole["lines"]) == 20
    assert lines.blocks([group], "when") == []


def row(aspect: str, value: str, article: str, family: str = "f") -> Row:
    return {
        "aspect": NamedNode(MG + aspect),
        "value": Literal(value),
        "claim": NamedNode(f"{ID}claim/{article}"),
        "article": NamedNode(f"{ID}article/{article}"),
        "family": NamedNode(f"{ID}article/{family}"),
    }


def test_only_aspects_in_which_articles_differ_stand_side_by_side() -> None:
    rows = [
        row("when", "1", "a"), row("when", "2", "b"), row("where", "x", "a"),
        row("where", "x", "b"), row("topic", "x", "a"), row("topic", "y", "a"),
        row("topic", "y", "b"),
    ]  # fmt: skip
    (found,) = lines.competing(rows, Labels())
    assert len(found["sides"]) == 2
    assert {c for s in found["sides"] for c in s["claims"]} == {ID + "claim/a", ID + "claim/b"}


def test_the_page_of_a_group_says_so_and_an_unknown_group_is_refused(client: httpx.Client) -> None:
    page = client.get("/entities/person/flavia?block=who", headers=BROWSER)
    assert page.status_code == 200
    assert page.text.count('<section aria-labelledby="group-') == 1
    assert client.get("/entities/person/flavia?block=nothing").status_code == 422
