"""Frames between the service and its query processes: a kind, a length, a payload.

A query's answer comes in one of three ways: one ``WHOLE`` frame; ``HELD`` and ``END``, where it
lies in the area that both sides share; or, beyond that area, ``HELD``, any number of ``DATA``,
``END``. ``ERROR`` in the place of any of them ends it. A connection that closes before that is a
broken answer, never a short one.

A process whose data are elsewhere asks for them meanwhile: one ``LOOK``, answered by one ``FOUND``
or ``ERROR`` from the service, before anything else is sent.
"""

from __future__ import annotations

import json
import socket
import struct
from functools import lru_cache
from typing import Final

from pyoxigraph import NamedNode

from mineralgraph import errors
from mineralgraph.errors import MineralgraphError, StoreError
from mineralgraph.execution.base import Request
from mineralgraph.rdf.formats import GraphFormat, ResultFormat, graph_format, result_format
from mineralgraph.store.base import Dataset

WHOLE: Final = b"W"
HELD: Final = b"H"
DATA: Final = b"D"
END: Final = b"E"
ERROR: Final = b"X"
COMMAND: Final = b"C"
JUDGE: Final = b"J"
LOOK: Final = b"L"
FOUND: Final = b"F"

HEAD: Final = struct.Struct(">cI")
PIECE: Final = 64 * 1024


def pack(kind: bytes, payload: bytes = b"") -> bytes:
    """Return one frame."""
    return HEAD.pack(kind, len(payload)) + payload


def receive(sock: socket.socket) -> tuple[bytes, bytes] | None:
    """Read one frame from a blocking socket; ``None`` when the other side has closed.

    Only for a side that is sent one frame at a time, and the next after its answer.
    """
    size = sock.recv_into(_space)  # a new buffer for each would make malloc tidy up each time
    while size < HEAD.size:
        more = sock.recv_into(_space[size:]) if size else 0
        if not more:
            return None
        size += more
    kind, length = HEAD.unpack_from(_space)
    end = HEAD.size + length
    payload = bytes(_space[HEAD.size : size])
    if size < end:
        rest = _exactly(sock, end - size)
        if rest is None:
            return None
        payload += rest
    return kind, payload


_space: Final = memoryview(bytearray(PIECE))


def _exactly(sock: socket.socket, count: int) -> bytes | None:
    pieces = bytearray()
    while len(pieces) < count:
        piece = sock.recv(count - len(pieces))
        if not piece:
            return None
        pieces += piece
    return bytes(pieces)


def encode_error(error: MineralgraphError) -> bytes:
    """Render an error by the name of its class, to be raised again on the other side."""
    fields = {"class": type(error).__name__, "detail": error.detail, "hint": error.hint}
    return json.dumps(fields | {"extra": dict(error.extra)}).encode()


def decode_error(payload: bytes) -> MineralgraphError:
    """Read an error back."""
    fields = json.loads(payload)
    kind = getattr(errors, fields["class"], StoreError)
    error: MineralgraphError = kind(fields["detail"], hint=fields["hint"], **fields["extra"])
    return error


def encode_request(request: Request) -> bytes:
    """Render a request for a query process: a head that few requests differ in, and the text.

    The deadline and the name stay here; they are the service's affair.
    """
    wanted = (request.sources, request.contested, request.held, request.everything)
    head = _encode_head(request.form, request.dataset, wanted)
    return head + request.text.encode()


def decode_request(payload: bytes) -> Request:
    """Read a request back."""
    (length,) = _LENGTH.unpack_from(payload)
    start = _LENGTH.size + length
    form, dataset, wanted = _decode_head(payload[_LENGTH.size : start])
    sources, contested, held, everything = wanted
    return Request(
        payload[start:].decode(), form, dataset,
        sources=sources, contested=contested, held=held, everything=everything,
    )  # fmt: skip


Wanted = tuple[bool, bool, bool, bool]
_LENGTH: Final = struct.Struct(">I")


@lru_cache(256)
def _encode_head(form: GraphFormat | ResultFormat, dataset: Dataset, wanted: Wanted) -> bytes:
    fields = {
        "form": form.name,
        "rows": isinstance(form, ResultFormat),
        "dataset": [
            [graph.value for graph in dataset.default],
            [graph.value for graph in dataset.named],
        ],
        "wanted": wanted,
    }
    head = json.dumps(fields).encode()
    return _LENGTH.pack(len(head)) + head


@lru_cache(256)
def _decode_head(
    head: bytes,
) -> tuple[GraphFormat | ResultFormat, Dataset, Wanted]:
    fields = json.loads(head)
    default, named = fields["dataset"]
    form = result_format(fields["form"]) if fields["rows"] else graph_format(fields["form"])
    if form is None:
        raise ValueError(fields["form"])
    dataset = Dataset(
        tuple(NamedNode(iri) for iri in default), tuple(NamedNode(iri) for iri in named)
    )
    sources, contested, held, everything = fields["wanted"]
    return form, dataset, (sources, contested, held, everything)
