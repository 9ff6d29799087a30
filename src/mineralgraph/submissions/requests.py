"""What comes with a write besides its content: who sends it, and on what condition."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from pyoxigraph import Literal, NamedNode

from mineralgraph.errors import KeyReused, StaleVersion
from mineralgraph.rdf.identifiers import digest
from mineralgraph.rdf.namespaces import AUDIT_GRAPH, MG
from mineralgraph.store.base import Store
from mineralgraph.submissions.tokens import Token


@dataclass(frozen=True)
class Asking:
    """One request to write.

    Attributes:
        token: whose request it is.
        versions: dataset versions that If-Match accepts; None where it was not sent.
        key: the Idempotency-Key.
        digest: over everything that makes the request this one and no other.
        dry: only say what would happen.
    """

    token: Token
    versions: frozenset[str] | None = None
    key: str | None = None
    digest: str = ""
    dry: bool = False

    @property
    def key_digest(self) -> str:
        """Digest of the key; each token has keys of its own."""
        return digest(f"{self.token.name}\0{self.key}".encode())

    def statements(self) -> tuple[tuple[NamedNode, Literal], ...]:
        """Return what the record of the write keeps of the request."""
        if self.key is None:
            return ()
        return (
            (MG.requestKey, Literal(self.key_digest)),
            (MG.requestDigest, Literal(self.digest)),
        )

    def require_version(self, version: str) -> None:
        """Refuse to write on another version than the sender has seen.

        Raises:
            StaleVersion: when If-Match names other versions only.
        """
        if self.versions is not None and not self.versions & {version, "*"}:
            raise StaleVersion(f"the dataset version is {version} now", version=version)


@dataclass(frozen=True)
class Outcome:
    """The answer to a request to write.

    Attributes:
        status: HTTP status.
        body: JSON data.
        location: path of what was written; None for a dry run.
        replayed: whether it is the answer to an earlier request with the same key.
    """

    status: int
    body: dict[str, Any] = field(default_factory=dict)
    location: str | None = None
    replayed: bool = False

    def as_text(self) -> str:
        """Return the outcome as it is kept for a repeated request."""
        kept = {"status": self.status, "body": self.body, "location": self.location}
        return json.dumps(kept, ensure_ascii=False, sort_keys=True)


def replay(store: Store, asking: Asking) -> Outcome | None:
    """Return the answer that the same request got before, None where there was none.

    Raises:
        KeyReused: when the key came with another request.
    """
    if asking.key is None:
        return None
    wanted = Literal(asking.key_digest)
    for quad in store.quads(None, MG.requestKey, wanted, AUDIT_GRAPH):
        said = {q.predicate: q.object for q in store.quads(quad.subject, None, None, AUDIT_GRAPH)}  # type: ignore[arg-type]
        if said.get(MG.requestDigest) != Literal(asking.digest):
            raise KeyReused("this Idempotency-Key came before, with another request")
        answer = said.get(MG.answer)
        if isinstance(answer, Literal):
            return Outcome(**json.loads(answer.value), replayed=True)
    return None
