"""The services that are compared: ours and its peers, each started for one run on loopback."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

import engines  # noqa: E402

Missing = engines.Missing
free_port = engines.free_port
PEER = ROOT / "var" / "peers"
PEER_PACKAGES = ("rdflib-endpoint==0.6.3", "oxrdflib==0.5.0", "uvicorn==0.54.0")
START_SECONDS = 120
PRIORITY: list[str] = []
"""What every service and the load are started through; ``realtime`` fills it."""
_RDFLIB = """
import sys, oxrdflib, rdflib, uvicorn, pyoxigraph
from rdflib_endpoint import SparqlEndpoint
store = pyoxigraph.Store()
store.bulk_load(path=sys.argv[2], format=pyoxigraph.RdfFormat.N_QUADS)
data = rdflib.Dataset(store=oxrdflib.OxigraphStore(store=store), default_union=False)
app = SparqlEndpoint(graph=data, path="/")
uvicorn.run(app, port=int(sys.argv[1]), log_level="error", timeout_keep_alive=60)
"""


def realtime() -> None:
    """Run services and load before all other work: for a busy machine; needs root."""
    PRIORITY[:] = ["chrt", "-r", "5"]


@dataclass(frozen=True)
class Subject:
    """A running service.

    Attributes:
        url: its SPARQL endpoint.
        pid: its first process; the others descend from it.
        ready: seconds from the start of the process to the first answer.
    """

    name: str
    url: str
    pid: int
    ready: float


@contextlib.contextmanager
def _run(name: str, command: list[str], url: str) -> Iterator[Subject]:
    began = time.perf_counter()
    process = subprocess.Popen(
        [*PRIORITY, *command],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        while True:
            with (
                contextlib.suppress(OSError),
                urllib.request.urlopen(url + "?query=ASK%20%7B%7D", timeout=10),
            ):
                break
            if process.poll() is not None or time.perf_counter() - began > START_SECONDS:
                process.kill()
                raise RuntimeError(f"{name} did not start: {process.communicate()[1][-2000:]}")
            time.sleep(0.02)
        yield Subject(name, url, process.pid, time.perf_counter() - began)
    finally:
        process.terminate()
        try:
            process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def run(name: str, command: list[str], port: int) -> contextlib.AbstractContextManager[Subject]:
    """Run any command that serves SPARQL at ``/sparql`` on a port."""
    return _run(name, command, f"http://127.0.0.1:{port}/sparql")


def ours(source: Path, name: str = "mineralgraph") -> contextlib.AbstractContextManager[Subject]:
    """Our service over a dump (in memory) or a store's folder."""
    port = free_port()
    return run(name, [sys.executable, "-m", "benchmarks.serve_dump", str(port), str(source)], port)


@contextlib.contextmanager
def oxigraph(dump: Path, folder: Path | None = None) -> Iterator[Subject]:
    """``oxigraph serve``: in memory, or on a folder, filled from a dump."""
    binary = Path(sys.executable).with_name("oxigraph")
    port = free_port()
    command = [str(binary), "serve", "--bind", f"127.0.0.1:{port}"]
    if folder is not None:
        if not folder.exists():
            load = [str(binary), "load", "--location", str(folder), "--file", str(dump)]
            subprocess.run(load, check=True, capture_output=True)
        command += ["--location", str(folder)]
    name = "oxigraph serve" + (" (disk)" if folder else "")
    with _run(name, command, f"http://127.0.0.1:{port}/query") as subject:
        if folder is None:
            _post(f"http://127.0.0.1:{port}/store", dump)
        yield subject


def bare() -> contextlib.AbstractContextManager[Subject]:
    """The HTTP server that ours runs on, with a route that does nothing (``bare.py``)."""
    port = free_port()
    return run("a bare route", [sys.executable, "-m", "benchmarks.bare", str(port)], port)


@contextlib.contextmanager
def rdflib_endpoint(dump: Path) -> Iterator[Subject]:
    """rdflib-endpoint over oxrdflib in memory, from an environment of its own in ``var/``."""
    python = PEER / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(PEER)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", *PEER_PACKAGES]
        subprocess.run(install, check=True)
    port = free_port()
    command = [str(python), "-c", _RDFLIB, str(port), str(dump)]
    with _run("rdflib-endpoint", command, f"http://127.0.0.1:{port}/") as subject:
        yield subject


@contextlib.contextmanager
def virtuoso(dump: Path, folder: Path) -> Iterator[Subject]:
    """Virtuoso, filled by its own loader; the current view lies in a graph of its own name."""
    folder.mkdir(parents=True, exist_ok=True)
    with engines.virtuoso(folder) as server:
        shutil.copy(dump, folder / "dump.nq")
        script = folder / "load.sql"
        script.write_text(
            "DB.DBA.TTLP(file_to_string_output('dump.nq'), '', "
            "'https://w3id.org/mineralgraph/id/graph/current', 512);\ncheckpoint;\n"
        )
        ini = (folder / "virtuoso.ini").read_text()
        port = ini.split("ServerPort = 127.0.0.1:")[1].split()[0]
        load = ["isql-vt", f"127.0.0.1:{port}", "dba", "dba", str(script)]
        subprocess.run(load, check=True, capture_output=True)
        yield Subject("virtuoso", server.query, server.pid, 0.0)


def _post(url: str, dump: Path) -> None:
    with dump.open("rb") as body:
        request = urllib.request.Request(
            url,
            data=body,
            headers={
                "Content-Type": "application/n-quads",
                "Content-Length": str(dump.stat().st_size),
            },
        )
        urllib.request.urlopen(request, timeout=300).close()


def descendants(pid: int) -> list[int]:
    """Return a process and all that it started."""
    found = [pid]
    with contextlib.suppress(*GONE):
        for task in list(Path(f"/proc/{pid}/task").iterdir()):
            for child in (task / "children").read_text().split():
                found += descendants(int(child))
    return found


GONE = (FileNotFoundError, ProcessLookupError)  # a query process may end while it is looked at


def memory(pid: int) -> int:
    """Return the bytes of memory of a service: the sum of PSS, which counts shared pages once."""
    total = 0
    for member in descendants(pid):
        with contextlib.suppress(*GONE):
            for line in Path(f"/proc/{member}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
    return total


def settle(pid: int, seconds: float = 20) -> None:
    """Wait until a service has finished what it still does for clients that are gone."""
    ends = time.perf_counter() + seconds
    while time.perf_counter() < ends:
        before = processor_seconds(pid)
        time.sleep(0.2)
        if processor_seconds(pid) - before < 0.03:
            return


def processor_seconds(pid: int) -> float:
    """Return the processor time that a service has used so far, its ended processes included."""
    ticks = 0
    for member in descendants(pid):
        with contextlib.suppress(*GONE):
            fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")
