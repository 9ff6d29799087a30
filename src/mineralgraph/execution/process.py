"""A query process as the service sees it."""

from __future__ import annotations

import contextlib
import os
import time
from dataclasses import dataclass

from mineralgraph.execution.link import Link


@dataclass(eq=False)
class Process:
    """A query process and the connection to it."""

    pid: int
    link: Link
    version: str

    def send_signal(self, number: int) -> None:
        """Signal the process; harmless when it has died already (it is reaped by us alone)."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def lower_priority(self, nice: int) -> None:
        """Let it run behind what has a higher priority (a smaller number)."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.setpriority(os.PRIO_PROCESS, self.pid, nice)

    def used(self) -> float:
        """Return the seconds of the processor that it has had so far; 0 when it has died."""
        with contextlib.suppress(OSError):
            return time.clock_gettime(~self.pid << 3 | 2)  # what clock_getcpuclockid(3) makes
        return 0.0

    def lower(self) -> None:
        """Let the process run only while nobody else wants the processor."""
        with contextlib.suppress(ProcessLookupError):
            os.sched_setscheduler(self.pid, os.SCHED_IDLE, os.sched_param(0))
