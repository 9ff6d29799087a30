"""No token is ever logged, wherever a client puts it."""

from __future__ import annotations

import io
import json
import logging

import pytest

from mineralgraph.api.http import logs

from .test_submissions import claim

FIXED = 'a "fixed" secret/of the operator\u2028'
PLACES = {
    "header": lambda t: ("POST", "/submissions", {"Authorization": f"Bearer {t}"}),
    "basic": lambda t: ("POST", "/submissions", {"Authorization": f"Basic {t}"}),
    "no scheme": lambda t: ("POST", "/submissions", {"Authorization": t}),
    "query": lambda t: ("POST", f"/submissions?access_token={t}", {}),
    "path": lambda t: ("POST", f"/submissions/{t}", {}),
    "slug": lambda t: ("GET", f"/claims/{t}", {}),
    "kind": lambda t: ("POST", f"/entities/person/{t}/merge", {}),
    "fragment of a path": lambda t: ("POST", f"/claims/x;token={t}/withdrawal", {}),
    "request id": lambda t: ("GET", "/healthz", {"X-Request-Id": t}),
    "key": lambda t: ("POST", "/submissions", {"Idempotency-Key": t}),
    "if-match": lambda t: ("POST", "/submissions", {"If-Match": t}),
    "content type": lambda t: ("POST", "/submissions", {"Content-Type": t}),
    "accept": lambda t: ("GET", "/claims", {"Accept": t}),
    "cookie": lambda t: ("GET", "/claims", {"Cookie": f"token={t}"}),
    "method": lambda t: (f"P{t[:30]}".upper().replace("_", ""), "/claims", {}),
    "query text": lambda t: ("GET", f"/sparql?query=SELECT * {{ ?s ?p '{t}' ", {}),
}


@pytest.fixture
def log():
    """Everything that is logged, from the finest level on, as a service writes it."""
    stream = io.StringIO()
    root, former = logging.getLogger(), logging.getLogger().level
    with logs.written(stream, logging.DEBUG, [FIXED]):
        root.setLevel(logging.DEBUG)
        yield stream
    root.setLevel(former)


def read(stream: io.StringIO) -> str:
    for handler in logging.getLogger().handlers:
        handler.flush()
    return stream.getvalue()


@pytest.mark.parametrize("place", PLACES)
def test_a_token_is_not_logged_wherever_it_is_put(world, log, place):
    token = world.secrets["admin"]
    method, path, headers = PLACES[place](token)
    answer = world.client.request(method, path, headers=headers, content=claim("new").encode())
    lines = [json.loads(line) for line in read(log).splitlines()]
    assert any(line.get("status") == answer.status_code for line in lines), "nothing was logged"
    assert token not in log.getvalue()
    assert token[3:33] not in log.getvalue()


def test_a_token_in_the_document_is_not_logged_either(world, log):
    token = world.secrets["admin"]
    for text in (claim("new", gist=token), f"claim:{token} a mg:Claim", f"{token} {{", token):
        world.submit(text)
    assert "/submissions" in read(log)
    assert token not in log.getvalue()


def test_the_one_token_of_the_environment_is_not_logged(log):
    logging.getLogger("mineralgraph.some").warning("/claims/%s", FIXED)
    logging.getLogger("elsewhere").warning("no secret")
    said = read(log)
    assert logs.HIDDEN in said
    assert "of the operator" not in said
    assert "no secret" in said


def test_a_short_word_is_no_secret_worth_garbling_the_log_for():
    stream = io.StringIO()
    with logs.written(stream, secrets=["info"]):
        logging.getLogger("mineralgraph.some").warning("info")
    assert json.loads(stream.getvalue())["message"] == "info"
