"""Every setting, declared once: environment variable, type, default and help.

The environment variables have the prefix ``MINERALGRAPH_``; ``docs/reference/settings.md`` is
checked against this file.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from mineralgraph.errors import SettingsError


class Gate(StrEnum):
    """What the gate does with violations."""

    ENFORCE = "enforce"
    WARN = "warn"
    OFF = "off"


class StoreAuth(StrEnum):
    """How a remote engine is told who asks."""

    BASIC = "basic"
    DIGEST = "digest"
    BEARER = "bearer"


class LogLevel(StrEnum):
    """From which weight on events are logged."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Settings(BaseSettings):
    """The settings of one process; read once, then frozen."""

    model_config = SettingsConfigDict(env_prefix="MINERALGRAPH_", frozen=True, extra="ignore")

    host: str = Field("127.0.0.1", description="Address that the service listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port that the service listens on.")
    store: str = Field(
        "memory",
        description="`memory`, a folder for a durable store, or the URL of a SPARQL 1.1 service.",
    )
    store_update: str | None = Field(
        None,
        description="Address for updates of a remote store, where `MINERALGRAPH_STORE` does not "
        "tell it (docs/how-to/use-a-remote-engine.md).",
    )
    store_auth: StoreAuth = Field(
        StoreAuth.BASIC,
        description="`basic` or `digest` with a user and a password; `bearer` with a token in "
        "`MINERALGRAPH_STORE_PASSWORD`.",
    )
    store_user: str = Field("", description="User of a remote store.")
    store_password: SecretStr | None = Field(
        None, description="Password or bearer token of a remote store; without it none is sent."
    )
    store_exclusive: bool = Field(
        False,
        description="Nobody but this service writes to the remote store, so that answers may be "
        "cached.",
    )
    data: Annotated[str, NoDecode] = Field(
        "builtin",
        description="What an empty store is filled with: `builtin`, `none`, or RDF files and "
        "folders separated by the path separator.",
    )
    gate: Gate = Field(
        Gate.ENFORCE,
        description="`enforce` refuses violations, `warn` accepts and reports them, `off` is for "
        "a store that was never gated.",
    )
    token: SecretStr | None = Field(
        None, description="One token with all scopes; without any token, writes are off."
    )
    token_file: Path | None = Field(None, description="File of named, hashed tokens.")
    query_timeout: float = Field(
        30.0, gt=0, description="Seconds until a query is stopped and answered with 504."
    )
    corpus: Path | None = Field(
        None, description="Folder of article texts (*.txt); spans are checked where it is set."
    )
    keep_versions: int = Field(
        100,
        ge=0,
        description="Number of former dataset versions that permalinks can still be answered on.",
    )
    log: LogLevel = Field(
        LogLevel.INFO,
        description="What `serve` logs, as JSON lines on stderr: `info` (each request), `warning` "
        "or `error`.",
    )
    workers: int = Field(2, ge=1, le=64, description="Number of query processes.")
    ready_seconds: float = Field(
        60.0,
        ge=0,
        description="Seconds of idle time, after the start and after each change, in which slow "
        "answers are made again before anybody asks for them; 0 turns that off.",
    )


def load(**overrides: object) -> Settings:
    """Read the settings from the environment; ``overrides`` that are not None win.

    Raises:
        SettingsError: names every setting that is wrong.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        wrong = "; ".join(
            f"MINERALGRAPH_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}"
            for e in error.errors(include_url=False, include_input=False)
        )
        raise SettingsError(wrong) from error
