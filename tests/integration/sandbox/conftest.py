from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx2
import pytest

from adapters.sandbox.server import Sandbox
from adapters.sandbox.settings import SandboxSettings
from tests.integration.sandbox.peer import Peer


@pytest.fixture(scope="session")
def http() -> Iterator[httpx2.Client]:
    with httpx2.Client(trust_env=False, timeout=10) as client:
        yield client


@pytest.fixture(scope="module")
def _shared_sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def peer(_shared_sandbox: Sandbox, http: httpx2.Client) -> Iterator[Peer]:
    """A client of a sandbox with its usual settings; log and faults are empty."""
    _shared_sandbox.log.clear()
    yield Peer(_shared_sandbox, http)
    _shared_sandbox.faults.clear()


PeerWith = Callable[[SandboxSettings], Peer]


@pytest.fixture
def peer_with(http: httpx2.Client) -> Iterator[PeerWith]:
    """Start a sandbox with settings of its own."""
    with ExitStack() as running:
        yield lambda settings: Peer(running.enter_context(Sandbox(settings=settings)), http)


class Clock:
    """Unix seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1_795_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()
