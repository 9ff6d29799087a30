"""Tokens: named, with scopes, kept as digests only.

A token is 256 random bits, so one round of SHA-256 keeps it as well as a slow hash would: there
is nothing to guess. The file is read again when it changes, so that a revoked token is refused
at once, without a restart.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import secrets
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from mineralgraph.errors import BadParameter, NotFound, SettingsError
from mineralgraph.settings import Settings

PREFIX = "mg_"
SINGLE = "token"
"""Name of the token that ``MINERALGRAPH_TOKEN`` gives."""
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class Scope(StrEnum):
    """What a token may do; ``admin`` may do everything."""

    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    ADMIN = "admin"


@dataclass(frozen=True)
class Token:
    """A token that is known: its name, its scopes and its digest, never itself."""

    name: str
    scopes: frozenset[Scope]
    digest: str

    def may(self, scope: Scope) -> bool:
        """Tell whether the token has a scope, by itself or as ``admin``."""
        return scope in self.scopes or Scope.ADMIN in self.scopes


def digest_of(secret: str) -> str:
    """Return the digest under which a secret is kept."""
    return "sha256:" + hashlib.sha256(secret.encode()).hexdigest()


class TokenBook:
    """The tokens that a service accepts."""

    def __init__(self, tokens: Iterable[Token] = (), file: Path | None = None) -> None:
        """Take fixed tokens, and a file that is read whenever it has changed."""
        self._fixed = tuple(tokens)
        self._file = file
        self._stamp: tuple[int, int, int] | None = None
        self._read: tuple[Token, ...] = ()

    @classmethod
    def of(cls, settings: Settings) -> TokenBook:
        """Return the tokens that the settings name."""
        fixed = []
        if settings.token is not None and settings.token.get_secret_value():
            digest = digest_of(settings.token.get_secret_value())
            fixed.append(Token(SINGLE, frozenset(Scope), digest))
        return cls(fixed, settings.token_file)

    def __bool__(self) -> bool:
        return bool(self._known())

    def find(self, secret: str) -> Token | None:
        """Return the token of a secret, None when it is not known.

        Every token is compared, in constant time, so that the time taken tells nothing.
        """
        digest, found = digest_of(secret), None
        for token in self._known():
            if hmac.compare_digest(token.digest, digest):
                found = token
        return found

    def _known(self) -> tuple[Token, ...]:
        if self._file is None:
            return self._fixed
        try:
            stat = self._file.stat()
        except FileNotFoundError:
            return self._fixed
        stamp = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        if stamp != self._stamp:
            self._read, self._stamp = tuple(read(self._file)), stamp
        return self._fixed + self._read


def read(file: Path) -> list[Token]:
    """Return the tokens of a file; a file that is not there has none.

    Raises:
        SettingsError: when it is not a file of tokens.
    """
    if not file.exists():
        return []
    try:
        entries = json.loads(file.read_bytes())["tokens"]
        return [_token(entry) for entry in entries]
    except (ValueError, KeyError, TypeError) as error:
        raise SettingsError(
            f"{file} is not a file of tokens", hint="Make it with `mineralgraph token make NAME`."
        ) from error


def _token(entry: dict[str, Any]) -> Token:
    return Token(entry["name"], frozenset(map(Scope, entry["scopes"])), entry["digest"])


def make(file: Path, name: str, scopes: Sequence[Scope]) -> str:
    """Make a token, keep its digest in the file, and return it; it is never shown again.

    Raises:
        BadParameter: when the name is not fit, is taken, or no scope is given.
    """
    if not _NAME.fullmatch(name) or name == SINGLE:
        raise BadParameter(
            f"{name!r} is no name for a token",
            hint="Use lower-case letters, digits and hyphens, 40 at most; `token` is taken.",
            parameter="name",
        )
    if not scopes:
        raise BadParameter("a token needs a scope", hint=f"One of: {', '.join(Scope)}.")
    tokens = read(file)
    if any(token.name == name for token in tokens):
        raise BadParameter(
            f"there is a token {name!r} already",
            hint="Choose another name, or revoke that one first.",
            parameter="name",
        )
    secret = PREFIX + secrets.token_urlsafe(32)
    _write(file, [*tokens, Token(name, frozenset(scopes), digest_of(secret))])
    return secret


def revoke(file: Path, name: str) -> None:
    """Take a token out of the file.

    Raises:
        NotFound: when there is none of that name.
    """
    tokens = read(file)
    kept = [token for token in tokens if token.name != name]
    if len(kept) == len(tokens):
        raise NotFound(f"there is no token {name!r}", hint="`mineralgraph token list` names them.")
    _write(file, kept)


def _write(file: Path, tokens: Iterable[Token]) -> None:
    """Write the file whole or not at all, readable by its owner only."""
    entries = [{"name": t.name, "scopes": sorted(t.scopes), "digest": t.digest} for t in tokens]
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=file.parent, prefix=file.name)  # made with mode 0600
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump({"tokens": entries}, stream, indent=2)
        stream.write("\n")
        stream.flush()
        os.fsync(stream.fileno())
    Path(draft).replace(file)
