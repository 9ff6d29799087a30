"""The template process: holds the data ready and forks query processes from itself.

A process of its own, without threads, because only such a process may be forked safely. For
an in-memory store it holds the quads, which its children then share page by page; for a
folder its children open a snapshot. Started by ``pool.py`` as
``python -m mineralgraph.execution.template FD``.

Commands (one JSON object to a frame): ``load`` a file of N-Quads, ``apply`` a change,
``fork`` a query process on the socket that comes along, ``reap`` a dead one, ``warm`` up by one
step.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from mmap import mmap
from pathlib import Path
from typing import Any, Final

import pyoxigraph
from pyoxigraph import Quad, RdfFormat

from mineralgraph.errors import StoreError
from mineralgraph.execution import frames, worker
from mineralgraph.store.clock import Clock
from mineralgraph.store.embedded import EmbeddedStore
from mineralgraph.store.history import read_patch

CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
_WARM: Final = object()
"""Stands behind the last step of warming up."""


def leave_network() -> bool:
    """Move this process, and so its children, to an empty network; True where that works."""
    libc = ctypes.CDLL(None, use_errno=True)
    ways = (CLONE_NEWNET, CLONE_NEWUSER | CLONE_NEWNET)
    return any(libc.unshare(flags) == 0 for flags in ways)


class Template:
    """The command loop."""

    def __init__(
        self,
        sock: socket.socket,
        answers: Mapping[bytes, worker.Answer] | None = None,
        warm: Callable[[], Iterable[None]] = tuple,
        store: EmbeddedStore | None = None,
    ) -> None:
        """Serve commands on a socket.

        Args:
            sock: the connection to the service.
            answers: what the forked processes answer besides queries.
            warm: loads what these answers need, once, for all processes forked later; step by
                step, so that nobody who needs a process waits for all of it.
            store: what the forked processes query; an empty one until ``load``.
        """
        self._sock = sock
        self._answers = answers
        self._warm = iter(warm())
        self._store = store or EmbeddedStore()
        self._children: set[int] = set()

    def run(self) -> None:
        """Obey commands until the service closes the connection; then end all children."""
        isolated = leave_network()
        self._reply({"isolated": isolated})
        while True:
            command, descriptors = self._receive()
            if command is None:
                break
            self._reply(self._obey(command, descriptors))
        for pid in self._children:
            os.kill(pid, signal.SIGKILL)

    def _receive(self) -> tuple[dict[str, Any] | None, list[int]]:
        """Read one command, and the descriptors that may come with its first byte."""
        message, descriptors, _, _ = socket.recv_fds(self._sock, 1, 2)
        if not message:
            return None, []
        rest = b""
        while len(rest) < 4:
            rest += self._sock.recv(4 - len(rest))
        payload = bytearray()
        length = int.from_bytes(rest, "big")
        while len(payload) < length:
            payload += self._sock.recv(length - len(payload))
        return json.loads(bytes(payload)), list(descriptors)

    def _reply(self, fields: dict[str, Any]) -> None:
        self._sock.sendall(frames.pack(frames.COMMAND, json.dumps(fields).encode()))

    def _obey(self, command: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        match command["op"]:
            case "load":
                self._store = EmbeddedStore.from_file(Path(command["file"]))
                return {"quads": True}
            case "apply":
                removed, added = (_quads(command[name]) for name in ("removed", "added"))
                self._store.patch(removed, added)
                return {"applied": True}
            case "fork":
                return {"pid": self._fork(descriptors, command)}
            case "derive":
                return {"pid": self._derive(descriptors[0], command)}
            case "warm":
                return {"warm": next(self._warm, _WARM) is _WARM}
            case "reap":
                return {"reaped": self._reap(command["pid"])}
        raise ValueError(command["op"])

    def _fork(self, descriptors: Sequence[int], command: dict[str, Any]) -> int:
        gc.freeze()  # or collecting in a child would copy the pages that it shares
        pid = os.fork()
        if pid == 0:
            self._become_worker(descriptors, command)
        for descriptor in descriptors:
            os.close(descriptor)
        self._children.add(pid)
        return pid

    def _become_worker(self, descriptors: Sequence[int], command: dict[str, Any]) -> None:
        """Serve queries on the socket, with answers in the area beside it; never returns."""
        try:
            self._sock.close()
            store = self._base(command["snapshot"])
            end, area = descriptors
            with socket.socket(fileno=end) as sock, mmap(area, 0) as shared:
                os.close(area)
                connection = worker.Connection(sock, shared)
                worker.serve(connection, store, command["memory"], self._answers)
        finally:
            os._exit(0)

    def _derive(self, descriptor: int, command: dict[str, Any]) -> int:
        """Fork a template of its own for a former version, or what a clock shows, of the data."""
        pid = os.fork()
        if pid:
            os.close(descriptor)
            self._children.add(pid)
            return pid
        try:
            self._sock.close()
            base, self._store = self._base(command["snapshot"]), EmbeddedStore()
            shown = _derived(base, map(Path, command["undo"]), Clock.from_json(command["clock"]))
            if shown.version() != command["version"]:
                raise StoreError("the patches do not lead to that version")
            with socket.socket(fileno=descriptor) as sock:
                Template(sock, self._answers, store=shown).run()
        finally:
            os._exit(0)

    def _base(self, snapshot: str | None) -> EmbeddedStore:
        return EmbeddedStore(Path(snapshot), read_only=True) if snapshot else self._store

    def _reap(self, pid: int) -> int | None:
        """Collect a dead child; its exit status, negative for the signal that ended it."""
        if pid not in self._children:
            return None
        self._children.discard(pid)
        _, status = os.waitpid(pid, 0)
        return os.waitstatus_to_exitcode(status)


def _derived(base: EmbeddedStore, undo: Iterable[Path], clock: Clock) -> EmbeddedStore:
    """Return what a clock shows of a former version; what it is made from is released."""
    patches = [read_patch(path) for path in undo]
    for step in (
        (lambda store: store.before(patches)) if patches else None,
        (lambda store: store.seen_by(clock)) if clock else None,
    ):
        if step is not None:
            former, base = base, step(base)
            former.close()
    return base


def _quads(text: str) -> list[Quad]:
    return list(pyoxigraph.parse(text, format=RdfFormat.N_QUADS))


def main(
    answers: Mapping[bytes, worker.Answer] | None = None,
    warm: Callable[[], Iterable[None]] = tuple,
) -> None:
    """Serve commands on the inherited socket that the first argument names."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with socket.socket(fileno=int(sys.argv[1])) as sock:
        Template(sock, answers, warm).run()


if __name__ == "__main__":
    main()
