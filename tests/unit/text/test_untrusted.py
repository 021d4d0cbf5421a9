"""Foreign text cannot steer the terminal, however it is cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.text.untrusted import LONGEST_SEQUENCE, UntrustedStream, untrusted, untrusted_line

HOSTILE = st.text(
    st.sampled_from("\x1b\x9b\x9d\x9c\x90[]P\\m;0aZ \n\r\t\x07\x18\x7f\x85\u202e\u2066\ufeff\ud800\U000e0041é中")
)

CASES = {
    "plain text": ("Hello\n\tworld", "Hello\n\tworld"),
    "colour": ("\x1b[31mred\x1b[0m", "red"),
    "colour by C1": ("\x9b31mred", "red"),
    "window title": ("\x1b]0;owned\x07after", "after"),
    "title ended by ST": ("\x1b]0;owned\x1b\\after", "after"),
    "title ended by C1 ST": ("\x9d0;owned\x9cafter", "after"),
    "clipboard write": ("a\x1b]52;c;ZXZpbA==\x07b", "ab"),
    "hidden link target": ("\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\", "click"),
    "device control": ("\x1bPq#0;2\x1b\\x", "x"),
    "reset": ("\x1bcgone", "gone"),
    "charset": ("\x1b(0lqk", "lqk"),
    "sequence cut by a new one": ("\x1b[3\x1b[31mred", "red"),
    "control inside a sequence": ("\x1b[3\n1m", "\n1m"),
    "cancelled sequence": ("\x1b[3\x18text", "text"),
    "string cut by another sequence": ("\x1b]0;title\x1b[31mred", "red"),
    "unfinished at the end": ("text\x1b[31", "text31"),
    "unfinished string": ("text\x1b]0;half", "text0;half"),
    "bell, backspace, delete": ("a\x07b\x08c\x7fd", "abcd"),
    "line overwritten": ("safe\rEVIL", "safe\nEVIL"),
    "Windows line ends": ("a\r\nb\r\n", "a\nb\n"),
    "two carriage returns": ("a\r\rb", "a\n\nb"),
    "other line ends": ("a\x0bb\x0cc\x85d\u2028e\u2029f", "a\nb\nc\nd\ne\nf"),
    "right-to-left override": ("photo\u202egpj.exe", "photogpj.exe"),
    "isolates and marks": ("\u2066a\u2069\u200e\u200f\u061cb", "ab"),
    "zero width": ("pass\u200bword\u2060\ufeff", "password"),
    "smuggled tags": ("hi\U000e0041\U000e0042", "hi"),
    "lone surrogate": ("a\ud800b", "a\ufffdb"),
    "letters of the world stay": ("né Ω 中文 العربية हिन्दी", "né Ω 中文 العربية हिन्दी"),
    "joined emoji stay": ("👩\u200d💻 ⚠\ufe0f", "👩\u200d💻 ⚠\ufe0f"),
    "brackets stay": ("[TODO] [/b] [link](x)", "[TODO] [/b] [link](x)"),
}


SHOWN = {name: shown for name, (_, shown) in CASES.items()}


def test_only_what_reads_as_text_is_shown() -> None:
    assert {name: untrusted(text) for name, (text, _) in CASES.items()} == SHOWN


def one_character_at_a_time(text: str) -> str:
    stream = UntrustedStream()
    return "".join(stream.feed(character) for character in text) + stream.flush()


def test_one_character_at_a_time_gives_the_same() -> None:
    assert {name: one_character_at_a_time(text) for name, (text, _) in CASES.items()} == SHOWN


@given(HOSTILE, st.integers(0, 20))
def test_any_cut_gives_what_the_whole_gives(text: str, at: int) -> None:
    stream = UntrustedStream()
    assert stream.feed(text[:at]) + stream.feed(text[at:]) + stream.flush() == untrusted(text)


@given(HOSTILE)
def test_nothing_that_a_terminal_obeys_is_left(text: str) -> None:
    assert all(character in "\n\t" or character.isprintable() for character in untrusted(text))


@given(st.text())
def test_what_was_shown_once_is_shown_as_it_is(text: str) -> None:
    assert untrusted(untrusted(text)) == untrusted(text)


def test_text_in_front_of_a_sequence_is_not_held_back() -> None:
    stream = UntrustedStream()
    assert stream.feed("answer \x1b[3") == "answer "
    assert stream.pending
    assert stream.feed("1mgoes on") == "goes on"
    assert not stream.pending


def test_a_sequence_that_never_ends_does_not_swallow_the_answer() -> None:
    shown = untrusted("\x1b]0;" + "x" * LONGEST_SEQUENCE + " the answer")
    assert shown.endswith("x the answer")


def test_what_is_held_for_too_long_can_be_shown() -> None:
    stream = UntrustedStream()
    assert stream.feed("\x1b]0;half") == ""
    assert stream.flush() == "0;half"
    assert stream.feed("\x07 and on") == " and on"


def test_one_line_stays_one_line() -> None:
    assert untrusted_line(" ana\r\n@example.test\x1b[2J\t ") == "ana @example.test"
