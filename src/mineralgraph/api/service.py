"""What every route is handed: the parts of the service, made once, passed on, never global."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from mineralgraph.api.http.cache import AnswerCache
from mineralgraph.api.http.metrics import Metrics
from mineralgraph.api.presentation.book import Book
from mineralgraph.api.presentation.labels import Labels
from mineralgraph.api.presentation.pages import Pages
from mineralgraph.api.presentation.vocabulary import Vocabulary
from mineralgraph.api.ready import Ready
from mineralgraph.execution.base import Runner
from mineralgraph.gate.report import Report
from mineralgraph.intake.corpus import Corpus
from mineralgraph.queries import Catalog
from mineralgraph.settings import Settings
from mineralgraph.submissions.raw import RawWriter
from mineralgraph.submissions.tokens import TokenBook
from mineralgraph.submissions.writer import Writer


class Validator(Protocol):
    """The gate, as the API sees it."""

    async def validate(self, data: bytes, format: str, shapes: tuple[str, ...] = ()) -> Report:
        """Judge a document in the context of the graph, writing nothing.

        Args:
            data: the document.
            format: name of its syntax (``rdf.formats``).
            shapes: which shapes files to use; all when empty.

        Raises:
            RdfSyntaxError: when it does not parse (line, column).
            AuthoringError: when it cannot become claims (line).
        """


@dataclass(frozen=True)
class Service:
    """The parts that routes use.

    Attributes:
        settings: the settings of this process.
        runner: runs queries; the only way to the data.
        catalog: the canned queries, one route each.
        questions: the API's own queries, behind its pages.
        labels: what things are called.
        vocabulary: the terms of the ontology.
        validator: the gate for ``/validate``; None where the service has none.
        ready: makes slow answers again when the dataset has changed.
        corpus: article texts for showing quotes; may be empty.
        tokens: who may write.
        writer: makes the writes; None where the service only reads.
        raw: makes raw writes; None wherever the gate is on.
    """

    settings: Settings
    runner: Runner
    catalog: Catalog
    questions: Catalog
    labels: Book[Labels]
    vocabulary: Book[Vocabulary]
    metrics: Metrics
    pages: Pages
    cache: AnswerCache
    ready: Ready
    corpus: Corpus
    validator: Validator | None = None
    tokens: TokenBook = field(default_factory=TokenBook)
    writer: Writer | None = None
    raw: RawWriter | None = None
