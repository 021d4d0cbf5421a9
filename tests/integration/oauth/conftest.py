from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from adapters.oauth.authlib_client import AuthlibClient
from adapters.providers.profile import load_profile
from tests.support.fixed_clock import FixedClock
from tests.support.oauth_peer import INSTALLATION

Handler = Callable[[httpx2.Request], httpx2.Response]
ClientWith = Callable[..., AuthlibClient]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def client_with(clock: FixedClock) -> ClientWith:
    """A client whose requests a function answers; the rest of the arguments is the provider's table."""

    def make(handler: Handler, **table: Any) -> AuthlibClient:
        return AuthlibClient(
            profiles=lambda provider: load_profile(provider, table),
            clock=clock,
            installation=INSTALLATION,
            http_options=lambda _: {
                "transport": httpx2.MockTransport(handler),
                "headers": {"User-Agent": "keyswitch/0"},
            },
        )

    return make
