"""What every chat client promises."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from typing import Final

import pytest

from application.ports.chat_client import ChatClient, ChatEvent, ChatRequest, Done, TextDelta
from domain.conversation import StopReason
from domain.errors import (
    AnswerUnreadable,
    AuthRejected,
    BrokenStream,
    KeyswitchError,
    LimitReached,
    Offline,
    Overloaded,
    Refused,
)
from domain.session import Credential
from tests.support.credentials import NOON

SOON: Final = 5.0
"""Seconds within which something that needs no network has happened, on a busy machine."""

LIMIT_SECONDS: Final = 90.0
"""The wait that a provider names in `Play.LIMIT`: too long to be waited for in silence."""


class Play(Enum):
    """What the provider does with the next question."""

    ANSWER = auto()
    REJECT = auto()
    LIMIT = auto()
    """With `LIMIT_SECONDS` to wait."""
    SPENT = auto()
    """A limit without any word on when it ends."""
    BUSY = auto()
    """However often it is asked."""
    REFUSE = auto()
    UNREADABLE = auto()
    NOBODY_THERE = auto()
    """However often it is asked."""
    CUT = auto()
    """After some text, without a word."""
    END_EARLY = auto()
    """After some text, in good order."""
    FAIL = auto()
    """After some text, with a report that it is overloaded."""
    STALL = auto()
    """After some text, for ever."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A client, and somebody to ask with a credential that is good."""

    client: ChatClient
    request: ChatRequest
    credential: Credential

    async def ask(self, seen: list[ChatEvent] | None = None) -> list[ChatEvent]:
        """All events of the answer; *seen* has them even if an error ends it."""
        seen = [] if seen is None else seen
        async for event in self.client.stream(self.request, self.credential):
            seen.append(event)
        return seen


class ChatClientContract(ABC):
    """One question and what can become of it. The clock stands at noon."""

    @abstractmethod
    def stage(self, play: Play) -> Stage:
        """A stage on which the provider will do *play*, then answer normally."""

    @abstractmethod
    async def line_is_closed(self) -> bool:
        """Wait until nothing is under way between client and provider; False if that does not happen soon."""

    async def test_an_answer_comes_in_pieces_and_ends_with_its_counts(self) -> None:
        events = await self.stage(Play.ANSWER).ask()

        assert [type(event) for event in events].count(TextDelta) > 1
        assert [event for event in events if isinstance(event, Done)] == events[-1:]
        assert isinstance(events[-1], Done)
        assert events[-1].stop is StopReason.END
        assert events[-1].usage.input > 0
        assert events[-1].usage.output > 0

    async def test_no_piece_is_empty(self) -> None:
        assert all(event.text for event in await self.stage(Play.ANSWER).ask() if isinstance(event, TextDelta))

    @pytest.mark.parametrize(
        ("play", "error"),
        [
            (Play.REJECT, AuthRejected),
            (Play.LIMIT, LimitReached),
            (Play.SPENT, LimitReached),
            (Play.BUSY, Overloaded),
            (Play.REFUSE, Refused),
            (Play.UNREADABLE, AnswerUnreadable),
            (Play.NOBODY_THERE, Offline),
        ],
    )
    async def test_a_question_that_is_not_answered_ends_in_an_error_before_any_event(
        self, play: Play, error: type[KeyswitchError]
    ) -> None:
        seen: list[ChatEvent] = []
        stage = self.stage(play)

        with pytest.raises(error):
            await stage.ask(seen)

        assert seen == []

    async def test_a_limit_tells_its_end_where_the_provider_does(self) -> None:
        with pytest.raises(LimitReached) as caught:
            await self.stage(Play.LIMIT).ask()

        assert caught.value.resets_at == NOON + timedelta(seconds=LIMIT_SECONDS)

    async def test_no_end_of_a_limit_is_invented(self) -> None:
        with pytest.raises(LimitReached) as caught:
            await self.stage(Play.SPENT).ask()

        assert caught.value.resets_at is None

    @pytest.mark.parametrize(
        ("play", "error"),
        [(Play.CUT, BrokenStream), (Play.END_EARLY, BrokenStream), (Play.FAIL, Overloaded)],
    )
    async def test_what_came_before_an_answer_broke_is_given_out_once(
        self, play: Play, error: type[KeyswitchError]
    ) -> None:
        seen: list[ChatEvent] = []
        stage = self.stage(play)

        with pytest.raises(error):
            await stage.ask(seen)

        assert any(isinstance(event, TextDelta) for event in seen)
        assert not any(isinstance(event, Done) for event in seen)

    async def test_closing_the_iterator_closes_the_line(self) -> None:
        stage = self.stage(Play.STALL)
        answer = stage.client.stream(stage.request, stage.credential)
        async with asyncio.timeout(SOON):
            await anext(answer)
            await answer.aclose()

        assert await self.line_is_closed()
        assert isinstance((await stage.ask())[-1], Done)

    async def test_cancelling_whoever_waits_closes_the_line(self) -> None:
        stage = self.stage(Play.STALL)
        seen: list[ChatEvent] = []
        first = asyncio.Event()

        async def listen() -> None:
            async for event in stage.client.stream(stage.request, stage.credential):
                seen.append(event)
                first.set()

        listening = asyncio.create_task(listen())
        async with asyncio.timeout(SOON):
            await first.wait()
            listening.cancel()
            with pytest.raises(asyncio.CancelledError):
                await listening

        assert await self.line_is_closed()
        assert isinstance((await stage.ask())[-1], Done)

    async def test_two_questions_at_once_do_not_wait_for_each_other(self) -> None:
        stage = self.stage(Play.STALL)
        stalled = stage.client.stream(stage.request, stage.credential)
        async with asyncio.timeout(SOON):
            await anext(stalled)
            assert isinstance((await stage.ask())[-1], Done)
            await stalled.aclose()
