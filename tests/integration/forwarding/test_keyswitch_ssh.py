"""`keyswitch ssh` and the agent behind it, at a real sshd: what answers there, and what never gets there."""

from __future__ import annotations

import os
import shlex
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from adapters.sandbox.scripted_browser import approve
from adapters.sandbox.server import Sandbox
from adapters.sandbox.settings import SandboxSettings
from tests.support.canaries import Canaries
from tests.support.command import Keyswitch
from tests.support.short_folder import short_folder
from tests.support.ssh_ground import SHARED, Ground

pytestmark = pytest.mark.slow

PROVIDERS = ("chatgpt", "claude", "gemini")
MODELS = ("gpt-5.1-medium", "claude-opus-4.1", "gemini-2.5-pro")
SLOWLY = 0.01
"""Seconds between two pieces of an answer."""

LONG = "A question to be cut" + " in the middle" * 400
"""The sandbox's models repeat it, which takes long enough to look and to cut."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(settings=SandboxSettings(chunk_delay=SLOWLY)) as running:
        yield running


@pytest.fixture(scope="module")
def laptop(there: Ground, sandbox: Sandbox) -> Iterator[Keyswitch]:
    """Signed in to all three providers; its `ssh` knows the hosts."""
    with short_folder() as folder:
        keyswitch = Keyswitch(folder / "home", there.variables)
        keyswitch.configure(providers=sandbox.provider_settings(), auth={"key_source": "file"})
        for provider in PROVIDERS:
            keyswitch.sign_in(provider, approve)
        yield keyswitch


def secrets(laptop: Keyswitch, sandbox: Sandbox) -> Canaries:
    """What the laptop holds: the tokens of all providers, and the key that seals them."""
    canaries = Canaries()
    for provider in PROVIDERS:
        for token in sandbox.live_access_tokens(provider):
            canaries.add(f"a token of {provider}", token)
    canaries.add("the master key", (laptop.home / "master.key").read_text("ascii").strip())
    return canaries


def relayed(laptop: Keyswitch) -> list[tuple[str, str, str]]:
    """For which host, at which provider and with which outcome the laptop relayed something, in its order."""
    noted = (event["facts"] for event in laptop.events() if event["event"] == "relayed")
    return [(facts["host"], facts["provider"], facts["outcome"]) for facts in noted]


def becomes_true(what: Callable[[], bool], name: str) -> None:
    """Wait for something on the other machine, of which nobody is told."""
    deadline = time.monotonic() + 30
    while not what():
        assert time.monotonic() < deadline, name
        threading.Event().wait(0.02)


def memory_of(user: int, words: bytes) -> bytes:
    """What processes of *user* whose command line has *words* in it hold in memory."""
    held = bytearray()
    for process in Path("/proc").iterdir():
        with suppress(OSError):  # it is gone
            named = process.name.isdigit() and words in (process / "cmdline").read_bytes()
            if named and f"Uid:\t{user}\t" in (process / "status").read_text():  # a hardened one's files are root's
                held += _written_by(process)
    return bytes(held)


def _written_by(process: Path) -> bytes:
    held = bytearray()
    with (process / "mem").open("rb", buffering=0) as memory:
        for line in (process / "maps").read_text().splitlines():
            area, rights, *_ = line.split()
            first, last = (int(end, 16) for end in area.split("-"))
            if rights.startswith("rw") and last - first < 1 << 28:
                with suppress(OSError):
                    held += os.pread(memory.fileno(), last - first, first)
    return bytes(held)


def test_three_providers_answer_there_and_no_token_gets_there(
    there: Ground, laptop: Keyswitch, sandbox: Sandbox
) -> None:
    sandbox.log.clear()
    before = len(relayed(laptop))
    asks = "; ".join(f"keyswitch ask -m {model} Hello" for model in MODELS)

    ended = laptop("ssh", "--for", "2h", "devbox", f"env; keyswitch status; {asks}")

    assert ended.code == 0, ended.err
    assert "Forwarded to devbox for 2 h, until " in ended.err
    assert "you and root there can send and spend with them; no token leaves this machine." in ended.err
    lines = [line for line in ended.lines if line.startswith("✅ ") and "from laptop" in line]
    assert [line.partition(":")[0] for line in lines] == ["✅ ChatGPT", "✅ Claude", "✅ Gemini"]
    answered = [(entry.provider, entry.account, entry.own_live_token) for entry in sandbox.log.entries()]
    assert answered == [(provider, "ana@example.test", True) for provider in PROVIDERS]
    assert relayed(laptop)[before:] == [("devbox", provider, "200") for provider in PROVIDERS]

    canaries = secrets(laptop, sandbox)
    files = [path for path in there.there.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"conversations.db", "ledger.db"}
    assert "auth.json" not in {path.name for path in files}
    assert [hit for path in files for hit in canaries.found_in(path.read_bytes(), path.name)] == []
    assert canaries.found_in((ended.out + ended.err).encode(), "the terminal") == []
    assert canaries.found_in((laptop.home / "master.key").read_bytes(), "the key file") != []  # the control


def test_a_connection_that_is_cut_breaks_the_answer_and_the_next_one_goes_on(
    there: Ground, laptop: Keyswitch, sandbox: Sandbox
) -> None:
    done, said = there.runtime / "done", there.runtime / "said"
    ask = f"keyswitch ask -m claude-opus-4.1 '{LONG}' > {said} 2>&1; echo $? > {done}"
    sandbox.log.clear()
    with laptop.started("ssh", "devbox", f"setsid nohup sh -c {shlex.quote(ask)} & exec sleep 60") as connection:
        becomes_true(lambda: said.exists() and b"Hello from" in said.read_bytes(), "an answer begins")
        held = memory_of(there.user, b"A question to be cut")
        subprocess.run(["/usr/bin/pkill", "-KILL", "-P", str(connection.pid)], check=True)
        assert connection.wait(30) == 128 + 9
        assert connection.stderr
        assert "failed or broke off" not in connection.stderr.read()
    becomes_true(lambda: done.exists() and bool(done.read_text().strip()), "the answer breaks off")

    assert (done.read_text().strip(), "broken_stream" in said.read_text()) == ("5", True), said.read_text()
    assert b"A question to be cut" in held  # the control
    assert secrets(laptop, sandbox).found_in(held, "memory") == []

    away = there.keyswitch("ask", "-c", "Nobody hears this")
    assert (away.returncode, "laptop not reachable" in away.stderr) == (5, True), away.stderr
    again = laptop("ssh", "devbox", "keyswitch ask -c 'And now?'")
    assert (again.code, "And now?" in again.out) == (0, True), again.err
    assert len(list((there.runtime / "keyswitch").iterdir())) == 1  # what was left behind was swept


def test_settings_of_hosts_are_told_of_and_a_shared_connection_keeps_no_forward(
    there: Ground, laptop: Keyswitch
) -> None:
    says = {
        "without": "without knows no command keyswitch",
        "older": "is older than the forwarding of sign-ins",
        "newer": "Bring the one here up to date",
        "no-sockets": "remote port forwarding failed for listen path",
        "no-forwards": "names the settings of its sshd that refuse it",
    }
    ended = {host: laptop("ssh", host, "true") for host in says}
    assert {host: says[host] in one.err for host, one in ended.items()} == dict.fromkeys(says, True), ended
    assert [one.code for one in ended.values()] == [1, 1, 1, 255, 255]

    assert laptop("ssh", "login-path", "PATH=$HOME/../bin:$PATH keyswitch status").out.count("from laptop") >= 3
    assert there.ssh(SHARED, "true").returncode == 0
    try:
        assert laptop("ssh", SHARED, "keyswitch status").out.count("from laptop") >= 3
        assert there.ssh("-O", "check", SHARED).returncode == 0
        assert "from laptop" not in there.keyswitch("status").stdout
    finally:
        there.ssh("-O", "exit", SHARED)
