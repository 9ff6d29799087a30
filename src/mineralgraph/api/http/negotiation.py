"""Content negotiation (RFC 9110 section 12.5.1): Accept with q-values, or ``format=``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, Generic, TypeVar

from mineralgraph.errors import NotAcceptable
from mineralgraph.rdf import formats
from mineralgraph.rdf.formats import GraphFormat, ResultFormat

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True)
class Offer(Generic[T_co]):
    """One format that a route can answer in.

    Attributes:
        name: the name for ``format=``.
        media_type: what the answer is called.
        what: what the route needs to write it.
        aliases: further media types; the answer bears the one that was asked for.
        names: further names for ``format=``, file suffixes among them.
    """

    name: str
    media_type: str
    what: T_co
    aliases: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def called(self, name: str) -> bool:
        """Whether ``format=`` or a suffix means this."""
        return name in (self.name, self.media_type, *self.aliases, *self.names)


@dataclass(frozen=True)
class Chosen(Generic[T_co]):
    """The format of an answer: what to write, and what to call it."""

    what: T_co
    media_type: str
    name: str

    @cached_property
    def content_type(self) -> str:
        """The Content-Type header: text and XML say their charset, JSON is always UTF-8."""
        text = self.media_type.startswith("text/") or self.media_type.endswith("xml")
        return f"{self.media_type}; charset=utf-8" if text else self.media_type


# Names that clients send: SPARQLWrapper writes "rdf+xml" and "json-ld", people forget to
# escape the plus.
_GRAPH_NAMES: Final = {
    "turtle": ("n3",),
    "rdfxml": ("rdf+xml", "rdf/xml", "xml"),
    "jsonld": ("json-ld", "json"),
    "ntriples": ("n-triples",),
    "nquads": ("n-quads",),
}


def graph_offers(
    chosen: Sequence[GraphFormat] = formats.GRAPH_FORMATS, *, json: bool = False
) -> tuple[Offer[GraphFormat], ...]:
    """Offer RDF formats, the first one by default.

    Args:
        chosen: the formats, best first.
        json: let ``application/json`` mean JSON-LD; leave it out where plain JSON is offered.
    """
    return tuple(
        Offer(
            f.name,
            f.media_type,
            f,
            (*f.aliases, "application/json") if json and f is formats.JSONLD else f.aliases,
            tuple(
                n
                for n in (*f.suffixes, *_GRAPH_NAMES.get(f.name, ()))
                if json or n not in ("json", "xml")
            ),
        )
        for f in chosen
    )


def result_offers() -> tuple[Offer[ResultFormat], ...]:
    """Offer the four SPARQL result formats, JSON by default."""
    return tuple(
        Offer(f.name, f.media_type, f, f.aliases, f.suffixes) for f in formats.RESULT_FORMATS
    )


def choose(
    offers: Sequence[Offer[T]], accept: str | None, format_name: str | None = None
) -> Chosen[T]:
    """Pick the best format; ``format_name`` (from ``format=`` or a suffix) wins over Accept.

    Raises:
        NotAcceptable: when nothing that is offered is wanted; the hint lists the offers.
    """
    if format_name:
        wanted = format_name.strip().lower().partition(";")[0].strip().replace(" ", "+")
        for offer in offers:
            if offer.called(wanted):
                return Chosen(offer.what, offer.media_type, offer.name)
        raise _refusal(f"there is no format {format_name!r} for this", offers)
    if not accept:
        return Chosen(offers[0].what, offers[0].media_type, offers[0].name)
    ranges = _ranges(accept, {t for o in offers for t in (o.media_type, *o.aliases)})
    best, best_quality = None, 0.0
    for offer in offers:
        for media_type in (offer.media_type, *offer.aliases):
            # A wildcard means the proper name; another name answers only to itself.
            exact = media_type != offer.media_type
            quality = ranges.get(media_type, 0.0) if exact else _quality(media_type, ranges)
            if quality > best_quality:
                best, best_quality = Chosen(offer.what, media_type, offer.name), quality
    if best is None:
        raise _refusal(f"nothing that is offered fits Accept: {accept}", offers)
    return best


def _refusal(detail: str, offers: Sequence[Offer[T]]) -> NotAcceptable:
    types = [offer.media_type for offer in offers]
    names = ", ".join(f"{o.media_type} (format={o.name})" for o in offers)
    return NotAcceptable(detail, hint=f"Ask for one of: {names}.", offered=types)


def _ranges(accept: str, offered: set[str]) -> dict[str, float]:
    """Read an Accept header; a part that is no media range is passed over."""
    ranges: dict[str, float] = {}
    for part in accept.split(","):
        media_range, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if media_range == "*":
            media_range = "*/*"  # what Java's URLConnection sends
        if media_range.count("/") != 1:
            continue
        quality = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                quality = _number(value)
        ranges[media_range] = quality
    if "text/html" in ranges and "text/html" not in offered:
        # A browser. It names XML only as a fallback for pages, and would get XML where the
        # reader wants what everyone else gets by default.
        ranges.pop("application/xml", None)
    return ranges


def _number(text: str) -> float:
    try:
        return min(1.0, max(0.0, float(text)))
    except ValueError:
        return 0.0


def _quality(media_type: str, ranges: dict[str, float]) -> float:
    """Return the quality of a media type: the most specific range that matches decides."""
    kind = media_type.partition("/")[0]
    for candidate in (media_type, f"{kind}/*", "*/*"):
        if candidate in ranges:
            return ranges[candidate]
    return 0.0


@lru_cache(256)
def accepts_gzip(header: str | None) -> bool:
    """Whether an Accept-Encoding header allows gzip."""
    allowed: dict[str, float] = {}
    for part in (header or "").lower().split(","):
        coding, _, parameter = (piece.strip() for piece in part.partition(";"))
        name, _, value = parameter.partition("=")
        allowed[coding] = _number(value) if name.strip() == "q" else 1.0
    return allowed.get("gzip", allowed.get("*", 0.0)) > 0
