"""Parameters are decoded as the standard library would, and permalinks spelled as it would."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl, quote, urlencode

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mineralgraph.api import permalinks
from mineralgraph.api.http import body
from mineralgraph.errors import InputError

PIECES = st.lists(
    st.sampled_from(
        [b"query=", b"a", b"=", b"&", b"+", b"%20", b"%zz", b"%", b"%3D", b"%C3%A4", b"%ff", b"%2",
         b"\xc3\xa4", b"\xff", b";", b"#", b"_", b"\r\n", b"=\n", b"%0A", b"==", b"=41", b" "]
    ),
    max_size=12,
)  # fmt: skip


@settings(deadline=None)
@given(PIECES)
@example([b"a", b"=", b"=41", b"%41"])
def test_fields_are_those_of_the_standard_library(pieces: list[bytes]) -> None:
    encoded = b"".join(pieces)
    try:
        expected = parse_qsl(encoded.decode(), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        with pytest.raises(InputError):
            body.fields(encoded)
        return
    assert body.fields(encoded) == expected


@settings(deadline=None)
@given(PIECES)
def test_the_only_field_is_that_of_all_fields(pieces: list[bytes]) -> None:
    encoded = b"query=" + b"".join(pieces)
    try:
        expected = body.fields(encoded)
    except InputError:
        with pytest.raises(InputError):
            body.fields(encoded) if b"&" in encoded else body.only(encoded, b"query=")
        return
    only = body.only(encoded, b"query=")
    assert (only is None) == (b"&" in encoded)
    assert only is None or expected == [("query", only)]


def test_too_many_fields_are_refused() -> None:
    assert len(body.fields(b"&".join([b"a=b"] * 200))) == 200
    with pytest.raises(InputError, match="200"):
        body.fields(b"&".join([b"a=b"] * 201))


@settings(deadline=None)
@given(st.text(max_size=30), st.sampled_from([str, str.lower, str.upper]), st.booleans())
def test_a_permalink_is_spelled_one_way(
    text: str, change: Callable[[str], str], plus: bool
) -> None:
    safe = urlencode({"query": text}).removeprefix("query=")
    raw = safe if plus else safe.replace("+", "%20")
    asked = f"query={change(raw)}".encode()
    spelled = permalinks.spelled(asked)
    if spelled is not None:
        fields = body.fields(asked)
        expected = permalinks.header("/sparql", fields, "v 1")
        assert permalinks.spelled_header("/sparql", spelled, "v 1") == expected


def test_what_clients_usually_send_is_spelled_at_once() -> None:
    query = "SELECT ?p { <urn:a> ?p 'ä+b' } # 1"
    assert permalinks.spelled(f"query={quote(query, safe='')}".encode()) == urlencode(
        {"query": query}
    )
    assert permalinks.spelled(b"query=%41") is None
    assert permalinks.spelled(b"query=a&query=b") is None
