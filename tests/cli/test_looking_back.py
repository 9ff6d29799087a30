"""`mineralgraph query` from another day, and with sources."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mineralgraph.cli import remote
from mineralgraph.cli.main import app
from mineralgraph.rdf import formats
from tests.serving import served_release

CLAIMS = "SELECT ?c { ?c a mg:Claim }"


def run(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, list(arguments))
    assert done.exit_code == code, done.output
    return done.stdout


def claims(tmp_path: Path, *options: str) -> int:
    file = tmp_path / "claims.rq"
    file.write_text(CLAIMS)
    return len(json.loads(run("query", "--sparql", str(file), "--format", "json", *options))
               ["results"]["bindings"])  # fmt: skip


def test_a_day_hides_what_was_published_later(tmp_path: Path) -> None:
    everything = claims(tmp_path)
    assert claims(tmp_path, "--as-of", "1900-01-01") == 0
    assert 0 < claims(tmp_path, "--as-of", "2026-02-05") < everything
    assert claims(tmp_path, "--as-of", "2999-01-01") == everything
    run("query", "persons-and-posts", "--as-of", "2026-02-30", code=2)


def test_each_row_names_its_claims() -> None:
    rows = list(csv.DictReader(io.StringIO(run("query", "persons-and-posts", "--sources"))))
    assert rows
    assert all(row["claim"] in row["sources"] for row in rows)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A running service over the same data."""
    with served_release() as address:
        yield address


DAYS = ["--as-of", "2026-02-04", "--as-of-basis", "first", "--valid-on", "2026-02-04"]


@pytest.mark.parametrize(
    ("format", "view"),
    [("table", DAYS), ("csv", ["--sources", *DAYS]), ("json", ["--sources"]), ("xml", DAYS)],
)
def test_a_service_answers_as_the_store_does(url: str, view: list[str], format: str) -> None:
    asked = ["query", "persons-and-posts", "--format", format, *view]
    here, there = run(*asked), run(*asked, "--url", url)
    if format == "json":
        assert json.loads(here) == json.loads(there)
    else:
        assert here == there
    assert "minister" in here


def test_xml_has_no_place_for_sources(url: str) -> None:
    asked = ["query", "persons-and-posts", "--format", "xml", "--sources"]
    run(*asked, code=2)
    run(*asked, "--url", url, code=2)


def test_a_service_answers_sparql_with_its_sources(url: str, tmp_path: Path) -> None:
    file = tmp_path / "claims.rq"
    file.write_text("SELECT ?p ?n { ?p a schema:Person ; rdfs:label ?n } ORDER BY ?p ?n")
    asked = ["query", "--sparql", str(file), "--sources", "--valid-on", "2026-02-04"]
    for format in ("csv", "turtle"):
        here, there = (run(*asked, "--format", format, *more) for more in ((), ("--url", url)))
        assert sorted(here.splitlines()) == sorted(there.splitlines())


def test_a_table_on_a_day_marks_rows() -> None:
    lines = run("query", "persons-and-posts", "--valid-on", "2026-02-04").splitlines()
    assert lines[0].split()[-1] == "validity"
    assert {line.split()[-1] for line in lines[1:]} <= {"certain", "possible", "undated"}
    run("query", "persons-and-posts", "--as-of-basis", "first", code=2)


def test_pages_join_to_one_answer() -> None:
    whole = {"head": {"vars": ["x"]}, "results": {"bindings": [{"x": 1}]}, "sources": [[["c"]]],
             "claims": {"c": {}}, "triples": [{"s": 1}], "untraceable": [{"feature": "MINUS"}],
             "derivations": [{"triples": [0], "needs": "all"}], "undated": 1, "contested": [True],
             }  # fmt: skip
    page = json.dumps(whole).encode()
    joined = json.loads(remote.joined([page, page], formats.JSON))
    assert joined["results"]["bindings"] == [{"x": 1}, {"x": 1}]
    assert [d["triples"] for d in joined["derivations"]] == [[0], [1]]
    assert (joined["undated"], joined["contested"]) == (2, [True, True])
    assert joined["untraceable"] == whole["untraceable"]
    assert len(joined["sources"]) == len(joined["triples"]) == 2
    assert remote.joined([b"a\n1\n", b"a\n2\n"], formats.CSV) == b"a\n1\n2\n"
    xml = b"<s><head/><results><result>%s</result></results></s>"
    two = remote.joined([xml % b"1", xml % b"2"], formats.XML)
    assert two == b"<s><head/><results><result>1</result><result>2</result></results></s>"


@pytest.mark.parametrize("clock", ["report", "valid"])
def test_a_difference_is_told_by_a_service_as_by_the_store(url: str, clock: str) -> None:
    asked = ["diff", "2026-02-03", "2026-02-06", "--clock", clock]
    here = run(*asked)
    assert here == run(*asked, "--url", url)
    counts = {line.partition(": ")[0]: line for line in here.splitlines() if line[0] != " "}
    told = [line for line in here.splitlines() if line.startswith("  ")]
    assert sum(int(line.partition(": ")[2]) for line in counts.values()) == len(told) > 0
    assert set(counts) == (
        {"Became known", "Taken back"} if clock == "report"
        else {"Began", "Ended", "Happened in between"}
    )  # fmt: skip


def test_a_difference_as_rdf_and_what_it_refuses(url: str) -> None:
    asked = ["diff", "2026-02-03", "2026-02-06", "--format", "turtle"]
    here = run(*asked)
    assert "prov:wasGeneratedBy" in here
    assert sorted(here.splitlines()) == sorted(run(*asked, "--url", url).splitlines())
    run("diff", "2026-02-06", "2026-02-03", code=2)
    run("diff", "2026-02-03", "2026-02-06", "--format", "csv", code=2)
    run("diff", "2026-02-03", "2026-02-06", "--clock", "wall", code=2)
