"""What an engine is known to do otherwise: (engine, test's name) to the reason."""

from __future__ import annotations

DEVIATIONS: dict[tuple[str, str], str] = {}
