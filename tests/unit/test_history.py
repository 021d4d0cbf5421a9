"""A conversation in each provider's format."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain.conversation import Role, Turn, TurnState
from domain.history import Message, anthropic_messages, gemini_contents, openai_input, sendable
from tests.support.credentials import NOON


def user(text: str) -> Turn:
    return Turn(Role.USER, text, NOON)


def model(text: str, state: TurnState = TurnState.COMPLETE, reasoning: str = "") -> Turn:
    return Turn(Role.ASSISTANT, text, NOON, state, reasoning)


def said(message: Message) -> str:
    return "".join(piece.text for piece in message.pieces)


TALK = (user("one"), model("two", reasoning="hidden thoughts"), user("three"))


def test_openai_gets_typed_parts() -> None:
    assert openai_input(TALK) == [
        {"role": "user", "content": [{"type": "input_text", "text": "one"}]},
        {"role": "assistant", "content": [{"type": "output_text", "text": "two"}]},
        {"role": "user", "content": [{"type": "input_text", "text": "three"}]},
    ]


def test_anthropic_gets_text_blocks() -> None:
    assert anthropic_messages(TALK)[1] == {"role": "assistant", "content": [{"type": "text", "text": "two"}]}


def test_gemini_calls_the_assistant_model() -> None:
    assert [content["role"] for content in gemini_contents(TALK)] == ["user", "model", "user"]


def test_reasoning_is_sent_to_nobody() -> None:
    for translated in (openai_input(TALK), anthropic_messages(TALK), gemini_contents(TALK)):
        assert "hidden thoughts" not in str(translated)


def test_a_failed_turn_is_left_out_and_its_neighbours_become_one() -> None:
    turns = (user("first try"), model("", TurnState.FAILED), user("second try"))
    assert [(message.role, said(message)) for message in sendable(turns)] == [(Role.USER, "first try\n\nsecond try")]


def test_a_stopped_answer_is_part_of_the_history() -> None:
    turns = (user("go"), model("half an ans", TurnState.STOPPED), user("go on"))
    assert [said(message) for message in sendable(turns)] == ["go", "half an ans", "go on"]


def test_an_answer_is_sent_back_to_the_last_space() -> None:
    turns = (user(" go\n"), model("\tdone \r\n\n"), user("on "))
    assert [said(message) for message in sendable(turns)] == [" go\n", "\tdone \r\n\n", "on "]


turns = st.lists(
    st.builds(
        Turn,
        role=st.sampled_from(Role),
        text=st.one_of(st.sampled_from(["", " ", "\n"]), st.text(min_size=1, max_size=20)),
        at=st.just(NOON),
        state=st.sampled_from(TurnState),
    ),
    max_size=12,
)


@given(turns)
def test_any_conversation_becomes_one_that_no_provider_answers_400(made: list[Turn]) -> None:
    messages = sendable(made)
    roles = [message.role for message in messages]
    assert all(one is not other for one, other in pairwise(roles))
    assert not messages or (roles[0] is Role.USER and roles[-1] is Role.USER)
    assert all(said(message).strip() for message in messages)


@given(turns)
def test_everything_a_person_said_without_failure_is_sent(made: list[Turn]) -> None:
    sent = "\n\n".join(said(message) for message in sendable(made) if message.role is Role.USER)
    for turn in made:
        if turn.role is Role.USER and turn.state is not TurnState.FAILED and turn.text.strip():
            assert turn.text in sent
