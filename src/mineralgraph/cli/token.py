"""``mineralgraph token``: make, list and revoke tokens."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mineralgraph import settings as configuration
from mineralgraph.cli.console import put, say
from mineralgraph.errors import BadParameter, SettingsError
from mineralgraph.submissions import tokens
from mineralgraph.submissions.tokens import Scope

_ACTIONS = ("make", "list", "revoke")


def token(
    action: Annotated[str, typer.Argument(help="make, list or revoke")],
    name: Annotated[
        str | None, typer.Argument(help="name of the token, for make and revoke")
    ] = None,
    scope: Annotated[
        list[Scope] | None,
        typer.Option(metavar="SCOPE", help="submit (the default), withdraw or admin; repeatable"),
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="file of tokens [MINERALGRAPH_TOKEN_FILE]")
    ] = None,
) -> None:
    """Make, list and revoke tokens.

    The file keeps digests. A token is shown once, when it is made. A running service reads the
    file again when it changes.
    """
    settings = configuration.load(token_file=file)
    if settings.token_file is None:
        raise SettingsError(
            "no file of tokens is named", hint="Use --file, or set MINERALGRAPH_TOKEN_FILE."
        )
    if action not in _ACTIONS:
        raise BadParameter(f"{action!r} is no action", hint=f"Use one of: {', '.join(_ACTIONS)}.")
    if action == "list":
        for known in tokens.read(settings.token_file):
            put(f"{known.name}\t{','.join(sorted(known.scopes))}")
        return
    if name is None:
        raise BadParameter(f"{action} needs a name", hint=f"mineralgraph token {action} NAME")
    if action == "make":
        put(tokens.make(settings.token_file, name, scope or [Scope.SUBMIT]))
        say("This is the only time that the token is shown. Send it as: Authorization: Bearer ...")
    else:
        tokens.revoke(settings.token_file, name)
        say(f"The token {name} is revoked.")
