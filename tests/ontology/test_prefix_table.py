"""One prefix is one namespace in every file of the repository."""

from __future__ import annotations

from pathlib import Path

import ontology_terms as terms
import pytest

from mineralgraph.rdf import namespaces

FILES = [*terms.rdf_files(), *terms.query_files()]
TABLE = terms.prefix_table()


def test_the_table_is_one_to_one() -> None:
    assert len(TABLE) >= 60
    assert len(set(TABLE.values())) == len(TABLE)
    assert all(space.endswith(("/", "#")) for space in TABLE.values())


def test_the_code_reads_the_same_table() -> None:
    assert namespaces.prefixes() == dict(sorted(TABLE.items()))


def test_the_table_lists_every_declaration_once() -> None:
    quads = terms.read(terms.PREFIX_TABLE)
    declared = [q.object for q in quads if q.predicate.value == terms.SHACL + "declare"]
    described = {q.subject for q in quads if q.predicate.value == terms.SHACL + "prefix"}
    assert len(declared) == len(set(declared)) == len(TABLE)
    assert set(declared) == described


@pytest.mark.parametrize("path", FILES, ids=terms.relative)
def test_file_declares_prefixes_as_the_table_does(path: Path) -> None:
    declared = terms.declared_prefixes(path)
    assert {p: ns for p, ns in declared.items() if TABLE.get(p) != ns} == {}


def test_files_do_declare_prefixes() -> None:
    assert sum(len(terms.declared_prefixes(path)) for path in FILES) > len(FILES)
