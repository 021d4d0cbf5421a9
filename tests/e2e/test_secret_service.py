"""keyswitch at a real keyring: gnome-keyring, on a D-Bus session of its own."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from adapters.master_key.key import MasterKey, key_id
from adapters.sandbox.scripted_browser import approve
from adapters.sandbox.server import Sandbox
from tests.support.command import Ended, Keyswitch
from tests.support.secret_service import SecretService, secret_service

pytestmark = pytest.mark.slow

LIMIT: Final = 3.0
"""Seconds that a keyring may take."""
MARGIN: Final = 2.0
"""Seconds by which two runs of the same command may differ on a busy machine."""

ASK: Final = ("ask", "Is the store open?", "--json")


@pytest.fixture
def desktop(system_program: Callable[[str, str], str]) -> Iterator[SecretService]:
    """A session whose keyring is unlocked and empty."""
    with secret_service(system_program) as service:
        yield service


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def newcomer(desktop: SecretService, sandbox: Sandbox, tmp_path: Path) -> Keyswitch:
    """Somebody at that desktop who never signed in."""
    command = Keyswitch(tmp_path / "home", desktop.variables)
    command.configure(providers=sandbox.provider_settings())
    return command


@pytest.fixture
def ana(newcomer: Keyswitch) -> Keyswitch:
    """Signed in to ChatGPT."""
    newcomer.sign_in("chatgpt", approve)
    return newcomer


def where(command: Keyswitch) -> dict[str, object]:
    key: dict[str, object] = command("status", "--json").document["key"]
    return key


def error_of(ended: Ended) -> str:
    code: str = ended.documents[-1]["error"]["code"]
    return code


def in_the_keyring(command: Keyswitch, desktop: SecretService) -> str:
    """What another program finds there under the name that the home remembers."""
    note = json.loads((command.home / "master-key.json").read_text("ascii"))
    return desktop.lookup("keyswitch", f"master key {note['key']}")


def test_the_key_is_stored_in_the_keyring_and_read_back_by_every_command(
    ana: Keyswitch, desktop: SecretService
) -> None:
    assert where(ana) == {
        "in": "keyring",
        "keyring": "Secret Service",
        "wanted": "auto",
        "fallback_because": None,
        "copies_left_in": [],
    }
    assert "The master key is in the keyring (Secret Service)." in ana("status").err
    assert not (ana.home / "master.key").exists()
    stored = MasterKey(base64.b64decode(in_the_keyring(ana, desktop), validate=True))
    assert key_id(stored) == json.loads((ana.home / "master-key.json").read_text("ascii"))["key"]
    assert ana(*ASK).code == 0


def test_a_locked_keyring_is_named_and_nobody_is_asked_and_nothing_is_lost(
    ana: Keyswitch, desktop: SecretService
) -> None:
    store = (ana.home / "auth.json").read_bytes()
    usual = _seconds(lambda: ana("refresh"))
    desktop.lock()
    took = _seconds(lambda: _expect(ana(*ASK), 7, "keyring_locked"))
    assert took <= usual + LIMIT + MARGIN
    assert "unlock it and try again" in ana(*ASK).err
    assert ana("status").code == 0
    assert ana("use", "gpt-5.1-high").code == 0  # a switch needs no key
    assert (ana.home / "auth.json").read_bytes() == store
    desktop.unlock()
    assert ana(*ASK).code == 0


def test_a_keyring_that_does_not_answer_is_left_in_time(ana: Keyswitch, desktop: SecretService) -> None:
    store = (ana.home / "auth.json").read_bytes()
    usual = _seconds(lambda: ana(*ASK))
    with desktop.frozen():
        took = _seconds(lambda: _expect(ana(*ASK), 7, "keyring_timeout"))
        assert ana("status").code == 0
    assert LIMIT <= took <= usual + LIMIT + MARGIN
    assert (ana.home / "auth.json").read_bytes() == store
    assert ana(*ASK).code == 0


def test_a_session_without_its_bus_has_no_keyring_and_gets_no_other_key(ana: Keyswitch, desktop: SecretService) -> None:
    desktop.bus.kill()
    desktop.bus.wait()
    _expect(ana(*ASK), 7, "keyring_unusable")
    _expect(ana("login", "claude", "--api-key", "--json", typed="sk-ant-api03-fake-claude-key-1234\n"), 7, None)
    assert where(ana)["in"] == "keyring"
    assert not (ana.home / "master.key").exists()


def test_the_key_moves_out_of_the_keyring_and_back_and_leaves_nothing_behind(
    ana: Keyswitch, desktop: SecretService
) -> None:
    before = in_the_keyring(ana, desktop)
    assert ana("config", "set", "auth.key_source", "file").code == 0
    assert in_the_keyring(ana, desktop) == ""
    assert (ana.home / "master.key").read_text("ascii").strip() == before
    assert ana(*ASK).code == 0
    assert ana("config", "set", "auth.key_source", "keyring").code == 0
    assert in_the_keyring(ana, desktop) == before
    assert not (ana.home / "master.key").exists()
    assert ana(*ASK).code == 0


def test_a_key_is_not_moved_while_the_keyring_is_locked(ana: Keyswitch, desktop: SecretService) -> None:
    desktop.lock()
    _expect(ana("config", "set", "auth.key_source", "file", "--json"), 7, "keyring_locked")
    assert not (ana.home / "master.key").exists()
    desktop.unlock()
    assert ana(*ASK).code == 0


def test_a_first_sign_in_at_a_locked_keyring_falls_back_and_can_be_moved_in_later(
    newcomer: Keyswitch, desktop: SecretService
) -> None:
    desktop.lock()
    newcomer.sign_in("chatgpt", approve)
    assert where(newcomer)["in"] == "file"
    assert where(newcomer)["fallback_because"] == "the keyring was locked"
    desktop.unlock()
    assert where(newcomer)["in"] == "file"  # nothing moves by itself
    assert newcomer("config", "set", "auth.key_source", "auto").code == 0
    assert where(newcomer)["in"] == "keyring"
    assert not (newcomer.home / "master.key").exists()
    assert newcomer(*ASK).code == 0


def _seconds(act: Callable[[], object]) -> float:
    started = time.monotonic()
    act()
    return time.monotonic() - started


def _expect(ended: Ended, code: int, error: str | None) -> None:
    assert ended.code == code, ended.err
    assert "Traceback" not in ended.err
    if error is not None:
        assert error_of(ended) == error
