"""``mineralgraph serve``: the graph over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mineralgraph import pipeline
from mineralgraph import settings as configuration
from mineralgraph.cli import opening, options
from mineralgraph.cli.console import say, working
from mineralgraph.errors import GateRefused
from mineralgraph.intake.corpus import Corpus
from mineralgraph.intake.dataset import Compiled, is_reference_graph
from mineralgraph.settings import Gate, Settings
from mineralgraph.store.embedded import EmbeddedStore


def serve(
    host: Annotated[
        str | None, typer.Option(help="address [MINERALGRAPH_HOST]", show_default=False)
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="port [MINERALGRAPH_PORT]", show_default=False)
    ] = None,
    store: options.Store = None,
    data: options.Data = None,
    corpus: options.CorpusFolder = None,
) -> None:
    """Serve the graph; an empty store is first filled with the data, through the gate."""
    settings = configuration.load(host=host, port=port, store=store, data=data, corpus=corpus)
    # The web framework takes most of a second to import; the other verbs do without it.
    from mineralgraph.cli.service import run  # noqa: PLC0415

    run(settings, prepared(settings))


def prepared(settings: Settings) -> EmbeddedStore:
    """Open the store and fill it if it is empty.

    Raises:
        GateRefused: when the gate is on and the data do not conform; the store stays empty.
        StoreBusy: when another process has the folder open.
    """
    folder = opening.folder_of(settings)
    if settings.data == "none":
        return EmbeddedStore(folder)
    compiled = opening.compiled(settings)
    store = EmbeddedStore(folder)
    try:
        if store.version() == "empty":
            fill(store, compiled, settings)
        else:
            say(f"store {settings.store}: dataset version {store.version()}, kept as it is")
            remark_changes(store, compiled, folder)
    except BaseException:
        store.close()
        raise
    return store


def fill(store: EmbeddedStore, compiled: Compiled, settings: Settings) -> None:
    """Judge the data and load it, as the gate is set.

    Raises:
        GateRefused: when the gate is on and the data do not conform.
    """
    if settings.gate is Gate.OFF:
        store.load(compiled.quads)
        say(f"filled the store without the gate: dataset version {store.version()}")
        return
    with working("building the graph: evidence, shapes and rules"):
        judged = pipeline.build(compiled, Corpus(settings.corpus))
    if judged.report.findings:
        say(judged.report.as_text())
    if not judged.report.conforms and settings.gate is Gate.ENFORCE:
        raise GateRefused(
            "the data do not conform, so nothing is served",
            hint="Mend the findings above; MINERALGRAPH_GATE=warn serves them as they are.",
        )
    version = store.load(judged.quads)
    say(f"filled the store: {judged.report.checked['claims']} claims, dataset version {version}")


def remark_changes(store: EmbeddedStore, compiled: Compiled, folder: Path | None) -> None:
    """Say so when the data were edited after the store was filled.

    Only what claims assert is compared: a withdrawal changes descriptions, and is no edit.
    """
    held = set(store.quads())
    changed = {
        quad.graph_name
        for quad in compiled.quads
        if not is_reference_graph(quad.graph_name) and quad not in held
    }
    if changed:
        say(
            f"note: {len(changed)} claims of the data are not in the store as they stand now; "
            f"remove {folder} to fill it anew (claims accepted since then go with it)"
        )
