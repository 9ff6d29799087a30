"""Reading what the client sent: bounded bodies, UTF-8, and parameters decoded once."""

from __future__ import annotations

from binascii import a2b_qp
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import unquote_to_bytes

from starlette.types import Receive

from mineralgraph.api.http.envelope import ClientGone
from mineralgraph.errors import InputError, TooLarge, UnsupportedMediaType
from mineralgraph.rdf.formats import GraphFormat

_MAX_FIELDS: Final = 200

Fields = list[tuple[str, str]]


async def read(receive: Receive, limit: int, declared: str | None = None) -> bytes:
    """Read a request body.

    Args:
        receive: the ASGI channel.
        limit: the most bytes that are taken.
        declared: the Content-Length header, so that a large body is refused unread.

    Raises:
        TooLarge: when the body is larger than ``limit``.
        ClientGone: when the client left while sending.
    """
    if declared and declared.isdigit() and int(declared) > limit:
        raise too_large(limit)
    pieces, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        piece = message.get("body", b"")
        size += len(piece)
        if size > limit:
            raise too_large(limit)
        pieces.append(piece)
        if not message.get("more_body", False):
            return b"".join(pieces)


def too_large(limit: int) -> TooLarge:
    """Return the refusal of a body that is larger than ``limit`` bytes."""
    return TooLarge(f"the body is larger than {limit} bytes", limit=limit)


def media_type(content_type: str | None) -> str:
    """Return the media type of a Content-Type header; the charset must be UTF-8.

    Raises:
        UnsupportedMediaType: when another charset is named.
    """
    kind, *parameters = (piece.strip().lower() for piece in (content_type or "").split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset" and value.strip('" ') not in ("utf-8", "utf8", "us-ascii"):
            raise UnsupportedMediaType(
                f"the charset {value} is not read here", hint="Send the text as UTF-8."
            )
    return kind


def syntax(content_type: str | None, known: Sequence[GraphFormat]) -> GraphFormat:
    """Return the RDF syntax that a Content-Type header names.

    Raises:
        UnsupportedMediaType: when it is none of those known, or another charset is named.
    """
    kind = media_type(content_type)
    for form in known:
        if kind in (form.media_type, *form.aliases):
            return form
    raise UnsupportedMediaType(
        f"{kind or 'a body without a media type'} is not taken here",
        hint=f"Send one of: {', '.join(form.media_type for form in known)}.",
    )


def text(data: bytes) -> str:
    """Decode a body.

    Raises:
        InputError: when it is not UTF-8.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"the body is not UTF-8 (byte {error.start})", hint="Send the text as UTF-8."
        ) from None


def fields(encoded: bytes) -> Fields:
    """Decode a query string or a form, once; empty values are kept.

    Raises:
        InputError: when it is not UTF-8, or has too many fields.
    """
    pieces = encoded.split(b"&")
    if len(pieces) > _MAX_FIELDS:
        raise InputError(f"there are more than {_MAX_FIELDS} parameters", hint="Send fewer.")
    try:
        if not encoded.isascii():
            encoded.decode()  # bytes of one character may not be half raw and half escaped
        pairs = [piece.partition(b"=") for piece in pieces if piece]
        return [(_decoded(name), _decoded(value)) for name, _, value in pairs]
    except UnicodeDecodeError:
        raise _not_utf8() from None


def _not_utf8() -> InputError:
    return InputError("the parameters are not UTF-8", hint="Percent-encode the UTF-8 bytes.")


def only(encoded: bytes, beginning: bytes) -> str | None:
    """Return the value of the one field of a query string; None when it has others.

    Args:
        encoded: the query string.
        beginning: the field's name, with the equals sign.

    Raises:
        InputError: when it is not UTF-8.
    """
    if b"&" in encoded or not encoded.startswith(beginning):
        return None
    if not encoded.isascii():
        return fields(encoded)[0][1]
    try:
        return _decoded(encoded[len(beginning) :])
    except UnicodeDecodeError:
        raise _not_utf8() from None


def _decoded(encoded: bytes) -> str:
    """Decode one name or value: "+" is a space, an escape is a byte, a broken one is itself."""
    encoded = encoded.replace(b"+", b" ")
    escapes = encoded.count(b"%")
    if not escapes:
        return encoded.decode()
    # Quoted-printable has the same escapes behind another sign, and a decoder written in C.
    decoded = a2b_qp(encoded.replace(b"=", b"=3D").replace(b"%", b"="))
    whole = len(decoded) == len(encoded) - 2 * escapes  # where one is broken, less falls away,
    if not whole or b"\n" in encoded or b"\r" in encoded:  # but for what breaks a line there
        decoded = unquote_to_bytes(encoded)
    return decoded.decode()


def one(given: Iterable[tuple[str, str]], name: str) -> str | None:
    """Return the value of a parameter that may be given once.

    Raises:
        InputError: when it is given several times.
    """
    values = [value for key, value in given if key == name]
    if len(values) > 1:
        raise InputError(
            f"the parameter {name!r} is given {len(values)} times",
            hint="Give it once.",
            parameter=name,
        )
    return values[0] if values else None
