"""`mineralgraph query` from another day, and with sources."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from typer.testing import CliRunner

from mineralgraph.cli.main import app

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
