"""What a token endpoint answers (RFC 6749, 5.1): read forgivingly, and nothing but a token is ever taken for one."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import httpx2

from adapters.oauth.forgiving_json import Members, read_members
from domain.records import dataclass
from domain.text.moments import moment_from_number, moment_from_text
from domain.text.secret import Secret

LONGEST_LIFE: Final = 400 * 24 * 3600.0
"""Seconds; a longer `expires_in` is cut to it: more than a year is more likely a mistake than a promise."""

_ABSURD: Final = 1e12
"""Seconds, some thirty thousand years: no life of anything, so the member says nothing."""

_DIGITS: Final = re.compile(r"\s*[0-9]{1,15}\s*")

_LONGEST_TOKEN: Final = 32_768
_LONGEST_NAME: Final = 320
"""Characters of an account id or e-mail address (RFC 5321, 4.5.3.1)."""


def seconds(value: object) -> float | None:
    """A duration as servers write it: a number or digits in a string; zero where it is negative.

    None where it says nothing: absent, another type, not a number, absurd.
    """
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _ABSURD:
        return None
    return None if math.isnan(value) else min(max(float(value), 0.0), LONGEST_LIFE)


def _moment(value: object) -> datetime | None:
    """A moment as seconds since 1970 or in RFC 3339; None where it is neither, or too far off to be meant."""
    if isinstance(value, str):
        return moment_from_number(int(value)) if _DIGITS.fullmatch(value) else moment_from_text(value)
    return moment_from_number(value)


def _scopes(value: object) -> tuple[str, ...] | None:
    if isinstance(value, str):
        value = value.split()
    if not isinstance(value, list) or not all(_is_token(item) for item in value):
        return None
    return tuple(value)


def _token(value: object) -> Secret | None:
    return Secret(value) if isinstance(value, str) and _is_token(value) else None


def _is_token(value: object) -> bool:
    """RFC 6749, appendix A: visible ASCII. Anything else could break out of a header."""
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_TOKEN and all("!" <= sign <= "~" for sign in value)


def _kind(value: object) -> str | None:
    """A token type as it is compared; what is no text says nothing."""
    return value.strip().casefold() if isinstance(value, str) else None


def _name(value: object) -> str | None:
    """For display only: anything that is no short text is as good as absent."""
    return value if isinstance(value, str) and 0 < len(value) <= _LONGEST_NAME else None


def _account_id(value: object) -> str | None:
    """An account id. It becomes part of a key, so it is not just any text."""
    return value if isinstance(value, str) and _is_token(value) and len(value) <= _LONGEST_NAME else None


def _account(value: object) -> AccountMember | None:
    if not isinstance(value, Members):
        return None
    uuid, email = value.usable("uuid", _account_id), value.usable("email_address", _name)
    return AccountMember(uuid, email) if uuid or email else None


@dataclass(frozen=True, slots=True)
class AccountMember:
    """The member `account` of Anthropic's answers."""

    uuid: str | None = None
    email_address: str | None = None


@dataclass(frozen=True, slots=True)
class TokenAnswer:
    """An answer that holds a token at least. A member that cannot be read counts as absent."""

    access_token: Secret | None
    refresh_token: Secret | None
    token_type: str | None = None
    """In small letters."""
    id_token: Secret | None = None
    expires_in: float | None = None
    refresh_token_expires_in: float | None = None
    earliest_refresh_at: datetime | None = None
    """OpenAI's; its meaning beyond the name is not documented."""
    scope: tuple[str, ...] | None = None
    account: AccountMember | None = None
    cut: bool = False
    """Whether it breaks off behind its refresh token; what could have stood there counts as absent."""
    refresh_token_unusable: bool = False
    """Whether it holds a refresh token that could not be sent. Without any, the old one stays (RFC 6749, 6)."""
    oddities: tuple[str, ...] = ()
    """What had to be forgiven, in words of ours: nothing of the answer is quoted."""

    @property
    def is_bearer(self) -> bool:
        """Whether the access token is of the only kind that keyswitch can use (RFC 6750)."""
        return self.token_type in {None, "", "bearer"}


_READERS: Final[Mapping[str, Callable[[Any], object]]] = {
    "access_token": _token,
    "refresh_token": _token,
    "token_type": _kind,
    "id_token": _token,
    "expires_in": seconds,
    "refresh_token_expires_in": seconds,
    "earliest_refresh_at": _moment,
    "scope": _scopes,
    "account": _account,
}

_TOKENS: Final = ("access_token", "refresh_token")


def tokens_in(answer: httpx2.Response) -> TokenAnswer | None:
    """The tokens in *answer*; None where it is no good answer, holds none, or breaks off before a refresh token."""
    if not answer.is_success:
        return None
    members = read_members(answer.content, _TOKENS)
    values: dict[str, Any] = {name: members.usable(name, read) for name, read in _READERS.items()}
    if not any(values[name] for name in _TOKENS) or (members.cut and not values["refresh_token"]):
        return None
    unread = (f"{name} not usable" for name, value in values.items() if value is None and members.holds(name))
    oddities = (*_around(answer), *members.oddities, *members.oddities_of(_READERS), *unread)
    unusable = values["refresh_token"] is None and members.holds("refresh_token")
    return TokenAnswer(**values, cut=members.cut, refresh_token_unusable=unusable, oddities=oddities)


@dataclass(frozen=True, slots=True)
class Tokenless:
    """A good answer in which `tokens_in` found none."""

    error: Mapping[str, Any]
    """Its members where it names an error in their place, else none."""
    whole: bool


def tokenless(answer: httpx2.Response) -> Tokenless:
    """What *answer* says in the place of tokens."""
    members = read_members(answer.content, _TOKENS)
    said = members.plain()
    names_error = not members.cut and isinstance(said.get("error"), str | dict) and said["error"]
    return Tokenless(said if names_error else {}, whole=not members.cut)


def _around(answer: httpx2.Response) -> list[str]:
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    status = [] if answer.status_code == httpx2.codes.OK else [f"status {answer.status_code}"]
    return status if kind.endswith("json") else [*status, "another content type than JSON"]
