"""``mineralgraph serve`` as a process: it fills a store, serves it, and stops cleanly."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest

READY = re.compile(r"served on (http://127\.0\.0\.1:\d+)")


@contextmanager
def serving(lesson, *options: object, **settings: str) -> Iterator[tuple[str, list[str]]]:
    """Start a service on a free port; yield its address and what it said on stderr."""
    environment = os.environ | {f"MINERALGRAPH_{n}": v for n, v in settings.items()}
    command = [sys.executable, "-m", "mineralgraph", "serve", "--port", "0"]
    command += ["--store", str(lesson.root / "store"), *lesson.options, *map(str, options)]
    said: list[str] = []
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
    ) as process:
        try:
            for line in process.stderr or ():
                said.append(line)
                found = READY.search(line)
                if found:
                    yield found[1], said
                    break
            else:
                pytest.fail("the service ended: " + "".join(said))
        finally:
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=30)
            said += err.splitlines()
    assert out == "", "stdout is for results"
    assert process.returncode == 0, said


def rows(text: str) -> list[str]:
    head, *lines = text.splitlines()
    return [head, *sorted(lines)]


def test_serve_answers_as_the_store_does_and_keeps_the_store(run, lesson):
    gists = "SELECT ?claim ?gist WHERE { ?claim a mg:Claim ; mg:gist ?gist } ORDER BY ?claim"
    canned = ["query", "persons-and-posts", "-p", "person=alia-norden", "--format", "csv"]
    with serving(lesson) as (url, _):
        with urlopen(f"{url}/readyz", timeout=10) as ready:
            version = ready.headers["Mineralgraph-Dataset-Version"]
        over_http = run("query", "--sparql", "-", "--url", url, stdin=gists)
        canned_over_http = run(*canned, "--url", url)
        refused = run("query", "persons-and-posts", "-p", "colour=red", "--url", url)
        graph = run("query", "--sparql", "-", "--url", url, stdin="DESCRIBE person:alia-norden")
        busy = run("query", "--sparql", "-", "--store", lesson.root / "store", stdin=gists)
    assert busy.exit_code == 2
    assert "--url" in busy.stderr
    local = run("query", "--sparql", "-", "--data", lesson.data, stdin=gists)
    assert local.exit_code == 0
    assert over_http.stdout == local.stdout
    assert rows(canned_over_http.stdout) == rows(run(*canned, "--data", lesson.data).stdout)
    assert refused.exit_code == 2
    assert "colour" in refused.stderr
    assert "person:alia-norden a schema:Person" in graph.stdout
    with serving(lesson) as (url, _), urlopen(f"{url}/readyz", timeout=10) as ready:
        assert ready.headers["Mineralgraph-Dataset-Version"] == version


def status(url: str, **headers: str) -> int:
    try:
        with urlopen(Request(url, headers=headers), timeout=30) as answer:
            return answer.status
    except HTTPError as error:
        with error:
            return error.code


def test_each_line_of_the_log_is_json_and_tells_no_secret(lesson):
    with serving(lesson, TOKEN="right-s3cret", WORKERS="1") as (url, said):
        for token in ("right-s3cret", "wrong-s3cret"):
            bearer = {"Authorization": f"Bearer {token}", "X-Request-Id": f"of-{token[:5]}"}
            assert status(f"{url}/sparql?query=ASK{{}}&token={token}", **bearer) == 200
            assert status(f"{url}/submissions?dry-run={token}", **bearer) == 405
            write = Request(f"{url}/submissions", b"x", {"Content-Type": "text/csv", **bearer})
            with pytest.raises(HTTPError) as refused, urlopen(write, timeout=30):
                pass
            refused.value.close()
            assert refused.value.code == (415 if token.startswith("right") else 401)
    lines = [json.loads(line) for line in said]
    assert "s3cret" not in "".join(said)
    requests = [line for line in lines if line["logger"] == "mineralgraph.api.requests"]
    assert [line["request_id"] for line in requests] == ["of-right"] * 3 + ["of-wrong"] * 3
    assert {line["path"] for line in requests} == {"/sparql", "/submissions"}


def fetch(url: str, path: str, data: dict[str, str] | None = None) -> tuple[int, bytes, str]:
    """Return status, body and the permalink of an answer; with data, of a write."""
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    if data is not None:
        headers["Authorization"] = "Bearer secret"
    body = None if data is None else json.dumps(data).encode()
    try:
        with urlopen(Request(url + path, body, headers), timeout=60) as answer:
            links = ", ".join(answer.headers.get_all("Link") or ())
            found = re.search(r'<([^>]*)>; rel="canonical"', links)
            return answer.status, answer.read(), found[1] if found else ""
    except HTTPError as error:
        with error:
            return error.code, error.read(), ""


def test_permalinks_outlive_writes_and_restarts_and_then_are_gone(lesson):
    """A canned query, SPARQL, a day, two days, a thing and its citation, on a folder."""
    paths = [
        "/queries/article-claims?article=lesson",
        "/queries/article-claims?article=lesson&as-of=2999-01-01&valid-on=2031-05-06&sources=true",
        "/sparql?query=SELECT+?c+{+?c+a+mg:Claim+;+mg:current+true+}+ORDER+BY+?c",
        "/claims/lesson-since",
        "/diff?from=2031-05-01&to=2999-01-01",
    ]
    gone = [{"reason": "The span was misread.", "basis": "curation-error"}]
    kept = {"TOKEN": "secret", "KEEP_VERSIONS": "2", "WORKERS": "1"}
    with serving(lesson, **kept) as (url, _):
        before = {}
        for path in paths:
            status_, body, link = fetch(url, path)
            assert status_ == 200, body
            before[link] = (path, json.loads(body))
        assert len(before) == len(paths)
        assert "" not in before
        assert fetch(url, "/claims/lesson-since/withdrawal", gone[0])[0] == 201
        for link, (_, said) in before.items():
            assert json.loads(fetch(url, link)[1]) == said
    with serving(lesson, **kept) as (url, _):
        for link, (path, said) in before.items():
            assert json.loads(fetch(url, link)[1]) == said
            assert json.loads(fetch(url, path)[1]) != said
            cited = fetch(url, f"/cite?url={quote(link, safe='')}")
            assert link.rpartition("version=")[2] in cited[1].decode()
        for slug in ("lesson-post", "lesson-zeal"):
            assert fetch(url, f"/claims/{slug}/withdrawal", gone[0])[0] == 201
        for link in before:
            status_, body, _ = fetch(url, link)
            assert status_ == 410, body
            assert json.loads(body)["hint"]


def test_serve_refuses_data_with_violations_and_names_them(lesson):
    text = lesson.article.read_text().replace("mg:modality mod:opinion", "mg:modality mod:rumour")
    lesson.article.write_text(text)
    command = [sys.executable, "-m", "mineralgraph", "serve", "--port", "0", *lesson.options]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 1
    assert "claim/lesson-zeal" in ended.stderr
    assert "mend:" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_serve_on_a_taken_port_says_so_before_it_builds(run, lesson):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = run("serve", "--port", taken.getsockname()[1], *lesson.options)
    assert result.exit_code == 2
    assert "nothing can be served on" in result.stderr
    assert "--port" in result.stderr
