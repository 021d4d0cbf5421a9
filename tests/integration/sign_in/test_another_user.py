"""Two users of one machine: what one reads and reaches neither finishes, steers nor shows the sign-in of the other."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from adapters.sandbox.server import Sandbox
from tests.conftest import in_ci
from tests.support.command import Keyswitch
from tests.support.two_users import EVIL

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]

ANA = 20_000 + 2 * (os.getpid() % 20_000)
"""A user that no account names, and no other test at the same time."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


class Machine:
    """A folder that everybody may look into, and in it the home of ana, whose keyswitch signs in at the sandbox."""

    def __init__(self, folder: Path, sandbox: Sandbox) -> None:
        self.folder = folder
        self.home = folder / "ana" / ".code"
        self.seen, self.go_on = folder / "seen", folder / "go-on"
        folder.chmod(0o755)
        for place in (folder / "ana", self.home):
            place.mkdir()
        Keyswitch(self.home, {}).configure(providers=sandbox.provider_settings(), auth={"key_source": "file"})
        for pipe in (self.seen, self.go_on):
            os.mkfifo(pipe, 0o600)
        self.browser = folder / "browser"
        self.browser.write_text(f'#!/bin/sh\necho "$1" > {self.seen}\ncat {self.go_on}\n')
        self.browser.chmod(0o755)
        for path in (folder / "ana", *folder.rglob("*")):
            os.chown(path, ANA, ANA)
        self.home.chmod(0o700)

    @contextmanager
    def started(self, role: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        home = {"HOME": str(self.folder / "ana"), "CODE_HOME": str(self.home), "BROWSER": f"{self.browser} %s"}
        with subprocess.Popen(
            [sys.executable, "-m", "tests.support.two_users", str(ANA), role, *arguments],
            cwd=ROOT,
            env={**os.environ, **home, "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def browser_started(self, process: subprocess.Popen[str]) -> str:
        """What the browser was given, which stands in its arguments as long as nobody lets it go on."""
        with os.fdopen(os.open(self.seen, os.O_RDONLY | os.O_NONBLOCK), "rb") as pipe:
            ends = time.monotonic() + 60
            while not select.select([pipe], [], [], 0.1)[0]:
                assert process.poll() is None, process.communicate()
                assert time.monotonic() < ends
            os.set_blocking(pipe.fileno(), True)
            return pipe.read().decode().strip()

    def run(self, role: str, *arguments: str) -> str:
        with self.started(role, *arguments) as process:
            out, err = process.communicate(timeout=60)
            assert process.returncode == 0, err
        return out

    def mallory(self, role: str, *arguments: str) -> dict[str, Any]:
        """What the other user found, and got to."""
        return dict(json.loads(self.run(role, *arguments)))


@pytest.fixture
def machine(sandbox: Sandbox) -> Iterator[Machine]:
    if os.geteuid() != 0:
        reason = "only root can be two users"
        pytest.fail(reason) if in_ci() else pytest.skip(reason)
    with tempfile.TemporaryDirectory(prefix="keyswitch-two-users-") as folder:
        there = Machine(Path(folder), sandbox)
        yield there
        with suppress(OSError):  # ends the browser, if there was one
            os.close(os.open(there.go_on, os.O_WRONLY | os.O_NONBLOCK))


def test_the_other_user_finds_nothing_to_finish_the_sign_in_with(machine: Machine) -> None:
    with machine.started("person", "login", "claude") as ana:
        address = machine.browser_started(ana)
        mallory = machine.mallory("mallory_looks", str(machine.folder))
        machine.run("ana_browses", address)
        out, err = ana.communicate(timeout=60)

    assert mallory == {"found": [], "signed_in": False}
    assert address == (machine.home / "sign-in.html").as_uri()
    assert out.startswith("Logged in to Claude as ana@example.test"), err
    assert "Claude signed in ana@example.test. Not you?" in err
    assert not (machine.home / "sign-in.html").exists()


def test_a_link_in_the_arguments_is_found_and_signs_the_other_one_in(machine: Machine) -> None:
    """The control of the test before."""
    with machine.started("careless_person", "login", "claude") as ana:
        machine.browser_started(ana)
        mallory = machine.mallory("mallory_looks", str(machine.folder))
        out, _ = ana.communicate(timeout=60)

    assert mallory["found"]
    assert mallory["signed_in"]
    assert out.startswith(f"Logged in to Claude as {EVIL}")


def test_the_other_user_is_turned_away_even_with_both_links_and_ana_is_told(machine: Machine) -> None:
    with machine.started("person", "login", "claude", "--no-browser", "--json") as ana:
        assert ana.stdout is not None
        link = json.loads(ana.stdout.readline())
        mallory = machine.mallory("mallory_knows", link["short_url"], link["url"])
        told = json.loads(ana.stdout.readline())
        machine.run("ana_browses", link["short_url"])
        rest = [json.loads(line) for line in ana.communicate(timeout=60)[0].splitlines()]

    assert (mallory["forwarded"], mallory["learned"], mallory["answered"]) == (403, [], 403)
    assert "belongs to another user of this computer" in mallory["said"]
    assert told["event"] == "callback_refused"
    assert "another user of this machine" in told["reason"]
    assert [(event["event"], event["account"]) for event in rest] == [("signed_in", "ana@example.test")]
