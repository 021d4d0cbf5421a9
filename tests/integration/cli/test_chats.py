"""`chats` and `--resume`, over a home in which four conversations are kept."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pexpect
import pytest

from adapters.conversations.database import NAME
from adapters.conversations.sqlite_store import SqliteConversations
from tests.integration.cli.test_at_a_terminal import at_terminal
from tests.support.command import Ended, Keyswitch
from tests.support.kept import LETTER, LISBON, PARSER, SKY, keep

pytestmark = pytest.mark.slow


@pytest.fixture
def kept(keyswitch: Keyswitch) -> Keyswitch:
    store = SqliteConversations(home=keyswitch.home)
    keep(store)
    store.close()
    return keyswitch


def titles(keyswitch: Keyswitch) -> list[str]:
    return [one["title"] for one in keyswitch("chats", "list", "--json").document["conversations"]]


def failed(ended: Ended) -> tuple[int, str]:
    assert ended.out == ""
    return ended.code, ended.err


def test_the_list_has_a_line_each_and_all_of_it_for_programs(kept: Keyswitch) -> None:
    ended = kept("chats", "list")
    assert (ended.code, kept("chats").out) == (0, ended.out)
    heading, first, *_ = ended.lines
    assert heading.split() == ["ID", "TITLE", "MODEL", "AGE", "SIZE"]
    assert first.startswith("3f9c2a41  Refactor the parser  ")
    assert "  Claude Opus 4.1  " in first
    assert [line[:8] for line in ended.lines[1:]] == [PARSER[:8], SKY[:8], LISBON[:8], LETTER[:8]]
    document = kept("chats", "list", "--json").document
    assert document["schema"] == 1
    assert document["conversations"][0] == {
        "id": PARSER,
        "title": "Refactor the parser",
        "model": "Claude Opus 4.1",
        "started": "2026-11-23T07:00:00Z",
        "last_at": "2026-11-23T07:00:00Z",
        "turns": 2,
        "bytes": 77,
        "origin": "app",
    }


def test_nothing_kept_is_no_failure(keyswitch: Keyswitch) -> None:
    ended = keyswitch("chats", "list")
    assert (ended.code, ended.out, ended.err) == (0, "", "No conversation is kept yet. Run: keyswitch\n")
    assert keyswitch("chats", "list", "--json").document == {"schema": 1, "conversations": []}
    assert not (keyswitch.home / NAME).exists(), "looking makes no database"


def test_the_list_fits_its_terminal(kept: Keyswitch) -> None:
    for width in (100, 60, 40):
        screen = at_terminal(kept, "chats", "list")
        screen.setwinsize(30, width)  # before the program looks
        screen.expect(pexpect.EOF)
        lines = str(screen.before).splitlines()
        assert max(map(len, lines)) <= width, (width, lines)
        assert ("MODEL" in lines[0], "AGE" in lines[0]) == (width == 100, True)


def test_a_conversation_is_read_and_found(kept: Keyswitch) -> None:
    shown = kept("chats", "show", "3f9c")
    assert shown.lines[0] == "# Refactor the parser"
    assert "The base case compares the wrong token." in shown.lines
    assert kept("chats", "show", "3f9c", "--json").document["id"] == PARSER
    found = kept("chats", "search", "base", "wro")
    assert (found.code, found.lines[0].split("  ")[0]) == (0, PARSER[:8])
    assert "message 2, answer" in found.lines[0]
    assert "wrong token" in found.lines[1]
    (hit,) = kept("chats", "search", "lisbon", "--json").document["hits"][:1]
    assert (hit["id"], hit["turn"], hit["role"]) == (LISBON, None, None)
    nothing = kept("chats", "search", "xyzzy")
    assert (nothing.code, nothing.out, nothing.err) == (0, "", 'Nothing was found for "xyzzy".\n')


def test_what_names_none_or_several_is_refused_with_a_near_miss(kept: Keyswitch) -> None:
    code, told = failed(kept("chats", "show", "3f9d"))
    assert (code, "Did you mean 3f9c2a41?" in told, "run: keyswitch chats show 3f9c2a41" in told) == (2, True, True)
    code, told = failed(kept("chats", "rename", "3f", "x"))
    assert (code, "More than one conversation begins with" in told) == (2, True)
    code, told = failed(kept("--resume", "letter"))
    assert code == 2
    code, told = failed(kept("chats", "serch", "x"))
    assert (code, "Did you mean search?" in told) == (2, True)
    assert len(titles(kept)) == 4


def test_a_conversation_is_renamed(kept: Keyswitch) -> None:
    ended = kept("chats", "rename", "3f9c", "The", "parser\x1b[31m", "again")
    assert (ended.code, ended.out) == (0, '"Refactor the parser" is called "The parser again" now.\n')
    assert titles(kept)[0] == "The parser again"
    assert failed(kept("chats", "rename", "3f9c", " "))[0] == 2
    code, told = failed(kept("chats", "rename", "3f9c", "x" * 121))
    assert (code, "A title has at most 120 characters, and this one has 121." in told) == (2, True)


def test_an_export_is_private_and_written_over_nothing(kept: Keyswitch, tmp_path: Path) -> None:
    path = tmp_path / "parser.html"
    ended = kept("chats", "export", "3f9c", "-o", str(path))
    assert (ended.code, ended.out, ended.err) == (0, "", f"Written to {path}, which only you can read.\n")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text("utf-8").startswith("<!DOCTYPE html>")
    path.write_text("mine", "utf-8")
    code, told = failed(kept("chats", "export", "3f9c", "-o", str(path)))
    assert (code, "is there already" in told, path.read_text("utf-8")) == (2, True, "mine")
    assert kept("chats", "export", "3f9c", "--format", "json", "-o", str(path), "--force").code == 0
    assert json.loads(path.read_text("utf-8"))["turns"][1]["receipt"]["provider"] == "claude"
    assert kept("chats", "export", "3f9c", "-o", str(tmp_path / "missing" / "x.md")).code == 1
    assert kept("chats", "export", "3f9c").out.startswith("# Refactor the parser\n")


def test_removing_is_agreed_to_and_can_be_taken_back(kept: Keyswitch) -> None:
    code, told = failed(kept("chats", "rm", "3f9c"))
    assert (code, "keyswitch chats rm 3f9c2a41 --yes" in told, len(titles(kept))) == (2, True, 4)
    ended = kept("chats", "rm", "3f9c", "--yes")
    assert (ended.code, ended.out) == (0, '"Refactor the parser" (2 messages) is removed.\n')
    assert f"keyswitch chats restore {PARSER}" in ended.err
    assert "Refactor the parser" not in titles(kept)
    assert kept("chats", "restore", PARSER).out == '"Refactor the parser" is there again.\n'
    assert titles(kept)[0] == "Refactor the parser"
    assert failed(kept("chats", "restore", "3f9c"))[0] == 2
    screen = at_terminal(kept, "chats", "rm", "3f9c")
    screen.expect("Remove .*y/N")
    screen.sendline("y")
    screen.expect("is removed")
    screen.expect(pexpect.EOF)
    assert "Refactor the parser" not in titles(kept)


def test_a_store_that_cannot_be_read_is_named_and_left_alone(kept: Keyswitch) -> None:
    path = kept.home / NAME
    path.write_bytes(b"no database" * 1000)
    for arguments in (["list"], ["search", "x"], ["show", "3f"], ["export", "3f"]):
        ended = kept("chats", *arguments)
        assert (ended.code, "[store_damaged]" in ended.err) == (7, True), arguments
    assert path.read_bytes() == b"no database" * 1000


def test_a_store_of_a_newer_keyswitch_or_one_that_is_held_is_named_and_left_alone(kept: Keyswitch) -> None:
    with closing(sqlite3.connect(kept.home / NAME, isolation_level=None)) as database:
        database.execute("BEGIN EXCLUSIVE")
        code, told = failed(kept("chats", "rename", "3f9c", "x"))
        assert (code, "[store_busy]" in told) == (7, True)
        database.execute("ROLLBACK")
        database.execute("PRAGMA user_version = 99")
    code, told = failed(kept("chats", "list"))
    assert (code, "a newer keyswitch wrote it" in told) == (7, True)


def test_a_shell_completes_commands_and_ids(kept: Keyswitch) -> None:
    def offered(words: str) -> list[str]:
        count = str(len(words.split(" ")) - 1)
        ended = kept(_KEYSWITCH_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=count)
        return [line.partition(",")[2] for line in ended.lines]

    assert offered("keyswitch chats ex") == ["export"]
    assert offered("keyswitch chats export 3f") == [PARSER[:8], SKY[:8]]
    assert offered("keyswitch --resume c0") == [LISBON[:8]]
