"""Texts of the interface: in one place, all used, none written into a template."""

from __future__ import annotations

import re
from pathlib import Path

import jinja2
import pytest

from mineralgraph.api.presentation import pages, wording

API = Path(pages.__file__).parents[1]
TEMPLATES = sorted((API / "templates").glob("*.html"))
SCRIPTS = sorted((Path(__file__).parents[3] / "web" / "src").rglob("*.js"))
YET: set[str] = set()
"""Templates that still carry texts of their own. No new one comes in here."""
_NAMES = re.compile(r"""\b(?:say|plain|said)\(\s*"([a-z_-]+\.[\w.-]+)"( *\+|, *\w+)?""")


def test_values_are_escaped_and_numbers_grouped() -> None:
    shown = wording.say("site.days.known", known="<script>")
    assert "&lt;script&gt;" in shown
    assert "1,234" in wording.say("site.pager.total", n=1234)


def test_the_number_chooses_the_form() -> None:
    assert wording.say("site.script.found", n=1) == "1 suggestion"
    assert wording.say("site.script.found", n=0) == "0 suggestions"


def test_what_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        wording.say("site.nothing")
    with pytest.raises(KeyError):
        wording.say("site.days.known")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda p: p.name)
def test_no_template_has_a_text_of_its_own(template: Path) -> None:
    if template.name in YET:
        pytest.xfail("its texts are still to be moved")
    source = template.read_text(encoding="utf-8")
    written = "".join(
        token
        for _, kind, token in jinja2.Environment(autoescape=True).lex(source)
        if kind == "data"
    )
    bare = re.sub(r"<(?:[^<>\"]|\"[^\"]*\")*>", " ", written)
    bare = re.sub(r"[\w-]+=\"\"", " ", bare)  # an attribute whose value is no text of the template
    assert not re.search(r"[A-Za-z]{2,}", bare), bare.strip()
    for attribute in ("title", "aria-label", "placeholder", "alt"):
        assert not re.search(rf'\b{attribute}="[^"{{]', source)


def test_every_text_that_is_named_is_there() -> None:
    for path in (*TEMPLATES, *SCRIPTS, *API.rglob("*.py")):
        for name, more in _NAMES.findall(path.read_text(encoding="utf-8")):
            if "+" in more:
                assert any(known.startswith(name) for known in wording.texts()), (path, name)
            else:
                assert wording.said(name), (path, name)


def test_every_text_is_used() -> None:
    sources = "\n".join(
        p.read_text(encoding="utf-8") for p in (*TEMPLATES, *SCRIPTS, *API.rglob("*.py"))
    )
    whole = {name for name, more in _NAMES.findall(sources) if "+" not in more}
    stems = tuple({name for name, more in _NAMES.findall(sources) if "+" in more})
    stems += tuple(re.findall(r'say\(f"([\w.-]+\.)\{', sources))
    unused = [n for n in wording.texts() if n not in whole and not n.startswith(stems)]
    assert not unused


def test_texts_for_scripts_carry_no_html() -> None:
    """A script puts them into the page as text."""
    names = set()
    for script in SCRIPTS:
        for name, more in _NAMES.findall(script.read_text(encoding="utf-8")):
            same = [n for n in wording.texts() if n.startswith(name)]
            names |= set(same) if "+" in more else {name}
    for name in names:
        found = wording.texts()[name]
        for text in [found] if isinstance(found, str) else found.values():
            assert "<" not in text
            assert "&" not in text
