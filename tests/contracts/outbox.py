"""What every outbox has to do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from datetime import timedelta

from application.ports.parking.outbox import Outbox
from domain.attached.attachment import Attachment
from domain.credential import CredentialKey, CredentialKind
from domain.model import Preset, ReasoningLevel
from domain.outbox.parked import Parked, ParkedState
from domain.outbox.way_back import WayBack
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.selection import Held
from tests.support.fixed_clock import NOON

_PRESET = Preset("gpt-5.1-medium", "GPT-5.1 Medium", "gpt-5.1", Provider.CHATGPT, level=ReasoningLevel.MEDIUM)
_HELD = Held(_PRESET, CredentialKey(Provider.CHATGPT, "user-1", CredentialKind.OAUTH), Payer.PLAN, "ana@example.test")
_FILES = (Attachment("notes\x1b.txt", "text/plain", b"one\r\n\xef\xbb\xbf"), Attachment("", "image/gif", b"GIF89a\0"))
FIRST = Parked("a" * 32, "conversation-1", True, "why?\n\x1b[31m", NOON, _HELD, "limit_reached", NOON, files=_FILES)
SECOND = Parked("b" * 32, "conversation-2", False, "and then?", NOON + timedelta(seconds=1))


class OutboxContract(ABC):
    @abstractmethod
    def make_outbox(self) -> Outbox:
        """Begins empty, and finds later what an earlier one of the same test kept."""

    @abstractmethod
    def let_senders_die(self) -> None:
        """Let every process that has taken a message be gone."""

    def test_what_was_parked_is_found_again_oldest_first_by_another_process(self) -> None:
        assert self.make_outbox().look().messages == ()
        self.make_outbox().park(SECOND)
        self.make_outbox().park(FIRST)
        assert self.make_outbox().look().messages == (FIRST, SECOND)

    def test_it_is_taken_once_whoever_asks_and_is_marked_from_then_on(self) -> None:
        self.make_outbox().park(SECOND)
        assert [self.make_outbox().take(SECOND.id) for _ in range(3)] == [True, False, False]
        assert [message.state for message in self.make_outbox().look().messages] == [ParkedState.SENDING]
        assert not self.make_outbox().take("c" * 32), "there is none of that name"

    def test_what_was_taken_can_be_put_back_with_another_cause_or_forgotten(self) -> None:
        outbox = self.make_outbox()
        outbox.park(SECOND)
        outbox.take(SECOND.id)
        outbox.park(replace(SECOND, cause="offline"))
        assert outbox.look().messages == (replace(SECOND, cause="offline"),)
        assert outbox.take(SECOND.id)
        outbox.forget(SECOND.id)
        outbox.forget(SECOND.id)
        assert self.make_outbox().look().messages == ()

    def test_what_goes_along_stays_with_it_however_often_it_is_put_back(self) -> None:
        outbox = self.make_outbox()
        outbox.park(FIRST)
        for _ in range(2):
            assert outbox.take(FIRST.id)
            outbox.park(FIRST)
        assert self.make_outbox().look().messages == (FIRST,)
        outbox.take(FIRST.id)
        outbox.forget(FIRST.id)
        outbox.park(FIRST)
        assert self.make_outbox().look().messages == (FIRST,)

    def test_one_whose_sender_died_may_have_been_sent_and_is_taken_once_more_by_one_alone(self) -> None:
        self.make_outbox().park(SECOND)
        self.make_outbox().take(SECOND.id)
        self.let_senders_die()
        assert self.make_outbox().look().messages == (replace(SECOND, state=ParkedState.DOUBTFUL),)
        assert [self.make_outbox().take(SECOND.id) for _ in range(2)] == [True, False]

    def test_the_way_back_of_a_conversation_is_remembered_until_it_is_forgotten(self) -> None:
        first, later = (WayBack(_HELD, "a/b", NOON + timedelta(hours=hours)) for hours in (1, 2))
        assert self.make_outbox().way_back("a/b") is None
        self.make_outbox().forget_way_back("a/b")
        for back in (first, later):
            self.make_outbox().keep_way_back(back)
            assert self.make_outbox().way_back("a/b") == back
        assert self.make_outbox().way_back("another") is None
        assert self.make_outbox().look().messages == ()
        self.make_outbox().forget_way_back("a/b")
        assert self.make_outbox().way_back("a/b") is None

    def test_the_stamp_tells_that_something_changed(self) -> None:
        stamps = [self.make_outbox().stamp()]
        self.make_outbox().park(SECOND)
        stamps.append(self.make_outbox().stamp())
        self.make_outbox().take(SECOND.id)
        stamps.append(self.make_outbox().stamp())
        self.make_outbox().forget(SECOND.id)
        stamps.append(self.make_outbox().stamp())
        assert len(set(stamps)) == len(stamps)
