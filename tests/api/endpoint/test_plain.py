"""What is recognised as a plain request is what the server's parser makes of it, and no more."""

from __future__ import annotations

from typing import Any

import httptools
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mineralgraph.api.endpoint.plain import recognise

GET = b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: here\r\nAccept: */*\r\n\r\n"
POST = b"POST /sparql HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\n\r\nASK{}"


class Parsed:
    """Gathers what the parser of the server finds."""

    def __init__(self, data: bytes) -> None:
        self.url, self.body, self.headers, self.messages = b"", b"", {}, 0  # type: ignore[var-annotated]
        self.parser: Any = httptools.HttpRequestParser(self)
        self.parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.messages += 1


def agrees(data: bytes) -> bool:
    """Check a recognised request against the parser; False where it was not recognised."""
    plain = recognise(data)
    if plain is None:
        return False
    parsed = Parsed(data)
    url = httptools.parse_url(parsed.url)
    assert parsed.messages == 1
    assert parsed.parser.should_keep_alive()
    assert not parsed.parser.should_upgrade()
    assert parsed.parser.get_http_version() == "1.1"
    assert parsed.parser.get_method().decode() == plain.method
    assert (url.path, url.query or b"") == (b"/sparql", plain.query_string)
    assert parsed.headers == plain.headers
    assert parsed.body == plain.body
    return True


def test_plain_requests_are_recognised() -> None:
    assert agrees(GET)
    assert agrees(POST)
    assert agrees(GET.replace(b"Accept", b"Connection: keep-alive\r\nACCEPT"))
    assert agrees(b"GET /sparql HTTP/1.1\r\n\r\n")


@pytest.mark.parametrize(
    "data",
    [
        GET[:20],
        GET[:-2],
        GET + GET,
        GET.replace(b"HTTP/1.1", b"HTTP/1.0"),
        GET.replace(b"GET", b"HEAD"),
        GET.replace(b"/sparql?", b"/sparql.csv?"),
        GET.replace(b"/sparql?", b"/queries?"),
        GET.replace(b"/sparql?", b"http://here/sparql?"),
        GET.replace(b"ASK", b"A#K"),
        GET.replace(b"ASK", "Ä".encode()),
        GET.replace(b"Host: ", b"Host : "),
        GET.replace(b"Host: here", b"Host:\there"),
        GET.replace(b"Accept", b" folded: on\r\nAccept"),
        GET.replace(b"\r\n", b"\n"),
        GET.replace(b"Accept", b"Connection: close\r\nAccept"),
        GET.replace(b"Accept", b"Connection: Upgrade\r\nUpgrade: websocket\r\nAccept"),
        GET.replace(b"Accept", b"Expect: 100-continue\r\nAccept"),
        GET.replace(b"Accept", b"X-Forwarded-Proto: https\r\nAccept"),
        GET.replace(b"Accept", b"Content-Length: 0\r\nAccept"),
        GET.replace(b"Accept", b"Transfer-Encoding: chunked\r\nAccept"),
        POST[:-1],
        POST + b"x",
        POST.replace(b"Content-Length: 5", b"Content-Length: +5"),
        POST.replace(b"Content-Length: 5", b"Content-Length: 5\r\nContent-Length: 5"),
        POST.replace(b"Content-Length: 5\r\n", b""),
        POST.replace(b"Content-Length: 5", b"Transfer-Encoding: chunked"),
    ],
)
def test_what_is_odd_is_left_to_the_parser(data: bytes) -> None:
    assert recognise(data) is None


PIECES = st.sampled_from(
    [
        b"GET", b"POST", b" ", b"/sparql", b"?query=", b"ASK%7B%7D", b"%zz", b"&", b"+", b"#",
        b"\t", b" HTTP/1.1", b" HTTP/1.0", b"\r\n", b"\n", b"Host: here", b"Accept: */*",
        b": ", b":",
        b"Content-Length: 5", b"Content-Length: 0", b"Connection: close", b"\x00", b"\xc3\xa4",
        b"ASK{}", b"Transfer-Encoding: chunked", b"0\r\n\r\n", b"X: y ", b"X:  y", b"(: x",
        b"X_y: z",
    ]
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(PIECES, max_size=6), st.sampled_from([GET, POST]), st.integers(0, 90), st.data())
def test_whatever_is_recognised_the_parser_reads_alike(
    added: list[bytes], base: bytes, at: int, data: st.DataObject
) -> None:
    end = data.draw(st.integers(min(at, len(base)), min(at + 30, len(base))))
    agrees(base[:at] + b"".join(added) + base[end:])


@settings(deadline=None)
@given(st.lists(PIECES, max_size=25))
def test_whatever_is_put_together_is_read_alike(pieces: list[bytes]) -> None:
    agrees(b"".join(pieces))
