"""A word behind `@`: which files it means, and that it counts only where it was typed."""

from __future__ import annotations

from domain.attached.path_matches import MOST, matches
from entrypoints.tui.writing.mention import Mention


def typed(mention: Mention, text: str, line: str = "") -> str:
    """*line* with *text* typed at its end."""
    for character in text:
        mention.typed(character, line, (0, len(line)))
        line += character
    return line


def word(text: str, before: str = "", after: str = "") -> str | None:
    mention = Mention()
    line = typed(mention, text, before)
    return mention.word(line + after, (0, len(line)))


def test_a_word_behind_the_sign_names_a_file_where_it_was_typed() -> None:
    assert {text: word(text) for text in ("@", "@par", "see @src/p", "ana@example.test", "@a b", "a", "@@a")} == {
        "@": "",
        "@par": "par",
        "see @src/p": "src/p",
        "ana@example.test": None,
        "@a b": None,
        "a": None,
        "@@a": "@a",
    }
    assert word("@p", before="behind this ", after=" and before that") == "p"
    assert word("arser", before="see @p") is None


def test_a_word_that_was_pasted_or_left_names_nothing() -> None:
    mention = Mention()
    line = typed(mention, "@pa")
    assert mention.word(line, (1, 2)) is None
    assert mention.word("", (0, 3)) is None
    mention.forget()
    assert mention.word(line, (0, 3)) is None


def test_the_likeliest_paths_come_first() -> None:
    paths = (
        "README.md",
        "app/parse.py",
        "docs/parser.md",
        "parsers/x.txt",
        "src/my_parser.py",
        "p/a/r/s/e.py",
        "Parse.txt",
    )

    assert matches(paths, "parse") == (
        "app/parse.py", "docs/parser.md", "Parse.txt", "src/my_parser.py", "parsers/x.txt", "p/a/r/s/e.py",
    )  # fmt: skip
    assert matches(paths, "") == paths
    assert matches(paths, "PARSERS/X") == ("parsers/x.txt",)
    assert matches(paths, "zz") == ()
    assert len(matches([f"{number}.txt" for number in range(20_000)], "t")) == MOST
