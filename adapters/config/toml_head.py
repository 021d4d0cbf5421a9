"""Changing values above the first table of a TOML text, without an editor that knows all of TOML.

What stands above the first header is a document by itself. The model and its sign-in are there, and a switch need not
wait until a thousand presets below are parsed.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_HEADER: Final = re.compile(r"(?m)^[ \t]*\[")
_PLAIN: Final = re.compile(r"[\w./:+@ -]*", re.ASCII)
"""What stands between quotation marks as it is."""


def with_values(text: str, values: Mapping[str, str]) -> str | None:
    """*text* with new values for keys that have a line of their own above the first table; the rest stays as it is.

    None where anything there is unusual.
    """
    header = _HEADER.search(text)
    head = text[: header.start()] if header else text
    edited = head
    for key, value in values.items():
        line = re.compile(rf"""(?m)^({key}[ \t]*=[ \t]*)(?:"[^"\\\n]*"|'[^'\n]*')(?=[ \t]*(?:#[^\n]*)?\r?$)""")
        edited, count = line.subn(rf'\g<1>"{value}"', edited)
        if count != 1 or not _PLAIN.fullmatch(value):
            return None
    try:  # A header within a text or a list is none: then what stands above it is no document.
        as_wanted = tomllib.loads(edited) == {**tomllib.loads(head), **values}
    except ValueError:
        return None
    return edited + text[len(head) :] if as_wanted else None
