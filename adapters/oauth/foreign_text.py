"""Text that a server wrote, made fit for a message of ours."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from domain.text.secret import Secret
from domain.text.untrusted import untrusted_line
from domain.text.vendor_secrets import masked

LONGEST: Final = 200
"""Characters; enough for the reason, too few to bury ours."""

_CODE: Final = re.compile(r"[A-Za-z0-9_.\-]{1,64}")


def shown(text: object, *, hiding: Iterable[Secret] = ()) -> str:
    """*text* on one line, short, without what a terminal obeys, without the secrets in *hiding*, and
    without what looks like anybody's.

    Empty where it is no string.
    """
    if not isinstance(text, str):
        return ""
    secrets = tuple(hiding)
    line = without(secrets, untrusted_line(without(secrets, text)))  # a dropped sign may have stood in one of them
    line = masked(line)
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def without(secrets: Iterable[Secret], text: str) -> str:
    """*text* with a mask for each of *secrets* in it."""
    for secret in secrets:
        text = secret.masked_in(text)
    return text


def error_code(text: object) -> str:
    """*text* if it looks like an error code (RFC 6749, 5.2), else empty."""
    return text if isinstance(text, str) and _CODE.fullmatch(text) else ""
