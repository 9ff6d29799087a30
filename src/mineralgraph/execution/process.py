"""A query process as the service sees it."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass

from mineralgraph.execution.link import Link


@dataclass
class Process:
    """A query process and the connection to it."""

    pid: int
    link: Link
    version: str

    def send_signal(self, number: int) -> None:
        """Signal the process; harmless when it has died already (it is reaped by us alone)."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)
