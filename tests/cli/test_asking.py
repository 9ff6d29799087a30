"""The verbs of a reader: query, queries, export, check, settings; and what all verbs share."""

from __future__ import annotations

import csv
import io
import json

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, parse

from mineralgraph import opening
from mineralgraph import settings as configuration
from mineralgraph.cli.main import VERBS
from mineralgraph.intake.corpus import Corpus
from mineralgraph.queries import load_catalog
from mineralgraph.store.embedded import EmbeddedStore

GISTS = "SELECT ?claim ?gist WHERE { ?claim a mg:Claim ; mg:gist ?gist } ORDER BY ?claim"


def test_sparql_from_stdin_as_a_table(run, lesson):
    result = run("query", "--sparql", "-", "--data", lesson.data, stdin=GISTS)
    assert result.exit_code == 0
    head, first, *_ = result.stdout.splitlines()
    assert head.split() == ["claim", "gist"]
    assert first.split(maxsplit=1) == [
        "claim:lesson-companies",
        "Over forty companies are expected.",
    ]


def test_sparql_from_a_file_as_csv(run, lesson):
    (lesson.root / "gists.rq").write_text(GISTS)
    result = run(
        "query", "--sparql", lesson.root / "gists.rq", "--format", "csv", "--data", lesson.data
    )
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert len(rows) == 7
    assert rows[0]["gist"] == "Over forty companies are expected."


def test_a_canned_query_takes_parameters(run, lesson):
    arguments = ["query", "persons-and-posts", "--data", lesson.data, "--format", "json"]
    found = json.loads(run(*arguments, "-p", "person=alia-norden").stdout)
    claims = {row["claim"]["value"].rpartition("/")[2] for row in found["results"]["bindings"]}
    assert claims == {"lesson-post", "lesson-since"}
    nobody = run(*arguments, "-p", "person=nobody")
    assert json.loads(nobody.stdout)["results"]["bindings"] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["persons-and-posts", "-p", "person"], "is not KEY=VALUE"),
        (["persons-and-posts", "-p", "colour=red"], "no parameter 'colour'"),
        (["persons-and-posts", "-p", "person=a", "-p", "person=b"], "given twice"),
        (["persons-and-posts", "--format", "turtle"], "does not fit"),
        (["no-such-query"], "no canned query"),
        ([], "give the name of a canned query"),
        (["persons-and-posts", "--sparql", "-"], "give the name of a canned query"),
        (["--sparql", "no-such-file.rq"], "cannot be read"),
        (["persons-and-posts", "--url", "file:///etc/passwd"], "no HTTP address"),
        (["persons-and-posts", "--url", "http://127.0.0.1:9"], "does not answer"),
        (["persons-and-posts", "--store", "no/such/store"], "there is no store"),
        (["persons-and-posts", "--data", "no/such/data"], "no/such/data"),
    ],
)
def test_what_cannot_run_says_why_and_what_to_do(run, lesson, arguments, said):
    data = [] if "--data" in arguments else ["--data", lesson.data]
    result = run("query", *arguments, *data)
    assert (result.exit_code, result.stdout) == (2, "")
    error, hint = result.stderr.splitlines()
    assert error.startswith("error: ")
    assert said in error
    assert hint.startswith("hint: ")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "INSERT DATA { <http://example.org/s> <http://example.org/p> 1 }",
        "SELECT * WHERE {",
    ],
)
def test_queries_that_call_outside_write_or_do_not_parse_are_refused(run, lesson, text):
    result = run("query", "--sparql", "-", "--data", lesson.data, stdin=text)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: ")


def test_a_graph_answer_is_turtle_with_the_prefixes_it_uses(run, lesson):
    text = "CONSTRUCT { ?p a schema:Person } WHERE { ?p a schema:Person }"
    result = run("query", "--sparql", "-", "--data", lesson.data, stdin=text)
    assert result.stdout == (
        "@prefix person: <https://w3id.org/mineralgraph/id/person/> .\n"
        "@prefix schema: <https://schema.org/> .\n\n"
        "person:alia-norden a schema:Person .\n"
    )


def test_ask_answers_true_or_false(run, lesson):
    ask = ["query", "--sparql", "-", "--data", lesson.data]
    assert run(*ask, stdin="ASK { ?c a mg:Claim }").stdout == "true\n"
    assert run(*ask, stdin="ASK { ?c a mg:Withdrawal }").stdout == "false\n"


def test_queries_lists_every_canned_query(run):
    listed = [line.split()[0] for line in run("queries").stdout.splitlines()[1:]]
    assert listed == list(load_catalog())
    described = json.loads(run("queries", "--format", "json").stdout)
    assert [q["name"] for q in described] == listed
    one = run("queries", listed[0])
    assert load_catalog()[listed[0]].title in one.stdout


def test_export_is_the_whole_dataset_and_the_same_bytes_twice(run, lesson):
    first = run("export", "--format", "nquads", "--data", lesson.data)
    second = run("export", "--format", "nquads", "--data", lesson.data)
    assert first.stdout == second.stdout
    quads = set(parse(first.stdout, format=RdfFormat.N_QUADS))
    trig = run("export", "--data", lesson.data).stdout
    assert set(parse(trig, format=RdfFormat.TRIG)) == quads
    settings = configuration.load(data=str(lesson.data))
    with opening.open_to_read(settings) as store:
        named = {q for q in store.quads() if not isinstance(q.graph_name, DefaultGraph)}
    assert quads == named


def test_export_of_triples_leaves_out_what_is_only_planned(run, lesson):
    turtle = run("export", "--format", "turtle", "--data", lesson.data).stdout
    found = {q.subject.value.rpartition("/")[2] for q in parse(turtle, format=RdfFormat.TURTLE)}
    assert "alia-norden--minister-mines-arvania" in found
    assert "lithium-forum-2031--alia-norden--speaker" not in found


def test_check_finds_a_view_that_does_not_fit_the_claims(run, lesson, tmp_path):
    folder = tmp_path / "store"
    settings = configuration.load(store=str(folder), data=str(lesson.data))
    opening.open_to_serve(settings, Corpus(lesson.corpus)).store.close()
    good = run("check", "--store", folder)
    assert good.exit_code == 0, good.stderr
    assert "0 different" in good.stdout
    broken = EmbeddedStore(folder / "db")
    broken._store.add(
        Quad(NamedNode("http://example.org/s"), NamedNode("http://example.org/p"), Literal("x"))
    )
    broken.close()
    bad = run("check", "--store", folder)
    assert bad.exit_code == 1
    assert "surplus" in bad.stdout
    assert "1 different" in bad.stdout


def test_settings_shows_every_setting_and_hides_the_token(run, monkeypatch):
    monkeypatch.setenv("MINERALGRAPH_TOKEN", "s3cret")
    shown = run("settings").stdout
    for name in configuration.Settings.model_fields:
        assert f"MINERALGRAPH_{name.upper()} " in shown
    assert "s3cret" not in shown


def test_a_bad_setting_is_named(run, monkeypatch):
    monkeypatch.setenv("MINERALGRAPH_PORT", "many")
    result = run("settings")
    assert result.exit_code == 2
    assert "MINERALGRAPH_PORT" in result.stderr


@pytest.mark.parametrize("verb", [name for name, _ in VERBS])
def test_every_verb_has_help_of_its_own(run, verb):
    result = run(verb, "--help")
    assert result.exit_code == 0
    assert f"Usage: mineralgraph {verb}" in result.stdout.replace("root", "mineralgraph")
    options = [line for line in result.stdout.splitlines() if line.startswith("  --")]
    assert all(len(line.split()) > 2 for line in options), "an option without help"
