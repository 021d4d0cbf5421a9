"""Signals that whoever started the tests ignores (`nohup`, a shell): tests send them, to programs that heed them."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Final

_PYTHONS_OWN: Final = {"SIGPIPE", "SIGXFSZ"}
"""Ignored by every Python program, and by none that it starts."""


def heed_signals() -> None:
    """Let programs that this one starts find every signal as a program finds it that nobody ignores any for.

    This one goes on without minding those, as whoever started it wants; but Ctrl+C ends it, and it hears of children.
    """
    for number in signal.valid_signals():
        if signal.getsignal(number) != signal.SIG_IGN or signal.Signals(number).name in _PYTHONS_OWN:
            continue
        match signal.Signals(number).name:
            case "SIGINT":
                signal.signal(number, signal.default_int_handler)
            case "SIGCHLD":
                signal.signal(number, signal.SIG_DFL)
            case _:
                signal.signal(number, _not_minding)  # unlike being ignored, this is not inherited


def _not_minding(_number: int, _frame: FrameType | None) -> None: ...
