"""Every error that mineralgraph raises on purpose, in one tree.

::

    MineralgraphError
    ├── InputError                 the caller's data or request is wrong
    │   ├── RdfSyntaxError           a document does not parse (line, column)
    │   ├── AuthoringError           parses, but cannot become claims (file, line)
    │   │   └── AmbiguousPassage       a passage to cite occurs more than once
    │   ├── QueryFileError           a file in queries/ breaks its own grammar
    │   ├── QuerySyntaxError         a SPARQL query does not parse
    │   ├── QueryRefused             SERVICE, LOAD or an update where a query is due
    │   ├── BadParameter             a parameter has the wrong type or name
    │   ├── TooLarge                 a body or an answer is over its limit
    │   ├── ValidationTooLong        a document took longer to validate than it may
    │   ├── UnsupportedMediaType     nothing here reads that media type
    │   └── NotAcceptable            nothing here writes that media type
    ├── NotFound                   no such thing, query, article or claim
    ├── Gone                       the dataset version asked for is no longer served
    ├── Unauthorized               a write without a token, or with a wrong one
    ├── Forbidden                  a write that this service does not offer, or not to this token
    ├── NotOffered                 a part of the contract that is not built yet
    ├── Conflict                   a thing is no longer in the state that the write needs
    ├── StaleVersion               the dataset has changed since the version that If-Match names
    ├── KeyReused                  an Idempotency-Key came again with another request
    ├── GateRefused                the gate found violations; carries the report
    ├── SettingsError              a setting is missing or contradicts another
    ├── StoreError                 the engine failed
    │   ├── StoreBusy                another process holds the folder
    │   └── StoreUnreachable         a remote engine does not answer
    ├── Overloaded                 too many queries wait already
    └── DeadlineExceeded           the work was stopped at its deadline

Each class carries the HTTP status, the process exit code, and a stable problem type
(RFC 9457); each instance says in ``hint`` what to do next.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

PROBLEM_BASE = "https://w3id.org/mineralgraph/problems/"


class MineralgraphError(Exception):
    """Base of all errors of this package.

    Attributes:
        detail: what went wrong, in one sentence.
        hint: what the caller can do about it.
        extra: further members for the problem document (line, column, parameter ...).
    """

    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 2
    slug: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Something went wrong inside the service"
    default_hint: ClassVar[str] = "Try again; if it happens again, report it with the request id."

    def __init__(self, detail: str, *, hint: str | None = None, **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.hint = hint or self.default_hint
        self.extra: Mapping[str, Any] = extra

    def problem(self) -> dict[str, Any]:
        """Return the RFC 9457 problem document of this error."""
        return {
            **self.extra,
            "type": PROBLEM_BASE + self.slug,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "hint": self.hint,
        }

    def __str__(self) -> str:
        return self.detail


class InputError(MineralgraphError):
    """The caller's data or request is wrong."""

    status = 400
    slug = "bad-request"
    title = "The request cannot be understood"
    default_hint = "Correct the request and send it again."


class RdfSyntaxError(InputError):
    """A document is not well-formed RDF in the syntax it claims to be in."""

    slug = "rdf-syntax"
    title = "The document does not parse"
    default_hint = "Mend the document at the line and column named."


class AuthoringError(InputError):
    """A document parses but breaks the rules of the authoring form."""

    status = 422
    exit_code = 1
    slug = "authoring"
    title = "The document cannot be turned into claims"
    default_hint = "data/README.md shows the authoring form."


class AmbiguousPassage(AuthoringError):
    """A passage occurs several times in the article, and nobody said which one is meant."""

    slug = "ambiguous-passage"
    title = "The passage occurs more than once"
    default_hint = "Say which one with --occurrence N, or cite a longer passage."


class QueryFileError(InputError):
    """A ``.rq`` file breaks the header grammar of queries/README.md."""

    exit_code = 2
    slug = "query-file"
    title = "A canned query's file is not well formed"
    default_hint = "queries/README.md shows the header grammar."


class QuerySyntaxError(InputError):
    """A SPARQL query does not parse."""

    slug = "query-syntax"
    title = "The SPARQL query does not parse"
    default_hint = "Mend the query at the line and column named."


class QueryRefused(InputError):
    """The query parses but asks for something this service never does."""

    slug = "query-refused"
    title = "The query asks for something that this service refuses"
    default_hint = "Remove the construct named and ask again."


class BadParameter(InputError):
    """A parameter is unknown, missing, or has a value of the wrong type."""

    status = 422
    exit_code = 2
    slug = "bad-parameter"
    title = "A parameter is not right"
    default_hint = "See /queries for the parameters and their types."


class TooLarge(InputError):
    """A request body is over the stated limit."""

    status = 413
    slug = "too-large"
    title = "The request is too large"
    default_hint = "Send it in smaller parts."


class ValidationTooLong(InputError):
    """A document could not be validated in the time that one may take; nothing is known of it."""

    status = 422
    slug = "validation-too-long"
    title = "The document takes too long to validate"
    default_hint = "Send one article with its claims at a time, or use `mineralgraph validate`."


class UnsupportedMediaType(InputError):
    """The request body is in a media type that nothing here reads."""

    status = 415
    slug = "unsupported-media-type"
    title = "The media type of the request is not supported"
    default_hint = "Send one of the media types named."


class NotAcceptable(InputError):
    """No format that the client accepts can carry the answer."""

    status = 406
    slug = "not-acceptable"
    title = "No acceptable format"
    default_hint = "Ask for one of the media types named, or use format=."


class NotFound(MineralgraphError):
    """There is no such thing here."""

    status = 404
    exit_code = 2
    slug = "not-found"
    title = "There is no such thing here"
    default_hint = "Search with /entities?q= or look at /queries."


class Gone(MineralgraphError):
    """The dataset version that the request pins is not the one that is served now."""

    status = 410
    slug = "gone"
    title = "That dataset version is no longer served"
    default_hint = "Start again from the first page, without version=."


class Unauthorized(MineralgraphError):
    """A write came without a token, or with one that is not known."""

    status = 401
    slug = "unauthorized"
    title = "A token is needed"
    default_hint = "Send Authorization: Bearer TOKEN with a token made by `mineralgraph token`."


class Forbidden(MineralgraphError):
    """The service does not offer this, or not to this token."""

    status = 403
    slug = "forbidden"
    title = "This is not allowed here"
    default_hint = "New claims go through the gate: POST them to /submissions."


class NotOffered(MineralgraphError):
    """A named part of the contract is not built yet; saying so beats a wrong answer."""

    status = 501
    slug = "not-offered"
    title = "This is not offered yet"
    default_hint = "Leave it out."


class Conflict(MineralgraphError):
    """The write does not fit the state that the thing is in."""

    status = 409
    slug = "conflict"
    title = "The thing is not in the state that this needs"
    default_hint = "Look at the thing first; somebody may have changed it."


class StaleVersion(MineralgraphError):
    """The dataset version that If-Match names is not the present one; nothing was written."""

    status = 412
    slug = "stale-version"
    title = "The dataset has changed since"
    default_hint = "Read the present Mineralgraph-Dataset-Version, check your data, send it again."


class KeyReused(MineralgraphError):
    """An Idempotency-Key came a second time with a request that differs from the first."""

    status = 422
    slug = "idempotency-key-reused"
    title = "The Idempotency-Key belongs to another request"
    default_hint = "Use a new key for a new request, and the same key only to repeat one."


class GateRefused(MineralgraphError):
    """The gate found violations; nothing was written. ``extra["report"]`` has them."""

    status = 422
    exit_code = 1
    slug = "gate-refused"
    title = "The gate refused the data"
    default_hint = "Mend the findings of the report; each says how."


class SettingsError(MineralgraphError):
    """A setting is missing, malformed, or contradicts another."""

    slug = "settings"
    title = "The settings are not right"
    default_hint = "docs/reference/settings.md lists every setting."


class StoreError(MineralgraphError):
    """The storage engine failed."""

    status = 502
    slug = "store"
    title = "The store failed"
    default_hint = "Try again; if it happens again, run `mineralgraph check`."


class StoreBusy(StoreError):
    """Another process holds the store's folder open for writing."""

    status = 503
    slug = "store-busy"
    title = "The store is in use by another process"
    default_hint = "Stop the other process, or ask the running service with --url."


class StoreUnreachable(StoreError):
    """A remote engine does not answer."""

    status = 503
    slug = "store-unreachable"
    title = "The store does not answer"
    default_hint = "Check that the engine runs and that MINERALGRAPH_STORE names it."


class DeadlineExceeded(MineralgraphError):
    """The work was stopped at its deadline; no part of an answer is given."""

    status = 504
    slug = "deadline-exceeded"
    title = "The query took too long and was stopped"
    default_hint = "Narrow the query, or page through it with LIMIT and OFFSET."


class Overloaded(MineralgraphError):
    """Too many queries run and wait already; ``extra["retry_after"]`` is in seconds."""

    status = 503
    slug = "overloaded"
    title = "The service is busy"
    default_hint = "Wait for the time that Retry-After names, then try again."
