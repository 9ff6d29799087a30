"""Services for the suites: ours with the gate off on a scratch store, and the engine's own.

Each is a real process on loopback, stopped by its process id.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.w3c.endpoints import Endpoint

TOKEN = "conformance"


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@contextmanager
def process(command: list[str], ready: str, **environment: str) -> Iterator[None]:
    """Run a server until the block ends; wait until ``ready`` answers."""
    with subprocess.Popen(
        command, env=os.environ | environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            _wait(ready, server)
            yield
        finally:
            server.terminate()
            server.wait(20)


def _wait(address: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if server.poll() is not None:
            pytest.fail(f"the server ended with {server.returncode}")
        try:
            if httpx.get(address, timeout=2).status_code < 500:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail(f"{address} does not answer")


@pytest.fixture(scope="session")
def ours() -> Iterator[Endpoint]:
    """Mineralgraph with the gate off, on a store that was never gated."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    settings = {"STORE": "memory", "DATA": "none", "GATE": "off", "TOKEN": TOKEN}
    environment = {f"MINERALGRAPH_{name}": value for name, value in settings.items()}
    command = [sys.executable, "-m", "mineralgraph", "serve", "--port", str(port)]
    with process(command, f"{address}/readyz", **environment):
        headers = {"Authorization": f"Bearer {TOKEN}"}
        endpoint = Endpoint(f"{address}/sparql", f"{address}/update", f"{address}/data", headers)
        yield endpoint
        endpoint.close()


@pytest.fixture(scope="session")
def peer() -> Iterator[Endpoint]:
    """The engine's own server, in memory."""
    binary = Path(sys.executable).parent / "oxigraph"
    if not binary.exists():
        pytest.skip("the oxigraph server is not installed")
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with process([str(binary), "serve", "--bind", f"127.0.0.1:{port}"], f"{address}/query"):
        endpoint = Endpoint(f"{address}/query", f"{address}/update", f"{address}/store")
        yield endpoint
        endpoint.close()
