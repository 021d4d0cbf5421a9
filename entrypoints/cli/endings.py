"""The outermost frame of the command line: every way to end becomes an exit code, and no ending tells a secret."""

from __future__ import annotations

import errno
import os
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from domain.errors import KeyswitchError
from entrypoints.cli.output import ResultLost, is_terminal, let_go, say, write_result
from entrypoints.crash_report import CRASHED, headline, told

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType
    from typing import Self


class Guard:
    """Run a command inside; afterwards `code` says how it ended.

    An exception that keyswitch does not expect is a bug. Wherever it comes up, in the command, a thread, a task or a
    destructor, no more is told of it than `crash_report` does, and the exit code is that of a crash. The hooks stay
    for good: Python's own would print everything of what comes after the command.
    """

    def __init__(self, *, as_json: bool) -> None:
        self.code = 0
        self._as_json = as_json
        self._over = False
        self._crashed_elsewhere = False
        self._untold: list[str] = []
        """What came up while a screen was open."""

    def __enter__(self) -> Self:
        sys.excepthook = lambda _kind, error, _traceback: self._elsewhere(error)
        threading.excepthook = lambda args: self._elsewhere(args.exc_value)
        sys.unraisablehook = lambda args: self._aside(args.exc_value)
        _leave_no_core_dump()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        if isinstance(error, SystemExit) and isinstance(error.code, int | None):
            return False
        try:
            if error is not None:
                self.code = self._ending(error)
            from domain.text.untrusted import untrusted

            write_result(untrusted(""), flush=True)
        except (BrokenPipeError, ResultLost) as lost:
            self.code = self._ending(lost)
        _tell(self._untold)
        self._over = True
        if self._crashed_elsewhere and not self.code:
            self.code = CRASHED
        return True

    def _ending(self, error: BaseException) -> int:
        # Words for failures are loaded where there is one: `--help` and `status` wait for every import.
        from entrypoints.cli.failure import CommandError, report
        from entrypoints.exit_code import ExitCode

        match error:
            case ResultLost():
                let_go(sys.stdout)
                return report(error, as_json=False)
            case KeyswitchError():
                return report(error, as_json=self._as_json)
            case KeyboardInterrupt():
                if is_terminal(sys.stderr):
                    say("")
                return ExitCode.INTERRUPTED
            case BrokenPipeError():
                let_go(sys.stdout)
                return ExitCode.ERROR
            case _ if _no_file_is_left(error):
                sentence = "This shell allows too few open files. Run: ulimit -n 256, then try again."
                return report(CommandError(sentence, code="too_few_files"), as_json=self._as_json)
            case _:
                return self._crashed(error)

    def _crashed(self, error: BaseException) -> int:
        from entrypoints.cli.output import result_json

        _tell(_words(error))
        if self._as_json:
            result_json({"error": {"code": "crash", "message": headline(error), "fix": ""}})
        return CRASHED

    def _elsewhere(self, error: BaseException | None) -> None:
        """For what ends a thread or a task, or comes after the command."""
        if error is None or isinstance(error, KeyboardInterrupt | SystemExit):
            return
        if not _no_file_is_left(error):  # else the command itself says so
            self._crashed_elsewhere = True
            self._aside(error)

    def _aside(self, error: BaseException | None) -> None:
        """For what ends nothing, like an error in a destructor."""
        if error is None:
            return
        if not self._over and sys.stderr is not sys.__stderr__:
            self._untold += _words(error)
        else:
            _tell(_words(error))


def _no_file_is_left(error: BaseException) -> bool:
    """Whether *error* comes of a limit on open files; a library that cannot be opened for it is said to be missing."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, OSError) and found.errno in (errno.EMFILE, errno.ENFILE):
            return True
        if isinstance(found, ImportError) and os.strerror(errno.EMFILE) in str(found):
            return True
        found = found.__cause__ or found.__context__
    return False


def _leave_no_core_dump() -> None:
    """Every command does without: keys of the environment are in its memory from the start. Takes a fifth of a ms."""
    if sys.platform != "win32":  # where there is no such file
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_CORE)
        resource.setrlimit(resource.RLIMIT_CORE, (0, hard))


def _words(error: BaseException) -> list[str]:
    return [f"keyswitch: error: {headline(error)} [crash]", *(f"  {line}" for line in told(error))]


def _tell(lines: Sequence[str]) -> None:
    """Say *lines*. A crash hook that fails itself would make Python print what it was called for."""
    with suppress(OSError, ValueError, ImportError):  # the stream is closed, or the interpreter is on its way out
        for line in lines:
            say(line)
