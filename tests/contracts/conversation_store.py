"""What every conversation store promises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from application.ports.conversation_store import ConversationStore
from domain.conversation import Conversation, Receipt, Role, StopReason, Turn, TurnState, Usage
from domain.credential import CredentialKey, CredentialKind
from domain.errors import StoreError
from domain.model import Preset, ReasoningLevel
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.selection import Held

START = datetime(2026, 11, 23, 12, 30, 0, 123456, tzinfo=UTC)

RECEIPT = Receipt(
    provider=Provider.CLAUDE,
    preset="claude-opus-4.1",
    model="claude-opus-5-5",
    label="Claude Opus 5.5",
    account="ana@example.test",
    kind=CredentialKind.OAUTH,
    payer=Payer.CONSOLE,
    usage=Usage(input=120, output=34, cached=100, reasoning=7),
    cost=0.00116,
    seconds=1.25,
)


OPUS = Held(
    Preset("mine", "Müller\x1b's Opus", "claude-opus-5-5", Provider.CLAUDE, level=ReasoningLevel.HIGH),
    CredentialKey(Provider.CLAUDE, "ana\n"),
    Payer.CONSOLE,
    "ana@example.test",
)
BY_KEY = Held(
    Preset("gpt-5.1-medium", "GPT-5.1 Medium", "gpt-5.1", Provider.CHATGPT),
    CredentialKey(Provider.CHATGPT, "key-0123", CredentialKind.API_KEY),
    Payer.API_BILLING,
    "…1234",
    "sign-in-1",
)


def asked(text: str) -> Turn:
    return Turn(role=Role.USER, text=text, at=START)


def conversation(name: str, *turns: Turn) -> Conversation:
    return Conversation(id=name, started=START, title=f"About {name}", turns=turns)


class ConversationStoreContract(ABC):
    @abstractmethod
    def make_store(self) -> ConversationStore:
        """An empty store. The return type is the static half of the contract."""

    @pytest.fixture
    def store(self) -> ConversationStore:
        return self.make_store()

    def test_an_empty_store_has_no_latest(self, store: ConversationStore) -> None:
        assert store.latest() is None

    def test_an_unknown_conversation_loads_as_none(self, store: ConversationStore) -> None:
        assert store.load("nobody") is None

    def test_a_conversation_comes_back_as_it_began(self, store: ConversationStore) -> None:
        begun = conversation("a", asked("Hello"), asked("Anyone?"))
        store.begin(begun)
        assert store.load("a") == begun

    def test_a_turn_keeps_everything_it_had(self, store: ConversationStore) -> None:
        store.begin(conversation("a"))
        answer = Turn(
            role=Role.ASSISTANT,
            text="Grüße 👋\x00\r\n\ttail ",
            at=START + timedelta(seconds=2),
            state=TurnState.BROKEN,
            reasoning="They greet.",
            receipt=RECEIPT,
            stop=StopReason.LENGTH,
        )
        store.append("a", answer)
        loaded = store.load("a")
        assert loaded is not None
        assert loaded.turns == (answer,)

    def test_a_time_of_another_zone_comes_back_as_the_same_moment(self, store: ConversationStore) -> None:
        elsewhere = START.astimezone(timezone(timedelta(hours=5, minutes=45)))
        store.begin(conversation("a", Turn(role=Role.USER, text="Hi", at=elsewhere)))
        loaded = store.load("a")
        assert loaded is not None
        assert loaded.turns[0].at == START

    def test_turns_come_back_in_the_order_they_were_added(self, store: ConversationStore) -> None:
        store.begin(conversation("a", asked("0")))
        for number in range(1, 12):
            store.append("a", asked(str(number)))
        loaded = store.load("a")
        assert loaded is not None
        assert [turn.text for turn in loaded.turns] == [str(number) for number in range(12)]

    @pytest.mark.parametrize(
        ("asked_for", "expected"), [(0, []), (1, ["4"]), (3, ["2", "3", "4"]), (99, list("01234"))]
    )
    def test_only_the_last_turns_are_loaded_where_a_number_is_given(
        self, store: ConversationStore, asked_for: int, expected: list[str]
    ) -> None:
        store.begin(conversation("a", *(asked(str(number)) for number in range(5))))
        loaded, latest = store.load("a", turns=asked_for), store.latest(turns=asked_for)
        assert loaded is not None
        assert [turn.text for turn in loaded.turns] == expected
        assert latest == loaded

    def test_the_latest_is_the_one_that_was_last_added_to(self, store: ConversationStore) -> None:
        store.begin(conversation("a", asked("first")))
        store.begin(conversation("b", asked("second")))
        store.append("a", asked("third"))
        latest = store.latest()
        assert latest is not None
        assert (latest.id, len(latest.turns)) == ("a", 2)

    def test_a_conversation_without_a_turn_is_never_the_latest(self, store: ConversationStore) -> None:
        store.begin(conversation("a", asked("said")))
        store.begin(conversation("b"))
        latest = store.latest()
        assert latest is not None
        assert latest.id == "a"

    def test_a_turn_of_an_unknown_conversation_is_an_error(self, store: ConversationStore) -> None:
        with pytest.raises(StoreError):
            store.append("nobody", asked("Hello?"))
        assert store.latest() is None

    def test_an_id_is_good_for_one_conversation(self, store: ConversationStore) -> None:
        store.begin(conversation("a", asked("kept")))
        with pytest.raises(StoreError):
            store.begin(conversation("a", asked("lost")))
        loaded = store.load("a")
        assert loaded is not None
        assert [turn.text for turn in loaded.turns] == ["kept"]

    def test_a_conversation_comes_back_with_the_model_and_the_credential_that_it_held_last(
        self, store: ConversationStore
    ) -> None:
        store.hold("not begun", OPUS)
        store.begin(replace(conversation("a", asked("by Claude")), held=OPUS))
        store.begin(conversation("b", asked("by nobody that is known")))
        loaded, other = store.load("a"), store.load("b")
        assert loaded is not None
        assert other is not None
        assert loaded.held == OPUS
        assert loaded.held is not None
        assert loaded.held.label == OPUS.label
        assert other.held is None
        store.hold("a", BY_KEY)
        store.append("a", asked("by key"))
        latest = store.latest()
        assert latest is not None
        assert latest.held == BY_KEY
