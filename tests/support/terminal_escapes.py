"""What others may write to steer a terminal or hide something, each with the word that has to be seen all the same."""

from __future__ import annotations

from typing import Final

SIGN: Final = "SENTINEL"

ESCAPES: Final[dict[str, str]] = {
    "title": "\x1b]0;owned\x07",
    "title by ST": "\x1b]2;owned\x1b\\",
    "title by C1": "\x9d0;owned\x9c",
    "clipboard": "\x1b]52;c;ZXZpbA==\x07",
    "clipboard by C1": "\x9d52;c;ZXZpbA==\x9c",
    "clipboard query": "\x1b]52;c;?\x07",
    "link": "\x1b]8;;https://evil.example.test\x1b\\",
    "notification": "\x1b]9;evil\x07",
    "icon": "\x1b]1337;File=:AA==\x07",
    "colours": "\x1b]4;1;rgb:00/00/00\x07",
    "colour": "\x1b[31m",
    "colour by C1": "\x9b31m",
    "clear": "\x1b[2J",
    "home": "\x1b[H",
    "up": "\x1b[10A",
    "alternate screen": "\x1b[?1049h",
    "mouse": "\x1b[?1003h",
    "paste mode": "\x1b[?2004l",
    "report": "\x1b[6n",
    "device": "\x1b[c",
    "name": "\x05",
    "reset": "\x1bc",
    "soft reset": "\x1b[!p",
    "charset": "\x1b(0",
    "keypad": "\x1b=",
    "device control": "\x90q#0;2\x9c",
    "device control by ESC": "\x1bP+q544e\x1b\\",
    "program": "\x1b_G\x1b\\",
    "privacy": "\x1b^evil\x1b\\",
    "start of string": "\x1bXevil\x1b\\",
    "shift out": "\x0e",
    "bell": "\x07",
    "backspace": "\x08\x08",
    "delete": "\x7f",
    "overwriting": "\x00\x0b",
    "cut": "\x1b[3",
    "cut string": "\x1b]0;half",
    "nested": "\x1b[3\x1b]0;a\x07",
    "override": "\u202e",
    "isolate": "\u2066",
    "mark": "\u200f",
    "zero width": "\u200b\u2060\ufeff",
    "tags": "\U000e0041\U000e0042",
    "selectors": "\ufe0f\ufe0e\U000e0100" * 20,
    "tower": "a" + "\u0301" * 40,
    "filler": "\u3164\u115f",
    "surrogate": "\ud800",
}


def with_sign(escape: str) -> str:
    """*escape* inside a text that is to be seen: before it, so that nothing can swallow it."""
    return f"{SIGN}{escape} and on"
