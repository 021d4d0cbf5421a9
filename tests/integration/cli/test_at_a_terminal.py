"""What is asked where a person sits at a terminal, and only there."""

from __future__ import annotations

import sys
import tomllib

import pexpect
import pytest
from rich.cells import cell_len

from adapters.sandbox.scripted_browser import approve
from tests.support.command import LAUNCHER, Keyswitch

pytestmark = pytest.mark.slow

KEY = "sk-ant-api03-fake-claude-key-1234"


def at_terminal(keyswitch: Keyswitch, *arguments: str, columns: int = 100, **variables: str) -> pexpect.spawn:
    environment = keyswitch.environment(TERM="xterm", **variables)
    environment.pop("CI", None)
    return pexpect.spawn(
        sys.executable,
        [str(LAUNCHER), *arguments],
        env=environment,
        encoding="utf-8",
        timeout=30,
        dimensions=(30, columns),
    )


@pytest.mark.parametrize(("said", "code", "model"), [("y", 0, "claude-opus-4.1"), ("n", 2, "gpt-6.1-sol")])
def test_moving_from_a_plan_to_a_key_is_asked(at_sandbox: Keyswitch, said: str, code: int, model: str) -> None:
    at_sandbox.sign_in("chatgpt", approve)
    at_sandbox("login", "claude", "--api-key", typed=f"{KEY}\n")
    screen = at_terminal(at_sandbox, "use", "claude-opus-4.1")
    screen.expect("would be paid by your Claude API key, per token")
    screen.expect("Go on")
    screen.sendline(said)
    screen.expect(pexpect.EOF)
    screen.close()
    assert screen.exitstatus == code
    assert tomllib.loads((at_sandbox.home / "config.toml").read_text("utf-8"))["model"] == model


def test_ctrl_c_at_a_question_exits_130_and_changes_nothing(at_sandbox: Keyswitch) -> None:
    at_sandbox.sign_in("chatgpt", approve)
    at_sandbox("login", "claude", "--api-key", typed=f"{KEY}\n")
    screen = at_terminal(at_sandbox, "use", "claude-opus-4.1")
    screen.expect("Go on")
    ended = 1
    while ended:  # an interpreter that is just about to read does not see the first one
        screen.sendintr()
        ended = screen.expect([pexpect.EOF, pexpect.TIMEOUT], timeout=5)
    screen.close()
    assert screen.exitstatus == 130
    assert at_sandbox("status", "--json").document["model"] == "gpt-6.1-sol"


def test_with_ci_set_nobody_is_asked(at_sandbox: Keyswitch) -> None:
    at_sandbox.sign_in("chatgpt", approve)
    at_sandbox("login", "claude", "--api-key", typed=f"{KEY}\n")
    screen = pexpect.spawn(
        sys.executable,
        [str(LAUNCHER), "use", "claude-opus-4.1"],
        env=at_sandbox.environment(CI="true"),
        encoding="utf-8",
        timeout=30,
    )
    screen.expect("payer_change")
    screen.expect(pexpect.EOF)
    screen.close()
    assert screen.exitstatus == 2


def test_a_key_that_is_typed_does_not_show(keyswitch: Keyswitch) -> None:
    screen = at_terminal(keyswitch, "login", "claude", "--api-key")
    screen.expect("Claude API key .hidden.: ")
    screen.sendline(KEY)
    screen.expect("Stored the Claude API key …1234")
    assert KEY not in screen.before
    screen.expect(pexpect.EOF)
    screen.close()
    assert screen.exitstatus == 0


def test_an_address_pasted_at_a_terminal_ends_the_sign_in(at_sandbox: Keyswitch) -> None:
    screen = at_terminal(at_sandbox, "login", "claude", "--no-browser")
    screen.expect(r"http://\S+/authorize\?\S+")
    address = screen.after
    screen.expect("Paste here, unseen, the address")
    screen.sendline(approve(address, visit=False))
    screen.expect("Logged in to Claude as ana@example.test")
    screen.expect(pexpect.EOF)
    screen.close()
    assert screen.exitstatus == 0


def test_the_demo_opens_the_chat(keyswitch: Keyswitch) -> None:
    screen = at_terminal(keyswitch, "demo")
    screen.expect("Demo: three built-in providers")
    screen.sendcontrol("c")
    screen.sendcontrol("c")
    screen.expect(pexpect.EOF)
    screen.close()
    assert screen.exitstatus == 0
    assert list(keyswitch.home.iterdir()) == []


PASSPHRASE = "fake passphrase of ana"


def test_a_new_passphrase_is_typed_twice_and_does_not_show(keyswitch: Keyswitch) -> None:
    screen = at_terminal(keyswitch, "config", "set", "auth.key_source", "passphrase")
    screen.expect("New passphrase .hidden.: ")
    screen.sendline(PASSPHRASE)
    screen.expect("once more .hidden.: ")
    screen.sendline(PASSPHRASE)
    screen.expect("sealed with your passphrase")
    assert PASSPHRASE not in screen.before
    screen.expect(pexpect.EOF)
    screen.close()
    assert screen.exitstatus == 0


@pytest.mark.parametrize(
    ("first", "second", "words"), [("short", None, "15 characters"), (PASSPHRASE, "fake passphrase of bob", "differ")]
)
def test_a_passphrase_that_is_weak_or_mistyped_changes_nothing(
    first: str, second: str | None, words: str, keyswitch: Keyswitch
) -> None:
    screen = at_terminal(keyswitch, "config", "set", "auth.key_source", "passphrase")
    screen.expect("New passphrase .hidden.: ")
    screen.sendline(first)
    if second is not None:
        screen.expect("once more .hidden.: ")
        screen.sendline(second)
    screen.expect(words)
    screen.expect(pexpect.EOF)
    screen.close()
    assert screen.exitstatus == 2
    assert not (keyswitch.home / "master-key.json").exists()


def test_the_passphrase_is_asked_for_where_a_record_is_opened(keyswitch: Keyswitch) -> None:
    keyswitch("config", "set", "auth.key_source", "passphrase", "--passphrase-fd", "0", typed=f"{PASSPHRASE}\n")
    screen = at_terminal(keyswitch, "logout", "claude")
    screen.expect("Passphrase .hidden.: ")
    screen.sendline(PASSPHRASE)
    screen.expect("was not signed in")
    screen.expect(pexpect.EOF)
    screen.close()
    assert screen.exitstatus == 0


def test_ctrl_c_at_the_passphrase_exits_130(keyswitch: Keyswitch) -> None:
    keyswitch("config", "set", "auth.key_source", "passphrase", "--passphrase-fd", "0", typed=f"{PASSPHRASE}\n")
    screen = at_terminal(keyswitch, "logout", "claude")
    screen.expect("Passphrase .hidden.: ")
    screen.sendintr()
    screen.expect(pexpect.EOF)
    screen.close()
    assert screen.exitstatus == 130


def test_the_list_of_models_fits_its_terminal(keyswitch: Keyswitch) -> None:
    keyswitch.configure(presets={"long": {"model": "gpt-6.1-sol", "label": "\u732b" * 30, "tagline": "x" * 50}})
    wrapped = {}
    for columns in (120, 80, 60, 40):
        screen = at_terminal(keyswitch, "models", columns=columns)
        lines = screen.read().splitlines()
        screen.close()
        assert any("gpt-6.1-sol" in line for line in lines)
        wrapped[columns] = [line for line in lines if cell_len(line) > columns]
    assert not any(wrapped.values()), wrapped
    assert max(map(len, keyswitch("models").lines)) > 120
