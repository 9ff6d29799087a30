"""The group of verbs, and what every verb shares: errors become messages and exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any, Final

import typer
from typer.core import TyperGroup

from mineralgraph.cli import (
    backup,
    build,
    check,
    cite,
    describe,
    diff,
    evidence,
    export,
    queries,
    query,
    restore,
    review,
    sentences,
    serve,
    settings,
    token,
    validate,
)
from mineralgraph.cli.console import complain
from mineralgraph.errors import MineralgraphError

VERBS: Final[tuple[tuple[str, Callable[..., None]], ...]] = (
    ("serve", serve.serve),
    ("build", build.build),
    ("validate", validate.validate),
    ("evidence", evidence.evidence),
    ("query", query.query),
    ("diff", diff.diff),
    ("queries", queries.queries),
    ("export", export.export),
    ("check", check.check),
    ("cite", cite.cite),
    ("describe", describe.describe),
    ("sentences", sentences.sentences),
    ("backup", backup.backup),
    ("restore", restore.restore),
    ("review", review.review),
    ("token", token.token),
    ("settings", settings.settings),
)


class Verbs(TyperGroup):
    """The verbs in the order of their use; our errors end a run with a message, not a trace."""

    def list_commands(self, _: Any) -> list[str]:
        """Keep the order of ``VERBS``."""
        return list(self.commands)

    def invoke(self, ctx: Any) -> Any:
        """Run a verb; turn an error of ours into ``error:`` and ``hint:`` on stderr."""
        try:
            return super().invoke(ctx)
        except MineralgraphError as error:
            complain(error)
            raise typer.Exit(error.exit_code) from None
        except BrokenPipeError:
            # The reader (head, less) has seen enough; Python must not complain at exit either.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None


app = typer.Typer(
    cls=Verbs,
    name="mineralgraph",
    help="A knowledge graph in which every claim points at the words that say it.",
    epilog="Results go to stdout, messages to stderr. Exit codes: 0 all well, 1 findings, "
    "2 could not run.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
for _name, _verb in VERBS:
    app.command(_name)(_verb)


def main() -> None:
    """Run the command line."""
    app()
