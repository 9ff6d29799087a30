"""The verbs of a curator: describe, cite, sentences, evidence, build, validate."""

from __future__ import annotations

import hashlib
import json

import pytest
from pyoxigraph import RdfFormat, parse

from mineralgraph.rdf.identifiers import digest


def test_describe_gives_the_digest_and_length_that_the_lesson_states(run, lesson):
    result = run("describe", lesson.text)
    assert result.exit_code == 0
    assert result.stdout.strip() in " ".join(lesson.article.read_text().split())


def test_describe_counts_code_points_not_bytes(run, tmp_path):
    path = tmp_path / "қ.txt"
    path.write_text("Қазақстан", encoding="utf-8")
    assert "mg:textLength 9 ;" in run("describe", path).stdout


def test_cite_prints_the_line_that_the_lesson_has(run, lesson):
    result = run("cite", "lesson", "took office in March 2031", *lesson.options)
    text = lesson.text.read_text()
    start = text.index("took office")
    span = text[start : start + len("took office in March 2031")]
    assert result.exit_code == 0
    assert result.stdout == (
        f"[ oa:start {start} ; oa:end {start + len(span)} ; "
        f'mg:spanDigest "sha256:{hashlib.sha256(span.encode()).hexdigest()}" ]\n'
    )


def test_cite_matches_across_a_line_break(run, lesson):
    result = run("cite", lesson.text, "expected. The minister")
    assert result.exit_code == 0
    assert digest(b"expected.\nThe minister") in result.stdout


def test_cite_refuses_a_passage_that_occurs_twice_until_told_which(run, lesson):
    refused = run("cite", "lesson", "Norden", *lesson.options)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "occurs 2 times" in refused.stderr
    assert "--occurrence" in refused.stderr
    second = run("cite", "lesson", "Norden", "--occurrence", 2, *lesson.options)
    at = lesson.text.read_text().rindex("Norden")
    assert f"oa:start {at} ; oa:end {at + 6}" in second.stdout


@pytest.mark.parametrize("passage", ["", "not in the article", "norden"])
def test_cite_refuses_what_is_not_there(run, lesson, passage):
    result = run("cite", "lesson", passage, *lesson.options)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "hint:" in result.stderr


def test_cite_works_while_the_article_is_half_written(run, lesson):
    lesson.article.write_text(lesson.article.read_text() + "\nclaim:lesson-next a mg:Claim ;")
    assert run("cite", "lesson", "More than 40", *lesson.options).exit_code == 0


def test_cite_without_texts_says_how_to_name_them(run, lesson):
    result = run("cite", "lesson", "More than 40", "--data", lesson.data)
    assert result.exit_code == 2
    assert "--corpus" in result.stderr


def test_sentences_lists_what_is_set_aside_with_its_reason(run, lesson):
    result = run("sentences", "lesson", "--format", "json", *lesson.options)
    assert result.exit_code == 0
    listed = json.loads(result.stdout)
    assert {line["state"] for line in listed} == {"set aside"}
    assert all(line["reason"] == "Notice of the lesson, not a statement." for line in listed)


def test_sentences_reports_a_sentence_without_claim_or_reason(run, lesson):
    kept, _, _ = lesson.article.read_text().partition("# What the author thinks")
    lesson.article.write_text(kept)
    result = run("sentences", "lesson", *lesson.options)
    assert result.exit_code == 1
    assert "The minister has spoken of little else since spring." in result.stdout
    assert "1 left open" in result.stderr


def test_evidence_is_right_with_the_text_and_not_checked_without(run, lesson):
    right = run("evidence", *lesson.options)
    assert right.exit_code == 0
    assert right.stdout.splitlines()[1].split() == ["lesson", "8", "0", "0"]
    unknown = run("evidence", "--data", lesson.data)
    assert unknown.exit_code == 0
    assert unknown.stdout.splitlines()[1].split() == ["lesson", "0", "0", "8"]


@pytest.mark.parametrize(
    ("old", "new"),
    [("oa:start 192", "oa:start 193"), ("oa:end 229", "oa:end 228"), ("fa11905d", "fa11905e")],
)
def test_one_wrong_digit_fails_evidence_and_build_naming_the_claim(run, lesson, old, new):
    text = lesson.article.read_text()
    assert old in text
    lesson.article.write_text(text.replace(old, new))
    evidence = run("evidence", *lesson.options)
    assert evidence.exit_code == 1
    assert "wrong: claim:lesson-since" in evidence.stdout
    out = lesson.root / "out.nq"
    build = run("build", "--out", out, *lesson.options)
    assert build.exit_code == 1
    assert "claim/lesson-since" in build.stdout
    assert "data/articles/lesson.trig:" in build.stdout
    assert "mend:" in build.stdout
    assert not out.exists()


def test_build_gives_the_same_sorted_bytes_twice(run, lesson):
    first, second = lesson.root / "1.nq", lesson.root / "2.nq"
    assert run("build", "--out", first, *lesson.options).exit_code == 0
    assert run("build", "--out", second, *lesson.options).exit_code == 0
    assert first.read_bytes() == second.read_bytes()
    lines = first.read_bytes().splitlines()
    assert lines == sorted(set(lines))
    assert not any(b"_:" in line.split(b'"')[0] for line in lines)


def test_a_syntax_error_names_file_and_line(run, lesson):
    lesson.article.write_text("PREFIX mg: <https://w3id.org/mineralgraph/ontology#>\nmg:x mg:y\n")
    result = run("build", *lesson.options)
    assert result.exit_code == 2
    assert "data/articles/lesson.trig" in result.stderr
    assert "Traceback" not in result.stderr


def test_validate_judges_a_file_in_the_context_of_the_graph(run, lesson):
    result = run("validate", lesson.article, *lesson.options)
    assert result.exit_code == 0, result.stdout
    assert result.stdout.startswith("conforms")
    alone = run("validate", lesson.article, "--data", "none", "--format", "json")
    assert alone.exit_code == 1
    assert json.loads(alone.stdout)["conforms"] is False


def test_validate_reports_as_json_with_line_and_claim(run, lesson):
    text = lesson.article.read_text().replace("mg:modality mod:opinion", "mg:modality mod:rumour")
    lesson.article.write_text(text)
    result = run("validate", lesson.article, "--format", "json", *lesson.options)
    assert result.exit_code == 1
    report = json.loads(result.stdout)
    faults = [f for f in report["findings"] if (f["claim"] or "").endswith("/lesson-zeal")]
    assert faults
    assert all(f["fix"] and f["message"] for f in faults)
    assert {f["line"] for f in faults} <= set(range(1, len(text.splitlines()) + 1))


def test_validate_reports_as_a_shacl_report_in_turtle(run, lesson):
    text = lesson.article.read_text().replace("mg:modality mod:opinion", "mg:modality mod:rumour")
    lesson.article.write_text(text)
    result = run("validate", lesson.article, "--format", "turtle", *lesson.options)
    assert result.exit_code == 1
    triples = [q.triple for q in parse(result.stdout, format=RdfFormat.TURTLE)]
    said = {(t.predicate.value.rpartition("#")[2], getattr(t.object, "value", "")) for t in triples}
    assert ("conforms", "false") in said
    focus = "https://w3id.org/mineralgraph/id/claim/lesson-zeal"
    assert ("focusNode", focus) in said


def test_validate_of_a_missing_file_could_not_run(run):
    result = run("validate", "nowhere.ttl")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("error: there is no file nowhere.ttl")
