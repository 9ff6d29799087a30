"""Starting and stopping real SPARQL services on loopback, each on a free port, by process id.

``install_engines.sh`` beside this file installs what is not a Python package. A server that is not
installed raises ``Missing`` with what to do; a test then skips by saying so.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
JARS = ROOT / "var" / "engines"
START_SECONDS = 90
HINT = "tools/install_engines.sh installs it"


class Missing(Exception):
    """An engine is not installed."""


@dataclass(frozen=True)
class Server:
    """A running service."""

    name: str
    query: str
    update: str
    pid: int


def free_port() -> int:
    """Return a port of loopback that nobody listens on just now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextlib.contextmanager
def started(command: list[str], folder: Path, probe: str) -> Iterator[int]:
    """Run a server until the block ends; wait until it answers at ``probe``."""
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "output.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output)
    try:
        _wait(process, probe, log)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)


def _wait(process: subprocess.Popen[bytes], probe: str, log: Path) -> None:
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), urllib.request.urlopen(probe, timeout=5):
            return
        time.sleep(0.1)
    raise RuntimeError(
        f"{process.args!r} did not start:\n{log.read_text(errors='replace')[-2000:]}"
    )


@contextlib.contextmanager
def oxigraph(folder: Path, *options: str) -> Iterator[Server]:
    """``oxigraph serve`` with a store in memory."""
    binary = Path(sys.executable).with_name("oxigraph")
    if not binary.exists():
        raise Missing("oxigraph is not installed (Python package oxigraph)")
    base = f"http://127.0.0.1:{(port := free_port())}"
    command = [str(binary), "serve", "--bind", f"127.0.0.1:{port}", *options]
    with started(command, folder, f"{base}/query?query=ASK%7B%7D") as pid:
        yield Server("oxigraph", f"{base}/query", f"{base}/update", pid)


@contextlib.contextmanager
def fuseki(folder: Path, *options: str) -> Iterator[Server]:
    """Apache Jena Fuseki with a transactional dataset in memory."""
    jars = sorted(JARS.glob("jena-fuseki-server-*.jar"))
    if not jars or shutil.which("java") is None:
        raise Missing(f"Fuseki is not installed ({HINT})")
    base = f"http://127.0.0.1:{(port := free_port())}"
    heap = ["java", "-Xmx1g", "-jar", str(jars[-1])]
    where = ["--localhost", "--ping", "--port", str(port)]
    command = [*heap, *where, *options, "--update", "--mem", "/ds"]
    with started(command, folder, f"{base}/$/ping") as pid:
        yield Server("fuseki", f"{base}/ds/query", f"{base}/ds/update", pid)


INI = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
NumberOfBuffers = 20000
MaxDirtyBuffers = 12000
CaseMode = 2
AllowOSCalls = 0
DirsAllowed = .
MaxQueryMem = 1G
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = .
ServerThreads = 10
MaxKeepAlives = 10
KeepAliveTimeout = 10
EnabledGzipContent = 0
[SPARQL]
ResultSetMaxRows = {rows}
"""


@contextlib.contextmanager
def virtuoso(folder: Path, *, rows: int = 1_000_000) -> Iterator[Server]:
    """Virtuoso with a database of its own; anybody may update at ``/sparql``.

    ``/sparql-auth`` asks for Digest authentication of the user ``dba`` with password ``dba``.
    """
    if shutil.which("virtuoso-t") is None or shutil.which("isql-vt") is None:
        raise Missing(f"Virtuoso is not installed ({HINT})")
    folder.mkdir(parents=True, exist_ok=True)
    sql, http = free_port(), free_port()
    (folder / "virtuoso.ini").write_text(INI.format(sql=sql, http=http, rows=rows))
    grant = folder / "grant.sql"
    grant.write_text('GRANT SPARQL_UPDATE TO "SPARQL";\n')
    base = f"http://127.0.0.1:{http}/sparql"
    command = ["virtuoso-t", "+configfile", "virtuoso.ini", "+foreground"]
    with started(command, folder, f"{base}?query=ASK%7B%7D") as pid:
        subprocess.run(
            ["isql-vt", f"127.0.0.1:{sql}", "dba", "dba", str(grant)],
            check=True,
            capture_output=True,
        )
        yield Server("virtuoso", base, base, pid)


ENGINES = {"oxigraph": oxigraph, "virtuoso": virtuoso, "fuseki": fuseki}
