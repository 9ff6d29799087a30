"""Opening the store that the settings name, filled with data that the gate has passed.

A store folder holds ``db/`` (Oxigraph), ``source.nq`` (the built-in data that went in, so that
a newer release can be put in its place and submissions stay), and ``source.json`` (its digest:
while it is unchanged, a start compiles and judges nothing). ``filling`` is there while a new store
is filled; a start that finds it begins anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import DefaultGraph, Quad, RdfFormat, parse, serialize

from mineralgraph import pipeline, relations, resources
from mineralgraph.errors import SettingsError
from mineralgraph.execution.clocks import ClockedPool
from mineralgraph.execution.pool import TEMPLATE, ProcessPool
from mineralgraph.gate.report import Report
from mineralgraph.intake.corpus import Corpus
from mineralgraph.intake.dataset import Compiled, compile_sources
from mineralgraph.pipeline import audit
from mineralgraph.rdf.namespaces import DATASET, MG, SERVICE_GRAPH
from mineralgraph.settings import Gate, Settings
from mineralgraph.store import view
from mineralgraph.store.base import Change, Store
from mineralgraph.store.embedded import EmbeddedStore
from mineralgraph.store.history import History
from mineralgraph.store.scratch import ScratchStore

if TYPE_CHECKING:
    from mineralgraph.execution.remote import RemoteRunner
    from mineralgraph.store.remote import RemoteStore

MEMORY = "memory"
DATABASE, _SOURCE, _DIGEST = "db", "source.nq", "source.json"
_HISTORY = "history"
_FILLING = "filling"
COMPANIONS = (_SOURCE, _DIGEST)
"""What a store folder holds besides the database."""
_MARK = Quad(DATASET, MG.gated, view.TRUE, SERVICE_GRAPH)
"""Says that nothing has come into a store but through the gate."""


@dataclass(frozen=True)
class Opened:
    """A store ready to serve.

    Attributes:
        store: the store; the caller closes it.
        report: the gate's verdict where data was judged at this start, else None.
    """

    store: Store
    report: Report | None


def sources(settings: Settings) -> list[Path]:
    """Return the folders and files that ``MINERALGRAPH_DATA`` names; none for ``none``."""
    if settings.data == "none":
        return []
    if settings.data == "builtin":
        return [resources.folder("data")]
    return [Path(part) for part in settings.data.split(os.pathsep) if part]


def compiled(settings: Settings) -> Compiled:
    """Compile the data that the settings name.

    Raises:
        NotFound: when there is no such data.
        RdfSyntaxError: when a file does not parse.
        AuthoringError: when a file breaks the authoring form.
    """
    return compile_sources(sources(settings))


def folder_of(settings: Settings) -> Path | None:
    """Return the store's folder, None for a store in memory or a remote one."""
    return None if settings.store == MEMORY or is_remote(settings) else Path(settings.store)


def is_remote(settings: Settings) -> bool:
    """Tell whether the store is a SPARQL service somewhere."""
    return "://" in settings.store


def remote(settings: Settings) -> RemoteStore:
    """Return the remote store that the settings name; nothing is sent yet.

    Raises:
        SettingsError: when an address is none.
    """
    # SPARQLWrapper, and rdflib below it, are for remote stores only; they take long to import.
    from mineralgraph.store.remote import RemoteStore  # noqa: PLC0415
    from mineralgraph.store.remote_wire import Credentials  # noqa: PLC0415

    password = settings.store_password
    known = None
    if password is not None:
        known = Credentials(settings.store_auth, settings.store_user, password.get_secret_value())
    return RemoteStore(
        settings.store,
        update=settings.store_update,
        credentials=known,
        timeout=settings.query_timeout,
    )


def runner(
    store: Store, settings: Settings, *, program: str = TEMPLATE
) -> ClockedPool | RemoteRunner:
    """Return what runs queries on a store: processes for ours, threads for a remote one.

    With a program of one's own there are processes beside a remote one too, for the rest of it.

    Args:
        store: the store that was opened.
        settings: how many workers, and whether others write to a remote store.
        program: module that the query processes run (``ProcessPool``).
    """
    if isinstance(store, EmbeddedStore):
        return ClockedPool(store, settings.workers, program=program)
    from mineralgraph.execution.remote import RemoteRunner  # noqa: PLC0415
    from mineralgraph.store.remote import RemoteStore  # noqa: PLC0415

    if isinstance(store, RemoteStore):
        beside = None
        if program != TEMPLATE:
            beside = ProcessPool(EmbeddedStore(), settings.workers, program=program)
        return RemoteRunner(
            store, 4 * settings.workers, exclusive=settings.store_exclusive, processes=beside
        )
    raise TypeError(type(store).__name__)


def open_to_serve(settings: Settings, corpus: Corpus) -> Opened:
    """Open the store and put the data in that the settings name, through the gate.

    Raises:
        GateRefused: when the data has violations and the gate enforces; nothing was written.
        StoreBusy: when another process has the folder open.
        SettingsError: when the gate is off where it may not be.
        StoreError: when a remote engine fails, or does not answer.
        RdfSyntaxError: when a data file does not parse.
        AuthoringError: when a data file breaks the authoring form.
    """
    folder = folder_of(settings)
    if is_remote(settings):
        return _open_remote(settings, corpus)
    kind = ScratchStore if settings.gate is Gate.OFF else EmbeddedStore
    store = kind(folder / DATABASE if folder else None)
    if folder is not None and (folder / _FILLING).exists():
        store.close()  # it was ours, so nobody else is filling it now
        shutil.rmtree(folder / DATABASE)
        store = kind(folder / DATABASE)
    store.history = History(folder / _HISTORY if folder else None, settings.keep_versions)
    try:
        _guard(store, settings, corpus)
        return Opened(store, _refresh(store, settings, corpus, folder))
    except BaseException:
        store.close()
        raise


def open_to_read(settings: Settings) -> Store:
    """Open the store for a command that only reads.

    A store in memory is filled with the data as compiled and not judged: ``build`` judges.

    Raises:
        SettingsError: when the store's folder is not there.
        StoreBusy: when a service has it open; ask that one with ``--url``.
    """
    if is_remote(settings):
        return remote(settings)
    folder = folder_of(settings)
    if folder is None:
        store = EmbeddedStore()
        store.load(relations.complete(compiled(settings).quads))
        return store
    if not (folder / DATABASE).is_dir():
        raise SettingsError(
            f"there is no store in {folder}",
            hint=f"`mineralgraph serve --store {folder}` makes one.",
        )
    return EmbeddedStore(folder / DATABASE)


def _open_remote(settings: Settings, corpus: Corpus) -> Opened:
    """Fill an empty remote store; a filled one is kept, as it may be fed by others."""
    if settings.gate is Gate.OFF:
        raise SettingsError(
            "MINERALGRAPH_GATE=off is for scratch stores of the embedded engine, and "
            f"{settings.store} is a remote service",
            hint="Write to that engine by its own update endpoint, or switch the gate on.",
        )
    store = remote(settings)
    try:
        filled = store.version() != "empty"
        return Opened(store, None if filled else _refresh(store, settings, corpus, None))
    except BaseException:
        store.close()
        raise


def _guard(store: Store, settings: Settings, corpus: Corpus) -> None:
    """Keep apart what the gate vouches for and what it does not.

    A store that was gated bears a mark and never takes raw writes again; one that took raw
    writes, or data that was not required to conform, is judged whole before it gets the mark.

    Raises:
        SettingsError: when the gate is off on a gated store; or when it is on and the
            current view is not what the claims make it.
        GateRefused: when the gate enforces and the store holds violations.
    """
    gated = any(True for _ in store.quads(DATASET, MG.gated, view.TRUE, SERVICE_GRAPH))
    if settings.gate is Gate.OFF:
        if gated:
            raise SettingsError(
                "MINERALGRAPH_GATE=off is for a store that was never gated, and "
                f"{settings.store} was",
                hint="Use another folder or `memory`, or switch the gate on.",
            )
        return
    if gated:
        return
    held = list(store.quads())
    if held:
        if {q.triple for q in held if q.graph_name == DefaultGraph()} != view.derive(held):
            raise SettingsError(
                f"{settings.store} took raw writes, and its current view is not what its claims "
                "make it",
                hint="Export it, and load the files into an empty store with MINERALGRAPH_DATA.",
            )
        named = [q for q in held if q.graph_name != DefaultGraph()]
        judged = pipeline.build(Compiled(named), corpus)
        if settings.gate is Gate.ENFORCE:
            pipeline.require(judged.report)
        store.apply(Change(frozenset({_MARK})))


def _refresh(
    store: Store, settings: Settings, corpus: Corpus, folder: Path | None
) -> Report | None:
    """Bring a store's built-in data to what the settings name now; None where it is already."""
    if settings.data == "none" and settings.gate is Gate.OFF:
        return None  # a scratch store: not even the ontology is in it
    digest = source_digest(sources(settings))
    if folder is not None and _recorded(folder) == digest:
        return None
    judged = pipeline.build(compiled(settings), corpus)
    if settings.gate is Gate.ENFORCE:
        pipeline.require(judged.report)
    former = set(_read(folder / _SOURCE)) if folder is not None else set()
    wanted = {q for q in judged.quads if q.graph_name not in relations.DERIVED}
    if isinstance(store, ScratchStore) and not any(True for _ in store.quads()):
        store.load(judged.quads)
    elif store.version() == "empty":
        _fill(store, judged.quads, folder)
    else:
        change = Change(frozenset(wanted - former), frozenset(former - wanted))
        pipeline.release(store, change, _release(), audit.now())
    if folder is not None:
        _write(folder / _SOURCE, sorted(wanted, key=str))
        _record(folder, digest)
    return judged.report


def _fill(store: Store, quads: list[Quad], folder: Path | None) -> None:
    """Fill an empty store; killed in the middle, it is emptied and filled at the next start."""
    if folder is not None:
        (folder / _FILLING).touch()
    pipeline.fill(store, [*quads, _MARK], _release(), audit.now())
    if folder is not None:
        (folder / _FILLING).unlink()


def _release() -> str:
    """Return the name of what fills a store: this program, in its version."""
    return f"mineralgraph-{version('mineralgraph')}".replace(".", "-")


def source_digest(paths: Iterable[Path]) -> str:
    """Return a digest over everything that a build depends on: data, ontology, shapes, checks."""
    hasher = hashlib.sha256()
    folders = [*paths, *(resources.folder(n) for n in ("ontology", "shapes", "queries"))]
    for path in folders:
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in files:
            hasher.update(f"{file.relative_to(path)}\0".encode())
            hasher.update(hashlib.sha256(file.read_bytes()).digest())
    return hasher.hexdigest()


def _recorded(folder: Path) -> str | None:
    path = folder / _DIGEST
    return json.loads(path.read_text())["digest"] if path.is_file() else None


def _record(folder: Path, digest: str) -> None:
    _replace(folder / _DIGEST, json.dumps({"digest": digest}).encode())


def _read(path: Path) -> list[Quad]:
    return list(parse(path=path, format=RdfFormat.N_QUADS)) if path.is_file() else []


def _write(path: Path, quads: Iterable[Quad]) -> None:
    _replace(path, serialize(quads, format=RdfFormat.N_QUADS) or b"")


def _replace(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    draft = path.with_suffix(".draft")
    draft.write_bytes(data)
    draft.replace(path)
