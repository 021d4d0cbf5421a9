"""Text that somebody else wrote, made fit for a sentence of ours: one short line without secrets."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from domain.text.secret import Secret
from domain.text.untrusted import untrusted_line
from domain.text.vendor_secrets import masked

_LONGEST: Final = 200
"""Characters; enough for the reason, too few to bury ours."""


def quotable(text: object, *, hiding: Iterable[Secret] = (), longest: int = _LONGEST) -> str:
    """*text* on one line of at most *longest* characters, without what a terminal obeys, without the secrets in
    *hiding*, and without what looks like anybody's.

    Empty where it is no string.
    """
    if not isinstance(text, str):
        return ""
    secrets = tuple(hiding)
    line = without(secrets, untrusted_line(without(secrets, text)))  # a dropped sign may have stood in one of them
    line = masked(line)
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def without(secrets: Iterable[Secret], text: str) -> str:
    """*text* with a mask for each of *secrets* in it."""
    for secret in secrets:
        text = secret.masked_in(text)
    return text
