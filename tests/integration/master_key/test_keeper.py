"""The key goes where it was wanted or could be, is remembered there, and is looked for nowhere else."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from adapters.master_key import in_passphrase
from adapters.master_key.key import MasterKey, key_id
from adapters.master_key.keyring_call import KeyringAnswer
from application.settings import KeyPreference
from domain.errors import (
    ConfigError,
    KeyringUnavailable,
    PassphraseNeeded,
    StoreDamaged,
    StoreError,
    StoreLocked,
    StoreNewer,
    StoreWrongKey,
    WrongPassphrase,
)
from domain.master_key import KeyPlace, KeyWhereabouts
from domain.text.secret import Secret
from tests.support.credentials import a_record, a_session
from tests.support.error_codes import with_code
from tests.support.key_places import PASSPHRASE, Window
from tests.support.memory_keyring import FORGETFUL, LOCKED, NONE_HERE, TIMED_OUT, MemoryKeyring

NOBODY = 2**22 + 1
"""Higher than the number of any process (proc(5), pid_max)."""

TROUBLES = {
    "locked": (LOCKED, "keyring_locked", "is locked"),
    "hanging": (TIMED_OUT, "keyring_timeout", "did not answer within 3 s"),
    "gone": (NONE_HERE, "keyring_unusable", "no D-Bus session"),
    "forgetful": (FORGETFUL, "keyring_unusable", "did not give back"),
}


@pytest.fixture
def window(home: Path) -> Window:
    """The first process of a new home, with a keyring that works."""
    return Window(home)


def keyring_of(window: Window) -> MemoryKeyring:
    assert isinstance(window.keyring, MemoryKeyring)
    return window.keyring


# The first key


def test_with_a_keyring_the_key_goes_there_and_no_file_is_made(window: Window, home: Path) -> None:
    window.store.save(a_session())
    assert window.keys.whereabouts() == KeyWhereabouts(KeyPlace.KEYRING, "Secret Service")
    assert len(keyring_of(window).entries) == 1
    assert not (home / "master.key").exists()
    assert window.another().store.load(a_record().key) == a_session()


@pytest.mark.parametrize("trouble", TROUBLES)
def test_without_one_it_goes_into_a_file_and_the_reason_is_remembered(trouble: str, window: Window, home: Path) -> None:
    keyring_of(window).trouble = TROUBLES[trouble][0]
    window.store.save(a_session())
    assert (home / "master.key").exists()
    whereabouts = window.another().keys.whereabouts()
    assert whereabouts is not None
    assert whereabouts.place is KeyPlace.FILE
    assert whereabouts.because
    assert not keyring_of(window).entries


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_keyring_that_was_chosen_and_fails_is_no_reason_for_a_file(trouble: str, home: Path) -> None:
    answer, code, words = TROUBLES[trouble]
    window = Window(home, wanted=KeyPreference.KEYRING)
    keyring_of(window).trouble = answer
    with pytest.raises(KeyringUnavailable, check=with_code(code), match=words):
        window.store.save(a_session())
    assert window.store.records() == ()
    assert not (home / "master.key").exists()
    assert window.keys.whereabouts() is None


def test_a_file_that_was_chosen_is_no_fall_back(home: Path) -> None:
    window = Window(home, wanted=KeyPreference.FILE)
    window.store.save(a_session())
    assert window.keys.whereabouts() == KeyWhereabouts(KeyPlace.FILE)
    assert keyring_of(window).calls == []


def test_a_config_that_makes_no_sense_makes_no_key(home: Path) -> None:
    def unreadable() -> KeyPreference:
        raise ConfigError("config.toml", "it is no TOML")

    window = Window(home)
    window.keys._wanted = unreadable
    with pytest.raises(ConfigError):
        window.store.save(a_session())
    assert window.keys.whereabouts() is None


# Ever after


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_keyring_out_of_reach_locks_the_store_and_nothing_is_changed(
    trouble: str, window: Window, home: Path
) -> None:
    window.store.save(a_session())
    before = {path.name: path.read_bytes() for path in home.iterdir()}
    answer, code, words = TROUBLES[trouble]
    keyring_of(window).trouble = answer
    later = window.another()
    uses: tuple[Callable[[], object], ...] = (
        lambda: later.store.load(a_record().key),
        lambda: later.store.save(a_session(generation=2)),
        later.keys.create,
    )
    for use in uses:
        with pytest.raises(KeyringUnavailable, check=with_code(code), match=words):
            use()
    assert {path.name: path.read_bytes() for path in home.iterdir()} == before
    assert later.store.records() == (a_record(),)


def test_a_keyring_without_the_entry_is_missing_the_key_and_no_new_one_is_made(window: Window) -> None:
    window.store.save(a_session())
    keyring_of(window).entries.clear()
    later = window.another()
    uses: tuple[Callable[[], object], ...] = (
        lambda: later.store.load(a_record().key),
        lambda: later.store.save(a_session(generation=2)),
    )
    for use in uses:
        missing = r"missing from the keyring \(Secret Service\)"
        with pytest.raises(StoreLocked, check=with_code("key_missing"), match=missing):
            use()
    assert not keyring_of(window).entries


@pytest.mark.parametrize("value", ["", "not base64", "AAAA", "A" * 43 + "="])
def test_an_entry_that_holds_something_else_is_the_wrong_key(value: str, window: Window) -> None:
    window.store.save(a_session())
    (entry,) = keyring_of(window).entries
    keyring_of(window).entries[entry] = value
    with pytest.raises(StoreWrongKey, match="holds something else"):
        window.another().store.load(a_record().key)
    assert keyring_of(window).entries[entry] == value


def test_a_key_file_that_holds_another_key_is_the_wrong_key(home: Path) -> None:
    window = Window(home, wanted=KeyPreference.FILE)
    window.store.save(a_session())
    (home / "master.key").unlink()
    window.holders.file.keep(MasterKey.new())
    uses: tuple[Callable[[], object], ...] = (
        lambda: window.store.load(a_record().key),
        lambda: window.store.save(a_session(generation=2)),
    )
    for use in uses:
        with pytest.raises(StoreWrongKey, match=r"master\.key holds another master key"):
            use()


def test_the_four_states_of_a_keyring_have_codes_and_sentences_of_their_own(window: Window) -> None:
    window.store.save(a_session())
    (entry,) = keyring_of(window).entries
    value = keyring_of(window).entries[entry]
    told: dict[str, str] = {}

    def ask() -> None:
        with pytest.raises(StoreError) as failed:
            window.another().store.load(a_record().key)
        told[failed.value.code] = str(failed.value)

    for trouble in (LOCKED, TIMED_OUT, NONE_HERE):
        keyring_of(window).trouble = trouble
        ask()
    keyring_of(window).trouble = None
    keyring_of(window).entries[entry] = "something else"
    ask()
    del keyring_of(window).entries[entry]
    ask()
    keyring_of(window).entries[entry] = value
    assert set(told) == {
        "keyring_locked", "keyring_timeout", "keyring_unusable", "store_wrong_key", "key_missing"
    }  # fmt: skip
    assert len(set(told.values())) == 5
    assert window.another().store.load(a_record().key) == a_session()


@pytest.mark.parametrize("name", ["locked", "hanging", "gone"])
def test_a_store_whose_key_is_out_of_reach_is_not_ready(name: str, window: Window) -> None:
    window.store.save(a_session())
    trouble, code, words = TROUBLES[name]
    keyring_of(window).trouble = trouble
    with pytest.raises(KeyringUnavailable, check=with_code(code), match=words):
        window.another().store.ready()


def test_a_store_whose_key_is_lost_is_not_ready_while_something_is_sealed_with_it(window: Window) -> None:
    window.store.save(a_session())
    keyring_of(window).entries.clear()
    with pytest.raises(StoreLocked, check=with_code("key_missing")):
        window.another().store.ready()
    window.another().store.remove(a_record().key)
    window.another().store.ready()
    assert keyring_of(window).entries == {}


def test_once_nothing_is_sealed_a_lost_key_is_replaced_where_it_was(window: Window) -> None:
    window.store.save(a_session())
    keyring_of(window).entries.clear()
    later = window.another()
    assert later.store.remove(a_record().key)
    later.store.save(a_session())
    assert len(keyring_of(window).entries) == 1
    assert window.another().store.load(a_record().key) == a_session()


def test_a_home_of_a_version_that_knew_key_files_alone_goes_on(home: Path) -> None:
    Window(home, wanted=KeyPreference.FILE).store.save(a_session())
    (home / "master-key.json").unlink()
    window = Window(home)
    assert window.keys.whereabouts() == KeyWhereabouts(KeyPlace.FILE)
    window.store.save(a_session(generation=2))
    assert window.store.load(a_record().key) == a_session(generation=2)
    assert keyring_of(window).calls == []


def test_a_key_whose_making_was_cut_off_is_remembered_at_its_first_use(home: Path) -> None:
    """The file was written, the note was about to be."""
    window = Window(home, wanted=KeyPreference.FILE)
    window.store.save(a_session())
    (home / "master-key.json").rename(home / f".master-key.json.{NOBODY}.0011aabb.tmp")
    later = window.another()
    assert later.store.load(a_record().key) == a_session()
    assert later.keys.whereabouts() == KeyWhereabouts(KeyPlace.FILE)
    assert (home / "master-key.json").exists()
    assert list(home.glob(".*.tmp")) == []


# Once per process


def test_the_keyring_is_asked_once_per_process(window: Window) -> None:
    window.store.save(a_session())
    later = window.another()
    keyring_of(window).calls.clear()
    for generation in range(2, 5):
        later.store.save(a_session(generation=generation))
        later.store.load(a_record().key)
    assert keyring_of(window).calls == ["get"]


def test_callers_that_waited_for_a_failing_call_do_not_repeat_it(window: Window) -> None:
    """Each would take 3 s, one after the other."""
    window.store.save(a_session())
    later, keyring = window.another(), keyring_of(window)
    everybody_is_there = threading.Event()

    def slow(entry: str, *, backend: str) -> KeyringAnswer:
        keyring.calls.append("get")
        everybody_is_there.wait(30)
        return TIMED_OUT

    keyring.get = slow  # type: ignore[method-assign]
    keyring.calls.clear()
    later.keys._one_at_a_time = Queue(5, everybody_is_there)  # type: ignore[assignment]

    def fetch() -> str:
        with pytest.raises(KeyringUnavailable, check=with_code("keyring_timeout")) as failed:
            later.keys.fetch()
        return failed.value.code

    with ThreadPoolExecutor(5) as pool:
        assert list(pool.map(lambda _: fetch(), range(5))) == ["keyring_timeout"] * 5
    assert keyring.calls == ["get"]


class Queue:
    """A lock that tells when so many have come to it."""

    def __init__(self, many: int, complete: threading.Event) -> None:
        self._lock, self._counting, self._missing, self._complete = threading.Lock(), threading.Lock(), many, complete

    def __enter__(self) -> None:
        with self._counting:
            self._missing -= 1
            if self._missing == 0:
                self._complete.set()
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def test_a_status_of_the_place_asks_no_keyring(window: Window) -> None:
    window.store.save(a_session())
    keyring_of(window).calls.clear()
    later = window.another()
    later.keys.whereabouts()
    later.keys.where()
    later.keys.needs_passphrase()
    later.store.records()
    assert keyring_of(window).calls == []


# A passphrase


@pytest.fixture
def sealed(home: Path) -> Window:
    """A home whose key is under ana's passphrase."""
    window = Window(home, wanted=KeyPreference.PASSPHRASE, passphrase=PASSPHRASE)
    window.store.save(a_session())
    return window


def test_without_the_passphrase_the_store_is_locked_and_can_be_read_about(sealed: Window) -> None:
    later = sealed.another()
    assert later.keys.needs_passphrase()
    assert later.store.records() == (a_record(),)
    with pytest.raises(PassphraseNeeded, match="passphrase"):
        later.store.load(a_record().key)


def test_with_it_the_key_is_derived_once(sealed: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    derived: list[str] = []
    real = in_passphrase._derived

    def counted(passphrase: Secret, kdf: Mapping[str, Any]) -> bytes:
        derived.append(kdf["name"])
        return real(passphrase, kdf)

    monkeypatch.setattr(in_passphrase, "_derived", counted)
    later = sealed.another()
    later.keys.unlock(PASSPHRASE)
    assert not later.keys.needs_passphrase()
    for generation in range(2, 5):
        later.store.save(a_session(generation=generation))
        later.store.load(a_record().key)
    later.keys.unlock(PASSPHRASE)
    assert derived == ["argon2id"]


def test_another_passphrase_opens_nothing_and_may_be_tried_again(sealed: Window) -> None:
    later = sealed.another()
    with pytest.raises(WrongPassphrase, match="does not open"):
        later.keys.unlock(Secret("fake passphrase of bob"))
    assert later.keys.needs_passphrase()
    later.keys.unlock(PASSPHRASE)
    assert later.store.load(a_record().key) == a_session()


def test_a_passphrase_is_the_same_however_a_keyboard_composes_it(home: Path) -> None:
    Window(home, wanted=KeyPreference.PASSPHRASE, passphrase=Secret("fake passphr\u00e4se")).store.save(a_session())
    later = Window(home, passphrase=Secret("fake passphra\u0308se"))
    assert later.store.load(a_record().key) == a_session()


def test_a_derivation_that_was_changed_opens_nothing(sealed: Window) -> None:
    """A cheaper one would be easier to guess at, a dearer one would keep the machine busy."""
    note = sealed.note.read()
    assert note is not None
    changes: tuple[dict[str, object], ...] = (
        {"memory_kib": 32}, {"iterations": 1}, {"lanes": 1}, {"memory_kib": 2**40}, {"iterations": 0}, {"lanes": True},
        {"salt": "AAAA"}, {"salt": None}, {"name": "scrypt"},
    )  # fmt: skip
    opened = []
    for change in changes:
        forged = {**note.sealed, "kdf": {**note.sealed["kdf"], **change}}
        sealed.note.write(type(note)(note.place, note.key, sealed=forged))
        with suppress(WrongPassphrase, StoreDamaged):
            sealed.another().keys.unlock(PASSPHRASE)
            opened.append(change)
    assert opened == []


def test_neither_the_passphrase_nor_the_key_stands_in_the_note(sealed: Window, home: Path) -> None:
    key = sealed.keys.fetch()
    assert key is not None
    text = (home / "master-key.json").read_text("ascii")
    assert PASSPHRASE.reveal() not in text
    assert key.reveal().hex() not in text
    assert json.loads(text)["key"] == key_id(key)
    assert (home / "master-key.json").stat().st_mode & 0o777 == 0o600


# A note that cannot be read


def test_a_note_of_a_newer_program_is_left_alone(window: Window, home: Path) -> None:
    window.store.save(a_session())
    newer = json.dumps({"format": 2, "place": "tpm"}).encode()
    (home / "master-key.json").write_bytes(newer)
    with pytest.raises(StoreNewer, match="newer keyswitch"):
        window.another().store.load(a_record().key)
    with pytest.raises(StoreNewer):
        window.another().keys.create()
    assert (home / "master-key.json").read_bytes() == newer


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b"7", b"\xff", b"{}", b'{"format": 1}', b'{"format": 1, "place": ["file"]}', b"[" * 20_000,
        b'{"format": true, "place": "file", "key": "", "check": ""}', b" " * 20_000,
        b'{"format": 1, "place": "file", "key": "0011223344556677", "left": [7], "check": "00000000"}',
    ],
)  # fmt: skip
def test_a_note_that_is_none_locks_the_store_and_is_kept(content: bytes, window: Window, home: Path) -> None:
    window.store.save(a_session())
    (home / "master-key.json").write_bytes(content)
    later = window.another()
    for use in (later.keys.fetch, later.keys.create, later.keys.whereabouts, later.keys.needs_passphrase):
        with pytest.raises(StoreDamaged, match=r"master-key\.json"):
            use()
    assert (home / "master-key.json").read_bytes() == content


def test_no_flipped_bit_and_no_cut_of_the_note_leads_to_another_key(window: Window, home: Path) -> None:
    window.store.save(a_session())
    path = home / "master-key.json"
    good, entries = path.read_bytes(), dict(keyring_of(window).entries)
    flipped = (
        good[:place] + bytes([good[place] ^ 1 << bit]) + good[place + 1 :]
        for place in range(len(good))
        for bit in range(8)
    )
    opened = 0
    for bad in (*flipped, *(good[:length] for length in range(len(good)))):
        path.write_bytes(bad)
        try:
            assert window.another().store.load(a_record().key) == a_session()
            opened += 1
        except (StoreDamaged, StoreLocked, StoreNewer, StoreWrongKey):
            assert path.read_bytes() == bad
    assert opened <= 10  # blanks, and the line's end
    assert keyring_of(window).entries == entries
