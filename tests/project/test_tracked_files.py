"""What must not stand in the repository: registry addresses, machine paths, keys, article texts."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REGISTRIES = ("pypi", "pythonhosted", "npmjs", "yarnpkg", "crates", "jsdelivr", "unpkg")
HOSTS = re.compile(r"\b(?:[a-z0-9-]+\.)*(?:" + "|".join(REGISTRIES) + r")\.(?:org|com|io|net)\b")
MACHINE = re.compile(r"(?<![\w.])/(?:home/\w+|Users/\w+|root|work|tmp/\w)(?:/|\b)")
SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\bgh[pousr]_[A-Za-z0-9]{30,}|\bAKIA[0-9A-Z]{16}\b"
)


def tracked() -> list[Path]:
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def faults(pattern: re.Pattern[str]) -> list[str]:
    found = []
    for path in tracked():
        if path == Path(__file__) or path.suffix in {".png", ".ico", ".woff2"}:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if pattern.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    return found


def test_no_file_names_a_package_registry():
    assert faults(HOSTS) == []


def test_no_file_names_a_path_of_one_machine():
    assert faults(MACHINE) == []


def test_no_file_holds_a_key():
    assert faults(SECRET) == []


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        (HOSTS, "--index-url https://pypi" + ".org/simple"),
        (HOSTS, '"resolved": "https://registry.npmjs' + '.org/x/-/x-1.tgz"'),
        (MACHINE, "open('/home" + "/anna/data.ttl')"),
        (SECRET, "-----BEGIN RSA PRIVATE" + " KEY-----"),
    ],
)
def test_the_patterns_find_what_they_are_for(pattern, line):
    assert pattern.search(line)


def test_locks_pin_every_package_with_hashes():
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        entries = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
        assert len(entries) > 20
        for entry in entries:
            assert re.match(r"[A-Za-z0-9_.\[\],-]+==\S+", entry), entry[:80]
            assert "--hash=sha256:" in entry, entry[:80]


def test_both_locks_pin_the_same_versions():
    def pins(name: str) -> dict[str, str]:
        text = (ROOT / name).read_text(encoding="utf-8")
        return dict(re.findall(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", text, re.MULTILINE))

    runtime, dev = pins("requirements.lock"), pins("requirements-dev.lock")
    assert runtime.items() <= dev.items()


def test_there_is_no_lock_that_names_registries():
    assert [p.name for p in tracked() if p.name in {"uv.lock", "poetry.lock", "Pipfile.lock"}] == []
