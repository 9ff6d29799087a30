"""Documents: the same bytes for the same statements, with the prefixes that they use."""

import io
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from mineralgraph.rdf import formats, writing
from mineralgraph.rdf.formats import GraphFormat
from mineralgraph.rdf.namespaces import ID_BASE, MG, prefixes

DATASETS = [form for form in formats.GRAPH_FORMATS if form.datasets]
names = st.sampled_from([NamedNode(ID_BASE + f"person/p{n}") for n in range(6)] + [MG.actual])
quads = st.builds(Quad, names, names, names | st.builds(Literal, st.text(max_size=8)), names)


class Pieces:
    """A sink that keeps what it got, piece by piece."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, piece: bytes, /) -> int:
        self.pieces.append(piece)
        return len(piece)

    def flush(self) -> None:
        """Do nothing."""


@pytest.mark.parametrize("form", DATASETS, ids=lambda form: form.name)
@given(st.sets(quads, max_size=12))
def test_what_is_written_reads_back(form: GraphFormat, found: set[Quad]) -> None:
    body = writing.write(sorted(found, key=str), form)
    assert set(parse(io.BytesIO(body), format=form.engine)) == found


@given(st.sets(quads, min_size=1, max_size=12))
def test_the_same_statements_give_the_same_bytes(found: set[Quad]) -> None:
    ordered = sorted(found, key=str)
    assert writing.write(ordered, formats.TRIG) == writing.write(ordered, formats.TRIG)


def test_only_prefixes_in_use_are_declared() -> None:
    mary = NamedNode(ID_BASE + "person/mary")
    body = writing.write([Quad(mary, MG.actual, Literal("x"), mary)], formats.TRIG).decode()
    declared = [line.split()[1] for line in body.splitlines() if line.startswith("@prefix")]
    assert declared == ["mg:", "person:"]


def test_prefixes_of_the_caller_are_declared_too() -> None:
    sink = Pieces()
    one = NamedNode("http://example.org/one")
    writing.write_to(sink, [Quad(one, one, one)], formats.TURTLE, {"ex": "http://example.org/"})
    assert b"".join(sink.pieces).startswith(b"@prefix ex: <http://example.org/> .\n\nex:one")


def test_a_long_document_goes_out_while_it_is_made() -> None:
    sink = Pieces()
    asked_at: list[int] = []

    def many() -> Iterator[Quad]:
        for number in range(20_000):
            asked_at.append(len(sink.pieces))
            yield Quad(NamedNode(ID_BASE + f"person/p{number}"), MG.actual, Literal("x" * 60))

    writing.write_to(sink, many(), formats.TRIG)
    assert asked_at[-1] > 0, "nothing was written before the last statement was asked for"
    body = b"".join(sink.pieces)
    declared = [line for line in body.split(b"\n") if line.startswith(b"@prefix")]
    assert declared == sorted(declared)
    assert len(declared) == len(prefixes())
    assert sum(1 for _ in parse(io.BytesIO(body), format=RdfFormat.TRIG)) == 20_000
