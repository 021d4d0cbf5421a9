"""No link names a port that somebody else may listen on."""

from __future__ import annotations

import os
import socket
from contextlib import AsyncExitStack, suppress
from urllib.parse import urlsplit

import pytest
from pytest_mock import MockerFixture

from adapters.sign_in.loopback_listener import LoopbackListener
from application.ports.oauth_client import RedirectRule
from application.ports.sign_in_listener import HeldAddress
from domain.errors import ListenerUnavailable
from domain.provider import Provider
from tests.support.listener_visitors import RULE


@pytest.mark.parametrize("way", ["listen", "hold"])
async def test_a_port_that_somebody_holds_gives_way_to_another_and_is_named(way: str) -> None:
    """Also where only one half of `localhost` is held, and by whatever is ready to share it."""
    cases = (
        ("127.0.0.1", "127.0.0.1"), ("127.0.0.1", "0.0.0.0"), ("localhost", "127.0.0.1"), ("localhost", "::1"),
        ("localhost", "::"), ("::1", "::1"),
    )  # fmt: skip
    for host, theirs in cases:
        with socket.socket(socket.AF_INET6 if ":" in theirs else socket.AF_INET) as holder:
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            holder.bind((theirs, 0))
            holder.listen()
            port = holder.getsockname()[1]
            rule = RedirectRule(host, "/callback", (port,))
            async with AsyncExitStack() as stack:
                if way == "listen":
                    held: HeldAddress = await stack.enter_async_context(
                        LoopbackListener().listen(Provider.CLAUDE, rule)
                    )
                else:
                    held = stack.enter_context(LoopbackListener().hold(Provider.CLAUDE, rule))
                used = urlsplit(held.redirect_uri).port
                assert used not in {None, port}, (host, theirs)
                assert held.taken is not None
                assert (held.taken.port, held.taken.used, held.taken.foreseen) == (port, used, False)
                assert f"(process {os.getpid()})" in held.taken.holder


def test_nobody_else_can_listen_at_an_address_that_is_held() -> None:
    with LoopbackListener().hold(Provider.CLAUDE, RedirectRule("localhost", "/callback", (0,))) as held:
        port = urlsplit(held.redirect_uri).port or 0
        for address in ("127.0.0.1", "::1", "0.0.0.0", "::"):
            with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as other:
                other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                with suppress(OSError):
                    other.bind((address, port))
                with pytest.raises(OSError, match="in use"):
                    other.listen() if other.getsockname()[1] == port else other.bind((address, port))
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()


async def test_a_taken_port_gives_way_to_the_next_one_of_the_rule() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        rule = RedirectRule("127.0.0.1", "/callback", (taken.getsockname()[1], 0))
        async with LoopbackListener().listen(Provider.CHATGPT, rule) as opened:
            assert urlsplit(opened.redirect_uri).port != taken.getsockname()[1]
            assert opened.taken is not None
            assert opened.taken.foreseen


async def test_no_port_at_all_is_one_clear_error(mocker: MockerFixture) -> None:
    mocker.patch("adapters.sign_in.held_address.bind", side_effect=PermissionError(1, "Operation not permitted"))
    with pytest.raises(ListenerUnavailable, match="Operation not permitted"):
        async with LoopbackListener().listen(Provider.CHATGPT, RULE):
            pytest.fail("it listens")
    with pytest.raises(ListenerUnavailable), LoopbackListener().hold(Provider.CHATGPT, RULE):
        pytest.fail("it holds one")
