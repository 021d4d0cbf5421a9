"""A day with the chat, from the first sign-in to an export, in a real terminal over the built-in sandbox."""

from __future__ import annotations

import json
import re
import sys
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from adapters.sandbox.scripted_browser import approve
from adapters.sandbox.server import Sandbox
from tests.support.command import LAUNCHER, Keyswitch
from tests.support.tmux import Terminals

pytestmark = pytest.mark.slow

ANA: Final = "ana@example.test"
FIRST, SECOND, THIRD = "why does it recurse", "is it safe when empty", "look at it again and answer"
NOTES: Final = "the base case compares the wrong token"

SHORT_LINK: Final = re.compile(r"http://127\.0\.0\.1:\d+/go/\w+")
WAY_BACK: Final = re.compile(r"keyswitch --resume (\w{8,}) goes on with")

READY: Final = "F1 help"
"""On the last row of every chat that waits for input."""


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Providers that outlive each start of the program."""
    with Sandbox() as running:
        yield running


@pytest.fixture
def keyswitch(tmp_path: Path, sandbox: Sandbox) -> Keyswitch:
    command = Keyswitch(tmp_path / "home", {"BROWSER": "true %s", "VISUAL": "false"})
    command.configure(providers=sandbox.provider_settings(), auth={"key_source": "file"})
    return command


@pytest.fixture
def terminals(system_program: Callable[[str, str], str], tmp_path: Path) -> Iterator[Terminals]:
    with Terminals(system_program("tmux", "tmux"), size=(100, 30), folder=tmp_path).running() as running:
        yield running


@dataclass
class Person:
    """Somebody at one terminal after the other."""

    terminals: Terminals
    keyswitch: Keyswitch
    terminal: str = ""

    def start(self, terminal: str, *arguments: str) -> None:
        """Start the program in a shell, which stays when it has ended."""
        self.terminal = terminal
        folder = self.keyswitch.home.parent / "work"
        command = [
            "sh",
            "-c",
            'cd "$0" && "$@"; exec sleep 600',
            str(folder),
            sys.executable,
            str(LAUNCHER),
            *arguments,
        ]
        self.terminals.open(terminal, command, self.keyswitch.environment(TERM="tmux-256color"))
        self.sees(READY)

    def sees(self, *words: str) -> None:
        """Wait until all of *words* stand on the screen."""
        self.terminals.until(self.terminal, lambda screen: all(word in " ".join(screen.split()) for word in words))

    def no_longer_sees(self, words: str) -> None:
        self.terminals.until(self.terminal, lambda screen: words not in screen)

    def types(self, text: str) -> None:
        """Type *text* and press Enter."""
        self.terminals.type(self.terminal, text)

    def presses(self, *keys: str) -> None:
        self.terminals.press(self.terminal, *keys)

    def finds(self, pattern: re.Pattern[str]) -> str:
        """Wait for something that fits *pattern*, and read it off the screen."""
        self.terminals.until(self.terminal, lambda screen: pattern.search(screen) is not None)
        found = pattern.search(self.terminals.screen(self.terminal))
        assert found is not None
        return found.group(found.re.groups)

    def signs_in(self, provider: str, shows: str) -> None:
        """Sign in from the chat, and approve in a browser."""
        self.types(f"/login --provider={provider}")
        approve(self.finds(SHORT_LINK))
        self.sees("step 3 of 3: done", shows)
        self.presses("Escape")
        self.no_longer_sees("step 3 of 3")

    def asks(self, text: str, of: str) -> None:
        """Send a message, and wait for the whole answer."""
        self.types(text)
        self.is_answered(f"Hello from the {of} sandbox", text)

    def is_answered(self, *words: str) -> None:
        """Wait for the end of an answer that holds *words*; the sandbox's models repeat what they were asked."""
        last = f"▎ {words[-1]}"
        self.sees(*words[:-1], last)
        self.no_longer_sees("Esc stops")

    def picks(self, letters: str, says: str) -> None:
        """Switch the model by the picker."""
        self.presses("F2")
        self.sees("Switch model and login")
        self.types(letters)
        self.sees(says)

    def quits(self) -> str:
        """Leave, and read the id by which to come back."""
        self.types("/quit")
        return self.finds(WAY_BACK)


@pytest.fixture
def ana(terminals: Terminals, keyswitch: Keyswitch, tmp_path: Path) -> Person:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "notes.txt").write_text(f"{NOTES}\n", "utf-8")
    return Person(terminals, keyswitch)


def test_a_day_from_the_first_sign_in_to_an_export(
    ana: Person, keyswitch: Keyswitch, sandbox: Sandbox, tmp_path: Path
) -> None:
    ana.start("morning")
    for provider, label in (("chatgpt", "ChatGPT"), ("claude", "Claude"), ("gemini", "Gemini")):
        ana.signs_in(provider, f"Logged in to {label} as {ANA}")
    name = has_three_answers_and_quits(ana)
    asked = [(entry.provider, entry.own_live_token) for entry in sandbox.log.entries() if entry.kind == "chat"]
    assert asked == [("chatgpt", True), ("claude", True), ("gemini", True), ("gemini", True)]

    ana.start("noon")
    ana.presses("F4")
    ana.sees("Conversations · 1 kept")
    ana.types("recurse")
    ana.sees("[file: notes.txt 39 B]", READY)
    ana.presses("C-Home")
    ana.sees("│ why does it recurse", "GPT-6.1 Sol · ChatGPT OAuth")
    assert ana.quits() == name

    ana.start("evening", "--resume", name)
    ana.sees("[file: notes.txt 39 B]", "look at it again and answer")
    ana.presses("C-g")
    ana.sees("false ended with exit code 1. Your text stays as it was.", READY)
    ana.types("/export md")
    ana.sees("Written to")  # and where, on as many lines as that takes
    assert ana.quits() == name
    holds_the_day((tmp_path / "work" / "why-does-it-recurse.md").read_text("utf-8"))

    exported = tmp_path / "day.json"
    assert keyswitch("chats", "export", name, "--format", "json", "-o", str(exported)).code == 0
    document = json.loads(exported.read_text("utf-8"))
    assert document["id"].startswith(name)
    holds_the_day_in_full(document["turns"])


def has_three_answers_and_quits(ana: Person) -> str:
    """Ask each of the three, switching by the picker; attach a file; send the last message in other words."""
    ana.asks(FIRST, of="ChatGPT")
    ana.picks("sonnet 5.5", says="Switched to Claude Sonnet 5.5 (Claude OAuth)")
    ana.asks(SECOND, of="Claude")
    ana.picks("argon", says="Switched to Gemini 4 Argon (Gemini OAuth)")

    ana.presses(*"look at @note")
    ana.sees("▶ notes.txt")
    ana.presses("Enter")
    ana.sees("[file: notes.txt 39 B] Backspace")
    ana.presses("Enter")
    ana.is_answered("Hello from the Gemini sandbox", "[file: notes.txt 39 B]", NOTES)

    ana.types("/edit")
    ana.sees("Editing your last message")
    ana.types("it again and answer")
    ana.is_answered("are kept aside", f"▎ {THIRD}", NOTES)
    return ana.quits()


def holds_the_day(markdown: str) -> None:
    """Who spoke, and what was said last, with its file."""
    speakers = [line.removeprefix("## ").partition(" ·")[0] for line in markdown.splitlines() if line.startswith("## ")]
    assert speakers == ["You", "GPT-6.1 Sol", "You", "Claude Sonnet 5.5", "You", "Gemini 4 Argon"]
    assert f"{THIRD}\n\n[file: notes.txt 39 B]" in markdown


def holds_the_day_in_full(turns: list[dict[str, Any]]) -> None:
    """What was asked, with the whole file, and who answered and paid."""
    asked, answers = turns[::2], turns[1::2]
    assert [turn["text"] for turn in asked] == [FIRST, SECOND, THIRD]
    files = [[b64decode(one["base64"]).decode() for one in turn["attachments"]] for turn in asked]
    assert files == [[], [], [f"{NOTES}\n"]]
    receipts = [(turn["receipt"]["provider"], turn["receipt"]["pays_with"]) for turn in answers]
    assert receipts == [("chatgpt", "plan"), ("claude", "claude_console"), ("gemini", "cloud_project")]
    assert {turn["receipt"]["account"] for turn in answers} == {ANA}
