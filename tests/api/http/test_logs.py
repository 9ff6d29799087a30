"""The log: JSON lines, whoever wrote them, with the request that they belong to and no secret."""

from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
import warnings

import httpx
import pytest

from mineralgraph.api.http import logs
from mineralgraph.api.http.journal import Journal, Line
from mineralgraph.api.http.metrics import Metrics


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_request_has_one_line_with_its_id(client: httpx.Client) -> None:
    stream = io.StringIO()
    with logs.written(stream):
        client.get("/queries/single-source-claims", headers={"X-Request-Id": "seen-1"})
        answer = client.get("/sparql?query=ASK{}")
    first, second = lines(stream)
    assert (first["request_id"], first["query"]) == ("seen-1", "single-source-claims")
    assert first["route"] == "/queries/single-source-claims"
    assert (first["status"], first["method"]) == (200, "GET")
    assert float(str(first["ms"])) >= 0
    assert first["version"] == answer.headers["mineralgraph-dataset-version"]
    assert second["request_id"] == answer.headers["x-request-id"]
    assert second["path"] == "/sparql", "what was asked stays out of the log"
    for line in (first, second):
        assert (line["level"], line["logger"]) == ("info", "mineralgraph.api.requests")
        assert str(line["time"]).endswith("+00:00")


def test_a_path_cannot_break_its_line(client: httpx.Client) -> None:
    stream = io.StringIO()
    with logs.written(stream):
        client.get('/nix"%0A{"level": "error"}\u2028Қ')
    (line,) = lines(stream)
    assert line["path"] == '/nix"\n{"level": "error"}\u2028Қ'
    assert stream.getvalue().count("\n") == 1


def test_everything_that_is_logged_is_a_line() -> None:
    stream = io.StringIO()
    with logs.written(stream), warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.getLogger("mineralgraph.some").warning("%d of %s", 3, "x", extra={"size": 4})
        logging.getLogger("uvicorn.error").info("not of ours, and no warning")
        warnings.warn("somebody's warning", stacklevel=1)
        try:
            raise ValueError("broken")
        except ValueError:
            logging.getLogger("elsewhere").exception("unexpected error")
    ours, warning, error = lines(stream)
    assert (ours["message"], ours["size"], ours["level"]) == ("3 of x", 4, "warning")
    assert "somebody's warning" in str(warning["message"])
    assert str(error["exception"]).endswith("ValueError: broken")


def test_quiet_levels_are_quiet() -> None:
    stream = io.StringIO()
    line = Line("GET", "/", "/", 200, "", 1, "v")
    with logs.written(stream, logging.WARNING):
        Journal(Metrics()).note(line, 0.1, "x")
    assert stream.getvalue() == ""


def test_a_log_that_nobody_reads_is_bounded_and_says_what_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(logs, "MAX_WAITING", 3)
    monkeypatch.setattr(logs, "PAUSE", 60)
    stream = io.StringIO()
    handler = logs.Lines(stream)
    for number in range(5):
        handler.emit(logs.Prepared("x", json.dumps({"message": str(number)})))
    handler.flush()
    assert [line["message"] for line in lines(stream)] == ["2", "3", "4", "2 lines are lost"]
    handler.close()


OTHERS = """
import os, subprocess, sys
from mineralgraph.api.http import logs
with logs.to_stderr():
    print("a library prints", file=sys.stderr)
    subprocess.run(["sh", "-c", "echo 'memory allocation of 360 bytes failed' >&2"])
    os.write(2, b"\\xff no UTF-8, and no line break at the end")
print("after", file=sys.stderr)
"""


def test_what_others_write_to_stderr_becomes_lines() -> None:
    command = [sys.executable, "-c", OTHERS]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    *inside, after = said.stderr.splitlines()
    assert [json.loads(line)["message"] for line in inside] == [
        "a library prints",
        "memory allocation of 360 bytes failed",
        "\ufffd no UTF-8, and no line break at the end",
    ]
    assert after == "after"
    assert said.stdout == ""
