"""Why an answer ended is told in one sentence with what to do, the same everywhere."""

from __future__ import annotations

from domain.conversation import Role, StopReason, Turn, TurnState
from entrypoints.words.answer_endings import ending_sentence, is_empty
from tests.support.credentials import NOON


def answer(text: str, stop: StopReason | None, state: TurnState = TurnState.COMPLETE) -> Turn:
    return Turn(Role.ASSISTANT, text, NOON, state=state, stop=stop)


def test_every_reason_but_the_ordinary_one_has_its_own_sentence_with_and_without_text() -> None:
    texts = [ending_sentence(answer("Some.", stop)) for stop in StopReason if stop is not StopReason.END]
    empty = [ending_sentence(answer("", stop)) for stop in StopReason]

    told = [*texts, *empty]
    assert len(set(told)) == len(told)
    assert all(". " in sentence and sentence.endswith(".") for sentence in told)
    assert all(sentence.startswith("No answer came") for sentence in empty)


def test_an_answer_that_was_done_needs_no_word() -> None:
    assert ending_sentence(answer("Some.", StopReason.END)) == ""
    assert ending_sentence(answer("Some.", None)) == ""


def test_what_was_stopped_or_broke_off_is_told_elsewhere() -> None:
    assert ending_sentence(answer("Some.", None, TurnState.STOPPED)) == ""
    assert ending_sentence(answer("", None, TurnState.BROKEN)) == ""


def test_an_answer_that_nobody_can_see_is_empty() -> None:
    assert all(is_empty(answer(text, StopReason.END)) for text in ("", " \n", "\u200b\x1b[31m", "\u2060\ufeff"))
    assert not is_empty(answer("0", StopReason.END))
