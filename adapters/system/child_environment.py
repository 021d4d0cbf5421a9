"""The variables that programs started by keyswitch get: all but those that hold secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from domain.text.vendor_secrets import holds_secret

_LEAKS: Final = frozenset({"AUTHLIB_INSECURE_TRANSPORT", "SSLKEYLOGFILE"})
"""Variables that make a library give away what it handles: by plain http, or TLS session keys in a file."""

_TEXTUAL: Final = "TEXTUAL"

TEXTUAL_LOOKS: Final = frozenset(
    {
        "TEXTUAL_ANIMATIONS", "TEXTUAL_DIM_FACTOR", "TEXTUAL_DISABLE_KITTY_KEY", "TEXTUAL_FILTERS", "TEXTUAL_FPS",
        "TEXTUAL_SMOOTH_SCROLL", "TEXTUAL_SPEEDUPS", "TEXTUAL_THEME",
    }
)  # fmt: skip
"""What Textual may be told. Its other variables make it write down every key and paste (TEXTUAL_DEBUG, TEXTUAL_LOG),
send them to whoever listens (TEXTUAL), draw the screen into a file (TEXTUAL_SCREENSHOT), press keys (TEXTUAL_PRESS) or
load code (TEXTUAL_DRIVER); and a later version may read more."""

_NAME: Final = re.compile(
    r"""(^|_)(
    API_?KEYS? | ACCESS_?KEYS? | PRIVATE_?KEYS? | SECRET_?KEYS? | TOKENS? | SECRETS? | AUTH | PAT
    | PASS | PASSWORDS? | PASSWD | PASSPHRASES? | CREDENTIALS? | COOKIES?
    )($|_)""",
    re.IGNORECASE | re.VERBOSE,
)
"""Whole words in the names of variables that hold secrets: `PATH` and `XAUTHORITY` are none of them."""

_PLACES: Final = frozenset({"SSH_AUTH_SOCK", "PASSWORD_STORE_DIR", "PASSWORD_STORE_GPG_OPTS"})
"""Named like a secret, and only say where something is, or how to read it."""

_USER: Final = re.compile(r"(?<=://)[^/?#@\s]+@")
"""Name and password in an address, as in that of a proxy."""


def child_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """*environ* for a child process: without secrets, and without what makes libraries write them down.

    A proxy stays, without its password: a browser asks for that.
    """
    return {name: _USER.sub("", value) for name, value in environ.items() if not _is_secret(name, value)}


def leaks(name: str) -> bool:
    """Whether the variable *name* makes a library write down, show or send what it handles."""
    return name in _LEAKS or (name.startswith(_TEXTUAL) and name not in TEXTUAL_LOOKS)


def _is_secret(name: str, value: str) -> bool:
    if leaks(name):
        return True
    return name not in _PLACES and (bool(_NAME.search(name)) or holds_secret(value))
