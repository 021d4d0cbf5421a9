"""The seal holds the tokens, and what stands readable beside them is part of it."""

from __future__ import annotations

import json
import traceback
from binascii import crc32
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.json.check_sums import canonical
from adapters.master_key.in_file import KeyFile
from adapters.master_key.key import MasterKey
from adapters.session_store.sealing import seal
from adapters.session_store.store import SealedFileStore
from domain.errors import StoreDamaged, StoreError, StoreLocked, StoreWrongKey
from domain.provider import Provider
from domain.session import ApiKey, Session
from domain.text.secret import Secret
from tests.support.credentials import a_record, a_session, an_api_key

OTHER = {
    "provider": "gemini",
    "kind": "api_key",
    "account": "mallory",
    "label": "mallory@example.test",
    "payer": "plan",
    "generation": 2,
    "session_id": "another",
    "obtained_at": "2027-01-01T00:00:00+00:00",
    "access_expires_at": "2099-01-01T00:00:00+00:00",
    "sign_in_expires_at": "2099-01-01T00:00:00+00:00",
    "renewable": False,
    "scopes": ["everything"],
    "client_id": "another",
    "token_url": "https://mallory.example.test/token",
    "api_base": "https://mallory.example.test",
    "unknown": 1,
}
UNSENDABLE = ["", "fake\r\nX-Injected: 1", "fake token", "fäke", "fake\x00", "fake\x7f"]


def forge(home: Path, change: Callable[[dict[str, Any]], object], *, index: int = 0) -> None:
    """Change a record on purpose: unlike damage, an attacker gets the check sum right, and leaves no good copy."""
    path = home / "auth.json"
    value = json.loads(path.read_bytes())
    record = value["records"][index]
    change(record)
    record["check"] = f"{crc32(canonical([record['bound'], record['notes'], record['sealed']])):08x}"
    path.write_text(json.dumps(value), encoding="ascii")
    (home / "auth.json.bak").unlink(missing_ok=True)


@pytest.mark.parametrize("name", OTHER)
def test_no_readable_fact_can_be_changed(name: str, store: SealedFileStore, home: Path) -> None:
    store.save(a_session())
    forge(home, lambda record: record["bound"].update({name: OTHER[name]}))
    (record,) = store.records()
    with pytest.raises(StoreDamaged, match="changed since it was sealed"):
        store.load(record.key)


@pytest.mark.parametrize("name", ["sign_in_expires_at", "access_expires_at"])
def test_no_readable_fact_can_be_taken_away(name: str, store: SealedFileStore, home: Path) -> None:
    store.save(a_session())
    forge(home, lambda record: record["bound"].pop(name))
    with pytest.raises(StoreDamaged):
        store.load(a_record().key)


def test_the_tokens_of_one_record_do_not_open_in_another(three: SealedFileStore, home: Path) -> None:
    chatgpts = json.loads((home / "auth.json").read_bytes())["records"][0]["sealed"]
    forge(home, lambda record: record.update(sealed=chatgpts), index=1)
    with pytest.raises(StoreDamaged):
        three.load(a_record(Provider.CLAUDE).key)
    assert three.load(a_record(Provider.CHATGPT).key) == a_session(Provider.CHATGPT)


@pytest.mark.parametrize(
    "sealed",
    [
        {"cipher": "none"},
        {"nonce": ""},
        {"nonce": "AAAA"},
        {"nonce": None},
        {"nonce": "ä"},
        {"box": ""},
        {"box": "AAAA"},
        {"box": 7},
        {"box": "=="},
    ],
)
def test_a_seal_that_is_none_is_refused(sealed: dict[str, Any], store: SealedFileStore, home: Path) -> None:
    store.save(a_session())
    forge(home, lambda record: record["sealed"].update(sealed))
    with pytest.raises(StoreDamaged):
        store.load(a_record().key)


def test_the_notes_can_be_changed_and_do_no_more_than_they_may(store: SealedFileStore, home: Path) -> None:
    """They lie outside the seal, so that they can be written while the key is out of reach."""
    store.save(a_session())
    forge(home, lambda record: record["notes"].update(active=False))
    loaded = store.load(a_record().key)
    assert loaded == a_session(active=False)


def test_a_nonce_is_used_once(store: SealedFileStore, home: Path) -> None:
    nonces = set()
    for generation in range(1, 41):
        store.save(a_session(generation=generation))
        nonces.add(json.loads((home / "auth.json").read_bytes())["records"][0]["sealed"]["nonce"])
    assert len(nonces) == 40


def test_a_note_does_not_seal_again(store: SealedFileStore, home: Path) -> None:
    store.save(a_session())
    sealed = json.loads((home / "auth.json").read_bytes())["records"][0]["sealed"]
    store.save(a_session(Provider.GEMINI), activate=True)
    store.save(a_session(account="work"), activate=True)
    assert json.loads((home / "auth.json").read_bytes())["records"][0]["sealed"] == sealed


# The key


def test_the_key_is_made_with_the_first_record_and_kept(store: SealedFileStore, home: Path) -> None:
    assert store.records() == ()
    assert not (home / "master.key").exists()
    store.save(a_session())
    key = (home / "master.key").read_bytes()
    assert len(key) == 45
    store.save(a_session(generation=2))
    assert (home / "master.key").read_bytes() == key


def test_no_new_key_is_made_while_anything_is_sealed(three: SealedFileStore, home: Path) -> None:
    (home / "master.key").unlink()
    before = (home / "auth.json").read_bytes()
    with pytest.raises(StoreLocked, match="master key is missing"):
        three.load(a_record().key)
    with pytest.raises(StoreLocked, match="master key is missing"):
        three.save(a_session(generation=2))
    assert (home / "auth.json").read_bytes() == before
    assert not (home / "master.key").exists()


def test_no_new_key_is_made_while_only_the_backup_is_left(three: SealedFileStore, home: Path) -> None:
    (home / "master.key").unlink()
    (home / "auth.json").unlink()
    with pytest.raises(StoreLocked):
        three.save(a_session())
    assert not (home / "master.key").exists()


def test_after_logging_out_of_everything_a_lost_key_is_replaced(three: SealedFileStore, home: Path) -> None:
    (home / "master.key").unlink()
    for provider in Provider:
        assert three.remove(a_record(provider).key)
    three.save(a_session())
    assert three.load(a_record().key) == a_session()


def test_another_key_is_told_from_damage(three: SealedFileStore, home: Path) -> None:
    (home / "master.key").unlink()
    KeyFile(home=home).create()
    with pytest.raises(StoreWrongKey, match=r"Claude \(OAuth\) was sealed with another master key"):
        three.load(a_record().key)


@pytest.mark.parametrize("content", [b"", b"AAAA\n", b"\x00" * 32, b"!" * 44], ids=["empty", "short", "raw", "other"])
def test_a_key_file_without_a_key_locks_the_store_and_is_kept(
    content: bytes, three: SealedFileStore, home: Path
) -> None:
    (home / "master.key").write_bytes(content)
    uses: tuple[Callable[[], object], ...] = (lambda: three.load(a_record().key), lambda: three.save(a_session()))
    for use in uses:
        with pytest.raises(StoreLocked, match=r"master\.key"):
            use()
    assert (home / "master.key").read_bytes() == content


def test_a_linked_key_file_locks_the_store(three: SealedFileStore, home: Path, tmp_path: Path) -> None:
    (home / "master.key").rename(tmp_path / "elsewhere")
    (home / "master.key").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreLocked, match="symbolic link"):
        three.load(a_record().key)


def test_an_existing_key_is_never_replaced(home: Path) -> None:
    home.mkdir()
    keys = KeyFile(home=home)
    first = keys.create()
    assert keys.create() == first
    with pytest.raises(StoreLocked, match="not replaced"):
        keys.keep(MasterKey.new())
    assert keys.fetch() == first


# Tokens that could not be sent


@pytest.mark.parametrize("token", UNSENDABLE)
def test_a_token_that_would_break_a_header_is_not_stored(token: str, store: SealedFileStore, home: Path) -> None:
    for credential in (
        Session(a_record(), Secret(token)),
        Session(a_record(), Secret("fake-access"), refresh_token=Secret(token)),
        Session(a_record(), Secret("fake-access"), id_token=Secret(token)),
        ApiKey(an_api_key().record, Secret(token)),
    ):
        with pytest.raises(StoreError, match="visible ASCII"):
            store.save(credential)
    assert store.records() == ()
    assert not (home / "auth.json").exists()


@pytest.mark.parametrize(
    "secret",
    [{"access_token": "a\nb"}, {"access_token": 7}, {"access_token": ""}, {}, {"refresh_token": "fake"}],
    ids=["a line end", "a number", "empty", "nothing", "no access token"],
)
def test_a_sealed_token_that_cannot_be_sent_is_not_given_out(
    secret: dict[str, Any], store: SealedFileStore, home: Path
) -> None:
    store.save(a_session())
    key = KeyFile(home=home).fetch()
    assert key is not None
    forged = {name: Secret(value) for name, value in secret.items()}
    forge(home, lambda record: record.update(sealed=seal(forged, record["bound"], key)))
    with pytest.raises(StoreDamaged):
        store.load(a_record().key)


# What errors show


def test_no_secret_is_in_what_is_shown_of_a_failure(store: SealedFileStore, home: Path) -> None:
    session = Session(a_record(), Secret("fake-access-canary\n"), Secret("fake-refresh-canary"))
    with pytest.raises(StoreError) as refused:
        store.save(session)
    shown = "".join(traceback.TracebackException.from_exception(refused.value, capture_locals=True).format())
    assert "session = " in shown  # the locals are there
    assert "fake-refresh-canary" not in shown.replace("\\n", "")


def test_the_master_key_hides_itself(home: Path) -> None:
    home.mkdir()
    key = KeyFile(home=home).create()
    assert repr(key) == "MasterKey(****)"
    assert str(key.reveal()) not in f"{key} {key!r} {[key]}"
