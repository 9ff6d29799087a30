"""A bar while something takes long: on a terminal, and nowhere else."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

PROGRAM = """
from time import sleep
from mineralgraph.cli.console import working
with working("checking shapes") as progress:
    for done in range(3):
        progress(done, 3)
        sleep(0.2)
print("done")
"""


def test_the_bar_is_seen_on_a_terminal() -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100"}
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stderr=theirs, stdout=subprocess.PIPE, env=environment
    ) as process:
        os.close(theirs)
        seen = b""
        while True:
            try:
                piece = os.read(ours, 4096)
            except OSError:  # the other end is closed
                break
            if not piece:
                break
            seen += piece
        output, _ = process.communicate(timeout=60)
    os.close(ours)
    assert b"checking shapes" in seen
    assert b"33%" in seen
    assert output == b"done\n"


def test_nothing_of_it_gets_into_a_pipe() -> None:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, timeout=60, check=True
    )
    assert (run.stdout, run.stderr) == (b"done\n", b"")
