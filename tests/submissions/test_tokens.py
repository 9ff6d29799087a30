"""Tokens are kept as digests, compared whole, and refused the moment they are revoked."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mineralgraph.cli import app
from mineralgraph.errors import BadParameter, NotFound, SettingsError
from mineralgraph.settings import Settings
from mineralgraph.submissions import tokens
from mineralgraph.submissions.tokens import Scope, TokenBook


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "tokens.json"


def test_the_file_holds_no_token_and_is_private(file: Path) -> None:
    secret = tokens.make(file, "anna", [Scope.SUBMIT])
    assert len(secret) > 40
    assert secret not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_each_token_has_its_own_scopes(file: Path) -> None:
    made = {
        name: tokens.make(file, name, scopes)
        for name, scopes in {
            "anna": [Scope.SUBMIT],
            "berik": [Scope.SUBMIT, Scope.WITHDRAW],
            "chief": [Scope.ADMIN],
        }.items()
    }
    book = TokenBook(file=file)
    allowed = {
        name: {s.value for s in Scope if (found := book.find(secret)) and found.may(s)}
        for name, secret in made.items()
    }
    assert allowed == {
        "anna": {"submit"},
        "berik": {"submit", "withdraw"},
        "chief": {"submit", "withdraw", "admin"},
    }


@pytest.mark.parametrize("change", [lambda s: s[:-1], lambda s: s + "x", str.upper, lambda s: ""])
def test_a_wrong_token_is_not_found(file: Path, change) -> None:
    secret = tokens.make(file, "anna", [Scope.SUBMIT])
    book = TokenBook(file=file)
    assert book.find(secret)
    assert book.find(change(secret)) is None


def test_the_digest_in_the_file_is_no_token(file: Path) -> None:
    tokens.make(file, "anna", [Scope.SUBMIT])
    (kept,) = tokens.read(file)
    assert TokenBook(file=file).find(kept.digest) is None


def test_every_token_is_compared_in_constant_time(file: Path, monkeypatch) -> None:
    first = tokens.make(file, "anna", [Scope.SUBMIT])
    tokens.make(file, "berik", [Scope.SUBMIT])
    seen = []
    real = tokens.hmac.compare_digest
    monkeypatch.setattr(tokens.hmac, "compare_digest", lambda a, b: seen.append(a) or real(a, b))
    TokenBook(file=file).find(first)
    assert len(seen) == 2


def test_revoking_holds_at_once(file: Path) -> None:
    secret = tokens.make(file, "anna", [Scope.SUBMIT])
    book = TokenBook(file=file)
    assert book.find(secret)
    tokens.revoke(file, "anna")
    assert book.find(secret) is None
    assert not book


def test_no_token_is_configured_without_settings(file: Path) -> None:
    assert not TokenBook.of(Settings())
    assert not TokenBook.of(Settings(token_file=file))
    assert not TokenBook.of(Settings(token=""))


def test_the_one_token_of_the_environment_has_all_scopes() -> None:
    book = TokenBook.of(Settings(token="let-me-in"))
    found = book.find("let-me-in")
    assert found is not None
    assert found.scopes == set(Scope)
    assert "let-me-in" not in repr(found) + repr(Settings(token="let-me-in"))


@pytest.mark.parametrize("name", ["", "Anna", "../x", "token", "a" * 41, "a b"])
def test_names_are_plain(file: Path, name: str) -> None:
    with pytest.raises(BadParameter):
        tokens.make(file, name, [Scope.SUBMIT])


def test_a_name_is_taken_once(file: Path) -> None:
    tokens.make(file, "anna", [Scope.SUBMIT])
    with pytest.raises(BadParameter):
        tokens.make(file, "anna", [Scope.ADMIN])
    with pytest.raises(NotFound):
        tokens.revoke(file, "berik")


@pytest.mark.parametrize(
    "text", ["", "[]", '{"tokens": [{}]}', '{"tokens": [{"name":1,"scopes":["x"],"digest":""}]}']
)
def test_another_file_is_refused(file: Path, text: str) -> None:
    file.parent.mkdir()
    file.write_text(text)
    with pytest.raises(SettingsError):
        TokenBook(file=file).find("x")


def test_the_command_line_makes_lists_and_revokes(file: Path) -> None:
    def run(*arguments: str):
        return CliRunner().invoke(app, ["token", *arguments, "--file", str(file)])

    made = run("make", "anna", "--scope", "submit", "--scope", "withdraw")
    secret = made.stdout.strip()
    assert TokenBook(file=file).find(secret)
    listed = run("list")
    assert listed.stdout == "anna\tsubmit,withdraw\n"
    assert run("revoke", "anna").exit_code == 0
    assert TokenBook(file=file).find(secret) is None
    assert run("revoke", "anna").exit_code == 2
    assert run("sell", "anna").exit_code == 2
    assert run("make").exit_code == 2
