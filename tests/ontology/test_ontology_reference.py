"""The committed HTML reference and picture say what the ontology says, and load nothing."""

from __future__ import annotations

from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import ontology_docs
import ontology_picture
import ontology_terms as terms
import pytest


class _Page(HTMLParser):
    """Collects what a page links to and where a link can lead."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in {"href", "src", "action", "data", "srcset"}:
                self.targets.append(value or "")
            elif name == "id":
                self.ids.append(value or "")


@pytest.fixture(scope="module")
def page() -> _Page:
    reader = _Page()
    reader.feed(ontology_docs.PAGE.read_text(encoding="utf-8"))
    return reader


def test_committed_files_are_current() -> None:
    assert ontology_docs.stale() == [], "run tools/ontology_docs.py"


def test_check_fails_on_a_stale_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = {ontology_docs.PAGE: "not what is committed"}
    monkeypatch.setattr(ontology_docs, "outputs", lambda: changed)
    assert ontology_docs.main(["--check"]) == 1
    assert "docs/reference/ontology.html" in capsys.readouterr().out


def test_page_has_an_entry_for_every_term(page: _Page) -> None:
    expected = terms.own_terms() | terms.concepts() | set(terms.borrowed_terms())
    anchors = {terms.shorten(iri).replace(":", "-") for iri in expected}
    assert len(anchors) == len(expected) > 300
    assert anchors - set(page.ids) == set()


def test_links_stay_on_the_page_and_lead_somewhere(page: _Page) -> None:
    assert len(page.targets) > 100
    assert [t for t in page.targets if not t.startswith("#")] == []
    assert {t[1:] for t in page.targets} <= set(page.ids)
    assert len(set(page.ids)) == len(page.ids)


@pytest.mark.parametrize("path", [ontology_docs.PAGE, ontology_docs.PICTURE], ids=lambda p: p.name)
def test_nothing_is_loaded_from_outside(path: ontology_docs.Path) -> None:
    text = path.read_text(encoding="utf-8").lower()
    assert text
    for loader in ("url(http", "@import", "<script", "<link", "<iframe", "<img", "xlink:href"):
        assert loader not in text


def test_picture_is_xml_with_every_box_and_line() -> None:
    grid = ontology_picture.layout()
    shown = {e.text for e in ET.parse(ontology_docs.PICTURE).iter() if e.text}
    classes = {name for row in grid["rows"] for name in row if name}
    assert len(classes) > 20
    assert classes <= shown
    assert {label for _, label, _ in grid["edges"]} <= shown


def _expand(name: str) -> str:
    prefix, _, local = name.partition(":")
    return terms.prefix_table()[prefix] + local


def test_picture_shows_only_what_the_ontology_says() -> None:
    """A line starts at the property's domain or below it, and every name is a known term."""
    known = terms.own_terms() | set(terms.borrowed_terms())
    facts = {
        (q.subject.value, q.predicate.value.removeprefix(terms.RDFS), q.object.value)
        for path in [*terms.modules(), terms.BORROWED]
        for q in terms.read(path)
    }
    domains = {s: o for s, p, o in facts if p == "domain"}
    above = {s: o for s, p, o in facts if p == "subClassOf"}
    edges = [[_expand(name) for name in edge] for edge in ontology_picture.layout()["edges"]]
    assert edges
    for start, label, end in edges:
        assert {start, label, end} <= known
        chain = [start]
        while chain[-1] in above:
            chain.append(above[chain[-1]])
        if label == terms.RDFS + "subClassOf":
            assert end in chain
        elif label in domains:
            assert domains[label] in chain


def test_a_line_across_boxes_is_refused() -> None:
    first = ontology_picture.Box("a", 0, 0, 0, 0)
    far = ontology_picture.Box("b", 0, 2, 500, 0)
    with pytest.raises(ontology_picture.LayoutError, match="too far apart"):
        ontology_picture.route("mg:x", first, far)
