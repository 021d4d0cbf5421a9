"""Two windows and scripts on one home: sign-ins show everywhere within a second, and no conversation is moved."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest

from adapters.sandbox.scripted_browser import approve
from adapters.sandbox.server import Sandbox
from tests.support.command import LAUNCHER, Keyswitch
from tests.support.tmux import Terminals

pytestmark = pytest.mark.slow

ANA, BEN = "ana@example.test", "ben@example.test"

WITHIN: Final = 1.0
"""Seconds, at the median: a window looks for changes twice a second, and every 1.5 s where nobody uses it."""
LATEST: Final = 5.0
"""Seconds for any of them, on a machine that is busy with other tests."""


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """One set of providers, which all windows share."""
    with Sandbox() as running:
        yield running


@pytest.fixture
def keyswitch(tmp_path: Path, sandbox: Sandbox) -> Keyswitch:
    command = Keyswitch(tmp_path / "home", {})
    command.configure(providers=sandbox.provider_settings(), auth={"key_source": "file"})
    return command


@pytest.fixture
def terminals(system_program: Callable[[str, str], str], keyswitch: Keyswitch, tmp_path: Path) -> Iterator[Terminals]:
    """Two chats, `one` and `two`, that wait for input."""
    with Terminals(system_program("tmux", "tmux"), size=(100, 30), folder=tmp_path).running() as running:
        for name in ("one", "two"):
            running.open(name, [sys.executable, str(LAUNCHER)], keyswitch.environment(TERM="tmux-256color"))
        for name in ("one", "two"):
            running.until(name, "No model selected yet")
        yield running


@dataclass
class Watch:
    """How long it took from a change of the store until a window showed it."""

    terminals: Terminals
    store: Path
    took: dict[str, float] = field(default_factory=dict)

    def arrives(self, change: str, shows: str, *windows: str) -> None:
        """Wait until all of *windows* show it."""
        for window in windows:
            seen = self.terminals.until(window, shows)
            self.took[f"{change}, in {window}"] = seen - self.store.stat().st_mtime


def login(terminals: Terminals, command: Keyswitch, account: str, *words: str) -> None:
    """`keyswitch login` in a terminal of its own, approved as *account*."""
    talk = command.home.parent / f"login-{words[0]}-{account.partition('@')[0]}.jsonl"
    line = f'"$@" --no-browser --json | tee {talk}'
    arguments = ["sh", "-c", line, "sh", sys.executable, str(LAUNCHER), "login", *words]
    terminals.open(talk.stem, arguments, command.environment())
    terminals.until(talk.stem, lambda _: talk.exists() and talk.read_text("utf-8").endswith("\n"))
    approve(json.loads(talk.read_text("utf-8").splitlines()[0])["url"], account=account)


def asked_by(sandbox: Sandbox, provider: str) -> list[str | None]:
    """Whose tokens the messages carried that *provider* answered."""
    chats = [entry for entry in sandbox.log.entries() if (entry.kind, entry.provider) == ("chat", provider)]
    answered = [entry for entry in chats if entry.status == 200]
    assert all(entry.own_live_token for entry in answered)
    return [entry.account for entry in answered]


def say(terminals: Terminals, window: str, text: str) -> None:
    """Send a message, and wait until it has been answered; the sandbox's models repeat what they were asked."""
    terminals.type(window, text)
    terminals.until(window, f"▎ {text}")


def test_sign_ins_show_in_every_window_and_no_window_or_script_moves_the_conversation_of_another(
    terminals: Terminals, keyswitch: Keyswitch, sandbox: Sandbox
) -> None:
    watch = Watch(terminals, keyswitch.home / "auth.json")

    login(terminals, keyswitch, ANA, "claude")
    watch.arrives("a sign-in", "Claude ▶ active", "one", "two")
    login(terminals, keyswitch, ANA, "chatgpt")
    watch.arrives("a second sign-in", "ChatGPT ✅", "one", "two")
    login(terminals, keyswitch, BEN, "claude", "--add")

    sandbox.expire_access_tokens("claude")
    for window in ("one", "two"):
        terminals.type(window, "both at once")
    for window in ("one", "two"):
        terminals.until(window, "▎ both at once")
    renewals = [entry for entry in sandbox.log.entries() if entry.kind == "refresh"]
    assert [(entry.account, entry.status) for entry in renewals] == [(ANA, 200)]

    # Another account, in one window.
    sandbox.log.clear()
    terminals.type("one", "/accounts use claude ben")
    terminals.until("one", "Claude now uses ben@example.test")
    terminals.until("one", "Pays: Console, per token (ben@example.test)")
    say(terminals, "two", "the account was changed")
    say(terminals, "one", "here it was changed")
    assert asked_by(sandbox, "claude") == [ANA, BEN]

    # Another model, and a key beside the sign-ins, by a script.
    used = keyswitch("use", "gpt-5.1-medium")
    assert used.lines[0] == "Switched to GPT-5.1 Medium (ChatGPT OAuth)"
    assert used.lines[-1] == "Using ChatGPT plan (ana@example.test): no price per token."
    assert keyswitch("login", "claude", "--api-key", typed="sk-ant-fake-key-0000-1234").code == 0
    for window in ("one", "two"):
        terminals.until(window, "this conversation")
        say(terminals, window, "the saved choice was changed")
    assert asked_by(sandbox, "claude") == [ANA, BEN, BEN, ANA]
    assert asked_by(sandbox, "chatgpt") == []

    # Signed out by a script: the conversation waits, although another account and a key could answer.
    assert keyswitch("logout", "claude", "--account", ANA).code == 0
    watch.arrives("a logout", "Claude OAuth (ana@example.test) cannot be used any more", "two")
    terminals.type("two", "nobody may be asked this")
    terminals.until("two", "no other takes its place")
    say(terminals, "one", "this one goes on")
    assert asked_by(sandbox, "claude") == [ANA, BEN, BEN, ANA, BEN]
    terminals.press("two", "Escape")
    terminals.until("two", lambda screen: "takes its place" not in screen and "nobody may be asked this" in screen)

    assert statistics.median(watch.took.values()) < WITHIN, watch.took
    assert max(watch.took.values()) < LATEST, watch.took
    accounts = keyswitch("accounts", "--json").document["accounts"]
    left = [(one["provider"], one["account"], one["active"]) for one in accounts]
    assert left == [("chatgpt", ANA, True), ("claude", BEN, True), ("claude", "…1234", True)]
