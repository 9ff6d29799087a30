"""Canned queries as pages, and the start page that leads to them."""

from __future__ import annotations

import re

import httpx
import pytest

from mineralgraph.queries import load_catalog

CATALOG = load_catalog()
BROWSER = {"Accept": "text/html"}


@pytest.mark.parametrize("name", sorted(q.name for q in CATALOG.values()))
def test_every_question_has_a_page_with_a_field_for_each_parameter(
    client: httpx.Client, name: str
) -> None:
    query = CATALOG.find(name)
    page = client.get(f"/ask/{name}", params=query.example, headers=BROWSER)
    assert page.status_code == 200, page.text
    for parameter in query.parameters:
        assert f'name="{parameter.name}"' in page.text
    assert f"/workbench?query={name}" in page.text


def test_an_answer_has_names_and_gists_and_no_bare_iri(client: httpx.Client) -> None:
    given = {"event": "strelsau-congress"}
    page = client.get("/ask/event-participants", params=given, headers=BROWSER).text
    data = client.get("/queries/event-participants", params=given).json()["rows"]
    table = re.search(r"<tbody>(.*)</tbody>", page, re.DOTALL)
    assert table
    assert table[1].count("<tr>") == len(data) > 0
    assert not re.search(r">https?://", table[1])
    assert '<a href="/claims/' in table[1]


def test_what_is_missing_or_wrong_is_said_on_the_page(client: httpx.Client) -> None:
    missing = client.get("/ask/did-attend", headers=BROWSER)
    assert missing.status_code == 200
    assert "<table" not in missing.text
    wrong = client.get(
        "/ask/event-participants", params={"event": "person:flavia"}, headers=BROWSER
    )
    assert wrong.status_code == 200
    assert 'role="alert"' in wrong.text
    assert client.get("/ask/nothing").status_code == 404
    assert client.get("/ask/did-attend?nonsense=1").status_code == 422


def test_the_start_page_asks_for_no_more_than_it_shows(client: httpx.Client) -> None:
    page = client.get("/", headers=BROWSER).text
    newest = page.partition('id="newest"')[2].partition("</section>")[0]
    assert newest.count('<li class="claim">') <= 6
    for name in (q.name for q in CATALOG.values()):
        assert f'href="/ask/{name}' in page


def test_the_days_go_along_with_every_link_that_knows_of_them(client: httpx.Client) -> None:
    page = client.get("/?as-of=2031-04-01", headers=BROWSER).text
    links = re.findall(
        r' href="(/(?:ask|claims|entities|articles|timeline|network|commitments)[^"]*)"', page
    )
    assert len(links) > 40
    assert all("as-of=2031-04-01" in link for link in links)
    assert "/static/style.css?as-of" not in page
    back = re.search(r'<a data-now href="([^"]*)">', page)
    assert back
    assert back[1] == "/"
    found = client.get("/entities?q=flavia&as-of=2031-04-01", headers=BROWSER)
    assert found.status_code == 200
    assert '<input type="hidden" name="as-of" value="2031-04-01">' in found.text
    assert "/entities/person/flavia?as-of=2031-04-01" in found.text


def test_no_row_is_said_to_be_no_answer(client: httpx.Client) -> None:
    given = {"day": "1805-01-01"}
    assert client.get("/queries/events-on-day", params=given).json()["rows"] == []
    page = client.get("/ask/events-on-day", params=given, headers=BROWSER).text
    assert "do not say" in page
