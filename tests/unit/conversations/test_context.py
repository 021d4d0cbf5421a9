"""How much of a conversation fits what a model takes in."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.attached.attachment import Attachment
from domain.conversation import Role, Turn, TurnState
from domain.conversations.context import cut_in_steps, fits_surely, newest_that_fit, tokens_of
from domain.model import Model
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from tests.support.credentials import NOON


def user(text: str) -> Turn:
    return Turn(Role.USER, text, NOON)


def answer(text: str) -> Turn:
    return Turn(Role.ASSISTANT, text, NOON)


TALK = [user("a" * 300), answer("b" * 300), user("c" * 300), answer("d" * 300)]
"""Each of 108 tokens."""


def test_the_estimate_is_above_what_tokenizers_make_of_a_text() -> None:
    known = {"The quick brown fox jumps over the lazy dog.": 10, "你好世界": 5, "Καλημέρα κόσμε": 11, "👋" * 10: 20}
    assert [text for text, tokens in known.items() if tokens_of(user(text)) < tokens] == []
    assert tokens_of(Turn(Role.USER, "never sent", NOON, TurnState.FAILED)) == tokens_of(user("")) == 0
    text, picture, pages = (
        Attachment("x", kind, b"x" * 3000) for kind in ("text/plain", "image/png", "application/pdf")
    )
    assert [tokens_of(Turn(Role.USER, "", NOON, attachments=(file,))) for file in (text, picture, pages)] == [
        1008,
        5008,
        5158,
    ]


@pytest.mark.parametrize(("room", "first"), [(10_000, 0), (540, 0), (539, 2), (324, 2), (323, 4), (108, 4), (0, 4)])
def test_the_newest_turns_are_sent_from_a_question_on(room: int, first: int) -> None:
    assert newest_that_fit(reversed(TALK), user("e" * 300), room) == tuple(TALK[first:])


def test_a_conversation_that_grows_beyond_what_fits_begins_with_the_same_turn_for_many_requests() -> None:
    talk, room, asked, begun = list[Turn](), 40_000, user("well?"), list[int]()
    for number in range(300):
        talk += [user(f"{number} " * (100 + number % 7)), answer(f"answer {number} " * 40)]
        fitting = newest_that_fit(reversed(talk), asked, room)
        kept = cut_in_steps(fitting, len(talk) - len(fitting))
        assert kept == tuple(talk[len(talk) - len(kept) :])
        assert len(kept) >= len(fitting) - len(fitting) // 16 - 1
        assert not kept or kept[0].role is Role.USER
        begun.append(len(talk) - len(kept))
    cuts = [one for one, other in pairwise(begun) if one != other]
    assert begun == sorted(begun)
    assert begun[-1] > 300
    assert len(cuts) < 60


def test_no_more_turns_are_looked_at_than_fit() -> None:
    looked_at = 0

    def endless() -> Iterator[Turn]:
        nonlocal looked_at
        while True:
            looked_at += 1
            yield user("x" * 300)

    assert len(newest_that_fit(endless(), user(""), 1080)) == 10
    assert looked_at == 11


@given(st.lists(st.text(max_size=40), max_size=8), st.integers(0, 200))
def test_what_fits_surely_fits(texts: list[str], room: int) -> None:
    turns = [user(text.encode("utf-8", "replace").decode()) for text in texts]
    if fits_surely(sum(len(turn.text.encode()) for turn in turns), len(turns), room):
        assert newest_that_fit(reversed(turns), user(""), room) == tuple(turns)


def test_a_model_takes_in_its_context_without_the_answer_and_on_a_plan_what_its_clients_keep_to() -> None:
    known = Model("a", Provider.CHATGPT, "A", context=400_000, output=128_000, plan_context=250_000)
    unheard_of = Model("b", Provider.CLAUDE, "B")
    assert [known.takes_in(payer) for payer in (Payer.API_BILLING, Payer.PLAN)] == [272_000, 250_000]
    assert [unheard_of.takes_in(payer) for payer in (Payer.CONSOLE, Payer.PLAN)] == [119_808, 119_808]
