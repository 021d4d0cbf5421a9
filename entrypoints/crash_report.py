"""What is told of a bug: the kinds of the errors and the places they passed.

Their texts and every value around them may hold anything, a token too, so none of it is ever asked for.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator
    from types import TracebackType

CRASHED: Final = 70
"""The exit code of a bug: EX_SOFTWARE of sysexits.h."""

LONGEST_TRACE: Final = 12
"""Places of one error; a recursion would fill the screen."""

_MOST_ERRORS: Final = 6
"""Of a chain or a group of errors."""

_LONGEST_NAME: Final = 80

_ROOTS: Final = ("site-packages", "keyswitch_layers")


def kind(error: BaseException) -> str:
    """The name of the error's class."""
    return type(error).__name__[:_LONGEST_NAME]


def headline(error: BaseException) -> str:
    """The one sentence about it."""
    return f"keyswitch met a bug of its own ({kind(error)}). What was stored before is as it was."


def told(error: BaseException) -> list[str]:
    """The places of *error*, then those of what it holds and what led to it, each under its kind."""
    lines: list[str] = []
    for number, (relation, found) in enumerate(_related(error)):
        if number == _MOST_ERRORS:
            lines.append("and more")
            break
        if relation:
            lines.append(f"{relation} {kind(found)}")
        lines += [f"at {place}" for place in places(found.__traceback__)]
    return lines


def places(traceback: TracebackType | None) -> list[str]:
    """`FILE:LINE in FUNCTION` of each frame, the last ones only; no value, no folder of this machine."""
    found = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        found.append(f"{_short(code.co_filename)}:{traceback.tb_lineno} in {code.co_name}")
        traceback = traceback.tb_next
    return found[-LONGEST_TRACE:]


def in_loop(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """For `loop.set_exception_handler`: a bug in a task that nobody awaits is told like one in a thread.

    What a connection dies of is none, and asyncio's own handler would print the error's text.
    """
    error = context.get("exception")
    if isinstance(error, BaseException) and not isinstance(error, OSError):
        sys.excepthook(type(error), error, error.__traceback__)


def _related(error: BaseException) -> Iterator[tuple[str, BaseException]]:
    """*error* and all that hangs on to it, each once, with how it does."""
    seen: set[int] = set()
    waiting = [("", error)]
    while waiting:
        relation, found = waiting.pop(0)
        if id(found) in seen:
            continue
        seen.add(id(found))
        yield relation, found
        if isinstance(found, BaseExceptionGroup):
            waiting += [("with", member) for member in found.exceptions]
        if found.__cause__ is not None:
            waiting.append(("because of", found.__cause__))
        elif found.__context__ is not None and not found.__suppress_context__:
            waiting.append(("while handling", found.__context__))


def _short(filename: str) -> str:
    """The path from a root that every installation has, else the bare name."""
    from pathlib import Path  # not before there is a crash: every command imports this module

    parts = Path(filename).parts
    for root in _ROOTS:
        if root in parts:
            return "/".join(parts[parts.index(root) + 1 :])
    here = Path(__file__).parts[:-2]
    return "/".join(parts[len(here) :]) if parts[: len(here)] == here else "/".join(parts[-1:])
