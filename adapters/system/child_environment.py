"""The variables that programs started by keyswitch get: all but those that hold secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from domain.vendor_secrets import holds_secret

LEAKS: Final = frozenset({"SSLKEYLOGFILE", "TEXTUAL", "TEXTUAL_LOG"})
"""Variables that make a library write down what it handles: TLS session keys; every key and paste, to a file or to
whoever listens at the address of Textual's developer tools."""

_NAME: Final = re.compile(
    r"""(^|_)(
    API_?KEYS? | ACCESS_?KEYS? | PRIVATE_?KEYS? | SECRET_?KEYS? | TOKENS? | SECRETS? | AUTH | PAT
    | PASS | PASSWORDS? | PASSWD | PASSPHRASES? | CREDENTIALS? | COOKIES?
    )($|_)""",
    re.IGNORECASE | re.VERBOSE,
)
"""Whole words in the names of variables that hold secrets: `PATH` and `XAUTHORITY` are none of them."""

_PLACES: Final = frozenset({"SSH_AUTH_SOCK"})
"""Named like a secret, and only say where something is."""

_USER: Final = re.compile(r"(?<=://)[^/?#@\s]+@")
"""Name and password in an address, as in that of a proxy."""


def child_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """*environ* for a child process: without secrets, and without what makes libraries write them down.

    A proxy stays, without its password: a browser asks for that.
    """
    return {name: _USER.sub("", value) for name, value in environ.items() if not _is_secret(name, value)}


def _is_secret(name: str, value: str) -> bool:
    if name in LEAKS:
        return True
    return name not in _PLACES and (bool(_NAME.search(name)) or holds_secret(value))
