"""`login --device` when things do not go as they should; the good end is with the other sign-ins."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from adapters.sandbox.scripted_browser import approve_device
from adapters.sandbox.server import Sandbox
from adapters.sandbox.settings import SandboxSettings
from tests.support import sandbox_faults
from tests.support.command import Ended, Keyswitch

AtSandbox = tuple[Keyswitch, Sandbox]


@pytest.fixture
def hasty(keyswitch: Keyswitch) -> Iterator[AtSandbox]:
    """Nobody signed in, and a sandbox that may be asked once a second."""
    with Sandbox(settings=SandboxSettings(device_interval=1)) as sandbox:
        keyswitch.configure(providers=sandbox.provider_settings())
        yield keyswitch, sandbox


def signing_in(keyswitch: Keyswitch, *, decline: bool = False) -> Ended:
    """Somebody answers on another device as soon as the code is there."""
    with keyswitch.started("login", "claude", "--device", "--json") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        code = json.loads(first)
        approve_device(code["verification_uri"], code["user_code"], decline=decline)
        rest = process.stdout.read()
        return Ended(process.wait(), first + rest, process.stderr.read())


def test_declining_there_ends_it_here(hasty: AtSandbox) -> None:
    ended = signing_in(hasty[0], decline=True)
    assert ended.code == 3
    assert ended.documents[-1]["error"]["code"] == "sign_in_declined"
    assert hasty[0]("status").code == 4


def test_a_poll_that_gets_no_answer_does_not_end_it(hasty: AtSandbox) -> None:
    keyswitch, sandbox = hasty
    sandbox.faults.add("claude", "poll", sandbox_faults.drop())
    assert signing_in(keyswitch).code == 0
    assert [entry.outcome for entry in sandbox.log.entries() if entry.kind == "poll"] == ["dropped", "answered"]


def test_a_code_that_nobody_uses_is_no_use(keyswitch: Keyswitch) -> None:
    with Sandbox(settings=SandboxSettings(device_interval=1, device_seconds=2)) as sandbox:
        keyswitch.configure(providers=sandbox.provider_settings())
        ended = keyswitch("login", "claude", "--device", "--json")
    assert ended.code == 3
    assert ended.documents[-1]["error"]["code"] == "sign_in_timed_out"


@pytest.mark.parametrize("provider", ["chatgpt", "gemini"])
def test_where_it_is_not_offered_another_way_is_named(hasty: AtSandbox, provider: str) -> None:
    ended = hasty[0]("login", provider, "--device", "--json")
    assert ended.code == 7
    assert ended.documents[-1]["error"]["code"] == "device_not_offered"
    assert f"run: keyswitch login {provider} --no-browser" in ended.err
