"""The command over an empty home, and over one whose providers are the sandbox's."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.sandbox.scripted_browser import approve
from adapters.sandbox.server import Sandbox
from domain.provider import Provider
from entrypoints.light import light_services
from tests.support.approving_person import sign_in
from tests.support.command import Keyswitch
from tests.support.fake_backend import FakeBackend


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
    command = Keyswitch(tmp_path / "home", {}, forked=True)
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
    asyncio.run(_sign_in(at_sandbox, Provider.CHATGPT, Provider.CLAUDE))
    return at_sandbox


async def _sign_in(command: Keyswitch, *providers: Provider) -> None:
    """In this process, which is faster than by the command; that has tests of its own."""
    services = light_services(command.home, command.environment(), consent=approve).load()
    for provider in providers:
        await sign_in(services, provider)
    await services.close()


@pytest.fixture
def fake_backend(tmp_path: Path) -> FakeBackend:
    """A keyring that works, for commands that get its `variables`."""
    return FakeBackend.install(tmp_path / "keyring")
