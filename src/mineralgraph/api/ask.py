"""The API's own questions, run through the runner: rows and triples for pages and lists."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import NamedNode, QueryBoolean, QueryResultsFormat, RdfFormat, Triple, parse
from pyoxigraph import parse_query_results as parse_results

from mineralgraph.api.answers import whole
from mineralgraph.api.http import paging
from mineralgraph.api.presentation.terms import Cell
from mineralgraph.api.presentation.terms import text as cell_text
from mineralgraph.api.service import Service
from mineralgraph.execution.base import Request
from mineralgraph.queries import Catalog
from mineralgraph.rdf import formats

Row = dict[str, Cell]


@dataclass(frozen=True)
class Table:
    """Rows of one question, and the dataset version that they come from."""

    rows: list[Row]
    version: str

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


async def table(service: Service, question: str, **values: str) -> Table:
    """Return the rows of a SELECT question."""
    return _rows(*await _run(service, question, formats.JSON, values))


def _rows(body: bytes, version: str) -> Table:
    solutions = parse_results(body, QueryResultsFormat.JSON)
    assert not isinstance(solutions, QueryBoolean)  # noqa: S101  (the question is a SELECT)
    names = [variable.value for variable in solutions.variables]
    return Table([{n: s[n] for n in names} for s in solutions], version)


async def canned(service: Service, query: str, **values: str) -> Table:
    """Return the rows of a canned query, which anybody can ask under ``/queries``."""
    return _rows(*await _answer(service, service.catalog, query, formats.JSON, values))


async def first_rows(service: Service, query: str, most: int, **values: str) -> Table:
    """Return the first rows of a canned query, in its own order."""
    found = service.catalog.find(query)
    text = paging.window(found.bind(values), found.columns, paging.Window(most))
    seconds = service.settings.query_timeout
    request = Request(text, formats.JSON, timeout=seconds, name=f"page:{query}")
    served = await service.runner.run(request)
    return _rows(await whole(served), served.version)


async def gists(service: Service, claims: Iterable[str]) -> dict[str, Row]:
    """Return the gist and the article of each claim."""
    values = " ".join(str(NamedNode(claim)) for claim in sorted(set(claims)))
    text = (
        f"SELECT ?claim ?gist ?article {{ VALUES ?claim {{ {values} }} "
        "?claim mg:gist ?gist ; prov:wasDerivedFrom ?article }"
    )
    seconds = service.settings.query_timeout
    served = await service.runner.run(
        Request(text, formats.JSON, timeout=seconds, name="page:gists")
    )
    return {cell_text(row["claim"]): row for row in _rows(await whole(served), served.version)}


async def truth(service: Service, question: str, **values: str) -> bool:
    """Return the answer of an ASK question."""
    body, _ = await _run(service, question, formats.JSON, values)
    return bool(parse_results(body, QueryResultsFormat.JSON))


async def triples(service: Service, question: str, **values: str) -> tuple[list[Triple], str]:
    """Return the triples of a CONSTRUCT question and the dataset version."""
    body, version = await _run(service, question, formats.NTRIPLES, values)
    found = dict.fromkeys(q.triple for q in parse(body, format=RdfFormat.N_TRIPLES))
    return list(found), version


async def _run(
    service: Service,
    question: str,
    form: formats.GraphFormat | formats.ResultFormat,
    values: dict[str, str],
) -> tuple[bytes, str]:
    return await _answer(service, service.questions, question, form, values)


async def _answer(
    service: Service,
    catalog: Catalog,
    question: str,
    form: formats.GraphFormat | formats.ResultFormat,
    values: dict[str, str],
) -> tuple[bytes, str]:
    text = catalog.find(question).bind(values)
    request = Request(text, form, timeout=service.settings.query_timeout, name=f"page:{question}")
    served = await service.runner.run(request)
    return await whole(served), served.version
