"""An answer as an endpoint leaves it, before the envelope is around it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from starlette.responses import Response, StreamingResponse

Headers = list[tuple[bytes, bytes]]


@dataclass(slots=True)
class Finished:
    """An answer.

    Attributes:
        headers: names in lower case; Content-Length is not among them.
        body: all of it, or a stream that raises where it breaks off.
    """

    status: int
    headers: Headers
    body: bytes | AsyncIterator[bytes]

    @classmethod
    def of(cls, response: Response) -> Finished:
        """Return a framework's complete answer as one of these."""
        headers = [field for field in response.raw_headers if field[0] != b"content-length"]
        return cls(response.status_code, headers, bytes(response.body))

    def as_response(self) -> Response:
        """Return the framework's kind of answer."""
        named = {name.decode("latin-1"): value.decode("latin-1") for name, value in self.headers}
        if isinstance(self.body, bytes):
            return Response(self.body, self.status, headers=named)
        return StreamingResponse(self.body, self.status, headers=named)
