"""However a vendor tells a text, in pieces or as a whole or both, it is given out once."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.chat.spoken_text import SpokenText

TEXTS = st.text(alphabet="ab 🦊\n", min_size=1, max_size=12)
PLACE = "here"


def halves(text: str) -> str:
    """*text* with each character beyond the first plane as two code points, as JSON may bring them."""
    encoded = text.encode("utf-16-be", "surrogatepass")
    return "".join(chr(int.from_bytes(encoded[at : at + 2], "big")) for at in range(0, len(encoded), 2))


def pieces_of(text: str, cuts: list[int]) -> list[str]:
    units = halves(text)
    edges = [0, *sorted(cut % (len(units) + 1) for cut in cuts), len(units)]
    return [units[start:end] for start, end in pairwise(edges)]


@settings(max_examples=60)
@given(text=TEXTS, cuts=st.lists(st.integers(0, 30), max_size=6), told=st.sets(st.integers(0, 7)))
def test_pieces_with_the_whole_before_between_or_after_them_are_the_text_once(
    text: str, cuts: list[int], told: set[int]
) -> None:
    spoken, shown = SpokenText(), ""
    for number, piece in enumerate([*pieces_of(text, cuts), ""]):
        if number in told:
            shown += spoken.whole(PLACE, text)
        shown += spoken.more(PLACE, piece)
    shown += "".join(rest for _, rest in spoken.rest())

    assert shown == text


@given(text=TEXTS, cuts=st.lists(st.integers(0, 30), max_size=6), lost=st.integers(0, 6))
def test_a_whole_text_brings_back_what_was_lost_of_its_pieces(text: str, cuts: list[int], lost: int) -> None:
    spoken, shown = SpokenText(), ""
    for number, piece in enumerate(pieces_of(text, cuts)):
        if number != lost:
            shown += spoken.more(PLACE, piece)
    shown += spoken.whole(PLACE, text)

    assert " ".join(text.split()) in " ".join(shown.split())


@given(texts=st.lists(TEXTS, min_size=1, max_size=4), streamed=st.sets(st.integers(0, 3)))
def test_a_list_at_the_end_adds_just_the_parts_that_did_not_come(texts: list[str], streamed: set[int]) -> None:
    texts = [f"{number}{text}" for number, text in enumerate(texts)]
    spoken = SpokenText()
    for number, text in enumerate(texts):
        if number in streamed:
            spoken.more(number, text)

    news = spoken.wholes([(f"end {number}", text) for number, text in enumerate(texts)])

    assert [text for _, text in news] == [text for number, text in enumerate(texts) if number not in streamed]


def test_two_parts_with_the_same_text_are_two() -> None:
    spoken = SpokenText()
    assert spoken.more(0, "Yes.") == "Yes."

    assert spoken.wholes([("end 0", "Yes."), ("end 1", "Yes.")]) == [("end 1", "Yes.")]


def test_a_long_answer_costs_no_more_for_each_piece_than_a_short_one() -> None:
    spoken = SpokenText()
    shown = "".join(spoken.more(PLACE, "word ") for _ in range(50_000))

    assert spoken.whole(PLACE, shown) == ""
