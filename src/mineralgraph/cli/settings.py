"""``mineralgraph settings``: every setting with its value, default and meaning."""

from __future__ import annotations

from mineralgraph import settings as configuration
from mineralgraph.cli.console import put_table


def settings() -> None:
    """List the settings with their values."""
    now = configuration.load()
    rows = []
    for name, field in configuration.Settings.model_fields.items():
        rows.append(
            (
                f"MINERALGRAPH_{name.upper()}",
                _shown(getattr(now, name)),
                _shown(field.default),
                (field.description or "").replace("`", ""),
            )
        )
    put_table(("variable", "value", "default", "meaning"), rows)


def _shown(value: object) -> str:
    return "" if value is None else str(value)
