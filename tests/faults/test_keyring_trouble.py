"""U1: whatever befalls the keyring, a command ends in time, says what it was, and takes nothing away."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.support.command import Keyswitch
from tests.support.fake_backend import FakeBackend

LIMIT: Final = 3.0
"""Seconds that a keyring may take (reliability: a keyring is waited for no longer)."""
MARGIN: Final = 2.0
"""Seconds by which two runs of the same command may differ on a busy machine."""

API_KEY: Final = "sk-ant-api03-fake-claude-key-1234"
ASK: Final = ("ask", "-m", "claude-opus-4.1", "hi", "--json")


@dataclass(frozen=True)
class Trouble:
    """One thing that can befall a keyring after the key was put there."""

    befall: Callable[[FakeBackend], dict[str, str]]
    """Makes it so; returns variables for the command."""
    code: str
    """Of the error."""


def does(mode: str) -> Callable[[FakeBackend], dict[str, str]]:
    def befall(backend: FakeBackend) -> dict[str, str]:
        backend.does(mode)
        return {}

    return befall


def asks_for(backend_name: str) -> Callable[[FakeBackend], dict[str, str]]:
    return lambda _: {"PYTHON_KEYRING_BACKEND": backend_name}


def no_bus(_: FakeBackend) -> dict[str, str]:
    return {"DBUS_SESSION_BUS_ADDRESS": ""}


def holds(change: Callable[[str], str] | None) -> Callable[[FakeBackend], dict[str, str]]:
    """The entry is there with another value, or not at all."""

    def befall(backend: FakeBackend) -> dict[str, str]:
        entries = [entry | {"secret": change(entry["secret"])} for entry in backend.entries] if change else []
        (backend.folder / "entries.json").write_text(json.dumps(entries), "utf-8")
        return {}

    return befall


TROUBLES: Final = {
    "locked": Trouble(does("locked"), "keyring_locked"),
    "hanging": Trouble(does("hangs"), "keyring_timeout"),
    "gone": Trouble(does("gone"), "keyring_unusable"),
    "no bus": Trouble(no_bus, "keyring_unusable"),
    "null back end": Trouble(asks_for("keyring.backends.null.Keyring"), "keyring_unusable"),
    "plain-text back end": Trouble(asks_for("keyrings.alt.file.PlaintextKeyring"), "keyring_unusable"),
    "entry gone": Trouble(holds(None), "key_missing"),
    "entry empty": Trouble(holds(lambda _: ""), "store_wrong_key"),
    "another key": Trouble(holds(lambda value: value.swapcase()), "store_wrong_key"),
}


@pytest.fixture
def backend(tmp_path: Path) -> FakeBackend:
    return FakeBackend.install(tmp_path / "keyring")


@pytest.fixture
def desktop(tmp_path: Path, backend: FakeBackend) -> Keyswitch:
    """Somebody whose API key is stored, with the master key in a keyring that worked."""
    command = Keyswitch(tmp_path / "home", backend.variables())
    command.configure(model="claude-opus-4.1", active_auth_provider="apikey", auth={"key_source": "keyring"})
    assert command("login", "claude", "--api-key", typed=f"{API_KEY}\n").code == 0
    assert command("status", "--json").document["key"]["in"] == "keyring"
    return command


def contents(home: Path) -> dict[str, bytes]:
    """The files of *home*, apart from the log and from the conversations, in which a question is kept at once."""
    files = (path for path in home.iterdir() if path.is_file())
    return {path.name: path.read_bytes() for path in files if not path.name.startswith(("events.", "conversations."))}


def seconds_of(command: Callable[[], object]) -> float:
    started = time.monotonic()
    command()
    return time.monotonic() - started


@pytest.mark.parametrize("name", TROUBLES)
def test_a_command_that_needs_the_key_ends_in_time_and_takes_nothing_away(
    name: str, desktop: Keyswitch, backend: FakeBackend, capsys: pytest.CaptureFixture[str]
) -> None:
    trouble = TROUBLES[name]
    usual = seconds_of(lambda: desktop("refresh"))  # as much to load, and no key to fetch
    variables = trouble.befall(backend)
    before, entries = contents(desktop.home), backend.entries
    started = time.monotonic()
    ended = desktop(*ASK, **variables)
    took = time.monotonic() - started
    error = ended.documents[-1]["error"]
    assert (ended.code, error["code"]) == (7, trouble.code), ended.err
    assert took <= usual + LIMIT + MARGIN
    assert API_KEY not in ended.out + ended.err
    assert "Traceback" not in ended.err
    assert contents(desktop.home) == before
    assert backend.entries == entries
    assert desktop("status", "--json", **variables).code == 0
    with capsys.disabled():
        print(f"\nU1  {name:<20} {error['code']:<18} {took:5.2f} s, {took - usual:+5.2f} s")  # noqa: T201 - a figure


def test_the_four_states_of_a_keyring_are_told_apart(desktop: Keyswitch, backend: FakeBackend) -> None:
    told = {}
    good = backend.entries
    for name in ("locked", "hanging", "gone", "entry gone", "another key"):
        variables = TROUBLES[name].befall(backend)
        told[name] = desktop(*ASK, **variables).documents[-1]["error"]["message"]
        backend.does("work")
        (backend.folder / "entries.json").write_text(json.dumps(good), "utf-8")
    assert len(set(told.values())) == len(told)
    assert "is locked" in told["locked"]
    assert "did not answer within 3 s" in told["hanging"]
    assert "cannot be used" in told["gone"]
    assert "is missing" in told["entry gone"]
    assert "something else" in told["another key"]


@pytest.mark.parametrize(
    ("mode", "reason"),
    [
        ("locked", "was locked"),
        ("hangs", "did not answer"),
        ("gone", "no keyring"),
        ("keeps nothing", "did not give back"),
        ("no collection", "no default collection"),
    ],
)
def test_a_first_key_goes_into_a_file_and_every_status_says_why(
    mode: str, reason: str, tmp_path: Path, backend: FakeBackend
) -> None:
    command = Keyswitch(tmp_path / "home", backend.variables())
    backend.does(mode)
    usual = seconds_of(lambda: command("refresh"))
    took = seconds_of(lambda: command("login", "claude", "--api-key", typed=f"{API_KEY}\n"))
    assert took <= usual + LIMIT + MARGIN
    backend.does("work")  # a keyring that comes back later changes nothing by itself
    for _ in range(2):
        key = command("status", "--json").document["key"]
        assert key["in"] == "file"
        assert reason in key["fallback_because"]
        assert reason in command("status").err
    assert (command.home / "master.key").stat().st_mode & 0o777 == 0o600
