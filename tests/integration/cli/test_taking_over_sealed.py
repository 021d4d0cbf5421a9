"""An earlier program's sign-ins, with the master key under a passphrase: it is asked for, and they are taken over."""

from __future__ import annotations

import json

import pexpect
import pytest

from tests.integration.cli.test_at_a_terminal import at_terminal
from tests.support.command import Keyswitch
from tests.support.earlier_files import nested, written

pytestmark = pytest.mark.slow

PASSPHRASE = "fake passphrase of ana"
OLD = written(nested())


@pytest.fixture
def sealed(keyswitch: Keyswitch) -> Keyswitch:
    """A key under a passphrase, and an earlier program's file that was not taken over yet."""
    done = keyswitch("config", "set", "auth.key_source", "passphrase", "--passphrase-fd", "0", typed=f"{PASSPHRASE}\n")
    assert done.code == 0, done.err
    put(keyswitch)
    return keyswitch


@pytest.fixture
def unsealed(keyswitch: Keyswitch) -> Keyswitch:
    """No key yet, the config wants one under a passphrase, and the file is there."""
    keyswitch.configure(auth={"key_source": "passphrase"})
    put(keyswitch)
    return keyswitch


def put(keyswitch: Keyswitch) -> None:
    path = keyswitch.home / "auth.json"
    path.write_bytes(OLD)
    path.chmod(0o600)


def is_ours(keyswitch: Keyswitch) -> bool:
    return bool(json.loads((keyswitch.home / "auth.json").read_bytes()).get("format") == 2)


def ended(screen: pexpect.spawn) -> int | None:
    screen.expect(pexpect.EOF)
    screen.close()
    code: int | None = screen.exitstatus
    return code


# A key under a passphrase


@pytest.mark.parametrize("arguments", [["use", "gpt-5.1-low"], ["logout", "claude"]], ids=" ".join)
def test_at_a_terminal_it_is_asked_for_once(sealed: Keyswitch, arguments: list[str]) -> None:
    screen = at_terminal(sealed, *arguments)
    screen.expect("Passphrase .hidden.: ")
    screen.sendline(PASSPHRASE)
    screen.expect("Taken over from auth.json of an earlier program: a ChatGPT sign-in")
    assert screen.expect(["Passphrase", pexpect.EOF]) == 1
    screen.close()
    assert screen.exitstatus == 0
    assert is_ours(sealed)


def test_a_wrong_one_changes_nothing(sealed: Keyswitch) -> None:
    screen = at_terminal(sealed, "use", "gpt-5.1-low")
    screen.expect("Passphrase .hidden.: ")
    screen.sendline("fake passphrase of bob")
    screen.expect("wrong_passphrase")
    assert ended(screen) == 7
    assert (sealed.home / "auth.json").read_bytes() == OLD


@pytest.mark.parametrize(
    "arguments", [["use", "gpt-5.1-low"], ["accounts", "use", "chatgpt", "ana"], ["refresh"]], ids=" ".join
)
def test_a_script_is_told_how_to_give_it(sealed: Keyswitch, arguments: list[str]) -> None:
    done = sealed(*arguments)
    assert done.code == 7
    assert "give it at a terminal, or by --passphrase-fd N" in done.err
    assert (sealed.home / "auth.json").read_bytes() == OLD


def test_a_script_gives_it_once(sealed: Keyswitch) -> None:
    done = sealed("use", "gpt-5.1-low", "--passphrase-fd", "0", typed=f"{PASSPHRASE}\n")
    assert done.code == 0, done.err
    assert "Taken over from auth.json" in done.err
    assert is_ours(sealed)
    assert sealed("use", "gpt-5.1-low").code == 0, "nothing needs the key any more"


def test_one_line_is_enough_for_a_command_that_opens_a_record_as_well(sealed: Keyswitch) -> None:
    done = sealed("logout", "claude", "--passphrase-fd", "0", typed=f"{PASSPHRASE}\n")
    assert done.code == 0, done.err
    assert is_ours(sealed)


def test_the_chat_by_lines_asks_and_takes_over(sealed: Keyswitch) -> None:
    screen = at_terminal(sealed, "--plain")
    screen.expect("Passphrase of your sign-ins .does not show.: ")
    screen.sendline("fake passphrase of bob")
    screen.expect("does not open")
    screen.expect("Passphrase of your sign-ins .does not show.: ")
    screen.sendline(PASSPHRASE)
    screen.expect("Taken over from auth.json of an earlier program")
    screen.expect("\n> ")
    screen.sendline("/quit")
    assert ended(screen) == 0
    assert is_ours(sealed)


def test_the_app_asks_in_a_dialog_and_takes_over(sealed: Keyswitch) -> None:
    screen = at_terminal(sealed)
    screen.expect("Enter unlock")
    screen.send(f"{PASSPHRASE}\r")
    screen.expect("Taken over from auth.json of an earlier program")
    screen.send("/quit\r")
    assert ended(screen) == 0
    assert is_ours(sealed)


# No key yet, and one under a passphrase is wanted


def test_at_a_terminal_a_first_passphrase_is_chosen(unsealed: Keyswitch) -> None:
    screen = at_terminal(unsealed, "use", "gpt-5.1-low")
    screen.expect("New passphrase .hidden.: ")
    screen.sendline(PASSPHRASE)
    screen.expect("once more .hidden.: ")
    screen.sendline(PASSPHRASE)
    screen.expect("Taken over from auth.json of an earlier program")
    assert ended(screen) == 0
    assert is_ours(unsealed)


def test_a_script_is_told_which_command_does_it_and_that_command_does(unsealed: Keyswitch) -> None:
    done = unsealed("use", "gpt-5.1-low")
    assert done.code == 7
    assert "by --passphrase-fd N" in done.err
    assert (unsealed.home / "auth.json").read_bytes() == OLD
    done = unsealed("config", "set", "auth.key_source", "passphrase", "--passphrase-fd", "0", typed=f"{PASSPHRASE}\n")
    assert done.code == 0, done.err
    assert "Taken over from auth.json" in done.err
    assert is_ours(unsealed)


def test_whoever_wants_the_key_elsewhere_after_all_chooses_no_passphrase(unsealed: Keyswitch) -> None:
    done = unsealed("config", "set", "auth.key_source", "file")
    assert done.code == 0, done.err
    assert unsealed("use", "gpt-5.1-low").code == 0
    assert is_ours(unsealed)


def test_the_app_lets_a_first_passphrase_be_chosen_and_asks_for_no_other(unsealed: Keyswitch) -> None:
    screen = at_terminal(unsealed, "--plain")
    screen.expect("New passphrase .hidden.: ")
    screen.sendline(PASSPHRASE)
    screen.expect("once more .hidden.: ")
    screen.sendline(PASSPHRASE)
    screen.expect("Taken over from auth.json of an earlier program")
    assert screen.expect(["Passphrase", "\n> "]) == 1
    screen.sendline("/quit")
    assert ended(screen) == 0
