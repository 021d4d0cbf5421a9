"""Whether the master key can be had, told without moving, making or opening anything."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from adapters.diagnosis.key_check import KeyProbe
from adapters.master_key.keyring_call import KeyringAnswer
from adapters.session_store.reading_records import StoreReader
from application.settings import KeyPreference
from domain.finding import Finding, Verdict
from tests.support.credentials import a_session
from tests.support.key_places import PASSPHRASE, Window
from tests.support.memory_keyring import LOCKED, NONE_HERE, TIMED_OUT, MemoryKeyring


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def stored(home: Path, wanted: KeyPreference) -> Window:
    """A home with a session, its key where it was wanted."""
    window = Window(home, wanted=wanted, passphrase=PASSPHRASE if wanted is KeyPreference.PASSPHRASE else None)
    window.store.save(a_session())
    return window.another()


def found(window: Window) -> list[Finding]:
    probe = KeyProbe(home=window.home, holders=window.holders, reader=StoreReader(window.home))
    before = {path: path.read_bytes() for path in window.home.rglob("*") if path.is_file()}
    findings = list(asyncio.run(probe()))
    assert {path: path.read_bytes() for path in window.home.rglob("*") if path.is_file()} == before
    return findings


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (KeyPreference.FILE, "it can be had from a key file"),
        (KeyPreference.KEYRING, "it can be had from the keyring (Secret Service)"),
        (KeyPreference.PASSPHRASE, "it is in the home folder, sealed with your passphrase"),
    ],
)
def test_a_key_in_its_place_is_fine(home: Path, wanted: KeyPreference, words: str) -> None:
    (finding,) = found(stored(home, wanted))
    assert (finding.verdict, finding.what) == (Verdict.OK, words)


def test_before_the_first_sign_in_there_is_none_and_none_is_made(home: Path) -> None:
    window = Window(home)
    (finding,) = found(window)
    assert finding.verdict is Verdict.OK
    assert "made at the first sign-in" in finding.what
    assert not home.exists()
    assert isinstance(window.keyring, MemoryKeyring)
    assert window.keyring.calls == []


@pytest.mark.parametrize(
    ("trouble", "words", "fix"),
    [
        (LOCKED, "locked", "unlock your keyring"),
        (TIMED_OUT, "3 s", "question that the keyring asks"),
        (NONE_HERE, "no D-Bus session", "start the keyring's service"),
        (KeyringAnswer("missing"), "not in the keyring", "restore it from a backup"),
        (KeyringAnswer("ok", value="fake"), "holds something else", "restore the key from a backup"),
    ],
)
def test_a_keyring_in_trouble_is_named_with_its_fix(home: Path, trouble: KeyringAnswer, words: str, fix: str) -> None:
    window = stored(home, KeyPreference.KEYRING)
    assert isinstance(window.keyring, MemoryKeyring)
    window.keyring.trouble = trouble

    (finding,) = found(window)

    assert finding.verdict is Verdict.PROBLEM
    assert words in finding.what
    assert fix in finding.fix


def test_a_key_that_is_in_a_file_for_want_of_a_keyring_says_so(home: Path) -> None:
    window = Window(home)
    assert isinstance(window.keyring, MemoryKeyring)
    window.keyring.trouble = NONE_HERE
    window.store.save(a_session())

    fine, reason = found(window.another())

    assert (fine.verdict, reason.verdict) == (Verdict.OK, Verdict.WARNING)
    assert "no D-Bus session" in reason.what


def test_a_key_file_that_is_gone_is_a_problem(home: Path) -> None:
    window = stored(home, KeyPreference.FILE)
    (home / "master.key").unlink()

    (finding,) = found(window)

    assert finding.verdict is Verdict.PROBLEM
    assert "is gone" in finding.what


def test_a_store_without_any_trace_of_a_key_is_a_problem(home: Path) -> None:
    window = stored(home, KeyPreference.FILE)
    (home / "master.key").unlink()
    (home / "master-key.json").unlink()

    (finding,) = found(window)

    assert finding.verdict is Verdict.PROBLEM
    assert "the key that opens them is gone" in finding.what


def test_a_key_file_that_others_can_read_stays_as_it_is(home: Path) -> None:
    window = stored(home, KeyPreference.FILE)
    path = home / "master.key"
    path.chmod(0o644)

    (finding,) = found(window)

    assert (finding.verdict, finding.fix) == (Verdict.WARNING, f"chmod go= {path}")
    assert path.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("content", [b"", b"no key\n", b"x" * 5000])
def test_a_key_file_with_something_else_in_it_is_a_problem(home: Path, content: bytes) -> None:
    window = stored(home, KeyPreference.FILE)
    (home / "master.key").write_bytes(content)

    (finding,) = found(window)

    assert finding.verdict is Verdict.PROBLEM


@pytest.mark.parametrize(
    ("content", "fix"), [("no note", "from a backup"), ('{"format": 99, "place": "cloud"}', "update keyswitch")]
)
def test_a_note_that_cannot_be_read_is_a_problem(home: Path, content: str, fix: str) -> None:
    window = stored(home, KeyPreference.FILE)
    (home / "master-key.json").write_text(content)

    (finding,) = found(window)

    assert finding.verdict is Verdict.PROBLEM
    assert fix in finding.fix
