"""The outermost frame of the command line: every way to end becomes an exit code, and no ending tells a secret."""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING, Final

from entrypoints.cli.output import ResultLost, write_result

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

_LONGEST_TRACE: Final = 12
"""Places; a recursion would fill the screen."""

_ROOTS: Final = ("site-packages", "keyswitch_layers")


class Guard:
    """Run a command inside; afterwards `code` says how it ended.

    An exception that keyswitch does not expect is a bug. Its text and the values around it may hold anything, a token
    too, so only its type and the places it passed are shown.
    """

    def __init__(self, *, as_json: bool) -> None:
        self.code = 0
        self._as_json = as_json

    def __enter__(self) -> Self:
        sys.excepthook = _elsewhere
        threading.excepthook = lambda args: _elsewhere(args.exc_type, args.exc_value, args.exc_traceback)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        if isinstance(error, SystemExit):
            return False
        try:
            if error is not None:
                self.code = self._ending(error)
            write_result("", flush=True)
        except (BrokenPipeError, ResultLost) as lost:
            self.code = self._ending(lost)
        return True

    def _ending(self, error: BaseException) -> int:
        # Words for failures are loaded where there is one: `--help` and `status` wait for every import.
        from domain.errors import KeyswitchError
        from entrypoints.cli.failure import ExitCode, report
        from entrypoints.cli.output import is_terminal, say

        match error:
            case ResultLost():
                _close_quietly()
                return report(error, as_json=False)
            case KeyswitchError():
                return report(error, as_json=self._as_json)
            case KeyboardInterrupt():
                if is_terminal(sys.stderr):
                    say("")
                return ExitCode.INTERRUPTED
            case BrokenPipeError():
                _close_quietly()
                return ExitCode.ERROR
            case _:
                return self._crashed(error)

    def _crashed(self, error: BaseException) -> int:
        from entrypoints.cli.failure import ExitCode, complain
        from entrypoints.cli.output import result_json, say

        name = type(error).__name__
        text = f"keyswitch met a bug of its own ({name}). What was stored before is as it was."
        complain(text, "crash", "")
        for place in places(error.__traceback__):
            say(f"  at {place}")
        if self._as_json:
            result_json({"error": {"code": "crash", "message": text, "fix": ""}})
        return ExitCode.CRASH


def places(traceback: TracebackType | None) -> list[str]:
    """`FILE:LINE in FUNCTION` of each frame, the last ones only; no value, no folder of this machine."""
    found = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        found.append(f"{_short(code.co_filename)}:{traceback.tb_lineno} in {code.co_name}")
        traceback = traceback.tb_next
    return found[-_LONGEST_TRACE:]


def _short(filename: str) -> str:
    """The path from a root that every installation has, else the bare name."""
    from pathlib import Path

    parts = Path(filename).parts
    for root in _ROOTS:
        if root in parts:
            return "/".join(parts[parts.index(root) + 1 :])
    here = Path(__file__).parents[2].parts
    return "/".join(parts[len(here) :]) if parts[: len(here)] == here else parts[-1] if parts else filename


def _elsewhere(kind: type[BaseException], _: BaseException | None, traceback: TracebackType | None) -> None:
    """For what ends a thread, or comes after the command: the same words."""
    if issubclass(kind, KeyboardInterrupt):
        return
    from entrypoints.cli.output import say

    say(f"keyswitch: error: keyswitch met a bug of its own ({kind.__name__}). [crash]")
    for place in places(traceback):
        say(f"  at {place}")


def _close_quietly() -> None:
    """Let the interpreter's last flush go nowhere: it would complain about the closed pipe once more."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
