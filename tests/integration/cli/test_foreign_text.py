"""What others wrote reaches the streams without anything that a terminal obeys (row T1)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.sandbox import faults
from adapters.sandbox.server import Sandbox
from domain.credential import Setback, Tombstone
from domain.session import Session
from domain.text.untrusted import untrusted
from entrypoints.light import container_for, light_parts
from tests.support.command import Ended, Keyswitch

pytestmark = pytest.mark.slow

SIGN = "SENTINEL"
POISON = f"{SIGN}\x1b]0;title\x07\x1b[31m\x1b[2J\x9b31m\x90dcs\x9c\x08\x7f\u202egnp\u2066\u200b[/b]"

NOW = datetime.now(UTC)


def obeyed(ended: Ended) -> list[str]:
    """JSON is for programs, and holds nothing but ASCII."""
    said = ended.out + ended.err
    return sorted(f"U+{ord(character):04X}" for character in set(said) - set(untrusted(said)))


def poisoned(keyswitch: Keyswitch, **changes: object) -> None:
    """Write into the records of the store, past all checks."""
    sessions = container_for(light_parts(keyswitch.home, {})).sessions
    for record in sessions.records():
        session = sessions.load(record.key)
        assert isinstance(session, Session)
        other = replace(record, **changes)  # type: ignore[arg-type]  # members of the record, of their types
        sessions.save(replace(session, record=other))


CHANGES: dict[str, dict[str, object]] = {
    "an account's name": {"label": POISON},
    "why a session ended": {"tombstone": Tombstone(POISON, NOW)},
    "why a renewal failed": {"setback": Setback(POISON, 1, NOW + timedelta(hours=1), NOW)},
}

COMMANDS = (
    ("status",), ("status", "--json"), ("models",), ("accounts",), ("accounts", "--json"), ("refresh",), ("events",),
    ("ask", "hello"), ("use", "claude-opus-4.1"), ("logout", "chatgpt", "--local"),
)  # fmt: skip


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
def test_nothing_in_a_record_is_obeyed(signed_in: Keyswitch, changes: dict[str, object]) -> None:
    poisoned(signed_in, **changes)
    ended = {command: signed_in(*command) for command in COMMANDS}
    assert {command: obeyed(one) for command, one in ended.items()} == {command: [] for command in COMMANDS}
    assert not any("Traceback" in one.err for one in ended.values())
    assert any(SIGN in one.out + one.err for one in ended.values())


def test_nothing_in_an_error_of_a_provider_is_obeyed(signed_in: Keyswitch, sandbox: Sandbox) -> None:
    body = json.dumps({"error": {"code": "invalid_request_error", "message": POISON}}).encode()
    sandbox.faults.add("chatgpt", "chat", faults.answer(400, body, content_type="application/json"))
    ended = signed_in("ask", "hello")
    assert SIGN in ended.err
    assert obeyed(ended) == []


def test_nothing_in_the_name_of_a_model_is_obeyed(signed_in: Keyswitch) -> None:
    ended = signed_in("use", POISON.replace("\x00", ""))
    assert ended.code == 2
    assert obeyed(ended) == []


def test_nothing_in_a_wrong_config_is_obeyed(keyswitch: Keyswitch) -> None:
    keyswitch.configure(model=POISON, active_auth_provider=POISON)
    for command in (("status",), ("config", "check"), ("ask", "hello")):
        assert obeyed(keyswitch(*command)) == []


def test_an_unfiltered_line_would_be_noticed() -> None:
    """The control: the test sees a program that does it wrong."""
    assert {"U+001B", "U+009B", "U+202E"} <= set(obeyed(Ended(0, POISON, "")))
