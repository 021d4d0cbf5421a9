"""Keys and pastes are told apart, however the input is cut."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from entrypoints.tui import pastes
from entrypoints.tui.pastes import END, LARGEST, START, Pasted, PasteSplitter

ODD = st.text("\x1b[]20~1aZ\r\n\0;u", max_size=12)
KEYS = ODD.filter(lambda text: START not in text)
INSIDE = ODD.filter(lambda text: END not in text + END[:-1])


def told(pieces: list[str]) -> list[str | Pasted]:
    """What comes of *pieces*; keys that follow each other as one."""
    splitter = PasteSplitter(key_seconds=0.1)
    found = [part for piece in pieces for part in splitter.feed(piece)] + list(splitter.give_up())
    merged: list[str | Pasted] = []
    for part in found:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        else:
            merged.append(part)
    assert splitter.patience is None
    return merged


@given(st.lists(st.tuples(KEYS, INSIDE), max_size=4), KEYS, st.lists(st.integers(0, 200), max_size=12))
def test_each_paste_is_one_wherever_it_is_cut(typed: list[tuple[str, str]], last: str, cuts: list[int]) -> None:
    whole = "".join(f"{keys}{START}{text}{END}" for keys, text in typed) + last
    expected: list[str | Pasted] = []
    for keys, text in typed:
        expected += [keys] * bool(keys) + [Pasted(text.replace("\0", ""))]
    expected += [last] * bool(last)
    if whole.count(START) != len(typed):
        return  # keys and a paste that make one more marker between them
    places = sorted({0, len(whole), *(cut for cut in cuts if cut < len(whole))})
    pieces = [whole[begin:end] for begin, end in pairwise(places)]
    assert told(pieces) == expected == told(list(whole))


def test_no_part_of_a_paste_without_an_end_becomes_a_key() -> None:
    splitter = PasteSplitter(key_seconds=0.1)
    parts = list(splitter.feed(f"{START}{'x' * (LARGEST + 5)}"))
    parts += [part for _ in range(3) for part in splitter.feed("\r\x1b[13u" * 100_000)]
    assert splitter.patience is not None
    parts += splitter.give_up()
    assert {type(part) for part in parts} == {Pasted}
    assert list(splitter.feed("\r")) == ["\r"]


def test_what_only_a_terminal_sends_is_waited_for_longer_than_a_key() -> None:
    splitter = PasteSplitter(key_seconds=0.1)
    waits = []
    for character in START:
        assert list(splitter.feed(character)) == []
        waits.append(splitter.patience)
    assert waits == [0.1, 0.1, 1.0, 1.0, 1.0, pastes.SILENCE]
