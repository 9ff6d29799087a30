"""``mineralgraph check``: is the current view what the claims make it?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer
from pyoxigraph import DefaultGraph, Quad, Triple

from mineralgraph import opening
from mineralgraph import settings as configuration
from mineralgraph.cli import options
from mineralgraph.cli.console import put
from mineralgraph.errors import SettingsError
from mineralgraph.store import view
from mineralgraph.store.embedded import EmbeddedStore

_SHOWN = 20


def check(
    store: options.Store = None,
    repair: Annotated[
        bool, typer.Option("--repair", help="put the view right; the claims stay as they are")
    ] = False,
) -> None:
    """Compare the current view with the claims.

    It is derived anew from the named graphs; exit code 1 when the two differ, also
    when --repair has put the view right.
    """
    settings = configuration.load(store=store)
    with opening.open_to_read(settings) as opened:
        kept = {q.triple for q in opened.quads(graph=DefaultGraph())}
        derived = view.derive(opened.quads())
        version = opened.version()
        if repair and kept != derived:
            if not isinstance(opened, EmbeddedStore):
                raise SettingsError("only a store of this machine can be repaired")
            opened.patch(_shown(kept - derived), _shown(derived - kept))
    differences = [f"missing  {t}" for t in sorted(map(str, derived - kept))]
    differences += [f"surplus  {t}" for t in sorted(map(str, kept - derived))]
    for line in differences[:_SHOWN]:
        put(line)
    if len(differences) > _SHOWN:
        put(f"... and {len(differences) - _SHOWN} more")
    put(
        f"dataset version {version}: {len(derived)} triples derived, {len(kept)} in the view, "
        f"{len(differences)} different"
    )
    if differences and repair:
        put("repaired")
    if differences:
        raise typer.Exit(1)


def _shown(triples: Iterable[Triple]) -> list[Quad]:
    return [Quad(t.subject, t.predicate, t.object, DefaultGraph()) for t in triples]
