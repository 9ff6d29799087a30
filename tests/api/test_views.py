"""The views over the invented dataset, without a browser: what they say and must not say."""

from __future__ import annotations

import gzip
import html
import re
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest

from mineralgraph.api import drawing
from mineralgraph.api.presentation import pages
from mineralgraph.api.presentation.pages import CONTENT_SECURITY_POLICY, Pages
from mineralgraph.api.routes.commitments import totals

from .conftest import ID

PAGES = [
    "/", "/timeline", "/commitments", "/network", "/workbench", "/check",
    "/entities/person/flavia", "/articles/tarlenheim-digest", "/claims/sp-attended",
]  # fmt: skip
BROWSER = {"Accept": "text/html"}
BUDGET = 100_000


def rows(client: httpx.Client, path: str, **given: str) -> list[dict[str, Any]]:
    answer = client.get(path, params={**given, "format": "json"})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["rows"]
    return found


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_under_the_policy(client: httpx.Client, path: str) -> None:
    answer = client.get(path, headers=BROWSER)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    for loose in ("unsafe", "http:", "https:", "*", "data:"):
        assert loose not in CONTENT_SECURITY_POLICY
    for inline in ("<script>", "<style", " style=", " onclick=", " onload=", "javascript:"):
        assert inline not in answer.text


@pytest.mark.parametrize("path", ["/", "/entities/person/flavia"])
def test_script_and_style_of_a_page_stay_small(client: httpx.Client, path: str) -> None:
    page = client.get(path, headers=BROWSER).text
    linked = [name for name in pages.static_files() if f"/static/{name}?" in page]
    assert "style.css" in linked
    sizes = {n: len(gzip.compress(pages.static_files()[n][0])) for n in linked}
    assert sum(sizes.values()) < BUDGET
    assert len(linked) <= 3


def test_without_the_built_scripts_pages_say_so(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_all = pages.static_files()
    monkeypatch.setattr(
        pages, "static_files", lambda: {n: f for n, f in with_all.items() if "/" not in n}
    )
    bare = Pages()
    frame = pages.Frame.of("/check", {})
    shown = bare.render("check.html", frame, syntaxes=[], version="v").decode()
    assert "make web" in shown
    assert "<script" not in shown


def test_an_uncertain_date_is_a_span_and_no_date_is_no_bar_of_its_own() -> None:
    row = {"thing": ID + "event/x", "label": "x", "step": None, "modality": "held",
           "published": "2031-03-30", "page": None}  # fmt: skip
    month = {**row, "date": "2031-03", "first": "2031-03-01", "last": "2031-03-31", "dated": True}
    none = {**row, "date": None, "first": None, "last": None, "dated": False}
    day = {**row, "date": "2031-03-02", "first": "2031-03-02", "last": "2031-03-02", "dated": True}
    chart = drawing.chart(drawing.bars([month, none, day]))
    assert chart
    wide, narrow, undated = chart["bars"]
    assert wide["width"] > 10 * narrow["width"]
    assert undated["from"] is None
    assert "x" not in undated


def test_filters_of_the_timeline_narrow_it(client: httpx.Client) -> None:
    every = rows(client, "/timeline")
    planned = rows(client, "/timeline", modality="planned")
    assert planned
    assert {r["modality"] for r in planned} == {"planned"}
    assert len(planned) < len(every)
    about = rows(client, "/timeline", about="person:flavia")
    assert 0 < len(about) < len(every)


def test_nothing_rejected_or_withdrawn_is_in_a_view(client: httpx.Client) -> None:
    listed = client.get("/claims?limit=1000").json()["rows"]
    refused = {r["claim"] for r in listed if not r["review"].endswith("/accepted")}
    assert refused
    for path in ("/timeline", "/network"):
        assert not refused & {r["claim"] for r in rows(client, path)}
    for card in rows(client, "/commitments"):
        assert not refused & set(card["claims"])


def test_a_network_filter_keeps_pairs_with_that_thing(client: httpx.Client) -> None:
    flavia = ID + "person/flavia"
    found = rows(client, "/network", about="person:flavia")
    assert found
    assert all(flavia in (r["from"], r["to"]) for r in found)


def test_a_hostile_parameter_is_refused_and_never_pasted(client: httpx.Client) -> None:
    answer = client.get("/timeline", params={"about": "person:x> } INSERT"})
    assert answer.status_code == 422


def card(**more: Any) -> dict[str, Any]:
    return {"amounts": [{"currency": "USD", "floor": None, "ceiling": None, **more}]}


def test_totals_keep_floor_and_ceiling_and_currencies_apart() -> None:
    found = totals([card(floor=5, ceiling=9), card(ceiling=1), card(currency="EUR", floor=2)])
    dollars, euros = found
    assert (dollars["floor"], dollars["ceiling"]) == (5, 10)
    assert (euros["floor"], euros["ceiling"]) == (2, None)


def test_no_total_is_made_over_steps(client: httpx.Client) -> None:
    page = client.get("/commitments", headers=BROWSER).text
    assert page.count("In this column:") >= 1
    assert "In all" not in page


def test_a_card_stands_at_its_latest_step(client: httpx.Client) -> None:
    history = rows(client, "/queries/status-history")
    latest: dict[str, str] = {}
    for row in history:  # the latest stands first
        latest.setdefault(row["thing"], row["status"])
    shown = {c["thing"]: c["step"] for c in rows(client, "/commitments") if c["step"]}
    assert shown == latest


def test_a_thing_lists_facts_with_their_claims(client: httpx.Client) -> None:
    thing = client.get("/entities/person/flavia").json()
    known = {c["claim"] for c in thing["facts"]}
    known |= {c["claim"] for g in thing["not_facts"] for c in g["claims"]}
    lines = [line for group in thing["groups"] for line in group["lines"]]
    assert lines
    for line in lines:
        assert line["parts"]
        assert set(line["claims"]) <= known
        assert 1 <= line["families"] <= len(line["claims"])
        assert line["held"] == line["modality"]["iri"].endswith("/held")


def test_the_workbench_opens_a_bound_query_and_a_permalink(client: httpx.Client) -> None:
    page = client.get("/workbench?query=entity-facts&thing=person:flavia").text
    assert "/id/person/flavia&gt;" in page
    text = "SELECT ?x WHERE { ?x ?y '</textarea><b>' }"
    page = client.get("/workbench", params={"sparql": text}).text
    assert "&lt;/textarea&gt;&lt;b&gt;" in page
    assert client.get("/workbench?query=nothing-such").status_code == 404


def test_dist_is_no_way_out_of_the_folder(client: httpx.Client) -> None:
    for path in ("/static/dist/../../pages.py", "/static/..%2Fpages.py", "/static/dist/none.js"):
        assert client.get(path).status_code == 404


def test_the_lock_names_no_registry() -> None:
    lock = Path(__file__).resolve().parents[2] / "web" / "package-lock.json"
    assert '"resolved"' not in lock.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", ["/timeline", "/commitments", "/network"])
def test_a_view_looks_from_a_day(client: httpx.Client, path: str) -> None:
    assert rows(client, path)
    assert rows(client, path, **{"as-of": "1999-01-01"}) == []


@pytest.mark.parametrize("path", ["/timeline?modality=held", "/entities/person/flavia"])
def test_the_days_are_in_the_header_and_in_the_url(client: httpx.Client, path: str) -> None:
    glue = "&" if "?" in path else "?"
    plain = client.get(path + glue + "as-of=&valid-on=", headers=BROWSER)
    assert plain.status_code == 200
    assert 'name="as-of"' in plain.text
    assert "not at the present state" not in plain.text
    page = client.get(path + glue + "as-of=2031-04-01", headers=BROWSER).text
    assert 'value="2031-04-01"' in page
    assert "not at the present state" in page
    if "modality" in path:
        assert '<input type="hidden" name="modality" value="held">' in page


@pytest.mark.parametrize(
    "path",
    [
        "/", "/entities", "/entities/person/flavia", "/claims?limit=2&offset=2", "/timeline",
        "/commitments", "/network", "/ontology", "/ontology/mg:Event", "/claims/sp-attended",
        "/articles/zenda-herald",
        "/ask/did-attend?event=strelsau-congress&participant=person/flavia",
        "/shapes?as-of=2031-04-01", "/entities/person/flavia?as-of=2031-04-01",
    ],
)  # fmt: skip
def test_a_page_gives_its_permanent_link_and_how_to_cite_it(
    client: httpx.Client, path: str
) -> None:
    page = client.get(path, headers=BROWSER)
    links = {
        html.unescape(href)
        for href in re.findall(r'href="([^"]*version=[^"]*)" data-permalink', page.text)
    }
    assert len(links) == 1
    link = links.pop()
    assert set(path.partition("?")[2].split("&")) - {""} <= set(
        unquote(link.partition("?")[2]).split("&")
    )
    pinned = client.get(link, headers=BROWSER)
    assert pinned.status_code == 200
    assert "stands on dataset version" in pinned.text
    assert _shown(pinned.text) == _shown(page.text)
    cited = [html.unescape(h) for h in re.findall(r'href="(/cite[^"]*)"', page.text)]
    assert len(cited) == 2
    for address in cited:
        answer = client.get(address)
        assert answer.status_code == 200, answer.text
        assert link in answer.text
    assert "@misc" in client.get(cited[1]).text


def _shown(page: str) -> str:
    """The content of a page without the notices above it."""
    main = page.partition("<main")[2].partition("</main>")[0]
    return re.sub(r'<p class="notice">[^§]*?</p>', "", main)


@pytest.mark.parametrize("path", ["/workbench", "/check", "/docs"])
def test_what_is_no_answer_has_no_permanent_link(client: httpx.Client, path: str) -> None:
    assert "data-permalink" not in client.get(path, headers=BROWSER).text


def test_labels_of_ticks_do_not_run_into_each_other() -> None:
    for span in range(1, 40):
        bar = {"date": None, "first": "2031-01-30", "modality": "held"}
        last = date.fromordinal(date(2031, 1, 30).toordinal() + span).isoformat()
        rows = [{**bar, "thing": "x", "step": None, "last": last}]
        for layout in (drawing.WIDE, drawing.NARROW):
            made = drawing.chart(drawing.bars(rows), layout)
            assert made
            ticks = made["ticks"]
            assert len(ticks) > 1
            for one, other in pairwise(ticks):
                assert other["x"] - one["x"] > 6 * len(one["label"])


def test_a_question_about_what_is_unknown_says_so(client: httpx.Client) -> None:
    """It would be wrong to say that the articles do not tell."""
    path = "/ask/did-attend?event={}&participant=person/rassendyll"
    unknown = client.get(path.format("no-such-event"), headers=BROWSER).text
    assert "knows nothing by the name no-such-event" in unknown
    assert "do not say" not in unknown
    silent = client.get(
        "/ask/did-attend?event=strelsau-congress&participant=person/yetive", headers=BROWSER
    ).text
    assert "knows nothing by" not in silent
