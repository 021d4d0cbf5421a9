"""The app from its start to the end of the program."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from textual.driver import Driver

from entrypoints.chat.options import TuiOptions
from entrypoints.cli.output import say
from entrypoints.crash_report import CRASHED
from entrypoints.services import LightServices, Services
from entrypoints.signals import PoliteEnd, exit_code
from entrypoints.tui.app import KeyswitchApp

if TYPE_CHECKING:
    from entrypoints.early_terminal import EarlyTerminal

UNNOTICED: Final = 0.5
"""Seconds after which a person wonders why the program does not end."""


def run(
    services: Callable[[], Services], light: LightServices, options: TuiOptions, early: EarlyTerminal | None = None
) -> int:
    """Run the app to its end and return its exit code; 70 after a crash. Blocks. *early* has the terminal so far."""
    if options.plain:
        from entrypoints.plain import plain_chat

        return plain_chat.run(services, light, options)
    app = KeyswitchApp(services, light, options, closes=False, driver_class=_driver_class())
    app.early_terminal = early
    # The outer one last: closing the runner waits for threads that may be saving.
    with PoliteEnd(warn=say) as end, asyncio.Runner() as runner:
        runner.run(_until_saved(app, end))
    farewell(app.unsent)
    if options.returns and (line := app.controller.kept.way_back()):
        say(line)
    return app.return_code if app.return_code is not None else CRASHED


def farewell(unsent: str) -> None:
    """Give back what was typed and not sent."""
    if unsent.strip():
        say(f"Your text, not sent:\n{unsent}")


async def _until_saved(app: KeyswitchApp, end: PoliteEnd) -> None:
    """The app to its end, and then, with the terminal given back, what it has begun to renew."""
    loop = asyncio.get_running_loop()
    app.terminal_gone = end.hang_up
    end.gives_back(partial(_give_back, app))
    end.ends(lambda number: loop.call_soon_threadsafe(partial(app.exit, return_code=exit_code(number))))
    await app.run_async(mouse=app.options.mouse and app.light.preferences.mouse())
    end.ends(lambda _: None)
    closing = asyncio.ensure_future(app.loader.close())
    done, _ = await asyncio.wait([closing], timeout=UNNOTICED)
    if not done:
        say("Waiting until a renewed sign-in is saved, 35 s at most.")
    await closing


def _driver_class() -> type[Driver] | None:
    """Our own where there is one; None stands for Textual's."""
    if sys.platform == "win32":
        return None
    from entrypoints.tui.terminal_driver import TerminalDriver

    return TerminalDriver


def _give_back(app: KeyswitchApp) -> None:
    if sys.platform != "win32":
        from entrypoints.tui.terminal_driver import give_back

        give_back(app)
