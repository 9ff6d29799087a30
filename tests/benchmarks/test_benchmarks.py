"""Pictures come from figures, questions fit the catalog, generated services answer."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from benchmarks import questions
from benchmarks.subjects import Subject
from benchmarks.visitors import visits

ROOT = Path(__file__).resolve().parents[2]


def test_the_picture_is_drawn_from_the_figures(tmp_path: Path) -> None:
    again = tmp_path / "growth.svg"
    figures = ROOT / "benchmarks" / "figures" / "growth.json"
    table = subprocess.run(
        [sys.executable, "-m", "benchmarks.growth", "--from", str(figures), "--plot", str(again)],
        cwd=ROOT, check=True, capture_output=True, text=True, timeout=60,
    ).stdout  # fmt: skip
    assert again.read_bytes() == (ROOT / "docs" / "explanation" / "growth.svg").read_bytes()
    assert table in (ROOT / "docs" / "explanation" / "performance.md").read_text(encoding="utf-8")
    assert len(json.loads(figures.read_text())) >= 5


@pytest.mark.parametrize("entity", [0, 5])
def test_canned_questions_bind(entity: int) -> None:
    code = (
        "from urllib.parse import urlsplit, parse_qsl\n"
        "from benchmarks.questions import canned\n"
        "from mineralgraph.queries import load_catalog\n"
        "catalog = load_catalog()\n"
        f"calls = [c for n in (0, 1) for c in canned({entity}, catalog, narrowed=bool(n))]\n"
        "for call in calls:\n"
        "    query = catalog.find(call.query.name)\n"
        "    query.bind(dict(parse_qsl(urlsplit(call.path).query)))\n"
        "asked = {call.query.name for call in calls}\n"
        "assert len(asked) > len(catalog) * 0.8, set(catalog) - asked\n"
        "assert any('?' in call.name for call in calls)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)


def test_visitors_ask_everything_and_tell_the_first_requests_apart() -> None:
    asked: list[str] = []

    class Answering(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/sparql"
        found = visits(Subject("answering", url, 0, 0.0), clients=1, rounds=2)
        server.shutdown()
    assert sorted(v.path for v in found) == sorted(asked)
    narrowed = {call.path for call in questions.canned(0, narrowed=True)}
    listings = {f"/queries/{c.query.name}" for c in questions.canned(0) if not c.values}
    assert len(narrowed) > len(listings) > 20
    assert {v.path for v in found} == narrowed | listings
    assert {v.path for v in found if v.first} == set(asked)
    assert all(not found[i].first for i in range(1, len(found)) if asked[i] in asked[:i])
