"""Definitions of the borrowed vocabularies: fetch them, and check every borrowed term in them.

    vocabularies.py fetch     put the definitions into var/vocabularies (npm packages, pinned)
    vocabularies.py check     fetch, then fail on a borrowed term that its vocabulary lacks
    vocabularies.py missing   print the lines that ontology/borrowed.ttl lacks
    vocabularies.py lock      renew checksums after a version was changed in the lock by hand

The lock, ``ontology/vocabularies.lock.json``, names packages, versions and checksums and no
address: where packages come from is npm's own setting.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import ontology_terms as terms
from pyoxigraph import NamedNode, RdfFormat, parse

LOCK: Final = terms.ONTOLOGY / "vocabularies.lock.json"
CACHE: Final = terms.ROOT / "var" / "vocabularies"
_PATIENCE: Final = 120  # seconds for all packages together

_KINDS: Final = (
    (terms.RDFS + "Datatype", "rdfs:Datatype"),
    (terms.RDFS + "Class", "rdfs:Class"),
    (terms.OWL + "Class", "rdfs:Class"),
    (terms.RDF + "Property", "rdf:Property"),
    (terms.OWL + "ObjectProperty", "rdf:Property"),
    (terms.OWL + "DatatypeProperty", "rdf:Property"),
    (terms.OWL + "AnnotationProperty", "rdf:Property"),
    (terms.OWL + "OntologyProperty", "rdf:Property"),
)


class VocabularyError(Exception):
    """A definition is not the one that the lock names, or cannot be had."""


class UnavailableError(VocabularyError):
    """A definition cannot be had here and now: npm is missing or brings nothing."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One outside vocabulary and where its definition comes from.

    ``terms`` is set for a vocabulary that no package carries: the terms that were looked up in
    ``source`` by hand, with their kinds.
    """

    prefix: str
    namespace: str
    written: str
    package: str
    version: str
    integrity: str
    file: str
    sha256: str
    source: str
    terms: tuple[tuple[str, str], ...]

    @property
    def cached(self) -> Path:
        """Where the definition lies once it is fetched."""
        return CACHE / f"{self.prefix}-{self.version}.nq"


@cache
def vocabularies() -> dict[str, Vocabulary]:
    """Read the lock: prefix → vocabulary."""
    entries: dict[str, dict[str, Any]] = json.loads(LOCK.read_text(encoding="utf-8"))
    texts = ("package", "version", "integrity", "file", "sha256", "source")
    return {
        prefix: Vocabulary(
            prefix=prefix,
            namespace=entry["namespace"],
            written=entry.get("written", entry["namespace"]),
            terms=tuple(sorted(entry.get("terms", {}).items())),
            **{name: str(entry.get(name, "")) for name in texts},
        )
        for prefix, entry in entries.items()
    }


def _pack(wanted: Sequence[Vocabulary], folder: Path) -> dict[Vocabulary, Path]:
    """Let npm bring the packages' archives into a folder, all in one call: it starts slowly."""
    npm = shutil.which("npm")
    if npm is None:
        raise UnavailableError("npm is not on this machine, and it brings the definitions")
    command = [npm, "pack", "--silent", *(f"{v.package}@{v.version}" for v in wanted)]
    try:
        subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=_PATIENCE)
    except subprocess.TimeoutExpired as error:
        raise UnavailableError(f"npm took longer than {_PATIENCE} seconds") from error
    archives = {v: folder / f"{_archive_name(v.package)}-{v.version}.tgz" for v in wanted}
    for vocabulary, archive in archives.items():
        if not archive.is_file():
            raise UnavailableError(f"npm could not bring {vocabulary.package} {vocabulary.version}")
    return archives


def _archive_name(package: str) -> str:
    return package.removeprefix("@").replace("/", "-")


def _unpack(vocabulary: Vocabulary, archive: Path) -> bytes:
    """Return the definition in the archive; nothing is written from the archive itself."""
    with tarfile.open(archive) as tar:
        member = tar.extractfile(f"package/{vocabulary.file}")
        if member is None:
            raise VocabularyError(f"{vocabulary.package} has no {vocabulary.file}")
        return member.read()


def _integrity(data: bytes) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode("ascii")


def _checksum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _at_hand(vocabulary: Vocabulary) -> bool:
    """Whether the right definition is here already; a wrong one is thrown away."""
    if not vocabulary.cached.is_file():
        return False
    if _checksum(vocabulary.cached.read_bytes()) == vocabulary.sha256:
        return True
    vocabulary.cached.unlink(missing_ok=True)
    return False


def _take(vocabulary: Vocabulary, archive: Path) -> None:
    """Put the definition from an archive into the cache, if it is the one that is locked."""
    if _integrity(archive.read_bytes()) != vocabulary.integrity:
        raise VocabularyError(f"{vocabulary.package} is not the archive that the lock names")
    data = _unpack(vocabulary, archive)
    if _checksum(data) != vocabulary.sha256:
        raise VocabularyError(f"{vocabulary.file} is not the file that the lock names")
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=CACHE, delete=False) as partial:
        partial.write(data)
    Path(partial.name).replace(vocabulary.cached)  # whole or not at all: several may fetch at once


def fetch(wanted: Iterable[Vocabulary]) -> None:
    """Bring the definitions that are not at hand, and compare them with the lock."""
    absent = [v for v in wanted if v.package and not _at_hand(v)]
    if not absent:
        return
    with tempfile.TemporaryDirectory() as scratch:
        for vocabulary, archive in _pack(absent, Path(scratch)).items():
            _take(vocabulary, archive)


def fetch_all() -> None:
    """Bring every definition that a package carries."""
    fetch(vocabularies().values())


def definition_file(vocabulary: Vocabulary) -> Path:
    """Return the path of a vocabulary's definition, fetched when it is not at hand."""
    fetch([vocabulary])
    return vocabulary.cached


@cache
def definitions(vocabulary: Vocabulary) -> dict[str, str]:
    """Return each term that the vocabulary defines, with its kind as ``borrowed.ttl`` writes it.

    A term counts as defined when the definition gives it a type; to be named in passing, as
    another term's range for instance, is not enough.
    """
    if vocabulary.terms:
        return {vocabulary.namespace + name: kind for name, kind in vocabulary.terms}
    types: dict[str, set[str]] = {}
    for quad in parse(path=definition_file(vocabulary), format=RdfFormat.N_QUADS):
        typed = quad.predicate == terms.TYPE and isinstance(quad.object, NamedNode)
        if typed and isinstance(quad.subject, NamedNode):
            iri = quad.subject.value
            if iri.startswith(vocabulary.written):
                local = iri.removeprefix(vocabulary.written)
                types.setdefault(vocabulary.namespace + local, set()).add(quad.object.value)
    return {
        iri: next((short for kind, short in _KINDS if kind in found), "owl:NamedIndividual")
        for iri, found in types.items()
    }


def vocabulary_of(iri: str) -> Vocabulary | None:
    """Return the vocabulary in whose namespace an IRI lies."""
    fits = [v for v in vocabularies().values() if iri.startswith(v.namespace)]
    return max(fits, key=lambda v: len(v.namespace), default=None)


def undefined(iri: str) -> str | None:
    """Say what is wrong with a borrowed term, or None when its vocabulary defines it."""
    if terms.borrowed_terms().get(iri, "").startswith(terms.OURS):
        return None  # coined by us in another's namespace; a test lists these
    vocabulary = vocabulary_of(iri)
    if vocabulary is None:
        return f"{iri} lies in no vocabulary of {terms.relative(LOCK)}"
    if iri not in definitions(vocabulary):
        return f"{terms.shorten(iri)} is not defined by its vocabulary"
    return None


def missing_lines() -> Iterator[str]:
    """Yield, for each term that is used and not listed, the line to add to the list."""
    listed = terms.borrowed_terms()
    for iri in sorted({use.iri for use in terms.borrowed_uses()} - set(listed)):
        vocabulary = vocabulary_of(iri)
        problem = undefined(iri)
        if vocabulary is None or problem:
            yield f"# {problem}"
            continue
        local = iri.removeprefix(vocabulary.namespace)
        label = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", local).lower()
        kind = definitions(vocabulary)[iri]
        yield (
            f'{terms.shorten(iri)} a {kind} ; rdfs:label "{label}"@en ; '
            f"rdfs:isDefinedBy <{vocabulary.namespace}> ."
        )


def renew_lock() -> None:
    """Write the checksums of the packages that the lock names now."""
    entries: dict[str, dict[str, Any]] = json.loads(LOCK.read_text(encoding="utf-8"))
    packaged = [v for v in vocabularies().values() if v.package]
    with tempfile.TemporaryDirectory() as scratch:
        for vocabulary, archive in _pack(packaged, Path(scratch)).items():
            entry = entries[vocabulary.prefix]
            entry["integrity"] = _integrity(archive.read_bytes())
            entry["sha256"] = _checksum(_unpack(vocabulary, archive))
    LOCK.write_text(json.dumps(entries, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _check() -> int:
    findings = [problem for iri in sorted(terms.borrowed_terms()) if (problem := undefined(iri))]
    findings += list(missing_lines())
    for line in findings:
        print(line)
    print(f"{len(terms.borrowed_terms())} borrowed terms, {len(findings)} findings")
    return 1 if findings else 0


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when all is well, 1 on findings, 2 when it could not run."""
    parser = argparse.ArgumentParser(description="Definitions of the borrowed vocabularies.")
    parser.add_argument("command", choices=("fetch", "check", "missing", "lock"))
    command = parser.parse_args(arguments).command
    try:
        if command == "lock":
            renew_lock()
        elif command == "fetch":
            fetch_all()
        elif command == "missing":
            print("\n".join(missing_lines()))
        else:
            return _check()
    except VocabularyError as error:
        print(f"vocabularies: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
