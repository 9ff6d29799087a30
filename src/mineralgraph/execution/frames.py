"""Frames between the service and its query processes: a kind, a length, a payload.

A query's answer is any number of ``DATA`` frames and then ``END`` or ``ERROR``; a connection
that closes before that is a broken answer, never a short one.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from typing import Final

from pyoxigraph import NamedNode

from mineralgraph.execution.base import Request
from mineralgraph.rdf.formats import ResultFormat, graph_format, result_format
from mineralgraph.store.base import Dataset

DATA: Final = b"D"
END: Final = b"E"
ERROR: Final = b"X"
COMMAND: Final = b"C"
JUDGE: Final = b"J"

_HEAD: Final = struct.Struct(">cI")
PIECE: Final = 64 * 1024


def pack(kind: bytes, payload: bytes = b"") -> bytes:
    """Return one frame."""
    return _HEAD.pack(kind, len(payload)) + payload


def receive(sock: socket.socket) -> tuple[bytes, bytes] | None:
    """Read one frame from a blocking socket; ``None`` when the other side has closed."""
    head = _exactly(sock, _HEAD.size)
    if head is None:
        return None
    kind, length = _HEAD.unpack(head)
    payload = _exactly(sock, length)
    return None if payload is None else (kind, payload)


def _exactly(sock: socket.socket, count: int) -> bytes | None:
    pieces = bytearray()
    while len(pieces) < count:
        piece = sock.recv(count - len(pieces))
        if not piece:
            return None
        pieces += piece
    return bytes(pieces)


async def read(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Read one frame.

    Raises:
        asyncio.IncompleteReadError: when the other side has closed.
    """
    kind, length = _HEAD.unpack(await reader.readexactly(_HEAD.size))
    return kind, await reader.readexactly(length)


def encode_request(request: Request) -> bytes:
    """Render a request for a query process."""
    fields = {
        "text": request.text,
        "form": request.form.name,
        "rows": isinstance(request.form, ResultFormat),
        "dataset": [
            [graph.value for graph in request.dataset.default],
            [graph.value for graph in request.dataset.named],
        ],
        "timeout": request.timeout,
        "name": request.name,
        "sources": request.sources,
        "contested": request.contested,
        "held": request.held,
    }
    return json.dumps(fields).encode()


def decode_request(payload: bytes) -> Request:
    """Read a request back."""
    fields = json.loads(payload)
    default, named = fields["dataset"]
    form = result_format(fields["form"]) if fields["rows"] else graph_format(fields["form"])
    if form is None:
        raise ValueError(fields["form"])
    return Request(
        text=fields["text"],
        form=form,
        dataset=Dataset(
            tuple(NamedNode(iri) for iri in default), tuple(NamedNode(iri) for iri in named)
        ),
        timeout=fields["timeout"],
        name=fields["name"],
        sources=fields["sources"],
        contested=fields["contested"],
        held=fields["held"],
    )
