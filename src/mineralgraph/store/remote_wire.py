"""Requests to a remote engine, made by SPARQLWrapper and sent over our connections.

SPARQLWrapper 2.0 knows the protocol's forms but fails silently: no deadline unless asked, and
whole seconds only; a wrong method or format is ignored; nonsense counts as SELECT; Digest
authentication changes urllib for the whole process. ``Wire`` keeps its requests and replaces
those parts.
"""

from __future__ import annotations

import http.client
import random
import time
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from SPARQLWrapper import JSON, POST, TURTLE, SPARQLWrapper

from mineralgraph.errors import (
    DeadlineExceeded,
    QueryRefused,
    SettingsError,
    StoreError,
    StoreUnreachable,
)
from mineralgraph.settings import StoreAuth
from mineralgraph.store.remote_http import Call, Outgoing, Pool, Reply

RESULTS = "application/sparql-results+json"
TRIPLES = "application/n-triples"
_TRIES = 3


@dataclass(frozen=True)
class Credentials:
    """Who asks: a user with a password, or a bearer token in ``password``."""

    scheme: StoreAuth = StoreAuth.BASIC
    user: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return f"Credentials({self.scheme}, {self.user!r})"  # the password stays out of logs


@dataclass(frozen=True)
class Endpoints:
    """The two addresses of a service."""

    query: str
    update: str


def endpoints(url: str, update: str | None = None) -> Endpoints:
    """Return both addresses of a service from the one that is known.

    A path of ``/query`` has ``/update`` beside it (Oxigraph, Fuseki), ``/dataset/sparql`` has
    ``/dataset/update`` (Fuseki), ``/repositories/name`` has ``/statements`` below it (GraphDB,
    RDF4J), a bare host is Oxigraph's; elsewhere one address takes both (Virtuoso, Neptune).
    """
    parts = urlsplit(url)
    folder, _, last = parts.path.rpartition("/")
    base = f"{parts.scheme}://{parts.netloc}"
    if parts.path in {"", "/"}:
        return Endpoints(f"{base}/query", update or f"{base}/update")
    if update:
        return Endpoints(url, update)
    if last == "query" or (last == "sparql" and folder):
        return Endpoints(url, f"{base}{folder}/update")
    if folder.endswith("/repositories"):
        return Endpoints(url, f"{url}/statements")
    return Endpoints(url, url)


class Wire(SPARQLWrapper):
    """One SPARQLWrapper request, whose form is known and whose options are right or refused."""

    def __init__(self, addresses: Endpoints, text: str, form: str) -> None:
        self._form = form
        kind = TURTLE if form == "CONSTRUCT" else JSON
        super().__init__(addresses.query, addresses.update, returnFormat=kind)
        self.setMethod(POST)
        self.setOnlyConneg(True)
        self.setQuery(text)

    def _parseQueryType(self, query: str) -> str:  # noqa: N802, ARG002
        """Return the form that our tokenizer found, instead of a guess."""
        return self._form

    def setMethod(self, method: str) -> None:  # noqa: N802
        """Take GET or POST and refuse the rest."""
        super().setMethod(method)
        if self.method != method:
            raise ValueError(f"SPARQLWrapper does not take the method {method}")

    def outgoing(self, accept: str | None = None) -> Outgoing:
        """Return the request as it goes out."""
        if accept:
            self.addCustomHttpHeader("Accept", accept)
        request: urllib.request.Request = self._createRequest()
        body = request.data
        if not isinstance(body, bytes):
            raise TypeError("SPARQLWrapper made a request without a body")
        return Outgoing(request.full_url, body, dict(request.header_items()))


class Client:
    """Sends queries and updates to one service; safe for threads."""

    def __init__(self, addresses: Endpoints, credentials: Credentials | None = None) -> None:
        self.addresses = addresses
        self.engine = ""  # as the service names itself, once it has answered
        self.merges_sets: bool | None = None  # whether merged graphs are a set, once that is known
        self._credentials = credentials
        self._challenge: dict[str, str] | None = None
        self._digest = _Digest(credentials, addresses) if credentials else None
        self._pool = Pool()

    def query(self, text: str, form: str, call: Call) -> Reply:
        """Send a query and return the body of a 200 answer.

        It is sent again where the engine did not answer or said that it is busy.

        Raises:
            QueryRefused: when the engine does not take the query.
            DeadlineExceeded: when the time is over, here or by the engine's own limit.
            StoreError: when the engine fails.
        """
        accept = RESULTS if form in {"SELECT", "ASK"} else TRIPLES
        wire = Wire(self.addresses, text, form)
        if "virtuoso" in self.engine:
            wire.addParameter("timeout", str(max(1000, int(call.remaining() * 1000))))
        for attempt in range(1, _TRIES + 1):
            last = attempt == _TRIES
            try:
                reply = self._send(wire.outgoing(accept), call, again=True)
            except StoreUnreachable:
                if last:
                    raise
            else:
                if last or reply.status not in {429, 502, 503} or "retry-after" in reply.headers:
                    break
                _raise_if_timed_out(reply.text(), call)
            time.sleep(min(call.remaining(), 0.05 * 2**attempt * random.uniform(0.5, 1)))  # noqa: S311
        if reply.status == 200:
            return self._whole(reply, accept)
        raise refusal(reply, call)

    def update(self, text: str, call: Call) -> None:
        """Send an update, once.

        Raises:
            StoreError: when the engine does not confirm it; it may have happened even so.
            DeadlineExceeded: when the time is over; it may have happened even so.
        """
        wire = Wire(self.addresses, text, "INSERT")
        reply = self._send(wire.outgoing("*/*"), call, again=False)
        if reply.status >= 300:
            error = refusal(reply, call)
            raise StoreError(error.detail) if isinstance(error, QueryRefused) else error
        reply.text(1 << 30)

    def close(self) -> None:
        """Close the idle connections."""
        self._pool.close()

    def _send(self, request: Outgoing, call: Call, *, again: bool) -> Reply:
        reply = self._pool.send(self._signed(request), call, again=again)
        if reply.status == 401 and self._learn(reply):
            reply.text()
            reply = self._pool.send(self._signed(request), call, again=again)
        if not self.engine:
            headers = reply.headers
            fuseki = "fuseki" if "fuseki-request-id" in headers else ""
            self.engine = headers.get("server", fuseki).lower()
        return reply

    def _signed(self, request: Outgoing) -> Outgoing:
        known = self._credentials
        if known is None:
            return request
        if known.scheme is StoreAuth.DIGEST:
            if self._challenge is None or self._digest is None:
                return request
            value = self._digest.answer(request.url, self._challenge)
        elif known.scheme is StoreAuth.BEARER:
            value = f"Bearer {known.password}"
        else:
            value = _basic(known)
        return Outgoing(request.url, request.body, {**request.headers, "Authorization": value})

    def _learn(self, reply: Reply) -> bool:
        """Take the challenge of a 401; False where there is nothing to answer it with."""
        if self._credentials is None or self._credentials.scheme is not StoreAuth.DIGEST:
            return False
        scheme, _, rest = reply.headers.get("www-authenticate", "").partition(" ")
        if scheme.lower() != "digest":
            return False
        found = urllib.request.parse_keqv_list(urllib.request.parse_http_list(rest))
        stale = self._challenge is None or found.get("nonce") != self._challenge.get("nonce")
        self._challenge = found
        return stale

    def _whole(self, reply: Reply, accept: str) -> Reply:
        """Refuse answers that an engine cut or that are none."""
        if reply.headers.get("x-sql-state") == "S1TAT":
            reply.close()
            raise DeadlineExceeded("the engine stopped the query at its limit and sent a part")
        if "x-sparql-maxrows" in reply.headers:
            reply.close()
            raise StoreError(
                f"the engine cut the answer at {reply.headers['x-sparql-maxrows']} rows",
                hint="Raise ResultSetMaxRows in Virtuoso's settings, or page the query.",
            )
        wanted = {accept, "application/json"} if accept == RESULTS else {accept, "text/plain"}
        if reply.media_type not in wanted:
            kind = reply.media_type or "no media type"
            start = reply.text(2000)
            raise StoreError(f"the engine answered with {kind}, not {accept}: {_short(start)}")
        if accept == TRIPLES and not reply.framed:
            reply.close()
            raise StoreError(
                "the engine gives no length for its answer, so that a cut would not show",
                hint="Use HTTP/1.1 between the service and its engine.",
            )
        return reply


class _Digest:
    """RFC 7616 answers by urllib's implementation, without touching urllib's global opener."""

    def __init__(self, known: Credentials, addresses: Endpoints) -> None:
        passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        uris = (addresses.query, addresses.update)
        passwords.add_password(None, uris, known.user, known.password)
        self._handler: Any = urllib.request.HTTPDigestAuthHandler(passwords)

    def answer(self, url: str, challenge: dict[str, str]) -> str:
        """Return the header's value; the handler counts how often a nonce is used."""
        request = urllib.request.Request(url, data=b"", method="POST")  # noqa: S310
        value = self._handler.get_authorization(request, dict(challenge))
        if value is None:
            raise SettingsError("the engine asks for a kind of Digest that is not supported")
        return f"Digest {value}"


def _basic(known: Credentials) -> str:
    wire = Wire(Endpoints("http://x/", "http://x/"), "ASK {}", "ASK")
    wire.setCredentials(known.user, known.password)
    headers = {name.lower(): value for name, value in wire.outgoing().headers.items()}
    return headers.get("authorization", "")


def refusal(reply: Reply, call: Call) -> Exception:
    """Return our error for an answer that is no success."""
    status = reply.status
    try:
        text = reply.text()
    except StoreError:
        text = ""  # the status is what counts
    message = f"the engine answered {status} {http.client.responses.get(status, '')}".strip()
    detail = f"{message}: {_short(text)}" if text.strip() else message
    _raise_if_timed_out(text, call)
    if status in {401, 403}:
        return StoreError(
            detail, hint="Check MINERALGRAPH_STORE_USER, _PASSWORD and _AUTH, and the engine."
        )
    if status in {301, 302, 303, 307, 308}:
        return StoreError(
            f"{message}, to {reply.headers.get('location', 'nowhere')}",
            hint="Set MINERALGRAPH_STORE to the address itself; redirects are not followed.",
        )
    if status in {404, 405, 410}:
        return StoreError(detail, hint="Check MINERALGRAPH_STORE and MINERALGRAPH_STORE_UPDATE.")
    if status in {429, 502, 503}:
        return StoreUnreachable(detail)
    if status == 400 or "Virtuoso 37000 Error" in text:
        return QueryRefused(
            detail,
            hint="The query is SPARQL 1.1, but the engine behind this service does not take it.",
        )
    return StoreError(detail)


def _raise_if_timed_out(text: str, call: Call) -> None:
    lowered = text.lower()
    if any(sign in lowered for sign in ("timed out", "s1t00", "has been cancelled")):
        raise DeadlineExceeded(
            f"the engine stopped the query at its own limit: {_short(text)}", timeout=call.timeout
        )


def _short(text: str) -> str:
    return " ".join(text.split())[:300]
