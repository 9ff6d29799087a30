"""The W3C SPARQL 1.1 test suites, from rdflib's source distribution, at test time.

Nothing of the suites is in this repository: pip downloads the pinned source distribution into
``var/w3c`` once, and its digest is compared before anything is read from it.
"""

from __future__ import annotations

import fcntl
import hashlib
import subprocess
import sys
import tarfile
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "var" / "w3c"
VERSION = "7.6.0"
SHA256 = "6c831288d5e4a5a7ece85d0ccde9877d512a3d0f02d7c06455d00d6d0ea379df"
INSIDE = f"rdflib-{VERSION}/test/data/suites/w3c"
BASE = "http://www.w3.org/2009/sparql/docs/tests/data-sparql11/"


@cache
def fetch() -> Path | None:
    """Return the folder of the SPARQL 1.1 suites, None where it cannot be had.

    Test processes that start together wait for the one that downloads.
    """
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        target = FOLDER / INSIDE / "sparql11"
        archive = FOLDER / f"rdflib-{VERSION}.tar.gz"
        if not target.is_dir():
            if not archive.is_file():
                _download()
            if not archive.is_file():
                return None
            _unpack(archive)
        return target


def folder() -> Path:
    """Return the folder of the suites; skip by saying so where it cannot be had."""
    found = fetch()
    if found is None:
        pytest.skip("the source distribution of rdflib, with the W3C suites, is not to be had")
    return found


def _unpack(archive: Path) -> None:
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    if digest != SHA256:
        raise ValueError(f"{archive} has another digest: {digest}")
    with tarfile.open(archive) as packed:
        wanted = [m for m in packed.getmembers() if m.name.startswith(INSIDE)]
        packed.extractall(FOLDER, members=wanted, filter="data")


def _download() -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--no-binary", "rdflib", f"rdflib=={VERSION}", "--dest", str(FOLDER)]
    subprocess.run(command, check=False, timeout=180)
