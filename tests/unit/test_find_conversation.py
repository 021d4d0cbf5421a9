"""Which conversation a person means by the beginning of an id."""

from __future__ import annotations

import pytest

from application.use_cases.find_conversation import find_conversation
from application.use_cases.read_conversation import all_turns
from domain.conversation import Conversation, Role, Turn
from domain.errors import UnknownName, UsageError
from tests.support.credentials import NOON
from tests.support.memory_conversations import MemoryConversations

PARSER, SKY, LETTER = "3f9c2a417be0", "3f00aa00bb11", "c0ffee00dead"


@pytest.fixture
def store() -> MemoryConversations:
    kept = MemoryConversations()
    for name, title in ((PARSER, "Refactor the parser"), (SKY, "Why is the sky blue?"), (LETTER, "A letter")):
        kept.begin(Conversation(name, NOON, title, (Turn(Role.USER, title, NOON),)))
    return kept


def test_a_beginning_is_enough_where_only_one_begins_so(store: MemoryConversations) -> None:
    typed = {PARSER: PARSER, "3f9": PARSER, " 3F9C ": PARSER, "c": LETTER}
    assert {name: find_conversation(store, name).id for name in typed} == typed


def test_several_are_named_so_that_one_can_write_more(store: MemoryConversations) -> None:
    with pytest.raises(UsageError, match=r'begins with "3f": .*\(Why is the sky blue\?\).* Write more of it'):
        find_conversation(store, "3f")


def test_a_near_miss_is_suggested_of_an_id_and_of_a_title(store: MemoryConversations) -> None:
    meant = {"3f9d": "3f9c2a41", "the parser": "3f9c2a41", "a lettre": "c0ffee00", "zzzzzz": None, " ": None}
    found = {}
    for typed in meant:
        with pytest.raises(UnknownName) as told:
            find_conversation(store, typed)
        found[typed] = told.value.suggestion
        assert told.value.code == "unknown_chat"
    assert found == meant


def test_a_long_conversation_is_read_to_its_end(store: MemoryConversations) -> None:
    store.append(PARSER, *(Turn(Role.USER, str(number), NOON) for number in range(120)))
    assert [turn.text for turn in all_turns(store, PARSER)][1:] == [str(number) for number in range(120)]
    assert list(all_turns(store, "nothing")) == []
