"""What a person at a terminal sees of another program's sign-ins."""

from __future__ import annotations

import json

import pexpect
import pytest

from adapters.sandbox.server import Sandbox
from tests.integration.cli.test_at_a_terminal import at_terminal
from tests.support.command import Keyswitch
from tests.support.earlier_files import nested, written

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("arguments", [["--plain"], []], ids=["plain", "app"])
def test_the_chat_says_at_its_start_what_was_taken_over(keyswitch: Keyswitch, arguments: list[str]) -> None:
    (keyswitch.home / "auth.json").write_bytes(written(nested()))
    screen = at_terminal(keyswitch, *arguments)
    screen.expect("Taken over from auth.json of an earlier program")
    screen.expect("fresh")  # the line is wrapped somewhere
    screen.send("/quit\r")
    screen.expect(pexpect.EOF)
    screen.close()
    assert json.loads((keyswitch.home / "auth.json").read_bytes())["format"] == 2


@pytest.mark.parametrize(("said", "code", "accounts"), [("y", 0, 2), ("n", 2, 1)])
def test_an_adoption_is_asked_about(
    signed_in: Keyswitch, sandbox: Sandbox, said: str, code: int, accounts: int
) -> None:
    (signed_in.home / "auth.json").write_bytes(written(sandbox.codex_auth_file("ben@example.test")))
    screen = at_terminal(signed_in, "login", "chatgpt", "--adopt")
    screen.expect("A sign-in that two programs use ends in both")
    screen.expect("Go on")
    screen.sendline(said)
    screen.expect(pexpect.EOF)
    screen.close()
    assert screen.exitstatus == code
    chatgpt = signed_in("status", "--json").document["providers"][0]
    assert len(chatgpt["accounts"]) == accounts
