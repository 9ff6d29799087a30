"""``mineralgraph review``: a decision on a claim or on a relation between claims."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from mineralgraph import settings as configuration
from mineralgraph.cli import remote
from mineralgraph.cli.console import put
from mineralgraph.errors import BadParameter, SettingsError
from mineralgraph.rdf.identifiers import split
from mineralgraph.rdf.namespaces import ID_BASE

_DECISIONS: Final = {
    "claim": ("claims", "decision", ("accept", "reject")),
    "relation": ("relations", "verdict", ("confirm", "reject")),
}


def review(
    thing: Annotated[str, typer.Argument(help="claim/SLUG or relation/SLUG, or its IRI")],
    decision: Annotated[
        str, typer.Argument(help="accept or reject a claim, confirm or reject a relation")
    ],
    reason: Annotated[str, typer.Option(help="why, in one sentence")],
    url: Annotated[str, typer.Option(help="the running service that owns the store")],
) -> None:
    """Review a submitted claim, or a relation between claims.

    A rejected relation does not come back. The admin token is taken from MINERALGRAPH_TOKEN.
    """
    settings = configuration.load()
    if settings.token is None:
        raise SettingsError("the service needs an admin token", hint="Set MINERALGRAPH_TOKEN.")
    kind, slug = split(thing if thing.startswith(ID_BASE) else ID_BASE + thing) or ("", "")
    if kind not in _DECISIONS:
        raise BadParameter(
            f"{thing!r} is neither a claim nor a relation",
            hint="Write claim/SLUG or relation/SLUG.",
            parameter="thing",
        )
    path, member, known = _DECISIONS[kind]
    if decision not in known:
        raise BadParameter(
            f"decision is {decision!r}", hint=f"Give one of: {', '.join(known)}.",
            parameter="decision",
        )  # fmt: skip
    said = {member: decision, "reason": reason}
    secret = settings.token.get_secret_value()
    receipt = remote.Service(url, 60).post(f"{path}/{slug}/review", secret, said)
    put(f"write {receipt['write']}: {receipt['kind']}, version {receipt['version']}")
