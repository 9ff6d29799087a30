"""docker-compose.yml is well formed, binds to this host only, and runs as nobody in particular."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]


def compose() -> list[str] | None:
    """Return the command that docker compose has on this machine."""
    for command in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(command[0]):
            found = subprocess.run([*command, "version"], capture_output=True, check=False)
            if found.returncode == 0:
                return command
    return None


def test_docker_compose_accepts_the_file():
    command = compose()
    if command is None:
        pytest.skip("docker compose is not installed")
    subprocess.run([*command, "config", "--quiet"], cwd=ROOT, check=True)


def test_ports_are_bound_to_this_host_and_health_is_checked():
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    assert services
    for service in services.values():
        assert all(str(port).startswith("127.0.0.1:") for port in service.get("ports", []))
    assert "healthcheck" in services["mineralgraph"]


def test_the_image_runs_without_root_rights_from_the_hashed_lock():
    text = (ROOT / "Dockerfile").read_text()
    assert "--require-hashes" in text
    assert text.rstrip().splitlines()[-1].startswith("CMD")
    assert "\nUSER mineralgraph\n" in text
