"""The W3C SPARQL 1.1 test suites, from rdflib's source distribution, at test time.

Nothing of the suites is in this repository: pip downloads the pinned source distribution into
``var/w3c`` once, and its digest is compared before anything is read from it.
"""

from __future__ import annotations

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
def folder() -> Path:
    """Return the folder of the SPARQL 1.1 suites; skip by saying so where it cannot be had."""
    target = FOLDER / INSIDE / "sparql11"
    if not target.is_dir():
        archive = FOLDER / f"rdflib-{VERSION}.tar.gz"
        if not archive.is_file():
            _download()
        if not archive.is_file():
            pytest.skip("the source distribution of rdflib, with the W3C suites, is not to be had")
        digest = hashlib.sha256(archive.read_bytes()).hexdigest()
        assert digest == SHA256, f"{archive} has another digest: {digest}"
        with tarfile.open(archive) as packed:
            wanted = [m for m in packed.getmembers() if m.name.startswith(INSIDE)]
            packed.extractall(FOLDER, members=wanted, filter="data")
    return target


def _download() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--no-binary", "rdflib", f"rdflib=={VERSION}", "--dest", str(FOLDER)]
    subprocess.run(command, check=False, timeout=180)
