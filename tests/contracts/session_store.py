"""What every session store promises."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from application.ports.session_store import Removed, SessionStore
from domain.credential import BootStamp, CredentialKey, CredentialRecord, Rejection, Setback, Tombstone
from domain.errors import StoreBusy
from domain.provider import Provider
from domain.session import Session, renewed
from domain.text.secret import Secret
from tests.support.credentials import NOON, a_record, a_session, an_api_key, an_intent

SETBACK = Setback(reason="the provider is down", attempts=2, next_try=NOON + timedelta(minutes=4), at=NOON)
TOMBSTONE = Tombstone(reason="invalid_grant", at=NOON, fingerprint="0123456789abcdef", interrupted=True)
REJECTION = Rejection(generation=1, times=(NOON, NOON + timedelta(minutes=5)))


class SessionStoreContract(ABC):
    @abstractmethod
    def make_store(self) -> SessionStore:
        """An empty store. The return type is the static half of the contract."""

    @abstractmethod
    def other_view(self, store: SessionStore) -> SessionStore:
        """The same store as another process would open it."""

    # Saving and loading

    def test_an_empty_store_knows_nothing(self) -> None:
        store = self.make_store()
        assert store.records() == ()
        assert store.load(a_record().key) is None

    def test_a_saved_session_is_loaded_as_it_was(self) -> None:
        store = self.make_store()
        session = replace(a_session(), id_token=Secret("fake-id-1"))
        store.save(session)
        assert store.load(session.record.key) == session
        assert store.records() == (session.record,)

    def test_every_member_of_a_record_is_kept(self) -> None:
        store = self.make_store()
        record = a_record(
            account="subject|1/2 ü",
            label="Ana \u202e\u0000 Müller",
            generation=7,
            obtained_at=NOON + timedelta(microseconds=1),
            sign_in_expires_at=NOON + timedelta(days=90),
            scopes=("a", "b c"),
            earliest_refresh_at=NOON + timedelta(minutes=50),
            obtained_at_boot=BootStamp("fake-boot", 1234.5),
            clock_ahead=timedelta(seconds=-7200.5),
            unrotated=2,
            setback=SETBACK,
            tombstone=TOMBSTONE,
            intent=replace(an_intent(attempt=2), answered=True),
            rejection=REJECTION,
        )
        session = Session(record, Secret("fake-access"), Secret("fake-refresh"))
        store.save(session)
        assert store.load(record.key) == session
        assert self.other_view(store).records() == (record,)

    def test_what_a_provider_did_not_give_stays_absent(self) -> None:
        store = self.make_store()
        session = a_session(renewable=False, access_expires_at=None, scopes=(), client_id="", plan_scope="plan.use")
        store.save(session)
        loaded = store.load(session.record.key)
        assert loaded == session
        assert isinstance(loaded, Session)
        assert loaded.refresh_token is None
        assert loaded.record.access_expires_at is None

    def test_a_saved_api_key_is_loaded_as_it_was(self) -> None:
        store = self.make_store()
        store.save(an_api_key())
        assert store.load(an_api_key().record.key) == an_api_key()

    def test_the_kinds_of_one_provider_stand_side_by_side(self) -> None:
        store = self.make_store()
        store.save(a_session())
        store.save(an_api_key())
        assert store.load(a_record().key) == a_session()
        assert store.load(an_api_key().record.key) == an_api_key()

    def test_saving_again_takes_the_place_of_the_earlier_one_and_leaves_the_others(self) -> None:
        store = self.make_store()
        for provider in Provider:
            store.save(a_session(provider))
        newer = a_session(Provider.CLAUDE, generation=2)
        store.save(newer)
        assert store.load(newer.record.key) == newer
        assert [record.provider for record in store.records()] == list(Provider)
        for provider in (Provider.CHATGPT, Provider.GEMINI):
            assert store.load(a_record(provider).key) == a_session(provider)

    def test_what_one_process_saves_the_others_load(self) -> None:
        store = self.make_store()
        other = self.other_view(store)
        store.save(a_session())
        assert other.load(a_record().key) == a_session()

    def test_a_loaded_credential_shows_no_secret(self) -> None:
        store = self.make_store()
        store.save(a_session())
        assert "fake-access" not in repr(store.load(a_record().key))
        assert "fake-" not in "".join(map(repr, store.records())).replace("fake-client", "")

    # The active one

    def test_activating_one_account_takes_the_mark_from_its_rival_and_from_nobody_else(self) -> None:
        store = self.make_store()
        store.save(a_session(account="ana"), activate=True)
        store.save(a_session(Provider.GEMINI), activate=True)
        store.save(an_api_key(), activate=True)
        store.save(a_session(account="work", active=False), activate=True)
        assert actives(store) == {
            a_record(account="work").key,
            a_record(Provider.GEMINI).key,
            an_api_key().record.key,
        }
        assert store.load(a_record(account="ana").key) == a_session(account="ana", active=False)

    def test_an_old_copy_that_is_saved_does_not_take_the_mark_back(self) -> None:
        """Another process may have changed the account while this one was renewing."""
        store = self.make_store()
        store.save(a_session(account="ana"), activate=True)
        old = store.load(a_record(account="ana").key)
        store.save(a_session(account="work"), activate=True)
        assert isinstance(old, Session)
        assert old.record.active
        store.save(renewed(old, by=a_session(account="ana")))
        assert actives(store) == {a_record(account="work").key}

    def test_a_renewal_leaves_the_mark_where_it_is(self) -> None:
        store = self.make_store()
        store.save(a_session(), activate=True)
        store.save(a_session(active=False, generation=2))
        assert actives(store) == {a_record().key}

    def test_a_new_one_brings_its_own_mark(self) -> None:
        store = self.make_store()
        store.save(a_session(account="ana", active=True))
        store.save(a_session(account="idle", active=False))
        assert actives(store) == {a_record(account="ana").key}
        store.save(a_session(account="work", active=True))
        assert actives(store) == {a_record(account="work").key}

    def test_the_mark_is_moved_by_hand_and_nothing_else_changes(self) -> None:
        store = self.make_store()
        store.save(a_session(account="ana"), activate=True)
        store.save(a_session(Provider.GEMINI), activate=True)
        store.save(an_api_key(), activate=True)
        store.save(a_session(account="work", active=False, generation=3))
        assert self.other_view(store).activate(a_record(account="work").key) is True
        assert actives(store) == {
            a_record(account="work").key,
            a_record(Provider.GEMINI).key,
            an_api_key().record.key,
        }
        assert store.load(a_record(account="work").key) == a_session(account="work", generation=3)
        assert store.load(a_record(account="ana").key) == a_session(account="ana", active=False)

    def test_the_mark_of_the_active_one_is_not_written_again(self) -> None:
        store = self.make_store()
        store.save(a_session(), activate=True)
        before = store.stamp()
        assert store.activate(a_record().key) is True
        assert store.stamp() == before

    def test_what_is_not_stored_cannot_be_made_active(self) -> None:
        store = self.make_store()
        store.save(a_session(), activate=True)
        assert store.activate(a_record(account="work").key) is False
        assert actives(store) == {a_record().key}

    # Notes

    @pytest.mark.parametrize(
        "noted",
        [
            a_record(setback=SETBACK),
            a_record(tombstone=TOMBSTONE),
            a_record(intent=an_intent()),
            a_record(rejection=REJECTION),
        ],
        ids=["a setback", "a tombstone", "an intent", "a rejection"],
    )
    def test_a_note_is_stored_beside_the_secrets(self, noted: CredentialRecord) -> None:
        store = self.make_store()
        store.save(a_session())
        store.annotate(noted)
        assert self.other_view(store).records() == (noted,)
        assert store.load(noted.key) == replace(a_session(), record=noted)

    def test_a_note_can_be_taken_back(self) -> None:
        store = self.make_store()
        store.save(a_session(setback=SETBACK))
        store.annotate(a_record(setback=None))
        assert store.load(a_record().key) == a_session()

    def test_a_note_changes_nothing_else(self) -> None:
        store = self.make_store()
        store.save(a_session(account="ana"), activate=True)
        store.save(a_session(account="work"), activate=True)
        store.annotate(a_record(account="ana", active=True, label="somebody else", setback=SETBACK))
        assert store.records()[0] == a_record(account="ana", active=False, setback=SETBACK)
        assert actives(store) == {a_record(account="work").key}

    @pytest.mark.parametrize(
        "copy",
        [a_record(generation=1), a_record(generation=3), a_record(generation=2, session_id="an earlier sign-in")],
        ids=["an older generation", "a newer generation", "another sign-in"],
    )
    def test_a_note_on_another_copy_is_dropped(self, copy: CredentialRecord) -> None:
        store = self.make_store()
        store.save(a_session(generation=2))
        before = store.stamp()
        store.annotate(replace(copy, tombstone=TOMBSTONE))
        assert store.records() == (a_record(generation=2),)
        assert store.stamp() == before

    def test_a_note_on_what_is_not_stored_is_dropped(self) -> None:
        store = self.make_store()
        store.annotate(a_record(tombstone=TOMBSTONE))
        assert store.records() == ()

    def test_a_store_that_works_is_ready(self) -> None:
        store = self.make_store()
        store.ready()
        store.save(a_session())
        store.ready()
        assert store.records() == (a_record(),)

    # Removing

    def test_a_removed_credential_is_gone_and_the_others_are_not(self) -> None:
        store = self.make_store()
        for provider in Provider:
            store.save(a_session(provider))
        assert store.remove(a_record(Provider.CLAUDE).key) == Removed(a_session(Provider.CLAUDE))
        assert store.load(a_record(Provider.CLAUDE).key) is None
        assert [record.provider for record in store.records()] == [Provider.CHATGPT, Provider.GEMINI]
        assert store.load(a_record(Provider.GEMINI).key) == a_session(Provider.GEMINI)

    def test_removing_what_is_not_there_says_so(self) -> None:
        store = self.make_store()
        assert store.remove(a_record().key) is None
        store.save(a_session())
        assert store.remove(a_record(account="work").key) is None
        assert store.records() == (a_record(),)

    def test_what_was_removed_can_be_saved_again(self) -> None:
        store = self.make_store()
        store.save(a_session())
        store.remove(a_record().key)
        store.save(a_session(generation=5))
        assert store.load(a_record().key) == a_session(generation=5)

    # The right to renew

    def test_only_one_holds_the_right_to_renew(self) -> None:
        store = self.make_store()
        other = self.other_view(store)
        with (
            store.renewing(a_record().key, timeout=0),
            pytest.raises(StoreBusy),
            other.renewing(a_record().key, timeout=0.01),
        ):
            pytest.fail("two held it")

    def test_the_right_excludes_threads_of_one_process(self) -> None:
        store = self.make_store()
        inside = 0
        most = 0

        def hold(_: int) -> None:
            nonlocal inside, most
            with store.renewing(a_record().key, timeout=30):
                inside += 1
                most = max(most, inside)
                store.records()
                inside -= 1

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(hold, range(64)))
        assert most == 1

    def test_the_right_comes_free_at_the_end_even_after_a_failure(self) -> None:
        store = self.make_store()
        with pytest.raises(ZeroDivisionError), store.renewing(a_record().key, timeout=0):
            raise ZeroDivisionError
        with self.other_view(store).renewing(a_record().key, timeout=0):
            pass

    def test_whoever_waits_for_the_right_gets_it_when_it_comes_free(self) -> None:
        store = self.make_store()
        waiting, got_it = threading.Event(), threading.Event()

        def wait() -> None:
            waiting.set()
            with self.other_view(store).renewing(a_record().key, timeout=30):
                got_it.set()

        with ThreadPoolExecutor(1) as pool:
            with store.renewing(a_record().key, timeout=0):
                waiter = pool.submit(wait)
                waiting.wait(30)
                assert not got_it.is_set()
            waiter.result(30)
        assert got_it.is_set()

    def test_one_thread_may_take_the_right_and_another_give_it_back(self) -> None:
        """An event loop hands both to worker threads."""
        store = self.make_store()
        with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as other:
            right = store.renewing(a_record().key, timeout=0)
            one.submit(right.__enter__).result(30)
            other.submit(right.__exit__, None, None, None).result(30)
        with store.renewing(a_record().key, timeout=0):
            pass

    def test_the_right_to_one_credential_is_no_right_to_another(self) -> None:
        store = self.make_store()
        keys = [a_record().key, a_record(account="work").key, a_record(Provider.GEMINI).key, an_api_key().record.key]
        with (
            store.renewing(keys[0], timeout=0),
            store.renewing(keys[1], timeout=0),
            store.renewing(keys[2], timeout=0),
            store.renewing(keys[3], timeout=0),
        ):
            assert store.records() == ()

    def test_the_holder_of_the_right_can_use_the_store(self) -> None:
        store = self.make_store()
        with store.renewing(a_record().key, timeout=0):
            store.save(a_session())
            store.annotate(a_record(setback=SETBACK))
            assert self.other_view(store).remove(a_record().key)

    # Room for a renewal

    def test_what_room_was_kept_for_is_stored_in_place_of_the_last_generation(self) -> None:
        store = self.make_store()
        for provider in Provider:
            store.save(a_session(provider), activate=True)
        with store.reserve(a_record().key) as room:
            store.annotate(a_record(intent=an_intent()))
            assert room.commit(a_session(generation=2)) is True
            assert self.other_view(store).load(a_record().key) == a_session(generation=2)
        assert store.load(a_record().key) == a_session(generation=2)
        assert store.load(a_record(Provider.GEMINI).key) == a_session(Provider.GEMINI)
        assert store.rescued(a_record().key) is None

    def test_storing_it_twice_is_storing_it_once(self) -> None:
        store = self.make_store()
        store.save(a_session())
        with store.reserve(a_record().key) as room:
            assert room.commit(a_session(generation=2)) is True
            stamp = store.stamp()
            assert room.commit(a_session(generation=2)) is True
            assert store.stamp() == stamp

    @pytest.mark.parametrize(
        "meanwhile",
        [
            None,
            a_session(session_id="a later sign-in"),
            a_session(session_id="a later sign-in", generation=2),
            a_session(generation=2, label="renewed by another"),
            a_session(generation=3),
        ],
        ids=["signed out", "another sign-in", "another sign-in, renewed", "renewed", "renewed twice"],
    )
    def test_an_answer_that_came_too_late_changes_nothing(self, meanwhile: Session | None) -> None:
        store = self.make_store()
        store.save(a_session())
        with store.reserve(a_record().key) as room:
            if meanwhile is None:
                store.remove(a_record().key)
            else:
                store.save(meanwhile)
            stamp = store.stamp()
            is_this_one = meanwhile is not None and version(meanwhile.record) == version(a_record(generation=2))
            assert room.commit(a_session(generation=2)) is is_this_one
            assert store.stamp() == stamp
        assert store.load(a_record().key) == meanwhile

    def test_what_could_not_be_stored_is_kept_beside_and_found_by_others(self) -> None:
        store = self.make_store()
        store.save(a_session())
        with store.reserve(a_record().key) as room:
            room.rescue(a_session(generation=2))
        other = self.other_view(store)
        assert other.rescued(a_record().key) == a_session(generation=2)
        assert other.load(a_record().key) == a_session()
        other.save(a_session(generation=2))
        assert store.rescued(a_record().key) is None, "it is not the next generation any more"

    def test_a_rescued_copy_of_a_session_that_was_signed_out_is_worth_nothing(self) -> None:
        store = self.make_store()
        store.save(a_session())
        with store.reserve(a_record().key) as room:
            room.rescue(a_session(generation=2))
        store.remove(a_record().key)
        assert store.rescued(a_record().key) is None
        store.save(a_session(session_id="a later sign-in"))
        assert store.rescued(a_record().key) is None

    def test_room_that_was_not_needed_leaves_nothing(self) -> None:
        store = self.make_store()
        store.save(a_session())
        stamp = store.stamp()
        with store.reserve(a_record().key):
            pass
        assert store.rescued(a_record().key) is None
        assert store.stamp() == stamp

    # The stamp

    def test_the_stamp_changes_with_every_change_and_with_nothing_else(self) -> None:
        store = self.make_store()
        other = self.other_view(store)
        stamps = [other.stamp()]
        store.save(a_session())
        stamps.append(other.stamp())
        store.annotate(a_record(setback=SETBACK))
        stamps.append(other.stamp())
        store.remove(a_record().key)
        stamps.append(other.stamp())
        assert len(set(stamps)) == 4
        store.records()
        store.load(a_record().key)
        store.remove(a_record().key)
        assert store.stamp() == stamps[-1]


def version(record: CredentialRecord) -> tuple[int, str]:
    return record.generation, record.session_id


def actives(store: SessionStore) -> set[CredentialKey]:
    return {record.key for record in store.records() if record.active}
