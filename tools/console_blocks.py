"""Documentation that shows real output: run the commands of ``console run`` blocks.

A block begins with the line ```` ```console run ````. Each line that begins with ``$ `` is run by
the shell; what it prints follows it. ``make docs`` renews the output, a test compares it.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
_BLOCK: Final = re.compile(r"^```console run\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)


def pages() -> list[Path]:
    """Return the Markdown files that are looked at."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def renewed(text: str) -> str:
    """Return a page with the output of its commands as it is now."""
    return _BLOCK.sub(lambda match: f"```console run\n{_transcript(match['body'])}```", text)


def _transcript(body: str) -> str:
    commands = [line[2:] for line in body.splitlines() if line.startswith("$ ")]
    return "".join(f"$ {command}\n{output(command)}" for command in commands)


@cache
def output(command: str) -> str:
    """Run a command of ours as a reader would, and return what it prints on stdout.

    Raises:
        subprocess.CalledProcessError: when it fails.
    """
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MINERALGRAPH_")}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', '')}"
    result = subprocess.run(
        command,
        shell=True,
        cwd=ROOT,
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return "".join(line.rstrip() + "\n" for line in result.stdout.splitlines())


def stale() -> Iterator[str]:
    """Yield the pages whose output is not what the commands print now."""
    for page in pages():
        text = page.read_text(encoding="utf-8")
        if renewed(text) != text:
            yield str(page.relative_to(ROOT))


def main() -> int:
    """Renew the output in every page."""
    for page in pages():
        text = page.read_text(encoding="utf-8")
        page.write_text(renewed(text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
