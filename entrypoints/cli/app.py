"""Start the terminal app."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from entrypoints.cli.context import home
from entrypoints.cli.exit_codes import ExitCode
from entrypoints.cli.failure import say

if TYPE_CHECKING:
    from entrypoints.services import LightServices, Services


def run_app(options: Mapping[str, object]) -> int:
    """The app for a person at a terminal; without one, a sentence that says what to do instead."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        say("keyswitch: error: The app needs a terminal, and there is none. [no_terminal]")
        say('  run: keyswitch ask "your question"')
        return ExitCode.USAGE
    folder = home()
    from entrypoints.light import light_services

    def services() -> Services:
        from entrypoints.container import build_services

        return build_services(folder, os.environ)

    return open_app(services, light_services(folder, os.environ), options)


def open_app(
    services: Callable[[], Services], light: LightServices, options: Mapping[str, object], *, demo: bool = False
) -> int:
    """Hand over to the app; its return code is returned."""
    from entrypoints.tui.app import run
    from entrypoints.tui.options import TuiOptions

    model = options.get("model")
    return run(
        services,
        light,
        TuiOptions(
            model=model if isinstance(model, str) else None,
            continue_last=bool(options.get("continue_last")),
            plain=bool(options.get("plain")) or os.environ.get("ACCESSIBLE") == "1",
            ascii=bool(options.get("ascii_only")),
            save=not options.get("no_save"),
            demo=demo,
        ),
    )
