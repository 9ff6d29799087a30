"""The Dockerfile's steps, done without Docker: what it copies is enough, and nobody can run it.

The wheel is built from exactly the files that the image gets, installed beside exactly the
packages of the lock, and served by a user without rights from a tree that cannot be written.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.request import urlopen

import pytest
import yaml
from packaging.markers import Marker

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65534


def steps(stage: str) -> list[tuple[str, str]]:
    """Return the instructions of a stage of the Dockerfile; the last one is named by nothing."""
    text = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    found: dict[str, list[tuple[str, str]]] = {}
    now = ""
    for line in lines:
        word, _, rest = line.partition(" ")
        if word == "FROM":
            now = rest.partition(" AS ")[2]
            found[now] = []
        else:
            found[now].append((word, rest.strip()))
    return found[stage]


def copied(stage: str) -> list[tuple[str, str]]:
    """Return what a stage copies from the context, as (source, target)."""
    pairs = []
    for word, rest in steps(stage):
        if word == "COPY" and not rest.startswith("--from"):
            *sources, target = rest.split()
            pairs += [(s, f"{target}{s.split('/')[-1]}" if target == "./" else target)
                      for s in sources]  # fmt: skip
    return pairs


def setting(word: str) -> str:
    return next(rest for name, rest in reversed(steps("")) if name == word)


@pytest.mark.parametrize("stage", ["web", "build"])
def test_what_is_copied_is_there_and_not_ignored(stage: str) -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    let_in = {line[1:] for line in ignored if line.startswith("!")}
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    for source, _ in copied(stage):
        path = PurePosixPath(source)
        assert {str(part) for part in (path, *path.parents)} & let_in
        assert source not in ignored
        assert any(name == source or name.startswith(f"{source}/") for name in tracked), source
    assert "*" in ignored, "what is not named stays out, such as a store or a token file"


def locked() -> list[metadata.Distribution]:
    """Return the distributions that the lock of the image names for this Python."""
    text = (ROOT / "requirements.lock").read_text()
    lines = re.findall(r"^([A-Za-z0-9._-]+)==\S+(?: ; ([^\\\n]*))?", text, re.MULTILINE)
    return [
        metadata.distribution(name)
        for name, marker in lines
        if not marker or Marker(marker.strip()).evaluate()
    ]


@pytest.fixture(scope="module")
def image() -> Iterator[Path]:
    """A folder like the image's: ``site`` with the packages, ``var`` for the store."""
    folder = Path(tempfile.mkdtemp(prefix="image-"))
    try:
        folder.chmod(0o755)
        context = folder / "src"
        for source, target in copied("build"):
            place = context / target
            place.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, place, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / source, place)
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "-q"]
        install = next(rest for word, rest in reversed(steps("build")) if word == "RUN")
        options = shlex.split(install)[2:-1]
        assert "--no-deps" in options
        options = [o for o in options if o != "--no-cache-dir"]
        site = folder / "site"
        subprocess.run(
            [*pip, "install", *options, "--no-index", "--target", site, context], check=True
        )
        for distribution in locked():
            link(distribution, site)
        shutil.rmtree(context)
        for path in [site, *(p for p in site.rglob("*") if not p.is_symlink())]:
            path.chmod(path.stat().st_mode & ~0o222)
        (folder / "var").mkdir()
        if os.geteuid() == 0:
            os.chown(folder / "var", NOBODY, NOBODY)
        yield folder
    finally:
        for path in [folder / "site", *(folder / "site").rglob("*")]:
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o755)
        shutil.rmtree(folder)


def link(distribution: metadata.Distribution, site: Path) -> None:
    """Let a distribution be found in a folder, and none beside it."""
    for file in distribution.files or ():
        top = file.parts[0]
        if top != ".." and top != "__pycache__" and not (site / top).exists():
            (site / top).symlink_to(Path(str(distribution.locate_file(top))))


def interpreter() -> tuple[str, dict[str, Any]]:
    """Return a Python of this version that nobody can start, and how to start it so.

    One in somebody's home is out of nobody's reach; where there is no other, or no right to
    become nobody, the tests run as they are.
    """
    if os.geteuid() == 0:
        rights: dict[str, Any] = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        for python in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
            with contextlib.suppress(OSError):
                subprocess.run([python, "-c", ""], check=True, cwd="/", **rights)
                return python, rights
    return sys.executable, {}


@contextlib.contextmanager
def running(image: Path) -> Iterator[tuple[str, dict[str, str], subprocess.Popen[str]]]:
    """Run the image's command as the image would; yield its address and environment."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    stated = dict(pair.split("=", 1) for pair in setting("ENV").split())
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": stated["MINERALGRAPH_STORE"].rpartition("/")[0],
        "PYTHONPATH": str(image / "site"),
        "MINERALGRAPH_HOST": "127.0.0.1",
        "MINERALGRAPH_PORT": str(port),
        "MINERALGRAPH_STORE": str(image / "var" / "store"),
    }
    assert set(stated) - {"PATH"} <= set(environment)
    program, *arguments = json.loads(setting("CMD"))
    assert program == "mineralgraph"
    python, rights = interpreter()
    # -S: the packages of this environment stay out; -s: nobody's own as well.
    command = [python, "-S", "-s", "-m", "mineralgraph", *arguments]
    with (image / "log").open("w") as log, subprocess.Popen(
        command, cwd="/", env=environment, stdout=subprocess.PIPE, stderr=log, text=True, **rights
    ) as process:  # fmt: skip
        try:
            yield f"http://127.0.0.1:{port}", environment, process
        finally:
            process.terminate()
            out, _ = process.communicate(timeout=30)
    assert out == ""
    assert process.returncode == -signal.SIGTERM, "it ends in order, by the signal it was sent"


def healthy(environment: dict[str, str]) -> bool:
    """Run the image's health check."""
    _, _, command = setting("HEALTHCHECK").partition(" CMD ")
    program, *arguments = json.loads(command)
    assert program == "python"
    port = environment["MINERALGRAPH_PORT"]
    arguments = [a.replace(":8000/", f":{port}/") for a in arguments]
    done = subprocess.run(
        [sys.executable, *arguments], env=environment, capture_output=True, check=False
    )
    return done.returncode == 0


def test_nobody_can_run_it_from_a_tree_that_cannot_be_written(image: Path) -> None:
    before = sorted(p for p in (image / "site").rglob("*") if not p.is_symlink())
    with running(image) as (url, environment, process):
        ends = time.monotonic() + 120
        while not healthy(environment):
            assert process.poll() is None, (image / "log").read_text()
            assert time.monotonic() < ends
            time.sleep(0.5)
        with urlopen(f"{url}/queries/persons-and-posts?person=kosherbayev") as answer:
            assert json.load(answer)["rows"]
        with urlopen(f"{url}/articles") as answer:
            assert len(json.load(answer)["rows"]) > 4
        uid = re.search(r"^Uid:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text(), re.M)
        assert uid is not None
        assert (uid[1] == "0") is (os.geteuid() == 0 and not interpreter()[1])
    assert not healthy(environment), "the check tells a service that is down"
    assert sorted(p for p in (image / "site").rglob("*") if not p.is_symlink()) == before
    assert (image / "var" / "store").is_dir()


def test_compose_and_image_agree() -> None:
    composed = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    check = json.loads(setting("HEALTHCHECK").partition(" CMD ")[2])
    store = setting("VOLUME")
    assert f"MINERALGRAPH_STORE={store}/" in setting("ENV")
    for service in composed.values():
        if "build" in service:
            assert service["healthcheck"]["test"] == ["CMD", *check]
            assert service["read_only"] is True
            assert service["cap_drop"] == ["ALL"]
            assert service["tmpfs"] == ["/tmp"]
            assert all(str(port).endswith(f":{setting('EXPOSE')}") for port in service["ports"])
    assert composed["mineralgraph"]["volumes"] == [f"store:{store}"]
    assert "profiles" not in composed["mineralgraph"]
    assert all("profiles" in s for name, s in composed.items() if name != "mineralgraph")
    assert setting("USER") == "mineralgraph"
