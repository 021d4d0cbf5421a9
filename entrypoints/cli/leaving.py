"""Running something that only looks, and leaving when it is done: whatever still hangs is left behind."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")


def run_and_leave(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run *coroutine* to its end, which must not depend on any thread that it started.

    `asyncio.run` waits for those threads, and the system's name lookup can hang in one for half a minute.
    """
    with asyncio.Runner() as runner:
        runner.get_loop().set_default_executor(_Abandoned())
        return runner.run(coroutine)


class _Abandoned(ThreadPoolExecutor):
    """Starts a thread for each call, and waits for none at the end."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run *fn* in a thread that the interpreter does not wait for."""
        future: Future[T] = Future()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(fn(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001 - as in the base class: it belongs to whoever waits
                future.set_exception(error)

        threading.Thread(target=work, name="keyswitch-look", daemon=True).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Nothing to wait for."""
