"""The application: every part of the service put together, for one process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.routing import Route

from mineralgraph.api.answers import package
from mineralgraph.api.endpoint import data, sparql, writes
from mineralgraph.api.endpoint.front import Front
from mineralgraph.api.http import problems
from mineralgraph.api.http.cache import AnswerCache
from mineralgraph.api.http.envelope import Envelope
from mineralgraph.api.http.journal import Journal
from mineralgraph.api.http.metrics import Metrics
from mineralgraph.api.http.repeats import Repeats
from mineralgraph.api.labelling import read_labels, read_vocabulary
from mineralgraph.api.presentation.book import Book
from mineralgraph.api.presentation.pages import Pages
from mineralgraph.api.ready import Ready
from mineralgraph.api.routes import (
    admin,
    articles,
    asking,
    changes,
    cite,
    claims,
    commitments,
    diff,
    docs,
    entities,
    health,
    home,
    identifiers,
    moved,
    network,
    ontology,
    queries,
    shapes,
    submissions,
    timeline,
    validate,
    void,
    workbench,
)
from mineralgraph.api.service import Service, Validator
from mineralgraph.execution.base import Counts, Runner
from mineralgraph.intake.corpus import Corpus
from mineralgraph.queries import Catalog, load_catalog
from mineralgraph.settings import Settings
from mineralgraph.submissions.raw import RawWriter
from mineralgraph.submissions.tokens import TokenBook
from mineralgraph.submissions.writer import Writer

_QUESTIONS = Path(__file__).parent / "questions"
_NOUNS = (
    queries, entities, articles, claims, identifiers, validate, submissions, changes, moved, admin,
    diff, cite, data, writes, void, health, home,
    timeline, commitments, network, workbench, ontology, shapes, asking,
)  # fmt: skip


class Api(FastAPI):
    """FastAPI with our OpenAPI document."""

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI 3.1 document, made once."""
        return self._document

    @cached_property
    def _document(self) -> dict[str, Any]:
        return docs.complete(
            get_openapi(
                title=self.title,
                version=self.version,
                openapi_version="3.1.0",
                description=self.description,
                routes=self.routes,
            )
        )


def create_app(
    settings: Settings,
    runner: Runner,
    *,
    catalog: Catalog | None = None,
    validator: Validator | None = None,
    corpus: Corpus | None = None,
    metrics: Metrics | None = None,
    writer: Writer | None = None,
    raw: RawWriter | None = None,
) -> FastAPI:
    """Make the ASGI application.

    Args:
        settings: the settings of this process.
        runner: runs queries; started and stopped with the application.
        catalog: the canned queries; the project's own when left out.
        validator: the gate for ``/validate``.
        corpus: article texts, for showing quotes; none when left out.
        metrics: where requests are counted; hand one over to add gauges of other parts.
        writer: makes the writes; none when left out, and the service only reads.
        raw: makes raw writes, where the gate is off.
    """
    reading = reading_service(settings, runner, catalog, metrics, corpus)
    service = replace(reading, validator=validator, writer=writer, raw=raw)
    return _assembled(service)


def reading_service(
    settings: Settings,
    runner: Runner,
    catalog: Catalog | None = None,
    metrics: Metrics | None = None,
    corpus: Corpus | None = None,
) -> Service:
    """Return the parts of a service that only reads; see ``create_app``."""
    service = Service(
        settings=settings,
        runner=runner,
        catalog=load_catalog() if catalog is None else catalog,
        questions=load_catalog(_QUESTIONS),
        labels=Book(lambda: read_labels(service)),
        vocabulary=Book(lambda: read_vocabulary(service)),
        metrics=metrics or Metrics(),
        pages=Pages(),
        cache=AnswerCache() if runner.cacheable else AnswerCache(0),
        ready=Ready(runner, settings.ready_seconds),
        corpus=corpus or Corpus(None),
        tokens=TokenBook.of(settings),
    )
    return service


def _assembled(service: Service) -> FastAPI:
    """Put routes, problems and the envelope around the parts of a service."""
    runner = service.runner

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await runner.start()
        service.ready.start()
        try:
            yield
        finally:
            await service.ready.stop()
            await runner.stop()

    app = Api(
        title="Mineralgraph",
        version=package(),
        description="Critical-minerals diplomacy as a graph in which every claim points at the "
        "words that say it.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    endpoint = sparql.SparqlEndpoint(service)
    app.router.routes.append(Route(sparql.PATH, endpoint, methods=sparql.METHODS))
    for noun in _NOUNS:
        noun.register(app, service)
    docs.register(app, service, app.openapi)
    problems.register(app, service.pages)
    service.ready.always(queries.listings(service))
    _count_cache(service)
    _count_queries(service)
    journal = Journal(service.metrics)
    repeats = Repeats(runner.known_version, journal)
    app.state.front = Front(endpoint, runner, journal, repeats)
    _count_repeats(service, repeats)
    app.add_middleware(Envelope, routes=app.routes, runner=runner, journal=journal, repeats=repeats)
    return app


def _count_repeats(service: Service, repeats: Repeats) -> None:
    service.metrics.gauge(
        "mineralgraph_repeats_total",
        "Answers given before the request was parsed.",
        lambda: float(repeats.hits),
        "counter",
    )


def _count_queries(service: Service) -> None:
    counts, gauge = service.runner.counts, service.metrics.gauge
    name = "mineralgraph_queries"
    gauge(f"{name}_taken", "Queries taken in, not answered.", lambda: float(counts.running))
    gauge(f"{name}_waiting", "Those that have not begun.", lambda: float(counts.waiting))
    gauge(f"{name}_halted", "Those halted for heavier ones.", lambda: float(counts.halted))
    gauge(
        f"{name}_refused_total", "Queries that found the queue full.",
        lambda: float(counts.refused), "counter",
    )  # fmt: skip
    for reason in counts.killed:
        gauge(
            f"{name}_killed_total", "Queries that were ended, by what did it.",
            partial(_killed, counts, reason), "counter", reason=reason,
        )  # fmt: skip


def _killed(counts: Counts, reason: str) -> float:
    return float(counts.killed[reason])


def _count_cache(service: Service) -> None:
    cache, ready = service.cache, service.ready
    for name, help_, read in (
        ("cache_hits", "Answers given from the cache.", lambda: float(cache.hits)),
        ("cache_misses", "Answers not found in the cache.", lambda: float(cache.misses)),
        ("ready_made", "Answers made before anybody asked.", lambda: float(ready.made)),
        ("ready_given_up", "Dataset versions not done with.", lambda: float(ready.given_up)),
    ):
        service.metrics.gauge(f"mineralgraph_{name}_total", help_, read, "counter")
    service.metrics.gauge(
        "mineralgraph_ready_answers", "Answers made anew on each version.", lambda: len(ready)
    )
