"""The service over HTTP: protocol, formats, caching and pages; no engine and no rules.

A request enters; one noun per file in ``routes`` answers it through the ``Service`` that
``create_app`` is handed (settings, a query runner, the canned queries, a validator). Leaves: bytes
in the format asked for, or one problem document (RFC 9457). ``endpoint`` is SPARQL over HTTP,
``http`` is what every answer goes through, ``presentation`` puts terms and pages before people;
here is what routes share. Open ``app.py`` first, then ``answers.py``.
"""

from mineralgraph.api.app import create_app

__all__ = ["create_app"]
