"""``mineralgraph export``: the dataset in a standard syntax."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from pyoxigraph import DefaultGraph

from mineralgraph import opening
from mineralgraph import settings as configuration
from mineralgraph.cli import options
from mineralgraph.cli.console import put_bytes, say
from mineralgraph.errors import NotAcceptable
from mineralgraph.rdf import formats
from mineralgraph.rdf.namespaces import MG
from mineralgraph.rdf.writing import write
from mineralgraph.store import nanopubs as nanopublications
from mineralgraph.store.base import Store


def export(
    format: Annotated[
        str, typer.Option(help="trig, nquads, jsonld; or turtle, ntriples, rdfxml")
    ] = "trig",
    out: Annotated[
        Path | None, typer.Option(help="write to this file", show_default="stdout")
    ] = None,
    nanopubs: Annotated[
        bool, typer.Option("--nanopubs", help="one nanopublication for each claim")
    ] = False,
    store: options.Store = None,
    data: options.Data = None,
) -> None:
    """Write the dataset in a standard syntax, or its claims as nanopublications.

    Dataset syntaxes carry every named graph. Triples-only syntaxes carry the current view, so
    that nothing planned, denied or withdrawn is flattened into a fact.
    """
    form = formats.graph_format(format)
    if form is None:
        names = ", ".join(f.name for f in formats.GRAPH_FORMATS)
        raise NotAcceptable(f"{format!r} is no RDF syntax", hint=f"Use one of: {names}.")
    if nanopubs and not form.datasets:
        raise NotAcceptable(
            f"{format!r} has no named graphs", hint="Use trig, nquads or jsonld for --nanopubs."
        )
    settings = configuration.load(store=store, data=data)
    with opening.open_to_read(settings) as opened:
        body = publish(opened, form) if nanopubs else dump(opened, form)
    if out is None:
        put_bytes(body)
    else:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(body)
        say(f"wrote {out}: {len(body):,} bytes")


def publish(store: Store, form: formats.GraphFormat) -> bytes:
    """Serialise the nanopublications of all claims, and the retractions of withdrawn ones."""
    claims = nanopublications.claims_of(store.quads)
    withdrawn = {q.object for q in store.quads(None, MG.withdraws)}
    found = [q for claim in claims for q in nanopublications.of_claim(claim, store.quads)]
    found += [
        quad
        for claim in claims
        if claim in withdrawn
        for quad in nanopublications.of_withdrawal(claim, store.quads)
    ]
    return write(sorted(found, key=lambda q: (str(q.graph_name), str(q))), form)


def dump(store: Store, form: formats.GraphFormat) -> bytes:
    """Serialise a store, sorted."""
    if form.datasets:
        return write(store.dataset(), form)
    return write(sorted((q.triple for q in store.quads(graph=DefaultGraph())), key=str), form)
