"""``mineralgraph check``: is the current view what the claims make it?"""

from __future__ import annotations

import typer
from pyoxigraph import DefaultGraph

from mineralgraph import opening
from mineralgraph import settings as configuration
from mineralgraph.cli import options
from mineralgraph.cli.console import put
from mineralgraph.store import view

_SHOWN = 20


def check(store: options.Store = None) -> None:
    """Compare the current view with the claims.

    It is derived anew from the named graphs; exit code 1 when the two differ.
    """
    settings = configuration.load(store=store)
    with opening.open_to_read(settings) as opened:
        kept = {q.triple for q in opened.quads(graph=DefaultGraph())}
        derived = view.derive(opened.quads())
        version = opened.version()
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
    if differences:
        raise typer.Exit(1)
