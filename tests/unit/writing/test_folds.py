"""A folded paste is one token, stands for all of its text, and nothing else is taken for one."""

from __future__ import annotations

from domain.text.untrusted import untrusted
from domain.text.written import Written, joined
from entrypoints.tui.writing.folds import MARK, Folds, is_big

FORTY = "\n".join(f"line {number}" for number in range(40))
LONG = "x" * 12_000


def test_a_token_says_how_much_it_stands_for_and_is_told_apart_from_another_of_the_same_size() -> None:
    folds = Folds()
    other = FORTY.replace("line", "row")
    tokens = [folds.fold(text) for text in (FORTY, LONG, other, FORTY, f"{FORTY}\n")]
    assert [token.removeprefix(MARK) for token in tokens] == [
        "[Pasted 40 lines]",
        "[Pasted 12,000 characters]",
        "[Pasted 40 lines #2]",
        "[Pasted 40 lines]",
        "[Pasted 40 lines #3]",
    ]
    assert folds.unfolded(f"a {tokens[2]} b {tokens[0]}") == f"a {other} b {FORTY}"


def test_what_only_looks_like_a_token_is_text() -> None:
    folds = Folds()
    token = folds.fold(FORTY)
    for text in ("[Pasted 40 lines]", untrusted(token), f"{MARK}[Pasted 41 lines]"):
        assert folds.unfolded(text) == text.replace(MARK, "")
        assert list(folds.spans(text)) == []


def test_what_was_written_comes_back_with_its_folds() -> None:
    folds, elsewhere = Folds(), Folds()
    shown = f"see {folds.fold(FORTY)} and {folds.fold(LONG)}."
    written = folds.written(shown)
    assert written.text == f"see {FORTY} and {LONG}."
    assert [written.text[start:end] for start, end in written.folds] == [FORTY, LONG]
    assert folds.shown(written) == shown
    assert elsewhere.unfolded(elsewhere.shown(written)) == written.text


def test_two_texts_are_joined_with_their_folds() -> None:
    first, second = Written("ab", ((0, 1),)), Written("cd", ((1, 2),))
    assert joined(first, second) == Written("ab\ncd", ((0, 1), (4, 5)))
    assert joined(Written(" "), second) == second
    assert joined(first, Written("")) == first


def test_only_what_would_fill_the_field_is_big() -> None:
    sizes = {"short": False, "a\n" * 8: False, "a\n" * 9: True, "a" * 1000: False, "a" * 1001: True}
    assert {text: is_big(text) for text in sizes} == sizes
