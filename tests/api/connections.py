"""A service on a real socket, and requests to it byte by byte."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fastapi import FastAPI

from mineralgraph.api import create_app
from mineralgraph.api.http.repeats import Repeats
from mineralgraph.errors import MineralgraphError
from mineralgraph.execution.base import Request, Runner, Served
from mineralgraph.settings import Settings
from mineralgraph.store.embedded import EmbeddedStore
from tests.serving import served

from .conftest import KeptOpen

CHANGING = re.compile(rb"(x-request-id|date): [^\r]*\r\n")


class Known(KeptOpen):
    """Knows its store's version, as a pool does."""

    def known_version(self) -> str | None:
        return self._store.version()

    async def run(self, request: Request) -> Served:
        try:
            return self._run(request)
        except MineralgraphError as error:  # its frames hold what only this thread may drop
            error.__cause__ = error.__context__ = None
            raise error.with_traceback(None) from None


@dataclass
class Running:
    app: FastAPI
    port: int

    @property
    def hits(self) -> int:
        repeats: Repeats = self.app.state.front.repeats
        return repeats.hits

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)


@contextmanager
def serving(runner: Runner | EmbeddedStore) -> Iterator[Running]:
    """Serve what a runner, or a store, answers."""
    app = create_app(Settings(), Known(runner) if isinstance(runner, EmbeddedStore) else runner)
    with served(app, timeout_keep_alive=3) as port:
        yield Running(app, port)


def get(path: str, *headers: str) -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: here", "Accept: application/json", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


def read(connection: socket.socket) -> bytes:
    """Read one answer with a Content-Length, or none."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        assert piece, data
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head)
    while length and len(body) < int(length[1]):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def read_all(connection: socket.socket) -> bytes:
    """Read until the server closes."""
    pieces = []
    while piece := connection.recv(65536):
        pieces.append(piece)
    return b"".join(pieces)


def ask(connection: socket.socket, request: bytes) -> bytes:
    connection.sendall(request)
    return read(connection)
