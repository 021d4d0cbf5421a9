"""Results on standard output, talk on standard error; never a colour, and no sign that the stream cannot show."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TextIO

from domain.errors import KeyswitchError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from domain.text.untrusted import Shown


_GAP: Final = "  "
_LEAST: Final = 8
"""Cells below which a column says nothing any more."""


class ResultLost(KeyswitchError):
    """Standard output took no more: what was asked for is incomplete."""

    code = "output"

    def __init__(self, reason: str | None) -> None:
        super().__init__(f"The result could not be written ({reason or 'unknown reason'}).")


def write_result(text: Shown, *, flush: bool = False) -> None:
    """Write *text* to standard output.

    Raises:
        BrokenPipeError: Nobody reads any more.
        ResultLost: It cannot be written for another reason, such as a full disk.
    """
    if sys.stdout is None:
        return
    try:
        if text:  # a terminal that is gone refuses nothing, too
            sys.stdout.write(text)
        if flush:
            sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise ResultLost(error.strerror) from None


def result(text: str) -> None:
    """One line of what was asked for. May hold foreign text: a terminal finds nothing in it to obey."""
    from domain.text.untrusted import untrusted

    write_result(untrusted(f"{text}\n"))


def table(rows: Sequence[tuple[str, ...]], *, gives_way: int | None = None) -> Iterator[str]:
    """*rows* in columns. On a terminal, the column *gives_way* is cut to what the others leave it."""
    widths = [max(map(cells, column)) for column in zip(*rows, strict=True)]
    if gives_way is not None and (room := columns()) is not None:
        others = sum(widths) - widths[gives_way] + len(_GAP) * (len(widths) - 1)
        widths[gives_way] = min(widths[gives_way], max(room - others, _LEAST))
    for row in rows:
        fitted = (_fitted(text, width) for text, width in zip(row, widths, strict=True))
        yield _GAP.join(fitted).rstrip()


def columns() -> int | None:
    """How wide the terminal is; None where standard output is none."""
    from shutil import get_terminal_size

    return get_terminal_size().columns if is_terminal(sys.stdout) else None


def cells(text: str) -> int:
    """How many columns *text* takes, which has passed the filter."""
    from unicodedata import category, east_asian_width

    return sum(1 + (east_asian_width(one) in "WF") for one in text if category(one) not in ("Mn", "Me", "Cf"))


def _fitted(text: str, width: int) -> str:
    if cells(text) <= width:
        return text + " " * (width - cells(text))
    mark = "…" if shows(sys.stdout, "…") else "..."
    while text and cells(text) > width - len(mark):
        text = text[:-1]
    return text + mark + " " * (width - len(mark) - cells(text))


def result_json(document: Mapping[str, Any]) -> None:
    """One JSON object on one line, out at once: whoever reads it may be waiting. Every control in it is escaped."""
    import json

    from domain.text.untrusted import untrusted

    line = json.dumps(document).replace("\x7f", "\\u007f")  # the one control in ASCII that JSON does not ask to escape
    write_result(untrusted(f"{line}\n"), flush=True)


def say(text: str) -> None:
    """A line of talk. May hold foreign text: a terminal finds nothing in it to obey.

    Where nobody can read it, it is left out: that ends no command.
    """
    from domain.text.untrusted import untrusted

    if sys.stderr is None or sys.stderr.closed:  # `print` would take standard output
        return
    try:
        print(untrusted(text), file=sys.stderr, flush=True)  # noqa: T201 - this is where talk leaves
    except OSError:
        let_go(sys.stderr)


def let_go(stream: TextIO) -> None:
    """Have what is left in *stream*, and all that comes, go nowhere: it takes no more.

    The interpreter writes out what is left when it ends, and would complain once more, or change the exit code.
    """
    with suppress(OSError, ValueError):  # one that is no file of the system, as in a test
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def shows(stream: TextIO, text: str) -> bool:
    """Whether the encoding of *stream* has all characters of *text*."""
    try:
        text.encode(stream.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def signs() -> dict[bool, str]:
    """The signs for yes and no that standard output can show."""
    from entrypoints.words.accounts import ASCII_SIGNS, SIGNS

    return SIGNS if shows(sys.stdout, "".join(SIGNS.values())) else ASCII_SIGNS


def missing_sign() -> str:
    """The sign for what a sign-in would make usable, as standard output can show it."""
    return "⚠️" if shows(sys.stdout, "⚠️") else "[!]"


def is_terminal(*streams: TextIO | None) -> bool:
    """Whether all of *streams* are terminals; a closed one is none."""
    return all(stream is not None and not stream.closed and stream.isatty() for stream in streams)


def may_ask() -> bool:
    """Whether a person sits there to be asked: never where `CI` is set."""
    return not os.environ.get("CI") and is_terminal(sys.stdin, sys.stderr)


def timestamp(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC, to the second. *moment* is aware."""
    from datetime import UTC

    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def prepare_streams() -> None:
    """Let no standard stream be a reason to fail.

    A closed one is opened, and leads nowhere: else the next file that is opened gets its number, and what is printed.
    A character that a stream cannot encode becomes a question mark instead of an error. What cannot be decoded is
    found by `piped`, which says so.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            stream = open(os.devnull, mode, encoding="utf-8")  # noqa: PTH123, SIM115 - open for as long as the process is
            os.set_inheritable(stream.fileno(), True)
            setattr(sys, name, stream)
    for stream, errors in ((sys.stdin, "surrogateescape"), (sys.stdout, "replace"), (sys.stderr, "replace")):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors=errors)


def is_text(text: str) -> bool:
    """Whether *text* can be written down: what was no text in the encoding of its source cannot."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def piped(longest: int = -1, *, line: bool = False) -> str:
    """Standard input to its end, or one *line* of it, of *longest* characters at most.

    Raises:
        UsageError: It is no text, or cannot be read.
    """
    try:
        text = sys.stdin.readline(longest) if line else sys.stdin.read(longest)
    except OSError as error:
        raise UsageError(f"Standard input cannot be read ({error.strerror}).") from None
    except UnicodeError:  # of an encoding in which a byte may be missing, such as UTF-16
        text = "\udcff"
    if not is_text(text):
        raise UsageError(f"Standard input is no text in {sys.stdin.encoding.upper()}, and only text can be taken.")
    return text
