"""``mineralgraph query``: a canned question, or any SPARQL."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from mineralgraph import opening
from mineralgraph import settings as configuration
from mineralgraph.cli import answers, options
from mineralgraph.cli.remote import Service
from mineralgraph.errors import BadParameter, InputError, NotOffered
from mineralgraph.execution.base import Request
from mineralgraph.queries import Query as Canned
from mineralgraph.queries import load_catalog
from mineralgraph.store.base import Store as Stored
from mineralgraph.store.clock import Clock
from mineralgraph.store.embedded import EmbeddedStore

DAY = ["%Y-%m-%d"]


class Basis(StrEnum):
    """From which of its possible days an article counts as known."""

    first = "first"
    last = "last"


def query(
    name: Annotated[
        str | None, typer.Argument(help="a canned query; see `queries`", show_default=False)
    ] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option("--parameter", "-p", help="KEY=VALUE, as often as needed", show_default=False),
    ] = None,
    sparql: Annotated[
        str | None,
        typer.Option(help="a file of SPARQL, or - for stdin, in place of NAME", show_default=False),
    ] = None,
    format: Annotated[
        str,
        typer.Option(help="table, json, xml, csv, tsv; for graphs turtle, ntriples, jsonld ..."),
    ] = answers.TABLE,
    sources: Annotated[
        bool,
        typer.Option("--sources", help="let each row carry what it rests on; a table means csv"),
    ] = False,
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=DAY, help="what could be known by this day", show_default=False),
    ] = None,
    as_of_basis: Annotated[
        Basis | None,
        typer.Option(help="an article counts from its first or last day", show_default="last"),
    ] = None,
    valid_on: Annotated[
        datetime | None,
        typer.Option(formats=DAY, help="what may have held on this day", show_default=False),
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="ask this running service instead", show_default=False)
    ] = None,
    store: options.Store = None,
    data: options.Data = None,
) -> None:
    """Run a canned query or any SPARQL.

    Asks the store, or with --url a running service.
    """
    settings = configuration.load(store=store, data=data)
    values = parameters(parameter or [])
    clock = Clock(as_of and as_of.date(), as_of_basis is Basis.first, valid_on and valid_on.date())
    _refuse_mixtures(name, sparql, values, clock, as_of_basis)
    text = "" if name is not None else read_sparql(sparql or "-")
    if url is not None:
        service = Service(url, settings.query_timeout + 5)
        view = days(clock) | ({"sources": "true"} if sources else {})
        asked = service.canned(name, values) if name is not None else service.sparql(text)
        answers.show_body(*asked.answer(view, format), format)
        return
    canned = load_catalog().find(name) if name is not None else None
    with opening.open_to_read(settings) as opened, interruptible():
        text = canned.bind(values) if canned else text
        request = asked_of(canned, text, format, sources=sources, held=bool(clock.valid_on))
        answers.show(seen(opened, clock), request, format)


def asked_of(
    canned: Canned | None, text: str, format: str, *, sources: bool, held: bool
) -> Request:
    """Return what the store is asked; rows are marked as the service does."""
    form = answers.form_of(text, format, sources=sources)
    contested = canned is not None and canned.marked
    held = held and not answers.makes_graph(text)
    return Request(text, form, sources=sources, contested=contested, held=held)


def _refuse_mixtures(
    name: str | None, sparql: str | None, values: dict[str, str], clock: Clock, basis: Basis | None
) -> None:
    """Refuse options that do not go together.

    Raises:
        InputError: for two questions or none, or a basis without a day.
        BadParameter: for parameters of a query that is not canned.
    """
    if (name is None) == (sparql is None):
        raise InputError(
            "give the name of a canned query, or --sparql",
            hint="`mineralgraph queries` lists the names.",
        )
    if basis is not None and clock.as_of is None:
        raise InputError("--as-of-basis says how to read --as-of, which is missing")
    if values and name is None:
        raise BadParameter("parameters belong to canned queries, not to --sparql")


def days(clock: Clock) -> dict[str, str]:
    """Return a clock as the parameters of a service."""
    found: dict[str, str] = {}
    if clock.as_of is not None:
        found |= {"as-of": str(clock.as_of), "as-of-basis": "first" if clock.by_first else "last"}
    if clock.valid_on is not None:
        found["valid-on"] = str(clock.valid_on)
    return found


def seen(store: Stored, clock: Clock) -> Stored:
    """Return a store as a clock shows it.

    Raises:
        NotOffered: when it is a remote one.
    """
    if not clock:
        return store
    if not isinstance(store, EmbeddedStore):
        raise NotOffered(
            "a remote engine cannot look from another day",
            hint="Use the embedded engine: --store FOLDER or --data.",
        )
    return store.seen_by(clock)


def parameters(given: list[str]) -> dict[str, str]:
    """Read ``key=value`` pairs.

    Raises:
        BadParameter: for one without an equals sign, or a key given twice.
    """
    values: dict[str, str] = {}
    for pair in given:
        key, found, value = pair.partition("=")
        if not found or not key:
            raise BadParameter(f"{pair!r} is not KEY=VALUE", hint="Write -p event=SLUG.")
        if key in values:
            raise BadParameter(f"the parameter {key!r} is given twice", hint="Give it once.")
        values[key] = value
    return values


def read_sparql(source: str) -> str:
    """Read a query from a file, or from stdin for ``-``.

    Raises:
        InputError: when there is no such file, or it is not UTF-8.
    """
    try:
        data = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
        return data.decode("utf-8-sig")
    except OSError as error:
        raise InputError(
            f"{source} cannot be read: {error.strerror}",
            hint="Give the path of a file with a SPARQL query, or - for stdin.",
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(f"{source} is not UTF-8", hint="Save it as UTF-8.") from error


@contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C end the process at once.

    The engine runs a query outside Python, where Python's own handler would wait for its end.
    Only reading happens here, so nothing can be left half done.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)
