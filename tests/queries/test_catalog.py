"""Query files: the header's grammar, the rules of lint, the binding of parameters."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import QuerySolutions, Store

from mineralgraph.errors import BadParameter, NotFound, QueryFileError
from mineralgraph.queries import load_catalog
from mineralgraph.queries.catalog import load_query
from mineralgraph.queries.header import parse_header

HEADER = """# title: Things
# description: All things,
#   one by one.
# rows: summary
# param: thing | iri(person) | optional | kosherbayev | Only this thing
# param: least | integer | default=2 | 2 | At least so many

"""
BODY = """PREFIX person: <https://w3id.org/mineralgraph/id/person/>
SELECT ?thing ?n WHERE {
  VALUES ?thing { person:kosherbayev } # param
  VALUES ?least { 2 } # param
  VALUES (?thing ?n) { (person:kosherbayev 1) (person:vance 2) (person:rubio 3) }
  FILTER(?n >= ?least)
}
ORDER BY ?n
"""


def written(folder: Path, text: str, name: str = "things.rq") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def answer(text: str) -> list[str]:
    found = Store().query(text)
    assert isinstance(found, QuerySolutions)
    return [solution["thing"].value.rpartition("/")[2] for solution in found]


def test_a_header_is_read() -> None:
    header = parse_header(HEADER, "things.rq")
    assert (header.title, header.description) == ("Things", "All things, one by one.")
    thing, least = header.parameters
    assert (thing.name, str(thing.type), thing.required, thing.default) == (
        "thing",
        "iri(person)",
        False,
        None,
    )
    assert (least.default, least.example, least.help, least.line) == (
        "2",
        "2",
        "At least so many",
        6,
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("# title: Things\n", "", 1, "no 'title'"),
        ("# rows: summary", "# rows: some", 4, "rows must be"),
        ("# rows: summary", "# theme: weather", 4, "theme must be"),
        ("# rows: summary", "# titel: Things", 4, "no header key 'titel'"),
        ("# rows: summary", "# title: Again", 4, "second 'title'"),
        ("#   one by one.", "# one by one.", 3, "a header line is"),
        ("# param: least |", "# param: thing |", 6, "declared twice"),
        ("| optional |", "| maybe |", 5, "required, optional or default"),
        (" | Only this thing", "", 5, "write: name"),
        ("iri(person)", "iri(persona)", 5, "no prefix"),
        ("default=2", "default=two", 6, "no whole number"),
        ("# param: least", "# param: limit", 6, "cannot be a parameter's name"),
        ("# param: least", "# param: atLeast", 6, "cannot be a parameter's name"),
        ("| kosherbayev |", "| place:kazakhstan |", 5, "is no person"),
    ],
)
def test_a_broken_header_is_refused_with_its_line(
    old: str, new: str, line: int, words: str
) -> None:
    assert old in HEADER
    with pytest.raises(QueryFileError, match=words) as raised:
        parse_header(HEADER.replace(old, new), "things.rq")
    assert raised.value.extra["line"] == line
    assert raised.value.detail.startswith(f"things.rq:{line}: ")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("PREFIX person:", "PREFIX persons:", "no prefix 'persons'"),
        ("/id/person/>", "/id/people/>", "is <https://w3id.org/mineralgraph/id/person/>"),
        ("FILTER(?n", "?n mg:count ?m FILTER(?n", "'mg' is not declared"),
        ("PREFIX", "PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\nPREFIX", "not used"),
        ("ORDER BY ?n", "", "ORDER BY"),
        ("  FILTER(?n", "  OPTIONAL { ?a ?b ?c }\n  FILTER(?n", "after an OPTIONAL"),
        ("  FILTER(?n", "  SERVICE <urn:x> { ?a ?b ?c }\n  FILTER(?n", "calls outside"),
        ("?n >= ?least", "?n >= RAND()", "run to run"),
        ("?n WHERE", "?n FROM <urn:g> WHERE", "does not choose"),
        ("SELECT ?thing ?n", "CONSTRUCT { ?thing ?thing ?n }", "does not fit"),
        ("{ 2 } # param", "{ 3 } # param", "is not the header's '2'"),
        ("{ 2 } # param", "{ UNDEF } # param", "is not the header's '2'"),
        ("{ 2 } # param", "{ 2 }", "and has none"),
        (
            "  VALUES ?least { 2 } # param\n",
            "  VALUES ?least { 2 } # param\n  VALUES ?least { 3 } # param\n",
            "sample of 'least'",
        ),
        ("  FILTER", "  VALUES ?other { 2 } # param\n  FILTER", "declares no parameter 'other'"),
        ("?n >= ?least", "?n >= ?least §", "begins no SPARQL token"),
    ],
)  # fmt: skip
def test_a_file_that_breaks_a_rule_is_refused(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    assert old in BODY
    with pytest.raises(QueryFileError, match=words):
        load_query(written(tmp_path, HEADER + BODY.replace(old, new, 1)))


def test_facts_must_name_claim_and_article_or_source(tmp_path: Path) -> None:
    facts = (HEADER + BODY).replace("rows: summary", "rows: facts")
    with pytest.raises(QueryFileError, match="claim and article, or source"):
        load_query(written(tmp_path, facts))
    load_query(written(tmp_path, facts.replace("?thing ?n WHERE", "?thing ?n ?source WHERE")))


def test_an_optional_sample_may_be_undef(tmp_path: Path) -> None:
    query = load_query(
        written(tmp_path, HEADER + BODY.replace("{ person:kosherbayev } #", "{ UNDEF } #"))
    )
    assert answer(query.text) == ["vance", "rubio"]


def test_parameters_are_bound_in_their_line_only(tmp_path: Path) -> None:
    query = load_query(written(tmp_path, HEADER + BODY))
    assert answer(query.text) == []
    assert answer(query.bind({})) == ["vance", "rubio"]
    assert answer(query.bind({"least": "1"})) == ["kosherbayev", "vance", "rubio"]
    assert answer(query.bind({"least": "1", "thing": "vance"})) == ["vance"]
    changed = [
        new
        for old, new in zip(query.text.splitlines(), query.bind({}).splitlines(), strict=True)
        if old != new
    ]
    assert len(changed) == 2
    assert all(line.endswith("# param") for line in changed)


def test_unknown_and_missing_parameters_are_named(tmp_path: Path) -> None:
    query = load_query(written(tmp_path, (HEADER + BODY).replace("| optional |", "| required |")))
    assert query.example == {"thing": "kosherbayev"}
    with pytest.raises(BadParameter, match="needs the parameter 'thing'") as missing:
        query.bind({})
    assert "kosherbayev" in missing.value.hint
    with pytest.raises(BadParameter, match="no parameter 'thin'") as unknown:
        query.bind({"thin": "x"})
    assert unknown.value.hint == "It takes: thing, least."


def test_duplicates_of_names_and_titles_are_refused(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    written(one, HEADER + BODY)
    written(two, (HEADER + BODY).replace("title: Things", "title: Other things"))
    with pytest.raises(QueryFileError, match="two queries named 'things'"):
        load_catalog(one, two)
    written(one, HEADER + BODY, "more-things.rq")
    with pytest.raises(QueryFileError, match="same title"):
        load_catalog(one)


def test_a_name_is_lower_case_words(tmp_path: Path) -> None:
    with pytest.raises(QueryFileError, match="lower-case"):
        load_query(written(tmp_path, HEADER + BODY, "More_Things.rq"))


def test_adding_a_file_adds_a_query(tmp_path: Path) -> None:
    written(tmp_path, HEADER + BODY)
    catalog = load_catalog(tmp_path)
    assert list(catalog) == ["things"]
    assert catalog.find("things").columns == ("thing", "n")
    with pytest.raises(NotFound, match="'thing'"):
        catalog.find("thing")


def test_our_own_catalog_is_sorted_and_not_small() -> None:
    catalog = load_catalog()
    assert list(catalog) == sorted(catalog)
    assert len(catalog) >= 40
    assert all(query.description.endswith(".") for query in catalog.values())


def test_a_parameter_may_stand_in_several_groups(tmp_path: Path) -> None:
    line = "  VALUES ?thing { person:kosherbayev } # param\n"
    query = load_query(written(tmp_path, HEADER + BODY.replace(line, f"{line}  {{\n{line}  }}\n")))
    assert query.bind({"thing": "vance", "least": "1"}).count("/person/vance> }") == 2


def test_every_question_of_ours_has_a_theme_and_is_offered_once() -> None:
    themes = load_catalog().by_theme()
    assert "other" not in themes
    assert sorted(q.name for some in themes.values() for q in some) == list(load_catalog())


def test_a_question_without_a_theme_is_offered_too(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER + BODY)
    assert load_query(path).theme == "other"
    assert [q.name for q in load_catalog(path.parent).by_theme()["other"]] == [path.stem]
