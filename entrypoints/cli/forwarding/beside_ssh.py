"""An agent that serves beside ssh, where none runs: in a thread of its own, for as long as ssh takes."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from entrypoints.cli.forwarding.agent_run import AgentBackground
from entrypoints.cli.home import full

if TYPE_CHECKING:
    from entrypoints.services import LightServices


@contextmanager
def agent_beside(light: LightServices) -> Iterator[None]:
    """Serve the home of *light* until the context ends. Nobody can be asked: ssh has the terminal.

    Raises:
        UsageError: An agent of this home runs already.
        ConfigError, StoreError: The home cannot be used.
    """
    serving: Future[asyncio.Task[None]] = Future()

    async def serve() -> None:
        async with full(light, quiet=True) as services, services.agent.serving(None):
            going_on = asyncio.create_task(AgentBackground(services).go_on())
            serving.set_result(going_on)
            with suppress(asyncio.CancelledError):
                await going_on

    def work() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:
            if serving.done():
                raise
            serving.set_exception(error)

    thread = threading.Thread(target=work, name="keyswitch-agent")
    thread.start()
    try:
        going_on = serving.result()
        try:
            yield
        finally:
            with suppress(RuntimeError):  # it ended by itself
                going_on.get_loop().call_soon_threadsafe(going_on.cancel)
    finally:
        thread.join()
