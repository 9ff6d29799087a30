"""A SPARQL service on loopback that misbehaves as it is told, one answer at a time."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

RESULTS = "application/sparql-results+json"
ROWS = (
    b'{"head":{"vars":["o"]},"results":{"bindings":['
    b'{"o":{"type":"literal","value":"one"}},{"o":{"type":"literal","value":"two"}}]}}'
)


@dataclass(frozen=True)
class Fault:
    """One answer.

    Attributes:
        status: HTTP status; 0 closes the connection without a word.
        body: what is sent.
        announced: the Content-Length, where it is not the body's.
        chunked: send chunks, and leave the last one out when ``cut``.
        trickle: seconds between the body's bytes.
        wait: seconds before the status line.
    """

    status: int = 200
    body: bytes = ROWS
    kind: str = RESULTS
    headers: dict[str, str] = field(default_factory=dict)
    announced: int | None = None
    chunked: bool = False
    cut: bool = False
    unframed: bool = False
    trickle: float = 0
    wait: float = 0


@dataclass
class Service:
    """What to answer next, and what was asked."""

    url: str
    answers: list[Fault] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    connections: set[tuple[str, int]] = field(default_factory=set)
    gone: threading.Event = field(default_factory=threading.Event)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    service: Service

    def do_POST(self) -> None:
        service = self.service
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        service.asked.append((self.path, headers, body))
        service.connections.add(self.client_address)
        answer = service.answers.pop(0) if len(service.answers) > 1 else service.answers[0]
        if service.gone.wait(answer.wait) or answer.status == 0:
            self.close_connection = True
            return
        with contextlib.suppress(OSError):
            self._answer(answer)

    def _answer(self, answer: Fault) -> None:
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", answer.kind)
        if answer.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif not answer.unframed:
            length = len(answer.body) if answer.announced is None else answer.announced
            self.send_header("Content-Length", str(length))
        self.end_headers()
        if answer.chunked:
            self.wfile.write(f"{len(answer.body):x}\r\n".encode() + answer.body + b"\r\n")
            self.wfile.write(b"" if answer.cut else b"0\r\n\r\n")
        else:
            for start in range(0, len(answer.body), 1 if answer.trickle else 1 << 20):
                size = 1 if answer.trickle else 1 << 20
                self.wfile.write(answer.body[start : start + size])
                time.sleep(answer.trickle)
        self.close_connection = answer.cut or answer.unframed or answer.announced is not None

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serving(*answers: Fault) -> Iterator[Service]:
    """Run the service until the block ends; its last answer is repeated."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    service = Service(f"http://127.0.0.1:{server.server_port}/sparql", list(answers or [Fault()]))
    server.RequestHandlerClass = type("Handler", (_Handler,), {"service": service})
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield service
    finally:
        service.gone.set()
        server.shutdown()
        server.server_close()
        thread.join()
