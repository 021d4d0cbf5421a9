"""Members of an older file by their type: a token must be right, and what stands beside it may be anything."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from adapters.json.strict_json import Flaw, Members, NotJson, flawed_object
from domain.text.moments import moment_from_number, moment_from_text
from domain.text.secret import Secret
from domain.text.vendor_secrets import Mark

_VISIBLE: Final = frozenset(map(chr, range(0x21, 0x7F)))
_LONGEST_TOKEN: Final = 32_768
_LONGEST_NAME: Final = 320
"""Characters of an account id or e-mail address (RFC 5321, 4.5.3.1)."""

_MILLISECONDS: Final = 100_000_000_000
"""A larger number of seconds would lie beyond the year 5138: it counts milliseconds, as JavaScript does."""

_DIGITS: Final = re.compile(r"[0-9]{1,16}")


class Unfit(ValueError):
    """An entry cannot be taken over; the message is the rest of a sentence about it, and quotes nothing."""

    def __init__(self, problem: str, *, mark: Mark | None = None) -> None:
        super().__init__(problem)
        self.mark = mark
        """What says that the entry is another's, where something does."""


def token(members: Mapping[str, Any], name: str) -> Secret | None:
    """A token or key; None where it is absent, null or empty.

    Raises:
        Unfit: It is something that could not be sent in a header (RFC 6749, appendix A).
    """
    value = members.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, Flaw):
        raise Unfit(value.problem)
    if not isinstance(value, str):
        raise Unfit(f'its "{name}" is of the wrong type')
    if len(value) > _LONGEST_TOKEN or not _VISIBLE.issuperset(value):
        raise Unfit(f'its "{name}" is no token')
    return Secret(value)


def usable(members: Mapping[str, Any], name: str) -> Secret | None:
    """The token as `token` reads it, and None where it could not be sent."""
    try:
        return token(members, name)
    except Unfit:
        return None


def identifier(members: Mapping[str, Any], name: str) -> str:
    """An id of visible ASCII; empty where it is absent or something else."""
    value = members.get(name)
    fits = isinstance(value, str) and len(value) <= _LONGEST_NAME and _VISIBLE.issuperset(value)
    return str(value) if fits else ""


def label(members: Mapping[str, Any], *names: str) -> str:
    """The first of *names* that holds a text to show; empty where none does. Display only, so nothing is refused."""
    values = (members.get(name) for name in names)
    return next((value for value in values if isinstance(value, str) and 0 < len(value) <= _LONGEST_NAME), "")


def moment(members: Mapping[str, Any], name: str) -> datetime | None:
    """A moment as RFC 3339 or as seconds or milliseconds since 1970; without a zone it is UTC.

    None where it is absent or something else: when a token ends the provider knows best.
    """
    value = members.get(name)
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if isinstance(value, str):
        return moment_from_text(value, zone=UTC)
    return moment_from_number(value, milliseconds=isinstance(value, int | float) and value >= _MILLISECONDS)


def word_list(members: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """A list of words, or a text of words between blanks; empty where it is absent or something else."""
    value = members.get(name)
    if isinstance(value, str):
        value = value.split()
    if not isinstance(value, list) or not all(isinstance(word, str) and word for word in value):
        return ()
    return tuple(value)


def claims(jwt: Secret | None) -> Members:
    """What a JSON Web Token says, unchecked: good for a name to show and for a hint at its end. Empty where it is none.

    Nothing is decided by it that the provider would not decide anew (OpenID Connect Core 1.0, 3.1.3.7 is for sign-ins).
    """
    parts = jwt.reveal().split(".") if jwt else []
    if len(parts) != 3:  # noqa: PLR2004 - header, payload, signature (RFC 7519, 3)
        return Members()
    try:
        return flawed_object(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (NotJson, binascii.Error, ValueError):
        return Members()
