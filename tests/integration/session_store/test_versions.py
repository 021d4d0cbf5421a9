"""Two versions of keyswitch over one home, one after the other and at once: neither costs the other anything."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.session_store.store import SealedFileStore
from domain.credential import Setback, Tombstone
from domain.errors import StoreNewer
from domain.provider import Provider
from domain.session import Session, renewed
from tests.support.credentials import NOON, a_record, a_session
from tests.support.newer_store import STRANGE, NewerStore, sealed_text_of, text_of

CLAUDE = a_record(Provider.CLAUDE)


def expected() -> dict[str, str]:
    value = text_of(STRANGE)
    parts = dict.fromkeys(("member", "part", "bound", "note"), value)
    return {**parts, "secret": sealed_text_of(["fake-later", STRANGE])}


@pytest.fixture
def newer(home: Path) -> NewerStore:
    """A later version, with a session of each provider."""
    store = NewerStore(home)
    for provider in Provider:
        store.save(a_session(provider))
    return store


def renew(store: SealedFileStore, session: Session, *, commit: bool) -> None:
    """As a renewal does, or as a sign-in does."""
    fresh = renewed(session, by=a_session(session.record.provider, generation=session.record.generation + 1))
    if not commit:
        store.save(fresh)
        return
    with store.renewing(session.record.key, timeout=1), store.reserve(session.record.key) as reservation:
        assert reservation.commit(fresh)


@pytest.mark.parametrize("commit", [True, False], ids=["renewed", "saved"])
def test_a_round_trip_through_this_version_keeps_every_later_member_as_it_was(
    commit: bool, store: SealedFileStore, newer: NewerStore
) -> None:
    assert newer.later_parts(CLAUDE.key) == expected()  # or this test could not fail
    for _ in range(3):
        session = store.load(CLAUDE.key)
        assert isinstance(session, Session)
        renew(store, session, commit=commit)
    assert newer.later_parts(CLAUDE.key) == expected()
    stored = store.load(CLAUDE.key)
    assert stored is not None
    assert stored.record.generation == 4


def test_notes_marks_and_removals_keep_them_too(store: SealedFileStore, newer: NewerStore) -> None:
    store.annotate(replace(CLAUDE, setback=Setback("down", 1, NOON)))
    store.annotate(replace(CLAUDE, tombstone=Tombstone("invalid_grant", NOON)))
    store.activate(CLAUDE.key)
    assert store.remove(a_record(Provider.GEMINI).key)
    for provider in (Provider.CLAUDE, Provider.CHATGPT):
        assert newer.later_parts(a_record(provider).key) == expected()


def test_a_neighbour_is_not_even_written_in_another_way(store: SealedFileStore, newer: NewerStore, home: Path) -> None:
    before = [line.rstrip(b",") for line in (home / "auth.json").read_bytes().splitlines()]
    store.save(a_session(Provider.CLAUDE, generation=2))
    after = [line.rstrip(b",") for line in (home / "auth.json").read_bytes().splitlines()]
    assert [old == new for old, new in zip(before, after, strict=True)] == [True, True, False, True, True]


def test_a_new_sign_in_of_the_account_has_none_of_the_old_ones_later_secrets(
    store: SealedFileStore, newer: NewerStore
) -> None:
    store.save(a_session(Provider.CLAUDE, session_id="another-sign-in"))
    with pytest.raises(KeyError, match="later_secret"):
        newer.later_parts(CLAUDE.key)


def test_both_at_once_lose_nothing_of_each_other(store: SealedFileStore, newer: NewerStore, home: Path) -> None:
    rounds = 40

    def here() -> None:
        for _ in range(rounds):
            session = store.load(CLAUDE.key)
            assert isinstance(session, Session)
            renew(store, session, commit=True)

    def there() -> None:
        later = NewerStore(home)
        for number in range(rounds):
            later.save(a_session(Provider.GEMINI, generation=number + 2))

    with ThreadPoolExecutor(2) as both:
        for done in [both.submit(here), both.submit(there)]:
            done.result(60)

    generations = {record.provider: record.generation for record in store.records()}
    assert generations == {Provider.CHATGPT: 1, Provider.CLAUDE: rounds + 1, Provider.GEMINI: rounds + 1}
    for provider in Provider:
        assert newer.later_parts(a_record(provider).key) == expected()


def test_a_later_format_is_read_and_never_written(store: SealedFileStore, newer: NewerStore, home: Path) -> None:
    NewerStore(home, version=3).save(a_session(Provider.CLAUDE))
    before = (home / "auth.json").read_bytes()
    assert store.load(CLAUDE.key) == a_session(Provider.CLAUDE)
    assert {record.provider for record in store.records()} == set(Provider)
    for write in (
        lambda: store.save(a_session(Provider.CLAUDE, generation=2)),
        lambda: store.annotate(replace(CLAUDE, setback=Setback("down", 1, NOON))),
        lambda: store.activate(CLAUDE.key),
        lambda: store.remove(CLAUDE.key),
    ):
        with pytest.raises(StoreNewer):
            write()
    session = store.load(CLAUDE.key)
    assert isinstance(session, Session)
    with pytest.raises(StoreNewer):
        renew(store, session, commit=True)
    assert (home / "auth.json").read_bytes() == before


def test_a_later_format_that_is_gone_is_not_replaced_by_an_older_one(
    store: SealedFileStore, newer: NewerStore, home: Path
) -> None:
    NewerStore(home, version=3).save(a_session(Provider.CLAUDE))
    (home / "auth.json").unlink()
    assert {record.provider for record in store.records()} == set(Provider)
    with pytest.raises(StoreNewer):
        store.save(a_session(Provider.CLAUDE, generation=2))
    assert not (home / "auth.json").exists()


def test_a_record_without_this_versions_members_is_read(store: SealedFileStore, home: Path) -> None:
    """As an earlier version wrote it: what is missing has its usual meaning."""
    NewerStore(home).save(a_session(Provider.CLAUDE), without=("imported", "api_account", "unrotated"))
    assert store.load(CLAUDE.key) == a_session(Provider.CLAUDE)
    renew(store, a_session(Provider.CLAUDE), commit=True)
    assert not store.records()[0].imported
