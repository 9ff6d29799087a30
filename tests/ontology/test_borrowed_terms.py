"""Borrowed terms are those that their vocabularies define: checked in the definitions.

The definitions come through npm; where it is missing or brings nothing, the checks against them
skip. The checks of the lists themselves always run.
"""

from __future__ import annotations

import ontology_terms as terms
import pytest
import vocabularies

ORG_POST = "http://www.w3.org/ns/org#post"
BORROWED = terms.borrowed_terms()
COINED = {iri for iri, vocabulary in BORROWED.items() if vocabulary.startswith(terms.OURS)}
TAKEN = sorted(set(BORROWED) - COINED)

needs_definitions = pytest.mark.usefixtures("definitions")


@pytest.fixture(scope="session")
def definitions() -> None:
    """The vocabularies' definitions. A wrong one fails; one that cannot be had skips."""
    try:
        vocabularies.fetch_all()
    except vocabularies.UnavailableError as error:
        pytest.skip(f"the vocabularies' definitions cannot be had: {error}")


def _defined(iri: str) -> bool:
    vocabulary = vocabularies.vocabulary_of(iri)
    assert vocabulary is not None, f"{iri} lies in no vocabulary of the lock"
    return iri in vocabularies.definitions(vocabulary)


@needs_definitions
@pytest.mark.parametrize("iri", TAKEN, ids=terms.shorten)
def test_vocabulary_defines_the_term(iri: str) -> None:
    assert _defined(iri)


@needs_definitions
@pytest.mark.parametrize("iri", TAKEN, ids=terms.shorten)
def test_kind_is_the_one_that_the_vocabulary_gives(iri: str) -> None:
    vocabulary = vocabularies.vocabulary_of(iri)
    assert vocabulary is not None
    expected = vocabularies.definitions(vocabulary)[iri]
    kinds = {
        terms.shorten(quad.object.value)
        for quad in terms.read(terms.BORROWED)
        if quad.predicate == terms.TYPE and str(quad.subject) == f"<{iri}>"
    }
    assert kinds == {expected}


@needs_definitions
def test_restated_subclasses_are_those_of_the_vocabulary() -> None:
    subclass_of = terms.RDFS + "subClassOf"
    restated = {
        (quad.subject.value, quad.object.value)
        for quad in terms.read(terms.BORROWED)
        if quad.predicate.value == subclass_of
    }
    assert restated
    for sub, above in restated:
        vocabulary = vocabularies.vocabulary_of(sub)
        assert vocabulary is not None
        text = vocabularies.definition_file(vocabulary).read_text(encoding="utf-8")
        pair = [iri.replace(vocabulary.namespace, vocabulary.written) for iri in (sub, above)]
        assert f"<{pair[0]}> <{subclass_of}> <{pair[1]}> " in text, sub


@needs_definitions
def test_an_invented_term_is_found_out() -> None:
    for invented in ("http://www.w3.org/ns/prov#wasInventedBy", "https://schema.org/NoSuchThing"):
        assert not _defined(invented)
        assert vocabularies.undefined(invented) is not None


@needs_definitions
def test_the_coined_term_is_still_needed() -> None:
    """When ORG defines a post of its own, ours must go."""
    assert not _defined(ORG_POST)


def test_one_term_is_coined_in_the_namespace_of_another_vocabulary() -> None:
    assert sorted(COINED) == [ORG_POST]


def test_every_use_is_listed() -> None:
    used = terms.borrowed_uses()
    assert len({use.iri for use in used}) > 100
    unlisted = sorted({f"{use.file}: {use.iri}" for use in used if use.iri not in BORROWED})
    assert unlisted == [], "tools/vocabularies.py missing prints the lines to add"


def test_listed_terms_name_the_vocabulary_in_whose_namespace_they_lie() -> None:
    assert TAKEN
    for iri in TAKEN:
        vocabulary = vocabularies.vocabulary_of(iri)
        assert vocabulary is not None, iri
        assert BORROWED[iri] == vocabulary.namespace, iri


def test_lock_pins_every_vocabulary_and_names_no_address() -> None:
    locked = vocabularies.vocabularies()
    assert locked
    for vocabulary in locked.values():
        assert vocabulary.namespace == terms.prefix_table()[vocabulary.prefix]
        assert vocabulary.version
        if vocabulary.terms:
            assert vocabulary.source, "looked up by hand: the lock says where"
        else:
            assert vocabulary.integrity.startswith("sha512-")
            assert len(vocabulary.sha256) == 64
    text = vocabularies.LOCK.read_text(encoding="utf-8")
    assert "registry" not in text
    assert "resolved" not in text


def test_a_wrong_checksum_is_refused(
    tmp_path: vocabularies.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a stale copy nor another archive passes for the definition that is locked."""
    monkeypatch.setattr(vocabularies, "CACHE", tmp_path)
    vocabulary = vocabularies.vocabularies()["org"]
    vocabulary.cached.write_bytes(b"something else")

    def another_archive(
        wanted: list[vocabularies.Vocabulary], folder: vocabularies.Path
    ) -> dict[vocabularies.Vocabulary, vocabularies.Path]:
        archive = folder / "other.tgz"
        archive.write_bytes(b"no archive at all")
        return dict.fromkeys(wanted, archive)

    monkeypatch.setattr(vocabularies, "_pack", another_archive)
    with pytest.raises(vocabularies.VocabularyError, match="not the archive"):
        vocabularies.fetch([vocabulary])
    assert not vocabulary.cached.exists()


def test_without_npm_the_tool_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: vocabularies.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(vocabularies, "CACHE", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert vocabularies.main(["fetch"]) == 2
    assert "npm is not on this machine" in capsys.readouterr().err
