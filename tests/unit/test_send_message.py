"""One exchange with the selected model."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from datetime import timedelta
from decimal import Decimal

import pytest

from application.ports.chat_client import Done, Opened, ReasoningDelta, TextDelta
from application.settings import EnvKeys, Settings
from application.use_cases.send_message import Answered, SendEvent
from domain.accounts import tag
from domain.conversation import Conversation, Role, StopReason, TurnState, Usage
from domain.conversations.thread import Thread
from domain.credential import CredentialKind
from domain.errors import AuthRejected, BrokenStream, LimitReached, Offline, ProviderError, Refused, StoreNewer
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.selection import Selection
from domain.session import Session
from domain.usage.allowance import Allowance, Measure
from tests.support.credentials import NOON, a_record, a_session, an_api_key
from tests.support.fake_chat import ANSWER
from tests.support.world import World


def a_thread(*, saved: bool = True) -> Thread:
    return Thread(Conversation("c1", NOON), saved)


def selected(world: World, name: str) -> Selection:
    world.select(name, payer_agreed=True)
    selection = world.snapshot().selection
    assert selection is not None
    return selection


async def exchange(world: World, thread: Thread, text: str, name: str = "opus") -> list[SendEvent]:
    return [event async for event in world.send(thread, text, selected(world, name))]


async def test_an_answer_is_streamed_stored_and_receipted() -> None:
    world, thread = World(a_session()), a_thread()
    *deltas, last = await exchange(world, thread, "hi there")
    assert deltas == [TextDelta("Hello "), TextDelta("from the fake.")]
    assert isinstance(last, Answered)
    assert last.answer.text == "Hello from the fake."
    receipt = last.answer.receipt
    assert receipt is not None
    assert (receipt.provider, receipt.model, receipt.payer) == (Provider.CLAUDE, "claude-opus-5-5", Payer.CONSOLE)
    assert receipt.cost == Decimal("0.000148")
    stored = world.conversations.load("c1")
    assert stored is not None
    assert [turn.text for turn in stored.turns] == ["hi there", "Hello from the fake."]
    assert stored.title == "hi there"


async def test_a_plan_costs_nothing_per_token() -> None:
    world, thread = World(a_session(Provider.CHATGPT)), a_thread()
    await exchange(world, thread, "hi", "gpt")
    receipt = thread.conversation.turns[-1].receipt
    assert receipt is not None
    assert receipt.cost is None


async def test_a_conversation_goes_along_from_provider_to_provider() -> None:
    world, thread = World(*(a_session(provider) for provider in Provider)), a_thread()
    for text, name in (("one", "gpt"), ("two", "opus"), ("three", "flash"), ("four", "gpt")):
        await exchange(world, thread, text, name)
    requests = world.chat.requests
    assert [credential.record.provider for _, credential in requests] == [
        Provider.CHATGPT,
        Provider.CLAUDE,
        Provider.GEMINI,
        Provider.CHATGPT,
    ]
    assert [turn.text for turn in requests[-1][0].turns if turn.role is Role.USER] == ["one", "two", "three", "four"]


async def test_a_failure_before_the_first_word_leaves_the_thread_as_it_was() -> None:
    world, thread = World(a_session()), a_thread()
    world.chat.answers = [(Offline(Provider.CLAUDE, "no route"),)]
    with pytest.raises(Offline):
        await exchange(world, thread, "hi")
    assert thread.conversation.turns == ()
    assert world.conversations.load("c1") is None
    assert world.events.facts("message_failed") == [
        {"provider": "claude", "account": tag(a_record().key), "kind": "oauth", "reason": "offline"}
    ]


async def test_what_came_before_a_broken_stream_is_kept() -> None:
    world, thread = World(a_session()), a_thread()
    world.chat.answers = [(TextDelta("half an ans"), BrokenStream(Provider.CLAUDE))]
    with pytest.raises(BrokenStream):
        await exchange(world, thread, "hi")
    answer = thread.conversation.turns[-1]
    assert (answer.text, answer.state) == ("half an ans", TurnState.BROKEN)


async def test_stopping_keeps_what_came_and_closes_the_connection() -> None:
    world, thread = World(a_session()), a_thread()
    async with aclosing(world.send(thread, "hi", selected(world, "opus"))) as events:
        assert await anext(events) == TextDelta("Hello ")
    answer = thread.conversation.turns[-1]
    assert (answer.text, answer.state) == ("Hello ", TurnState.STOPPED)
    assert world.chat.closed == 1


async def test_cancelling_the_task_keeps_what_came_too() -> None:
    world, thread = World(a_session()), a_thread()
    world.chat.hold_before = Done
    task = asyncio.create_task(exchange(world, thread, "hi"))
    await world.chat.holding.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert thread.conversation.turns[-1].state is TurnState.STOPPED


async def test_a_401_is_answered_by_one_renewal_and_one_replay() -> None:
    world, thread = World(a_session()), a_thread()
    world.chat.answers = [(AuthRejected(Provider.CLAUDE),)]
    events = await exchange(world, thread, "hi")
    assert isinstance(events[-1], Answered)
    assert len(world.oauth.renewals) == 1
    generations = [credential.record.generation for _, credential in world.chat.requests]
    assert generations == [1, 2]


async def test_a_second_401_is_an_error_and_not_another_renewal() -> None:
    world, thread = World(a_session()), a_thread()
    world.chat.answers = [(AuthRejected(Provider.CLAUDE),), (AuthRejected(Provider.CLAUDE),)]
    with pytest.raises(AuthRejected):
        await exchange(world, thread, "hi")
    assert len(world.oauth.renewals) == 1
    assert len(world.chat.requests) == 2


@pytest.mark.parametrize("failure", [Refused(Provider.CLAUDE, "no permission"), Offline(Provider.CLAUDE, "")])
async def test_nothing_but_a_401_renews(failure: Exception) -> None:
    world, thread = World(a_session()), a_thread()
    world.chat.answers = [(failure,)]
    with pytest.raises(type(failure)):
        await exchange(world, thread, "hi")
    assert world.oauth.renewals == []


async def test_a_refused_key_is_not_replayed() -> None:
    world, thread = World(an_api_key()), a_thread()
    world.chat.answers = [(AuthRejected(Provider.CLAUDE),)]
    with pytest.raises(AuthRejected):
        await exchange(world, thread, "hi")
    assert len(world.chat.requests) == 1


async def test_the_receipt_of_a_key_says_so() -> None:
    world, thread = World(an_api_key()), a_thread()
    await exchange(world, thread, "hi")
    receipt = thread.conversation.turns[-1].receipt
    assert receipt is not None
    assert (receipt.kind, receipt.payer, receipt.account) == (CredentialKind.API_KEY, Payer.API_BILLING, "…1234")


async def test_a_key_of_the_environment_is_sent_where_config_allows_it() -> None:
    world, thread = World(settings=Settings(env_keys=EnvKeys.FALLBACK)), a_thread()
    key = world.environment.hold(Provider.CLAUDE)
    await exchange(world, thread, "hi")
    assert world.chat.requests[0][1] == key


async def test_reasoning_is_streamed_and_kept_apart_from_the_text() -> None:
    world, thread = World(a_session()), a_thread()
    world.chat.answers = [
        (ReasoningDelta("let me see"), TextDelta("42"), Done(StopReason.END, Usage(output=2, reasoning=1)))
    ]
    await exchange(world, thread, "hi")
    answer = thread.conversation.turns[-1]
    assert (answer.text, answer.reasoning) == ("42", "let me see")


async def test_an_unsaved_thread_leaves_no_trace_on_disk() -> None:
    world, thread = World(a_session()), a_thread(saved=False)
    await exchange(world, thread, "hi")
    assert world.conversations.load("c1") is None
    assert len(thread.conversation.turns) == 2


async def test_a_session_that_is_due_is_renewed_before_the_message_leaves() -> None:
    world, thread = World(a_session(obtained_at=NOON - timedelta(hours=2), access_expires_at=NOON)), a_thread()
    await exchange(world, thread, "hi")
    credential = world.chat.requests[0][1]
    assert isinstance(credential, Session)
    assert credential.record.generation == 2


# What the ledger notes


async def test_each_answer_is_noted_however_it_ended_and_also_where_nothing_is_saved() -> None:
    world, thread = World(a_session()), a_thread(saved=False)
    world.chat.answers = [
        (Opened("req_made-up", (Allowance(Measure.REQUESTS, 50, 49, NOON),)), *ANSWER),
        (TextDelta("half an ans"), BrokenStream(Provider.CLAUDE)),
        (Offline(Provider.CLAUDE, "no route"),),
    ]
    await exchange(world, thread, "one")
    for _ in range(2):
        with pytest.raises(ProviderError):
            await exchange(world, thread, "two")
    whole, half = world.ledger.entries
    assert (whole.request_id, whole.conversation, whole.ending) == ("req_made-up", "c1", TurnState.COMPLETE)
    assert whole.receipt == thread.conversation.turns[1].receipt
    assert (half.ending, half.receipt.cost) == (TurnState.BROKEN, None)
    assert [(told.billed.account, told.allowance.remaining) for told in world.ledger.told()] == [
        ("ana@example.test", 49)
    ]


async def test_a_limit_that_is_met_is_noted_with_what_was_told_of_it() -> None:
    world, thread = World(a_session(Provider.CHATGPT)), a_thread()
    left = Allowance(Measure.REQUESTS, 50, 0, NOON + timedelta(minutes=5))
    refusal = LimitReached(Provider.CHATGPT, resets_at=NOON + timedelta(hours=1))
    refusal.allowances = (left,)
    world.chat.answers = [(refusal,)]
    with pytest.raises(LimitReached):
        await exchange(world, thread, "hi", "gpt")
    (met,) = world.ledger.met
    assert (met.at, met.billed.payer, met.resets_at, met.is_of_a_plan) == (
        NOON, Payer.PLAN, NOON + timedelta(hours=1), True,
    )  # fmt: skip
    assert [told.allowance for told in world.ledger.told()] == [left]


async def test_a_ledger_that_fails_costs_no_answer_and_is_told_of() -> None:
    world, thread = World(a_session()), a_thread()
    world.ledger.fail_with = StoreNewer("ledger.db", "a newer keyswitch wrote it")
    *_, last = await exchange(world, thread, "hi")
    assert isinstance(last, Answered)
    stored = world.conversations.load("c1")
    assert stored is not None
    assert len(stored.turns) == 2
    assert world.events.facts("ledger_failed") == [{"reason": "store_newer"}]
    (notice,) = world.records.notices()
    assert notice.startswith("The ledger did not count an answer, which is not lost by that: ledger.db: a newer")
