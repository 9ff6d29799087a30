"""Small datasets and queries for the tests of tracing, and a way to judge what it says.

The judge is the engine itself, asked the plain query on parts of the data: a set of quads is a
witness of a row when the row is still there with these quads alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import product

from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad

from mineralgraph.provenance.explain import Explained
from mineralgraph.provenance.how import All, How
from mineralgraph.rdf.namespaces import GRAPH_BASE, ID_BASE, MG, RDF, XSD
from mineralgraph.store.embedded import EmbeddedStore
from mineralgraph.store.results import Boolean, Rows
from mineralgraph.store.view import derive

TRUE = Literal("true", datatype=XSD.boolean)
FALSE = Literal("false", datatype=XSD.boolean)
NODES = [NamedNode(f"urn:n{i}") for i in range(3)]
PREDICATES = [NamedNode("urn:p"), NamedNode("urn:q")]
CLAIMS = [NamedNode(f"{ID_BASE}claim/c{i}") for i in range(3)]
PLANNED = CLAIMS[2]
REFERENCE = NamedNode(f"{GRAPH_BASE}things")
DESCRIPTIONS = NamedNode(f"{GRAPH_BASE}article--test")
GRAPHS = [*CLAIMS, REFERENCE]

FLAGS = frozenset(
    quad
    for claim in CLAIMS
    for quad in (
        Quad(claim, RDF.type, MG.Claim, DESCRIPTIONS),
        Quad(claim, MG.current, FALSE if claim == PLANNED else TRUE, DESCRIPTIONS),
    )
)
"""Descriptions of the claims; every dataset here has them."""


def store_of(quads: Iterable[Quad]) -> EmbeddedStore:
    """Fill a store without the version that ``load`` adds: each part of the data has its own."""
    store = EmbeddedStore()
    named = [*quads, *FLAGS]
    shown = [Quad(*triple, DefaultGraph()) for triple in derive(named)]
    store.patch([], [*named, *shown])
    return store


def plain(store: EmbeddedStore, query: str) -> Counter[tuple[object, ...]]:
    answer = store.query(query)
    if isinstance(answer, Boolean):
        return Counter([()] if answer.value else [])
    assert isinstance(answer, Rows)
    return Counter(answer)


quads = st.builds(
    Quad,
    st.sampled_from(NODES),
    st.sampled_from(PREDICATES),
    st.sampled_from(NODES),
    st.sampled_from(GRAPHS),
)


def datasets(most: int) -> st.SearchStrategy[frozenset[Quad]]:
    return st.frozensets(quads, min_size=1, max_size=most)


def products(explained: Explained, how: How) -> set[frozenset[Quad]]:
    """Multiply a tree out into sets of quads; a triple of the view is any of its holders'."""
    if isinstance(how, int):
        subject, predicate, target, _ = explained.triples[how]
        found = {
            frozenset([Quad(subject, predicate, target, holder)]) - FLAGS
            for holder in explained.holders[how]
        }
        return {frozenset()} if frozenset() in found else found
    parts = [products(explained, part) for part in how.parts]
    if isinstance(how, All):
        return {frozenset().union(*chosen) for chosen in product(*parts)}
    return set().union(*parts)


def minimal(sets: Iterable[frozenset[Quad]]) -> set[frozenset[Quad]]:
    found = set(sets)
    return {s for s in found if not any(other < s for other in found)}


NODE = st.sampled_from(["?a", "?b", "?c", "<urn:n0>", "<urn:n1>", "[]"])
VERB = st.sampled_from(["<urn:p>", "<urn:q>", "<urn:p>", "?v"])
SIMPLE_PATH = st.sampled_from(
    ["^<urn:p>", "<urn:p>/<urn:q>", "<urn:p>|<urn:q>", "<urn:p>/^<urn:p>", "!<urn:p>",
     "!(<urn:p>|^<urn:q>)", "(<urn:p>|<urn:q>)/<urn:p>"]
)  # fmt: skip
LONG_PATH = st.sampled_from(
    ["<urn:p>?", "<urn:p>*", "<urn:p>+", "(<urn:p>/<urn:q>)+", "(^<urn:p>|<urn:q>)*"]
)
TEST = st.sampled_from(["?a != ?b", "BOUND(?c)", "isIRI(?a) && ?a != <urn:n2>", "?b = ?c"])


def triples(verbs: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    one = st.builds("{} {} {} .".format, NODE, verbs, NODE)
    two = st.builds("{} {} {} ; {} {} .".format, NODE, verbs, NODE, verbs, NODE)
    return one | two


def _positive(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("{} {}".format, inner, inner),
        st.builds("{{ {} }} UNION {{ {} }}".format, inner, inner),
        st.builds("GRAPH {} {{ {} }}".format, st.sampled_from(["?g", f"{CLAIMS[0]}"]), inner),
        st.builds("{} FILTER({})".format, inner, TEST),
        st.builds("{} VALUES {} {{ {} }}".format, inner, st.just("?a"),
                  st.sampled_from(["<urn:n0>", "<urn:n0> UNDEF", "<urn:n1> <urn:n2>"])),
        st.builds("{{ SELECT {} WHERE {{ {} }} }}".format,
                  st.sampled_from(["?a", "?a ?b", "DISTINCT ?b", "*"]), inner),
        st.builds("{} BIND(STR(?a) AS ?made)".format, inner),
        st.builds("{} FILTER EXISTS {{ {} }}".format, inner, inner),
    )  # fmt: skip


def _any(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return _positive(inner) | st.one_of(
        st.builds("{} OPTIONAL {{ {} }}".format, inner, inner),
        st.builds("{} OPTIONAL {{ {} FILTER({}) }}".format, inner, inner, TEST),
        st.builds("{} MINUS {{ {} }}".format, inner, inner),
        st.builds("{} FILTER({} || EXISTS {{ {} }})".format, inner, TEST, inner),
        st.builds("{} FILTER NOT EXISTS {{ {} }}".format, inner, inner),
        st.builds(
            "{} BIND({}EXISTS {{ {} }} AS ?made)".format,
            inner,
            st.sampled_from(["", "!", "NOT "]),
            inner,
        ),
        st.builds("{} BIND(IF(EXISTS {{ {} }}, ?a, ?b) AS ?made)".format, inner, inner),
        st.builds("{} FILTER(IF(EXISTS {{ {} }}, {}, {}))".format, inner, inner, TEST, TEST),
        st.builds(
            "{} OPTIONAL {{ {} FILTER({} || EXISTS {{ {} }}) }}".format, inner, inner, TEST, inner
        ),
        st.builds("{{ SELECT ?a (COUNT(*) AS ?made) WHERE {{ {} }} GROUP BY ?a }}".format, inner),
        st.builds("{{ SELECT (MIN(?b) AS ?made) WHERE {{ {} }} GROUP BY ?a ?c }}".format, inner),
        st.builds("{{ SELECT ?a ?b WHERE {{ {} }} ORDER BY ?b LIMIT 2 }}".format, inner),
    )


def _numbered(pattern: str) -> str:
    """Give each BIND and each aggregate a variable of its own, as SPARQL demands."""
    pieces = pattern.split("?made")
    return "".join(f"{piece}?x{i}" for i, piece in enumerate(pieces[:-1])) + pieces[-1]


HEAD = st.sampled_from(
    ["SELECT * {{ {} }}", "SELECT DISTINCT ?a {{ {} }}", "SELECT ?b ?a {{ {} }}",
     "SELECT DISTINCT ?c ?g {{ {} }}", "ASK {{ {} }}"]
)  # fmt: skip
GROUPED = st.sampled_from(
    ["SELECT ?a (COUNT(*) AS ?n) {{ {} }} GROUP BY ?a",
     "SELECT (COUNT(?b) AS ?n) {{ {} }}",
     "SELECT (COUNT(*) AS ?n) {{ {} }} GROUP BY ?a ?b",
     "SELECT DISTINCT (MAX(?b) AS ?n) {{ {} }} GROUP BY STR(?a)",
     "SELECT ?s (SAMPLE(?c) AS ?n) {{ {} }} GROUP BY (STR(?a) AS ?s) HAVING(COUNT(*) > 1)",
     "SELECT ?a (COUNT(*) AS ?n) {{ {} }} GROUP BY ?a HAVING(EXISTS {{ ?a <urn:q> ?z }})",
     "SELECT (COUNT(*) AS ?n) {{ {} }} GROUP BY ?b HAVING(?n > 1 || EXISTS {{ ?b ?v ?z }})",
     "SELECT ?b (EXISTS {{ ?b <urn:p> ?z }} AS ?n) {{ {} }} GROUP BY ?b",
     "SELECT ?k (COUNT(*) AS ?n) {{ {} }} GROUP BY (EXISTS {{ ?a <urn:p> ?z }} AS ?k)",
     "SELECT ?a (EXISTS {{ ?b <urn:p> ?z . ?z ?v ?a }} AS ?n) {{ {} }}",
     "SELECT ?a ?b {{ {} }} ORDER BY (EXISTS {{ ?a <urn:p> ?b }}) ?b",
     "SELECT ?a ?b {{ {} }} ORDER BY ?b LIMIT 3"]
)  # fmt: skip


def _query(head: str, pattern: str) -> str:
    return head.format(_numbered(pattern))


POSITIVE = st.builds(
    _query, HEAD, st.recursive(triples(VERB | SIMPLE_PATH), _positive, max_leaves=4)
)
ANY = st.builds(
    _query,
    HEAD | GROUPED,
    st.recursive(triples(VERB | SIMPLE_PATH | LONG_PATH), _any, max_leaves=5),
)
