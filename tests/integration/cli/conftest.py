"""The command over an empty home, and over one whose providers are the sandbox's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.sandbox.scripted_browser import approve
from adapters.sandbox.server import Sandbox
from adapters.sandbox.settings import PROVIDERS
from tests.support.command import Keyswitch


@pytest.fixture(scope="module")
def running_sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running_sandbox: Sandbox) -> Iterator[Sandbox]:
    """Without faults, and with an empty log."""
    running_sandbox.log.clear()
    yield running_sandbox
    running_sandbox.faults.clear()


@pytest.fixture
def keyswitch(tmp_path: Path) -> Keyswitch:
    """An empty home; whatever it tries, no provider is reached."""
    command = Keyswitch(tmp_path / "home", {})
    command.home.mkdir(mode=0o700)
    return command


@pytest.fixture
def at_sandbox(keyswitch: Keyswitch, sandbox: Sandbox) -> Keyswitch:
    """Nobody signed in, every provider at the sandbox."""
    keyswitch.configure(providers=sandbox.provider_settings())
    return keyswitch


@pytest.fixture
def signed_in(at_sandbox: Keyswitch) -> Keyswitch:
    """Signed in to ChatGPT and Claude, with ChatGPT's default selected."""
    for provider in PROVIDERS[:2]:
        at_sandbox.sign_in(provider, approve)
    return at_sandbox
