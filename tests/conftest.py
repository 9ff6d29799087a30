"""What every test shares, and the list of skips that are allowed.

Fixture strategy: a folder of tests has its own ``conftest.py`` for what it needs; nothing here
builds data. Settings of the person who runs the tests never reach them, save for the folder of
article texts (``MINERALGRAPH_CORPUS``), without which the tests that need it skip by name.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

PREFIX = "MINERALGRAPH_"
KEPT = {"MINERALGRAPH_CORPUS"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--expected-skips",
        metavar="FILE",
        help="fail when a test skips that the file does not list with a reason",
    )


def pytest_configure(config: pytest.Config) -> None:
    for name in [n for n in os.environ if n.startswith(PREFIX) and n not in KEPT]:
        del os.environ[name]


def read_expected(path: Path) -> dict[str, str]:
    """Return test id → reason; a line without a reason is an error."""
    listed: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, found, reason = line.partition("  # ")
        if not found or not reason.strip():
            raise pytest.UsageError(f"{path}:{number}: write 'test id  # reason'")
        listed[name.strip()] = reason.strip()
    return listed


def unlisted_skips(config: pytest.Config) -> list[str]:
    """Return the skips of this run that ``--expected-skips`` does not name."""
    option = config.getoption("--expected-skips")
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if not option or reporter is None or hasattr(config, "workerinput"):
        return []
    listed = read_expected(config.rootpath / option)
    skipped = {report.nodeid for report in reporter.stats.get("skipped", [])}
    return sorted(skipped - set(listed))


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if unlisted_skips(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    unlisted = unlisted_skips(config)
    if unlisted:
        terminalreporter.section("skips that tests/expected-skips.txt does not list", red=True)
        for name in unlisted:
            terminalreporter.line(name)
