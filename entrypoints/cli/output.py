"""Results on standard output, talk on standard error; never a colour, and no sign that the stream cannot show."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


def result(text: str) -> None:
    """One line of what was asked for."""
    print(text, file=sys.stdout)  # noqa: T201 - this is where results leave


def result_json(document: Mapping[str, Any]) -> None:
    """One JSON object on one line, out at once: whoever reads it may be waiting."""
    import json

    print(json.dumps(document), file=sys.stdout, flush=True)  # noqa: T201 - see above


def say(text: str) -> None:
    """A line of talk. May hold foreign text: a terminal finds nothing in it to obey."""
    from domain.untrusted import untrusted

    print(untrusted(text), file=sys.stderr, flush=True)  # noqa: T201 - see above


def shows(stream: TextIO, text: str) -> bool:
    """Whether the encoding of *stream* has all characters of *text*."""
    try:
        text.encode(stream.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def signs() -> dict[bool, str]:
    """The signs for yes and no that standard output can show."""
    from entrypoints.wording import ASCII_SIGNS, SIGNS

    return SIGNS if shows(sys.stdout, "".join(SIGNS.values())) else ASCII_SIGNS


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


def tolerate_encodings() -> None:
    """A character that a stream cannot encode becomes a question mark instead of an error."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
