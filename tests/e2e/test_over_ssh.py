"""A conversation over three models on another machine, through the laptop: cut in mid-answer, and resumed."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from adapters.sandbox.scripted_browser import approve
from adapters.sandbox.server import Sandbox
from adapters.sandbox.settings import SandboxSettings
from tests.support.command import LAUNCHER, Keyswitch
from tests.support.short_folder import short_folder
from tests.support.ssh_ground import Ground, ground
from tests.support.tmux import Terminals

pytestmark = pytest.mark.slow

PROVIDERS = ("chatgpt", "claude", "gemini")
STEPS = (("", "", "one"), ("claude-opus-4.1", "Claude", "two"), ("gemini-2.5-pro", "Gemini", "three"))


@pytest.fixture
def there(system_program: Callable[[str, str], str]) -> Iterator[Ground]:
    ip = system_program("ip", "iproute2") if os.geteuid() == 0 else None
    with ground(system_program("sshd", "openssh-server"), ip) as made:
        yield made


def cut(there: Ground) -> None:
    """Kill the ssh that forwards."""
    for process in Path("/proc").iterdir():
        with suppress(OSError):
            words = (process / "cmdline").read_bytes().split(b"\0") if process.name.isdigit() else []
            if str(there.folder / "ssh-config").encode() in words and b"-R" in words:
                os.kill(int(process.name), signal.SIGKILL)


@pytest.mark.timeout(180)
def test_a_conversation_over_three_models_outlives_a_connection(
    system_program: Callable[[str, str], str], there: Ground
) -> None:
    tmux = system_program("tmux", "tmux")
    with (
        Sandbox(settings=SandboxSettings(chunk_delay=0.02)) as sandbox,
        short_folder() as folder,
        Terminals(tmux, size=(100, 30), folder=folder).running() as terminals,
    ):
        laptop = Keyswitch(folder / "home", there.variables)
        laptop.configure(providers=sandbox.provider_settings(), auth={"key_source": "file"})
        for provider in PROVIDERS:
            laptop.sign_in(provider, approve)
        sandbox.log.clear()

        def connect(name: str, *words: str) -> None:
            program = [sys.executable, str(LAUNCHER), "ssh", "devbox", "-t", "keyswitch", *words]
            path = f"PATH={there.variables['PATH']}"  # tmux takes its own
            command = ["env", path, "sh", "-c", '"$@"; exec sleep 100', "sh", *program]
            terminals.open(name, command, laptop.environment(TERM="tmux-256color"))

        connect("first", "-m", "gpt-5.1-medium")
        terminals.until("first", "from laptop")
        for model, label, text in STEPS:
            if model:
                terminals.type("first", f"/model {model}")
                terminals.until("first", f"Switched to {label}")
            terminals.type("first", f"number {text}")
            terminals.until("first", f"▎ number {text}")
        terminals.type("first", "number four" + " and more" * 100)
        terminals.until("first", "▎ number four")
        cut(there)

        connect("second", "-c")
        terminals.until("second", "number four")
        terminals.type("second", "number five")
        terminals.until("second", "▎ number five")

    asked = [(entry.provider, entry.own_live_token) for entry in sandbox.log.entries() if entry.kind == "chat"]
    assert asked == [("chatgpt", True), ("claude", True), ("gemini", True), ("gemini", True), ("gemini", True)]
    assert not (there.there / ".code" / "auth.json").exists()
