"""Three windows on one home: what is done in one shows in the others within a second, and nobody is logged out."""

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

ANA, BEN = "ana@example.test", "ben@example.test"

WITHIN: Final = 1.0
"""Seconds, at the median: a window looks for changes twice a second."""
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
    """Whose tokens messages to *provider* carried, all of them live."""
    chats = [entry for entry in sandbox.log.entries() if (entry.kind, entry.provider) == ("chat", provider)]
    assert all(entry.own_live_token and entry.status == 200 for entry in chats)
    return [entry.account for entry in chats]


def say(terminals: Terminals, window: str, text: str) -> None:
    """Send a message, and wait until it has been answered; the sandbox's models repeat what they were asked."""
    terminals.type(window, text)
    terminals.until(window, f"▌ {text}")


def test_what_one_window_does_shows_in_the_others_and_nobody_is_logged_out(
    terminals: Terminals, keyswitch: Keyswitch, sandbox: Sandbox
) -> None:
    watch = Watch(terminals, keyswitch.home / "auth.json")

    login(terminals, keyswitch, ANA, "claude")
    watch.arrives("a sign-in", "Claude ▶ active", "one", "two")
    login(terminals, keyswitch, ANA, "chatgpt")
    watch.arrives("a second sign-in", "ChatGPT ✅", "one", "two")
    login(terminals, keyswitch, BEN, "claude", "--add")

    say(terminals, "one", "before the change")
    terminals.type("one", "/accounts use claude ben")
    watch.arrives("an account change", "Claude goes on as ben@example.test", "two")
    terminals.until("one", "Claude now uses ben@example.test")
    say(terminals, "two", "after the change")
    say(terminals, "one", "after the change as well")
    assert asked_by(sandbox, "claude") == [ANA, BEN, BEN]

    terminals.type("two", "/logout chatgpt")
    terminals.until("two", "Stay logged in")
    terminals.press("two", "Right", "Enter")
    watch.arrives("a logout", "ChatGPT ⚠️ login", "one", "two")

    sandbox.expire_access_tokens("claude")
    terminals.type("one", "both at once")
    terminals.type("two", "both at once")
    for window in ("one", "two"):
        terminals.until(window, "▌ both at once")
    renewals = [entry for entry in sandbox.log.entries() if entry.kind == "refresh"]
    assert [(entry.account, entry.status) for entry in renewals] == [(BEN, 200)]

    assert statistics.median(watch.took.values()) < WITHIN, watch.took
    assert max(watch.took.values()) < LATEST, watch.took
    accounts = keyswitch("accounts", "--json").document["accounts"]
    assert [(one["account"], one["state"]) for one in accounts] == [(ANA, "logged_in"), (BEN, "logged_in")]
    assert keyswitch("refresh", "--force").code == 0
