"""``/cite``: how to cite an answer, as a sentence, as BibTeX, or as JSON."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final, NoReturn
from urllib.parse import unquote, urlsplit

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from mineralgraph.api import answers, operations, permalinks, points, things
from mineralgraph.api.answers import Handler, Made
from mineralgraph.api.http import body
from mineralgraph.api.http.negotiation import Offer
from mineralgraph.api.service import Service
from mineralgraph.errors import BadParameter, NotFound
from mineralgraph.gate import rules
from mineralgraph.rdf import sparql
from mineralgraph.rdf.identifiers import mint

OFFERS: Final = (
    Offer("text", "text/plain", "text", (), ("txt",)),
    Offer("bibtex", "application/x-bibtex", "bibtex", ("text/x-bibtex",), ("bib",)),
    Offer("json", "application/json", "json"),
)
MAX_URL: Final = 16 * 1024
_LISTS: Final = {
    "": "Start page", "claims": "Claims", "articles": "Articles", "entities": "Things",
    "diff": "Diff", "timeline": "Timeline", "commitments": "Commitments", "network": "Network",
    "ontology": "Terms", "shapes": "Rules",
}  # fmt: skip


def register(app: FastAPI, service: Service) -> None:
    """Add the route."""
    content = {offer.media_type: operations.TEXT for offer in OFFERS}
    content["application/json"] = operations.OBJECT
    app.add_api_route(
        "/cite",
        _handler(service),
        methods=["GET"],
        response_class=Response,
        tags=["Data"],
        summary="How to cite an answer of this service",
        description="The citation names the dataset version and the days that the answer looks "
        "from, and gives its permalink.",
        operation_id="cite",
        responses=operations.responses(content, 304, 404, 406, 410, 422),
        openapi_extra={"parameters": [
            {"name": "url", "in": "query", "required": True,
             "description": "The address of the answer: a path with its parameters, or a URL.",
             "schema": {"type": "string", "maxLength": MAX_URL},
             "example": "/queries/status-history"},
            operations.formats_of(OFFERS),
        ]},
    )  # fmt: skip


def _handler(service: Service) -> Handler:
    async def run(request: Request) -> Response:
        given = operations.known_only(request, ("url", "format"))
        if "url" not in given:
            raise BadParameter(
                "the parameter 'url' is missing", hint="Give the address.", parameter="url"
            )
        operations.at_most(given["url"], "url", MAX_URL)
        chosen = operations.chosen(request, given, OFFERS)
        base = f"{request.url.scheme}://{request.url.netloc}"

        async def make() -> Made:
            version = await service.runner.version()
            citation = await cite(service, given["url"], base, version)
            if chosen.what == "json":
                return Made(json.dumps(citation, ensure_ascii=False).encode(), version)
            return Made(f"{citation[chosen.what].rstrip()}\n".encode(), version)

        return await answers.respond(service, request, chosen.content_type, make, base)

    return run


async def cite(service: Service, url: str, base: str, now: str) -> dict[str, Any]:
    """Return the citation of an answer.

    Raises:
        BadParameter: when the address has no permanent answer.
        NotFound: when nothing of that address can be cited.
        Gone: when its dataset version is not kept.
    """
    path, _, query = url.removeprefix(base).partition("?")
    path, given = unquote(urlsplit(path).path), body.fields(query.encode())
    named = dict(given)
    point = points.read(named)
    version = point.version or now
    await service.runner.require(version)
    title = await _title(service, path, named)
    link = base + permalinks.of(path, given, version)
    notes = [f"dataset version {version}"]
    clock = point.clock
    if clock.as_of is not None:
        basis = "first" if clock.by_first else "last"
        notes.insert(0, f"as known by {clock.as_of} ({basis} possible day of publication)")
    if clock.valid_on is not None:
        notes.insert(0, f"as it held on {clock.valid_on}")
    note = ", ".join(notes)
    key = hashlib.sha256(link.encode()).hexdigest()[:8]
    bibtex = (
        f"@misc{{mineralgraph-{key},\n  author = {{{{Mineralgraph}}}},\n"
        f"  title = {{{_tex(title)}}},\n  howpublished = {{\\url{{{link}}}}},\n"
        f"  note = {{{_tex(note[:1].upper() + note[1:])}}}\n}}\n"
    )
    text = f"Mineralgraph: “{title}”, {note}. {link}"
    return {"text": text, "bibtex": bibtex, "permalink": link, "version": version}


async def _title(service: Service, path: str, given: dict[str, str]) -> str:
    head, _, rest = path.strip("/").partition("/")
    rest = rest.partition(".")[0]
    if head in ("queries", "ask") and rest:
        query = service.catalog.find(rest)
        values = [f"{p.name} {given[p.name]}" for p in query.parameters if p.name in given]
        return query.title + (f" ({', '.join(values)})" if values else "")
    if head == "sparql" and "query" in given:
        _deterministic(given["query"])
        digest = hashlib.sha256(given["query"].encode()).hexdigest()[:12]
        return f"SPARQL query {digest}"
    if head in _LISTS and not rest:
        return _LISTS[head]
    if head == "shapes" and rest in rules.rules():
        return rules.rules()[rest].title
    if head == "ontology":
        term = (await service.vocabulary.at(await service.runner.version())).find(rest)
        return f"{term.name} ({term.label})" if term else _nothing(path)
    kind, _, slug = rest.partition("/") if head == "entities" else (head[:-1], "", rest)
    if head in ("entities", "claims", "articles") and slug:
        labels = await things.labels_now(service)
        try:
            return labels.label(mint(kind, slug).value)
        except ValueError:
            pass
    return _nothing(path)


def _nothing(path: str) -> NoReturn:
    raise NotFound(
        f"nothing at {path} can be cited",
        hint="Give the address of a query, of /sparql with its query, of a thing or of a page.",
    )


def _deterministic(query: str) -> None:
    tokens = sparql.tokenize(query)
    calls = sparql.non_deterministic(tokens)
    if calls:
        raise BadParameter(
            f"an answer that depends on {calls[0].text.upper()} has no permalink",
            hint="Give the value as a constant in place of the call.",
            parameter="url",
        )
    choice = sparql.left_open(tokens)
    if choice:
        raise BadParameter(
            f"{choice.text.upper()} leaves the choice to the engine here, so that the same data "
            "may have another answer: there is no permalink",
            hint="Add an ORDER BY that decides, or use MIN in place of SAMPLE.",
            parameter="url",
        )


def _tex(text: str) -> str:
    for plain, escaped in (("\\", ""), *((c, "\\" + c) for c in "{}&%$#_")):
        text = text.replace(plain, escaped)
    return text
