"""The tokenizer: token kinds, positions, and everything that fools a regular expression."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pyoxigraph
import pytest

from mineralgraph.rdf import sparql
from mineralgraph.rdf.sparql import tokenize


def kinds(text: str) -> list[tuple[str, str]]:
    return [(t.type, t.text) for t in tokenize(text)]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("?name", sparql.VARIABLE),
        ("$имя", sparql.VARIABLE),
        ("<https://example.org/a#b?c=d&e>", sparql.IRI),
        ("<>", sparql.IRI),
        ("person:kosherbayev", sparql.PNAME),
        (":", sparql.PNAME),
        ("mg:", sparql.PNAME),
        ("a.b:c.d", sparql.PNAME),
        ("ex:a%20b", sparql.PNAME),
        (r"ex:a\,b\#c", sparql.PNAME),
        ("ex:a:b:c", sparql.PNAME),
        ("ex:1st", sparql.PNAME),
        ("қаз:астана", sparql.PNAME),
        ("_:b0.x", sparql.BLANK),
        ("@zh-Hant-TW", sparql.LANGTAG),
        ("SELECT", sparql.WORD),
        ("a", sparql.WORD),
        ('"x"', sparql.STRING),
        (r'"a\"b"', sparql.STRING),
        (r"'it\'s'", sparql.STRING),
        ('"""a "quoted" ""pair"" line\nnext"""', sparql.STRING),
        ("'''it's'''", sparql.STRING),
        ("12", sparql.NUMBER),
        (".5", sparql.NUMBER),
        ("1.5e-3", sparql.NUMBER),
        ("2.e9", sparql.NUMBER),
        ("^^", sparql.OPERATOR),
        ("<=", sparql.OPERATOR),
        ("§", sparql.ERROR),
    ],
)
def test_a_single_token_is_recognised_whole(text: str, kind: str) -> None:
    assert kinds(text) == [(kind, text)]


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ("?a<?b", ["?a", "<", "?b"]),
        ("?a < ?b && ?c > ?d", ["?a", "<", "?b", "&&", "?c", ">", "?d"]),
        ("?a<?b&&?c>?d", ["?a", "<?b&&?c>", "?d"]),  # longest match, as the grammar says
        ("ex:a.", ["ex:a", "."]),
        ("ex:a..", ["ex:a", ".", "."]),
        ("1.", ["1", "."]),
        ("?s?p?o", ["?s", "?p", "?o"]),
        ('"a"@en^^', ['"a"', "@en", "^^"]),
        ("ex:p*/^ex:q|!ex:r", ["ex:p", "*", "/", "^", "ex:q", "|", "!", "ex:r"]),
        ("# nothing here\n?x # nor here", ["?x"]),
        ("<urn:a#b> ?x", ["<urn:a#b>", "?x"]),
        ('"# no comment" ?x', ['"# no comment"', "?x"]),
        ('"unclosed ?x', ['"', "unclosed", "?x"]),
        ("<<( ?s ?p ?o )>>", ["<<(", "?s", "?p", "?o", ")>>"]),
    ],
)
def test_tokens_are_split_where_the_grammar_splits_them(text: str, texts: list[str]) -> None:
    assert [t.text for t in tokenize(text)] == texts


def test_comments_are_given_when_asked_for() -> None:
    found = tokenize("# one\nASK {} # two", comments=True)
    assert [t.text for t in found if t.type == sparql.COMMENT] == ["# one", "# two"]


def test_positions_count_code_points_lines_and_columns_from_one() -> None:
    text = 'SELECT *\nWHERE {\n  ?s ?p """𝔸\nb""" .\n}'
    dot = next(t for t in tokenize(text) if t.text == ".")
    assert (dot.line, dot.column, dot.start) == (4, 6, text.index(" .") + 1)
    assert tokenize(text)[0][2:] == (0, 1, 1)
    assert all(text[t.start : t.end] == t.text for t in tokenize(text))


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("SELECT * {}", "SELECT"),
        ("BASE <urn:x> PREFIX select: <urn:y>\n# ask\nconstruct {} where {}", "CONSTRUCT"),
        ('VERSION "1.2" ASK {}', "ASK"),
        ("PREFIX a: <urn:a> DESCRIBE a:b", "DESCRIBE"),
        ("INSERT DATA { <urn:a> <urn:b> 'SELECT' }", None),
        ("", None),
        ("PREFIX a:", None),
    ],
)
def test_the_form_is_the_first_word_after_the_prologue(text: str, form: str | None) -> None:
    assert sparql.query_form(tokenize(text)) == form


def test_prefix_declarations() -> None:
    found = sparql.prefix_declarations(tokenize("prefix : <urn:1> PREFIX ex: <urn:2> ASK {}"))
    assert [(d.name, d.iri) for d in found] == [("", "urn:1"), ("ex", "urn:2")]


def test_dataset_clauses_are_found_with_their_spans_and_only_outside_groups() -> None:
    text = 'SELECT * FROM <urn:a> FROM NAMED ex:b WHERE { ?s ?p "FROM <urn:c>" }'
    found = sparql.dataset_clauses(tokenize(text))
    assert [(c.named, c.graph.text) for c in found] == [(False, "<urn:a>"), (True, "ex:b")]
    assert [text[c.start : c.end] for c in found] == ["FROM <urn:a>", "FROM NAMED ex:b"]
    assert sparql.dataset_clauses(tokenize("SELECT * FROMNAMED<urn:a> {}"))[0].named


INNOCENT = [
    'SELECT * { ?s ?p "SERVICE <http://x/> { }" }',
    "SELECT * { ?s ?p '''LOAD <http://x/>''' } # SERVICE <http://x/> {}",
    "SELECT * { <http://x/SERVICE> ?p ?o }",
    "PREFIX service: <urn:> SELECT * { ?s service:x ?o . service:y ?p ?o }",
    "PREFIX e: <urn:> SELECT * { e:SERVICE e:LOAD ?o GRAPH e:service { ?a ?b ?c } }",
    "PREFIX load: <urn:> DESCRIBE load:x load:y",
    "PREFIX load: <urn:> SELECT * FROM load:x { ?s ?p ?o }",
    "PREFIX service: <urn:> DESCRIBE service:x { ?s ?p ?o }",
    "SELECT ?service ?load { ?service ?load ?o }",
    r'SELECT * { ?s ?p "a\"SERVICE <http://x/> {}" }',
    r"PREFIX e: <urn:> SELECT * { ?s e:a\#SERVICE ?o }",
    "PREFIX load: <urn:> INSERT DATA { <urn:a> load:x load:y }",
]
# The grammar refuses these; an engine that does not must not be led outside either.
MALFORMED = [
    'SELECT * { BIND(<urn:#"> AS ?x) SERVICE <U> { ?s ?p ?o } } #"',
    'SELECT * { <urn:x" > ?p ?o SERVICE <U> { ?s ?p ?o } } #"',
    "SELECT * { ?s ?p 'a\n' SERVICE <U> { ?s ?p ?o } #'\n } }",
]
# <U> becomes the address of a listener in the test with the engine.
CALLING = [
    "SELECT * { SERVICE <U> { ?s ?p ?o } }",
    "SELECT * { service silent <U> { ?s ?p ?o } }",
    "SELECT * { SERVICE<U>{ ?s ?p ?o } }",
    "SELECT * { SERVICESILENT<U>{ ?s ?p ?o } }",
    "SELECT * { SERVICE # <urn:x>\n <U> { ?s ?p ?o } }",
    "PREFIX : <U> SELECT * { SERVICE:x { ?s ?p ?o } }",
    "PREFIX f: <U> SELECT * { SERVICEf:x { ?s ?p ?o } }",
    "PREFIX service: <U> SELECT * { SERVICE service:x { ?s ?p ?o } }",
    "PREFIX f: <U> SELECT * { ?a ?b true . SERVICESILENTf:x { ?s ?p ?o } }",
    "SELECT * { ?a ?b trueSERVICE <U> { ?s ?p ?o } }",
    "PREFIX : <U> SELECT * { ?a ?b trueSERVICE:x { ?s ?p ?o } }",
    "SELECT * { ?a ?b 'a'SERVICE <U> { ?s ?p ?o } }",
    "SELECT * { ?a ?b 1SERVICE <U> { ?s ?p ?o } }",
    r'SELECT * { VALUES ?o { "a\u0022" } SERVICE <U> { ?s ?p ?o } }' + ' #"',
    "SELECT * { BIND(1 < 2 AS ?x) SERVICE <U> { ?s ?p ?o } }",
    "SELECT * { FILTER(1<2)SERVICE<U>{ ?s ?p ?o } }",
    "SELECT * { { SELECT * { GRAPH ?g { SERVICE <U> { ?s ?p ?o } } } } }",
    "ASK { FILTER NOT EXISTS { SERVICE <U> { ?s ?p ?o } } }",
]


@pytest.mark.parametrize("text", INNOCENT)
def test_words_in_strings_comments_iris_and_names_are_no_calls(text: str) -> None:
    assert sparql.calls_outside(text) is None


@pytest.mark.parametrize("text", CALLING)
def test_calls_outside_are_found(text: str) -> None:
    assert sparql.calls_outside(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        r"SELECT * { \u0053ERVICE <http://x/> { ?s ?p ?o } }",
        r"SELECT * { SER\U00000056ICE <http://x/> { ?s ?p ?o } }",
        "SELECT * { # \\u000A SERVICE <http://x/> { ?s ?p ?o }\n }",
        r'SELECT * { ?s ?p "a\u0022 . SERVICE <http://x/> { ?s ?p ?o } } #"',
        "LOAD <http://x/>",
        "PREFIX : <http://x/> LOAD:x",
        "CLEAR ALL; LOAD:x",
        "LOADSILENT <http://x/>",
        "INSERT { ?s ?p ?o } WHERE { SERVICE <http://x/> { ?s ?p ?o } }",
    ],
)
def test_calls_are_found_in_the_other_reading_and_in_updates(text: str) -> None:
    assert sparql.calls_outside(text) is not None


@pytest.fixture(scope="module")
def listener() -> Iterator[tuple[str, list[str]]]:
    hits: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hits.append(self.path)
            self.send_error(404)

        do_POST = do_GET  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            """Keep the test output quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", hits
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize("text", INNOCENT + CALLING + MALFORMED)
def test_the_engine_never_calls_when_the_tokens_say_that_it_does_not(
    text: str, listener: tuple[str, list[str]]
) -> None:
    """The other way round is allowed: a refusal may be more careful than the engine."""
    address, hits = listener
    hits.clear()
    text = text.replace("<U>", f"<{address}>").replace("http://x/", address)
    store = pyoxigraph.Store()
    for value in ("a", True, 1):
        store.add(
            pyoxigraph.Quad(
                pyoxigraph.NamedNode("urn:a"),
                pyoxigraph.NamedNode("urn:b"),
                pyoxigraph.Literal(value),
            )
        )
    try:
        answer = store.query(text)
        if not isinstance(answer, pyoxigraph.QueryBoolean):
            list(answer)
    except (SyntaxError, OSError, RuntimeError):
        pass  # a refused or failed query is of no interest here, only whether it called
    assert not hits or sparql.calls_outside(text) is not None


def test_functions_that_change_from_run_to_run() -> None:
    text = 'SELECT (NOW() AS ?n) (struuid () AS ?u) { ?s ?p "RAND()" BIND(?now AS ?x) # UUID()\n}'
    assert [t.text for t in sparql.non_deterministic(tokenize(text))] == ["NOW", "struuid"]
    assert sparql.non_deterministic(tokenize("SELECT(COUNT(DISTINCTNOW())AS?x){}"))


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("SELECT * { ?a ?b ?c OPTIONAL { ?a ?d ?e } }", []),
        ("SELECT * { ?a ?b ?c OPTIONAL { ?a ?d ?e } . OPTIONAL { ?a ?f ?g } } ORDER BY ?a", []),
        ("SELECT * { ?a ?b ?c OPTIONAL { ?a ?d ?e OPTIONAL { ?e ?f ?g } } }", []),
        ("SELECT * { { ?a ?b ?c OPTIONAL { ?a ?d ?e } } ?a ?f ?g }", []),
        ("SELECT * { { ?a ?b ?c OPTIONAL { ?a ?d ?e } } UNION { ?a ?b ?c } }", []),
        ('SELECT * { ?a ?b "OPTIONAL {}" . ?c ?d ?e }', []),
        ("SELECT * { ?a ?b ?c OPTIONAL { ?a ?d ?e } ?a ?f ?g . ?g ?h ?i }", ["?a"]),
        ("SELECT * { ?a ?b ?c OPTIONAL { ?a ?d ?e } FILTER(?c > 1) }", ["FILTER"]),
        ("SELECT * { ?a ?b ?c OPTIONAL { ?a ?d ?e } { ?a ?f ?g } }", ["{"]),
        ("SELECT * { ?a ?b ?c OPTIONAL { ?a ?d ?e OPTIONAL { ?e ?f ?g } ?e ?h ?i } }", ["?e"]),
        ("SELECT * { GRAPH ?g { ?a ?b ?c OPTIONAL { ?a ?d ?e } BIND(1 AS ?x) } }", ["BIND"]),
    ],
)
def test_nothing_may_stand_after_an_optional(text: str, faults: list[str]) -> None:
    assert [t.text for t in sparql.after_optional(tokenize(text))] == faults


def test_a_typical_query_takes_less_than_a_millisecond() -> None:
    """0.2 ms when measured; the bound leaves room for a busy machine."""
    text = "PREFIX ex: <https://example.org/>\nSELECT ?s ?name WHERE {\n" + (
        '  GRAPH ?g { ?s ex:p "text"@en ; ex:q <urn:x> . FILTER(?s != 3.5) }\n' * 10 + "}"
    )
    best = min(_timed(text) for _ in range(50))
    assert best < 0.001


def _timed(text: str) -> float:
    start = time.perf_counter()
    tokenize(text)
    return time.perf_counter() - start


@pytest.mark.parametrize(
    "hostile", ['"' * 3, "'", "<", "ex:a.", "?", "{", "\\", '"""a""', "a.", "a-", "a.b"]
)
def test_hostile_repetition_stays_linear(hostile: str) -> None:
    """Twice the text must not take four times as long (no catastrophic backtracking)."""
    start = time.perf_counter()
    tokenize(hostile * 20_000)
    assert time.perf_counter() - start < 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ASK {}", ""),
        ("BASE <http://a.example/x/> ASK {}", "http://a.example/x/"),
        (
            "PREFIX p: <http://p/> BASE <http://a.example/x/> BASE <y/> ASK {}",
            "http://a.example/x/y/",
        ),
        ("ASK { BIND('BASE <http://b/>' AS ?x) }", ""),
    ],
)
def test_the_last_base_holds(text: str, expected: str) -> None:
    assert sparql.base(sparql.tokenize(text)) == expected
