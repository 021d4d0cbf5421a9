"""The terminal's answer about its background, told from what is typed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from entrypoints.tui.terminal_replies import Replies, light_by_environment

WHITE, BLACK = "\x1b]11;rgb:ffff/ffff/ffff\x1b\\", "\x1b]11;rgb:1e/1e/1e\x07"


@given(st.lists(st.sampled_from(["a", "é", "\x1b", "\x1b[A", "\x1b]", WHITE, BLACK]), max_size=6), st.data())
def test_an_answer_is_taken_out_wherever_it_is_cut_and_every_key_comes_through(
    parts: list[str], data: st.DataObject
) -> None:
    text, seen = "".join(parts), list[bool]()
    replies = Replies(seen.append, key_seconds=0.1)
    typed, rest = "", text
    while rest:
        length = data.draw(st.integers(1, len(rest)))
        typed, rest = typed + replies.feed(rest[:length]), rest[length:]
    typed += replies.give_up()
    assert seen == [part == WHITE for part in parts if part in (WHITE, BLACK)]
    assert typed == "".join(part for part in parts if part not in (WHITE, BLACK))


def test_what_only_looks_like_an_answer_is_typed_in_the_end_and_keys_wait_no_longer_than_they_must() -> None:
    replies = Replies(lambda _: None, key_seconds=0.1)
    assert (replies.feed("\x1b]"), replies.patience) == ("", 0.1)
    assert (replies.feed("11;"), replies.patience) == ("", 1.0)
    assert replies.give_up() == "\x1b]11;"
    assert replies.feed(endless := "\x1b]11;" + "x" * 100) == endless
    assert replies.patience is None


def test_without_an_answer_the_environment_may_tell() -> None:
    told = {"15;0": False, "0;15": True, "0;default;15": True, "7;8": False, "12;7": True, "": None, "15": None}
    assert {value: light_by_environment(value) for value in told} == told
