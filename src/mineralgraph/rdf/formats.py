"""Media types, format names and file suffixes: one table for the CLI, the API and the gate."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyoxigraph import QueryResultsFormat, RdfFormat


@dataclass(frozen=True, eq=False)
class GraphFormat:
    """A way to write RDF (RDF 1.1 concrete syntaxes)."""

    name: str
    media_type: str
    suffixes: tuple[str, ...]
    engine: RdfFormat
    datasets: bool
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class ResultFormat:
    """A way to write the solutions of SELECT and ASK (SPARQL 1.1 result formats)."""

    name: str
    media_type: str
    suffixes: tuple[str, ...]
    engine: QueryResultsFormat
    aliases: tuple[str, ...] = ()


TURTLE: Final = GraphFormat(
    "turtle", "text/turtle", ("ttl",), RdfFormat.TURTLE, False, ("application/x-turtle",)
)
NTRIPLES: Final = GraphFormat(
    "ntriples", "application/n-triples", ("nt",), RdfFormat.N_TRIPLES, False
)
RDFXML: Final = GraphFormat(
    "rdfxml", "application/rdf+xml", ("rdf", "owl"), RdfFormat.RDF_XML, False
)
JSONLD: Final = GraphFormat("jsonld", "application/ld+json", ("jsonld",), RdfFormat.JSON_LD, True)
TRIG: Final = GraphFormat(
    "trig", "application/trig", ("trig",), RdfFormat.TRIG, True, ("application/x-trig",)
)
NQUADS: Final = GraphFormat(
    "nquads", "application/n-quads", ("nq",), RdfFormat.N_QUADS, True, ("text/x-nquads",)
)
GRAPH_FORMATS: Final = (TURTLE, NTRIPLES, RDFXML, JSONLD, TRIG, NQUADS)

JSON: Final = ResultFormat(
    "json", "application/sparql-results+json", ("srj", "json"), QueryResultsFormat.JSON,
    ("application/json",),
)  # fmt: skip
XML: Final = ResultFormat(
    "xml", "application/sparql-results+xml", ("srx", "xml"), QueryResultsFormat.XML,
    ("application/xml", "text/xml"),
)  # fmt: skip
CSV: Final = ResultFormat("csv", "text/csv", ("csv",), QueryResultsFormat.CSV)
TSV: Final = ResultFormat("tsv", "text/tab-separated-values", ("tsv",), QueryResultsFormat.TSV)
RESULT_FORMATS: Final = (JSON, XML, CSV, TSV)


def graph_format(name: str) -> GraphFormat | None:
    """Find an RDF format by name, media type or suffix; ``None`` when there is none."""
    wanted = name.strip().lower().partition(";")[0].strip()
    for item in GRAPH_FORMATS:
        if wanted in (item.name, item.media_type, *item.suffixes, *item.aliases):
            return item
    return None


def result_format(name: str) -> ResultFormat | None:
    """Find a result format by name, media type or suffix; ``None`` when there is none."""
    wanted = name.strip().lower().partition(";")[0].strip()
    for item in RESULT_FORMATS:
        if wanted in (item.name, item.media_type, *item.suffixes, *item.aliases):
            return item
    return None


def of_path(path: Path) -> GraphFormat | None:
    """Guess the RDF format of a file from its suffix."""
    return graph_format(path.suffix.removeprefix(".")) if path.suffix else None
