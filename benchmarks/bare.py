"""What the HTTP server costs by itself: a route that parses nothing, asks nothing, says the same.

    python -m benchmarks.bare PORT

No service in Python on this server answers sooner; what ours takes beyond it is our own.
"""

from __future__ import annotations

import sys
from typing import Any

import uvicorn

_BODY = b'{"head":{"vars":["p","o"]},"results":{"bindings":[]}}'.ljust(600)
_HEADERS = [(b"content-type", b"application/sparql-results+json"), (b"content-length", b"600")]


async def app(scope: dict[str, Any], _receive: Any, send: Any) -> None:
    """Answer every request alike (ASGI 3)."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await send({"type": "http.response.body", "body": _BODY})


if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_level="error", lifespan="off")
