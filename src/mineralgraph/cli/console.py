"""Stdout for results, stderr for people: tables, messages and progress bars."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from mineralgraph.errors import MineralgraphError

_UNBOUNDED = 100_000


def say(message: str) -> None:
    """Tell a person something, on stderr."""
    print(message, file=sys.stderr, flush=True)  # noqa: T201


def complain(error: MineralgraphError) -> None:
    """Print an error and what to do about it, after the gate's findings if there are some."""
    for finding in dict(error.extra.get("report") or {}).get("findings", ()):
        line = f":{finding['line']}" if finding["line"] else ""
        where = f"{finding['document']}{line}: " if finding["document"] else ""
        say(f"{where}{finding['severity']}: {finding['message']}")
        say(f"    {finding['claim'] or finding['focus']}\n    mend: {finding['fix']}")
    say(f"error: {error.detail}")
    say(f"hint: {error.hint}")


def put(text: str) -> None:
    """Write a result to stdout."""
    sys.stdout.write(text if text.endswith("\n") or not text else text + "\n")


def put_bytes(data: bytes) -> None:
    """Write a serialised result to stdout; it ends with a line break."""
    data = data if data.endswith(b"\n") else data + b"\n"
    sys.stdout.flush()
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        sys.stdout.write(data.decode())
    else:
        buffer.write(data)
        buffer.flush()


def put_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write an aligned table: wrapped to a terminal, whole lines into a file or a pipe."""
    from rich.console import Console  # noqa: PLC0415  (slow to import, and few verbs draw)
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    terminal = sys.stdout.isatty()
    console = Console(
        file=sys.stdout,
        width=None if terminal else _UNBOUNDED,
        color_system="auto",
        highlight=False,
    )
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(Text(column), overflow="fold", no_wrap=not terminal)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    with console.capture() as capture:
        console.print(table)
    put("\n".join(line.rstrip() for line in capture.get().splitlines()) + "\n")


@contextmanager
def working(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show on stderr that something takes its time, where stderr is a terminal.

    Yields:
        What may be told how much is done, of how much; the bar shows it then.
    """
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console  # noqa: PLC0415  (as above)
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
