"""Which code points of foreign text are shown: over all of them, alone, in runs and in the texts of the world."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich._emoji_codes import EMOJI

from domain.text.untrusted import UntrustedStream, untrusted
from domain.text.visible import _PLAIN, BRIEF, MOST_JOINED, MOST_MARKS, Visible


@cache
def every() -> list[str]:
    """All code points: made by who runs this file, not by all who collect it."""
    return [chr(code) for code in range(0x110000)]


IGNORABLE = frozenset(
    code
    for first, last in (
        (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
        (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
        (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
    )
    for code in range(first, last + 1)
)  # fmt: skip
"""Unicode's Default_Ignorable_Code_Point: what shows nothing where it has no effect."""

VISIBLE_FORMATS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
LINE_ENDS = frozenset("\n\r\x0b\x0c\x85\u2028\u2029")

INTRODUCERS = frozenset("\x1b\x90\x98\x9b\x9d\x9e\x9f")
"""What begins a sequence, so that what follows is not shown."""

WORLD = {
    "Persian": "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \u06a9\u062a\u0627\u0628\u200c\u0647\u0627",
    "Arabic with vowels": (
        "\u0628\u0650\u0633\u0652\u0645\u0650 \u0671\u0644\u0644\u064e\u0651\u0647\u0650 \u0647\u200d"
    ),
    "Hebrew with accents": (
        "\u05d1\u05b0\u05bc\u05e8\u05b5\u05d0\u05e9\u05b4\u05c1\u0596\u05d9\u05ea \u05d1\u05b8\u05bc\u05e8"
        "\u05b8\u05a3\u05d0"
    ),
    "Hindi with joiners": "\u0915\u094d\u200d\u0937 \u0915\u094d\u0937 \u0930\u200d\u094d\u092f",
    "Sinhala": "\u0dc1\u0dca\u200d\u0dbb\u0dd3 \u0dbd\u0d82\u0d9a\u0dcf",
    "Thai": "\u0e20\u0e32\u0e29\u0e32\u0e44\u0e17\u0e22\u0e19\u0e49\u0e33",
    "Burmese": (
        "\u1019\u103c\u1014\u103a\u1019\u102c\u1018\u102c\u101e\u102c \u1019\u103c\u103d\u103e\u1031\u102c"
        "\u1004\u1037\u103a"
    ),
    "Tibetan": "\u0f56\u0f7c\u0f51\u0f0b\u0f66\u0f90\u0f51\u0f0b\u0f68\u0f7c\u0f7e",
    "Khmer": "\u1797\u17b6\u179f\u17b6\u1781\u17d2\u1798\u17c2\u179a",
    "Mongolian": "\u182e\u1823\u1829\u182d\u1823\u182f \u1828\u180b",
    "old Hangul": "\u1112\u119e\u11ab\uae00 \ud55c\uad6d\uc5b4",
    "Vietnamese, decomposed": "Tie\u0302\u0301ng Vie\u0323\u0302t",
    "a variant ideograph": "\u845b\U000e0100\u57ce",
    "CJK": "\u5168\u89d2\u3000\u7a7a\u767d\uff0c\u3002",
    "French spaces": "10\xa0000\u202f\u20ac \xab\xa0oui\xa0\xbb",
    "a variant operator": "\u2229\ufe00",
    "Braille": "\u2813\u2811\u2807\u2800\u2807\u2815",
    "keycaps": "1\ufe0f\u20e3 #\ufe0f\u20e3 \u2139\ufe0f \u203c\ufe0f",
    "tones": "\u261d\U0001f3fd \U0001f469\U0001f3fd\u200d\U0001f4bb",
    "flags": "\U0001f1fa\U0001f1e6 \U0001f3f3\ufe0f\u200d\U0001f308 \U0001f3f4\u200d\u2620\ufe0f",
    "a flag of tags": "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "heads": "\U0001f642\u200d\u2194\ufe0f \U0001f3c3\u200d\u2642\ufe0f\u200d\u27a1\ufe0f",
    "code": 'if (a[0] <= b) { return "x"; }\t// ok\n',
    "a box": "\u250c\u2500\u2500\u2510\n\u2502ab\u2502\n\u2514\u2500\u2500\u2518",
    "mathematics": "\u2200x\u2208\u211d: \u2308x\u2309 \u2265 x, \U0001d538\U0001d553",
}
"""Escaped, for an editor would reorder some of them."""

HIDDEN = {
    "selectors in a row": ("a\ufe0f\ufe01\ufe02b", "ab"),
    "selectors after an emoji": ("⚠" + "\ufe0f" * 50 + "b", "⚠\ufe0fb"),
    "bytes as selectors": ("😀" + "".join(chr(0xE0100 + byte) for byte in range(200)) + "b", "😀b"),
    "selectors after an ideograph": ("葛" + "\U000e0100" * 9 + "b", "葛\U000e0100b"),
    "tags": ("hi" + "".join(chr(0xE0000 + ord(letter)) for letter in "send it") + "\U000e007f!", "hi!"),
    "a flag that is none": ("🏴" + "".join(chr(0xE0000 + ord(letter)) for letter in "abcde") + "\U000e007f!", "🏴!"),
    "a joiner among tags": ("🏴\u200d\U000e007f🏴\U000e0067\u200d\U000e0062!", "🏴🏴!"),
    "a flag without an end": ("🏴" + "".join(chr(0xE0000 + ord(letter)) for letter in "gbeng") + "!", "🏴!"),
    "a tower of marks": ("e" + "\u0301" * 99 + "n", "e" + "\u0301" * MOST_MARKS + "n"),
    "marks on nothing": ("\u0338not\n\u0301a\t\u20e0b", "\u25cc\u0338not\n\u25cc\u0301a\t\u25cc\u20e0b"),
    "joiners in Latin": ("pass\u200cwo\u200drd", "password"),
    "joiners in a row": ("می" + "\u200c" * 9 + "خ", "می\u200cخ"),
    "a joiner before no emoji": ("😀\u200dpass", "😀pass"),
    "an endless family": ("👩\u200d" * 18, ("👩\u200d" * MOST_JOINED + "👩") * 2),
    "fillers": ("a\u3164b\u115fc\uffa0d\u1160e\u034ff", "abcdef"),
    "soft hyphens": ("pass\xadword", "password"),
    "unusual spaces": ("a\u2003b\u2009c\u205fd\u1680e", "a b c d e"),
    "noncharacters": ("a\ufffeb\U0001ffffc\ufdd0d", "a\ufffdb\ufffdc\ufffdd"),
    "not assigned": ("a\u0378b\U000107ffc", "a\ufffdb\ufffdc"),
}  # fmt: skip


def reserved(code: int) -> bool:
    return 0x1F000 <= code <= 0x1FAFF or (0x20000 <= code <= 0x3FFFF and code & 0xFFFF < 0xFFFE)


def expected(character: str) -> str:
    """What is shown of *character* between two Latin letters."""
    code, category = ord(character), unicodedata.category(character)
    if code in IGNORABLE or 0x13430 <= code <= 0x1343F:
        return ""
    if character in VISIBLE_FORMATS or character in "\t\xa0\u202f\u3000":
        return character
    if category in ("Cc", "Cf") or character == "\U0001d159":
        return ""
    if category == "Cn":
        return character if reserved(code) else "\ufffd"
    return {"Zs": " ", "Cs": "\ufffd"}.get(category, character)


def test_each_code_point_is_shown_or_not_as_the_rule_says() -> None:
    few = [one for one in every() if not 0x40000 <= ord(one) < 0xE0000 and ord(one) < 0xF0000]
    alone = [one for one in few if one not in LINE_ENDS | INTRODUCERS]
    shown = untrusted("\n".join(f"a{one}b" for one in alone)).split("\n")
    wrong = [f"U+{ord(one):04X}" for one, row in zip(alone, shown, strict=True) if row != f"a{expected(one)}b"]
    assert wrong == []
    assert [untrusted(f"a{one}b") for one in LINE_ENDS] == ["a\nb"] * len(LINE_ENDS)
    assert all(one not in untrusted(f"a{one}b") for one in INTRODUCERS)
    never = "".join(every()[0x40000:0xE0000])
    private = "".join(every()[0xF0000:])
    assert untrusted(never) == "\ufffd" * len(never)
    assert untrusted(private) == "".join(map(expected, private))


def test_what_acts_on_a_sign_changes_nothing_more_when_it_passes_again() -> None:
    adding = [one for one in every() if unicodedata.category(one)[0] == "M" or ord(one) in IGNORABLE]
    once = untrusted("".join(f"{one}⚠{one}م{one}{one}葛{one}" for one in adding))
    assert untrusted(once) == once


def test_what_is_passed_quickly_would_pass_one_by_one() -> None:
    quick = re.findall(f"[{_PLAIN}]", "".join(every()))
    assert Visible(brief=True).show("".join(quick)) == "".join(quick)
    assert not [one for one in quick if unicodedata.category(one)[0] == "M"]


@pytest.mark.parametrize("text", WORLD.values(), ids=WORLD)
def test_the_texts_of_the_world_are_shown_as_they_are(text: str) -> None:
    assert untrusted(text) == text


def test_every_emoji_is_shown_as_it_is() -> None:
    assert [
        name for name, emoji in EMOJI.items() if untrusted(emoji) != emoji or untrusted(f"a{emoji}b") != f"a{emoji}b"
    ] == []


@pytest.mark.parametrize(("text", "shown"), HIDDEN.values(), ids=HIDDEN)
def test_nothing_hides_between_two_signs(text: str, shown: str) -> None:
    assert untrusted(text) == shown


def test_no_run_of_what_is_not_seen_is_longer_than_a_few() -> None:
    added = [
        "\u0301",
        "\u0903",
        "\ufe0f",
        "\ufe00",
        "\U000e0100",
        "\u180b",
        "\u200d",
        "\u200c",
        "\U000e0067",
        "\U0001f3fb",
        "\u1161",
    ]
    bases = ["", " ", "a", "1", "⚠", "م", "क", "葛", "ᠨ", "🏴", "👩", "ᄒ", "\x1b[31m"]
    wrong = []
    for base, first, then in product(bases, added, added):
        shown = untrusted(base + first + then * 60 + first * 60)
        if len(shown) > len(base) + 1 + MOST_MARKS:
            wrong.append(ascii(base + first + then))
    assert wrong == []


ADDING = st.text(
    st.sampled_from(
        "a1⚠👩🏽\u200d\u200c\ufe0f\ufe00\U000e0100\u0301\u0903مक葛ᠨ\u180b🏴\U000e0067\U000e0062\U000e007f\n \u25cc"
    )
)


@given(ADDING, st.integers(0, 20))
def test_any_cut_gives_what_the_whole_gives(text: str, at: int) -> None:
    stream = UntrustedStream()
    assert stream.feed(text[:at]) + stream.feed(text[at:]) + stream.flush() == untrusted(text)


@given(ADDING)
def test_a_long_text_is_read_by_the_same_rule(text: str) -> None:
    assert untrusted("\n" + text + "\n" + "x" * BRIEF) == "\n" + untrusted(text) + "\n" + "x" * BRIEF
    assert untrusted(untrusted(text)) == untrusted(text)
