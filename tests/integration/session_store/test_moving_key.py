"""The key goes from place to place, and at each moment one place has it and is known to."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from adapters.master_key import in_passphrase
from adapters.master_key.key import MasterKey
from adapters.master_key.keyring_call import KeyringAnswer
from application.settings import KeyPreference
from domain.errors import (
    KeyringUnavailable,
    PassphraseNeeded,
    StoreDamaged,
    StoreLocked,
    StoreNotWritable,
    StoreWrongKey,
    WrongPassphrase,
)
from domain.master_key import KeyPlace
from domain.text.secret import Secret
from tests.support.credentials import a_record, a_session
from tests.support.error_codes import with_code
from tests.support.key_places import PASSPHRASE, Window
from tests.support.memory_keyring import FORGETFUL, LOCKED, NONE_HERE, TIMED_OUT, MemoryKeyring

MOVES = list(permutations(KeyPlace, 2))
NEW_PASSPHRASE = Secret("another fake passphrase")


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests derive a key some hundred times, and what it costs makes no difference to them."""
    monkeypatch.setattr(in_passphrase, "_COST", {"iterations": 1, "lanes": 1, "memory_kib": 64})


def home_with_key_in(place: KeyPlace, home: Path) -> Window:
    """A home with a session, and its key there; the window has it open."""
    window = Window(home, wanted=KeyPreference(place.value), passphrase=PASSPHRASE)
    window.store.save(a_session())
    return window


def move(window: Window, place: KeyPlace) -> None:
    window.mover.move(place, passphrase=PASSPHRASE if place is KeyPlace.PASSPHRASE else None)


def copies(window: Window) -> set[KeyPlace]:
    """Where a copy of the key is, looked for by hand."""
    assert isinstance(window.keyring, MemoryKeyring)
    note = window.note.path.read_text("ascii") if window.note.path.exists() else ""
    found = {
        KeyPlace.FILE: (window.home / "master.key").exists(),
        KeyPlace.KEYRING: bool(window.keyring.entries),
        KeyPlace.PASSPHRASE: '"box"' in note,
    }
    return {place for place, there in found.items() if there}


@pytest.mark.parametrize(("origin", "place"), MOVES)
def test_the_key_is_there_afterwards_and_nowhere_else(origin: KeyPlace, place: KeyPlace, home: Path) -> None:
    window = home_with_key_in(origin, home)
    sealed = (home / "auth.json").read_bytes()
    move(window, place)
    assert copies(window) == {place}
    assert (home / "auth.json").read_bytes() == sealed  # nothing is sealed again
    later = window.another(passphrase=PASSPHRASE)
    whereabouts = later.keys.whereabouts()
    assert whereabouts is not None
    assert (whereabouts.place, whereabouts.because, whereabouts.left) == (place, "", ())
    assert later.store.load(a_record().key) == a_session()


@pytest.mark.parametrize(("origin", "place"), MOVES)
def test_a_process_that_runs_meanwhile_goes_on_and_asks_nobody(origin: KeyPlace, place: KeyPlace, home: Path) -> None:
    window = home_with_key_in(origin, home)
    running = window.another(passphrase=PASSPHRASE)
    assert running.store.load(a_record().key) == a_session()
    move(window, place)
    if origin is not KeyPlace.FILE:  # which is not remembered but read each time
        assert isinstance(window.keyring, MemoryKeyring)
        window.keyring.trouble = TIMED_OUT
    else:
        running.holders.passphrase.give(PASSPHRASE)
    running.store.save(a_session(generation=2))
    assert running.store.load(a_record().key) == a_session(generation=2)


# A crash


class Crash(BaseException):
    """The process ends here."""


STEPS = ("os.write", "os.fsync", "Path.replace", "Path.unlink", "put", "get", "delete")


@contextmanager
def crash_at(step: int, window: Window, monkeypatch: pytest.MonkeyPatch, *, after: bool) -> Iterator[list[str]]:
    """Let the process end at the *step*-th thing that it does to the disk or the keyring, before or *after* it."""
    seen: list[str] = []

    def crashing(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            seen.append(name)
            if len(seen) > step:
                raise Crash  # a process that ended does nothing more, no tidying either
            if len(seen) == step and not after:
                raise Crash
            outcome = real(*arguments, **options)
            if len(seen) == step:
                raise Crash
            return outcome

        return call

    with monkeypatch.context() as patch:
        for name in STEPS:
            owner: Any = {"os": os, "Path": Path}.get(name.partition(".")[0], window.keyring)
            member = name.rpartition(".")[2]
            patch.setattr(owner, member, crashing(name, getattr(owner, member)))
        yield seen


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("origin", "place"), MOVES)
def test_a_crash_at_any_step_leaves_a_store_that_opens(
    origin: KeyPlace, place: KeyPlace, after: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step, seen = 0, [""]
    while len(seen) >= step:
        step += 1
        home = tmp_path / str(step)
        window = home_with_key_in(origin, home)
        with crash_at(step, window, monkeypatch, after=after) as seen, suppress(Crash):
            move(window, place)
        later = window.another(passphrase=PASSPHRASE)
        whereabouts = later.keys.whereabouts()
        assert whereabouts is not None, f"after {seen}"
        assert whereabouts.place in (origin, place), f"after {seen}"
        assert later.store.load(a_record().key) == a_session(), f"after {seen}"
        assert copies(later) == {whereabouts.place}, f"the first use takes any other copy away, also after {seen}"
        move(window.another(passphrase=PASSPHRASE) if later.keys.needs_passphrase() else later, place)
        assert copies(later) == {place}, f"again after {seen}"
    assert step > 5


# Places that fail


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (LOCKED, "keyring_locked"),
        (TIMED_OUT, "keyring_timeout"),
        (NONE_HERE, "keyring_unusable"),
        (FORGETFUL, "keyring_unusable"),
    ],
    ids=["locked", "hanging", "gone", "forgetful"],
)
@pytest.mark.parametrize("origin", [KeyPlace.FILE, KeyPlace.PASSPHRASE])
def test_a_keyring_that_does_not_take_it_changes_nothing(origin: KeyPlace, trouble: Any, code: str, home: Path) -> None:
    window = home_with_key_in(origin, home)
    before = {path.name: path.read_bytes() for path in home.iterdir()}
    assert isinstance(window.keyring, MemoryKeyring)
    window.keyring.trouble = trouble
    with pytest.raises(KeyringUnavailable, check=with_code(code)):
        move(window, KeyPlace.KEYRING)
    assert {path.name: path.read_bytes() for path in home.iterdir()} == before


@pytest.mark.parametrize("place", [KeyPlace.FILE, KeyPlace.PASSPHRASE])
def test_a_keyring_that_does_not_give_it_out_changes_nothing(place: KeyPlace, home: Path) -> None:
    window = home_with_key_in(KeyPlace.KEYRING, home).another()
    before = {path.name: path.read_bytes() for path in home.iterdir()}
    assert isinstance(window.keyring, MemoryKeyring)
    window.keyring.trouble = LOCKED
    with pytest.raises(KeyringUnavailable, check=with_code("keyring_locked")):
        move(window, place)
    assert {path.name: path.read_bytes() for path in home.iterdir()} == before


def test_a_keyring_that_does_not_forget_it_is_remembered_and_asked_again(home: Path) -> None:
    window = home_with_key_in(KeyPlace.KEYRING, home)
    keyring = window.keyring
    assert isinstance(keyring, MemoryKeyring)
    real = keyring.delete

    def locked(entry: str, *, backend: str) -> KeyringAnswer:
        return LOCKED

    keyring.delete = locked  # type: ignore[method-assign]
    move(window, KeyPlace.FILE)
    whereabouts = window.keys.whereabouts()
    assert whereabouts is not None
    assert (whereabouts.place, whereabouts.left) == (KeyPlace.FILE, (KeyPlace.KEYRING,))
    assert copies(window) == {KeyPlace.FILE, KeyPlace.KEYRING}
    keyring.delete = real  # type: ignore[method-assign]
    assert window.another().store.load(a_record().key) == a_session()
    assert copies(window) == {KeyPlace.FILE}


def test_a_full_disk_keeps_the_key_where_it_is(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    window = home_with_key_in(KeyPlace.KEYRING, home)

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        for place in (KeyPlace.FILE, KeyPlace.PASSPHRASE):
            with pytest.raises(StoreNotWritable, match="cannot save: disk full"):
                move(window, place)
    assert copies(window) == {KeyPlace.KEYRING}
    assert window.another().store.load(a_record().key) == a_session()


def test_another_key_in_the_file_is_not_replaced(home: Path) -> None:
    window = home_with_key_in(KeyPlace.KEYRING, home)
    stranger = MasterKey.new()
    window.holders.file.keep(stranger)
    with pytest.raises(Exception, match="not replaced"):
        move(window, KeyPlace.FILE)
    assert window.holders.file.fetch() == stranger
    assert window.another().store.load(a_record().key) == a_session()


def test_a_key_that_opens_nothing_is_not_moved(home: Path) -> None:
    window = home_with_key_in(KeyPlace.FILE, home)
    window.note.path.unlink()
    (home / "master.key").unlink()
    window.holders.file.keep(MasterKey.new())
    with pytest.raises(StoreWrongKey, match="another key"):
        move(window.another(), KeyPlace.KEYRING)
    assert isinstance(window.keyring, MemoryKeyring)
    assert not window.keyring.entries


# Passphrases


def test_a_passphrase_can_be_changed(home: Path) -> None:
    window = home_with_key_in(KeyPlace.PASSPHRASE, home)
    window.mover.move(KeyPlace.PASSPHRASE, passphrase=NEW_PASSPHRASE)
    later = window.another()
    with pytest.raises(WrongPassphrase):
        later.keys.unlock(PASSPHRASE)
    later.keys.unlock(NEW_PASSPHRASE)
    assert later.store.load(a_record().key) == a_session()


def test_the_old_passphrase_is_needed_to_change_it(home: Path) -> None:
    home_with_key_in(KeyPlace.PASSPHRASE, home)
    before = (home / "master-key.json").read_bytes()
    later = Window(home)
    with pytest.raises(PassphraseNeeded):
        later.mover.move(KeyPlace.PASSPHRASE, passphrase=NEW_PASSPHRASE)
    with pytest.raises(PassphraseNeeded):
        later.mover.move(KeyPlace.FILE)
    assert (home / "master-key.json").read_bytes() == before


def test_nothing_moves_under_a_passphrase_that_was_not_given(home: Path) -> None:
    window = home_with_key_in(KeyPlace.FILE, home)
    with pytest.raises(PassphraseNeeded):
        window.mover.move(KeyPlace.PASSPHRASE)
    assert copies(window) == {KeyPlace.FILE}


# Without a key


@pytest.mark.parametrize("place", KeyPlace)
def test_in_an_empty_home_a_key_is_made_where_it_was_wanted(place: KeyPlace, home: Path) -> None:
    window = Window(home)
    move(window, place)
    assert copies(window) == {place}
    window.another(passphrase=PASSPHRASE).store.save(a_session())
    assert copies(window) == {place}
    assert window.another(passphrase=PASSPHRASE).store.load(a_record().key) == a_session()


def test_in_an_empty_home_a_keyring_that_fails_is_told_at_once(home: Path) -> None:
    window = Window(home)
    assert isinstance(window.keyring, MemoryKeyring)
    window.keyring.trouble = NONE_HERE
    with pytest.raises(KeyringUnavailable, check=with_code("keyring_unusable"), match="was to go into the keyring"):
        move(window, KeyPlace.KEYRING)
    assert copies(window) == set()


def test_where_nothing_is_sealed_a_place_out_of_reach_is_given_up(home: Path) -> None:
    window = home_with_key_in(KeyPlace.KEYRING, home)
    window.store.remove(a_record().key)
    assert isinstance(window.keyring, MemoryKeyring)
    window.keyring.trouble = NONE_HERE
    later = window.another()
    move(later, KeyPlace.FILE)
    later.store.save(a_session())
    whereabouts = later.keys.whereabouts()
    assert whereabouts is not None
    assert whereabouts.place is KeyPlace.FILE


@pytest.mark.parametrize(("trouble", "code"), [(LOCKED, "keyring_locked"), (TIMED_OUT, "keyring_timeout")])
def test_a_place_that_is_only_out_of_reach_for_now_is_waited_for(trouble: KeyringAnswer, code: str, home: Path) -> None:
    window = home_with_key_in(KeyPlace.KEYRING, home)
    window.store.remove(a_record().key)
    assert isinstance(window.keyring, MemoryKeyring)
    window.keyring.trouble = trouble
    with pytest.raises(KeyringUnavailable, check=with_code(code)):
        move(window.another(), KeyPlace.FILE)
    assert copies(window) == {KeyPlace.KEYRING}


# A lost note


@pytest.mark.parametrize("place", [KeyPlace.FILE, KeyPlace.KEYRING])
@pytest.mark.parametrize("how", ["gone", "damaged"])
def test_a_key_whose_place_was_forgotten_is_found_where_its_owner_says(how: str, place: KeyPlace, home: Path) -> None:
    window = home_with_key_in(place, home)
    if how == "gone":
        (home / "master-key.json").unlink()
    else:
        (home / "master-key.json").write_bytes(b"{")
    later = window.another()
    move(later, place)
    assert window.another().store.load(a_record().key) == a_session()
    assert copies(window) == {place}


def test_a_key_that_is_not_there_either_is_said_to_be_missing_and_none_is_made(home: Path) -> None:
    window = home_with_key_in(KeyPlace.KEYRING, home)
    (home / "master-key.json").unlink()
    assert isinstance(window.keyring, MemoryKeyring)
    window.keyring.entries.clear()
    for place in KeyPlace:
        with pytest.raises(StoreLocked, check=with_code("key_missing"), match="not in"):
            move(window.another(), place)
    assert copies(window) == set()


def test_a_damaged_note_with_a_passphrase_stays_as_it_is(home: Path) -> None:
    window = home_with_key_in(KeyPlace.PASSPHRASE, home)
    damaged = (home / "master-key.json").read_bytes().replace(b"argon2id", b"argon2ie")
    (home / "master-key.json").write_bytes(damaged)
    with pytest.raises((StoreDamaged, StoreLocked), check=lambda error: error.code in {"store_damaged", "key_missing"}):
        move(window.another(passphrase=PASSPHRASE), KeyPlace.FILE)
    assert (home / "master-key.json").read_bytes() == damaged
