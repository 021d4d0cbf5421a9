"""An older file put back beside a newer one: the newest that any file of the home knows counts."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import product
from pathlib import Path

from adapters.earlier_programs.accounts_file import others_at_work
from adapters.session_store.reading_records import StoreReader
from adapters.session_store.store import SealedFileStore
from domain.credential import CredentialRecord
from domain.provider import Provider
from domain.session import SessionState, state_of
from tests.support.credentials import NOON, a_record, a_session

FILES = ("auth.json", "auth.json.bak", "auth.json.generations")


def renewed_from_3_to_7(store: SealedFileStore, home: Path) -> dict[str, bytes]:
    """Claude's session of the generation 3, as it stood in each file; then it was renewed four times."""
    store.save(a_session(generation=3))
    old = {name: (home / name).read_bytes() for name in FILES}
    for generation in range(4, 8):
        store.save(a_session(generation=generation))
    return old


def claudes(home: Path) -> CredentialRecord:
    return next(record for record in StoreReader(home).records() if record.provider is Provider.CLAUDE)


def test_whichever_files_are_put_back_an_older_record_is_never_taken_for_the_latest(
    store: SealedFileStore, home: Path
) -> None:
    old = renewed_from_3_to_7(store, home)
    new = {name: (home / name).read_bytes() for name in FILES}
    wrong = []
    for put_back in product((False, True), repeat=len(FILES)):
        for name, back in zip(FILES, put_back, strict=True):
            (home / name).write_bytes((old if back else new)[name])
        record, loaded = claudes(home), store.load(a_record().key)
        seen = (record.generation, record.older_copy, loaded is not None and loaded.record.generation)
        both_older, mark_older = put_back[0] and put_back[1], put_back[2]
        expected = (3, not mark_older, 3) if both_older else (7, False, 7)
        if seen != expected:
            wrong.append((put_back, seen, expected))
    assert wrong == []


def test_the_newer_copy_takes_its_place_again_and_that_is_said_once(store: SealedFileStore, home: Path) -> None:
    old = renewed_from_3_to_7(store, home)
    (home / "auth.json").write_bytes(old["auth.json"])
    assert others_at_work(home)
    store.save(a_session(Provider.GEMINI))
    stored = json.loads((home / "auth.json").read_bytes())["records"]
    assert [record["bound"]["generation"] for record in stored] == [7, 1]
    (notice,) = store.notices()
    assert "was older than auth.json.bak; restored" in notice
    assert not (home / "auth.json.damaged").exists()


def test_a_sign_in_that_an_older_file_does_not_know_comes_back_and_one_that_was_ended_does_not(
    store: SealedFileStore, home: Path
) -> None:
    for provider in Provider:
        store.save(a_session(provider))
    before = (home / "auth.json").read_bytes()
    store.save(a_session(Provider.CLAUDE, account="work", active=False))
    store.remove(a_record(Provider.GEMINI).key)
    (home / "auth.json").write_bytes(before)
    keys = {record.key for record in store.records()}
    assert a_record(Provider.CLAUDE, account="work").key in keys
    store.save(a_session(Provider.CHATGPT, generation=2))
    store.remove(a_record(Provider.GEMINI).key)
    assert a_record(Provider.GEMINI).key not in {record.key for record in store.records()}


def test_of_two_sign_ins_of_one_account_the_later_counts(store: SealedFileStore, home: Path) -> None:
    store.save(a_session(generation=9))
    older = (home / "auth.json").read_bytes()
    later = a_session(session_id="a later sign-in", obtained_at=NOON + timedelta(hours=1))
    store.save(later)
    (home / "auth.json").write_bytes(older)
    assert store.load(a_record().key) == later
    (home / "auth.json.bak").write_bytes(older)
    assert claudes(home).older_copy


def test_an_older_copy_is_uncertain_until_it_was_renewed(store: SealedFileStore, home: Path) -> None:
    old = renewed_from_3_to_7(store, home)
    for name in FILES[:2]:
        (home / name).write_bytes(old[name])
    stored = StoreReader(home).stored()
    assert state_of(stored.records[0], NOON) is SessionState.UNCERTAIN
    assert "is an older copy" in stored.notices[0]
    with store.renewing(a_record().key, timeout=0), store.reserve(a_record().key) as room:
        assert room.commit(a_session(generation=4)) is True
    assert StoreReader(home).stored().notices == ()
    assert not claudes(home).older_copy
