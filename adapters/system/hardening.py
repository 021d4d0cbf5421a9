"""What this process closes before it holds a secret: core dumps, debuggers, and logs that libraries would write.

None of it stops a program that runs as the same person and is set on it (see docs/security.md). It stops the copies
that are made by accident: a crash dump in a folder that is synchronised, a verbose log, a line on the terminal.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Final

from adapters.system.child_environment import leaks

_PR_SET_DUMPABLE: Final = 4
"""prctl(2)."""

TALKATIVE: Final = ("authlib", "httpcore2", "httpx2", "keyring")
"""Loggers that quote addresses, headers or arguments at INFO or DEBUG."""

QUOTING: Final = ("asyncio", "concurrent.futures", "uvicorn")
"""Loggers that write out exceptions and the arguments of callbacks. Their news arrive by the crash hooks as well."""


def harden(environ: MutableMapping[str, str] | None = None) -> None:
    """Close all of it, for the rest of the process. Harmless when repeated.

    Takes some 3 ms, most of it for ctypes: call it where secrets are opened, and before Textual is imported. *environ*
    is `os.environ` unless given.
    """
    variables = os.environ if environ is None else environ
    for name in [name for name in variables if leaks(name)]:
        del variables[name]
    forbid_debuggers()
    silence_libraries()


def forbid_debuggers() -> None:
    """No debugger of the same person in this process, and no image of it in a file or in a program that collects them.

    The limit on core dumps, which every command sets, is not enough: the kernel ignores it where core_pattern names a
    program (core(5)). Of a process that is not dumpable there is no image at all, and its entries in /proc belong to
    root (prctl(2), PR_SET_DUMPABLE).
    """
    if sys.platform == "linux":
        # A sandbox may forbid the call, and a C library other than the usual ones may lack it
        with suppress(OSError, AttributeError, ImportError):
            import ctypes

            ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def silence_libraries() -> None:
    """Nothing that a library logs or warns of reaches the terminal.

    It would tear the screen, and may quote what was being handled. A handler that somebody installs for debugging gets
    warnings and errors, and no more.
    """
    logging.raiseExceptions = False
    logging.captureWarnings(capture=True)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in QUOTING:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    root = logging.getLogger()
    if not root.handlers:  # else the handler of last resort prints warnings and errors
        root.addHandler(logging.NullHandler())
