"""What a token endpoint answers (RFC 6749, 5.1), read strictly: nothing else is ever taken for a token."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from adapters.oauth.strict_json import NotJson, json_object
from domain.secret import Secret

LONGEST_LIFE: Final = 400 * 24 * 3600.0
"""Seconds; a longer `expires_in` is cut to it: more than a year is more likely a mistake than a promise."""

_ABSURD: Final = 1e12
"""Seconds, some thirty thousand years: no life of anything, so the member says nothing."""

_DIGITS: Final = re.compile(r"\s*[0-9]{1,15}\s*")

_LONGEST_TOKEN: Final = 32_768
_LONGEST_NAME: Final = 320
"""Characters of an account id or e-mail address (RFC 5321, 4.5.3.1)."""


class AnswerUnusable(ValueError):
    """The answer holds no usable token; the message names the member, never its value."""


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
    try:
        if isinstance(value, str) and not _DIGITS.fullmatch(value):
            moment = datetime.fromisoformat(value)
            return moment.astimezone(UTC) if moment.tzinfo else None
        number = int(value) if isinstance(value, str) else value
        if isinstance(number, bool) or not isinstance(number, int | float):
            return None
        return datetime.fromtimestamp(number, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _scopes(value: object) -> tuple[str, ...] | None:
    if isinstance(value, str):
        value = value.split()
    if not isinstance(value, list) or not all(_is_token(item) for item in value):
        return None
    return tuple(value)


def _optional_token(value: object) -> Secret | None:
    """None for what servers write instead of leaving the member out."""
    return None if value is None or value == "" else _token(value)


def _token(value: object) -> Secret:
    if not _is_token(value):
        raise ValueError("not a token")
    return Secret(str(value))


def _is_token(value: object) -> bool:
    """RFC 6749, appendix A: visible ASCII. Anything else could break out of a header."""
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_TOKEN and all("!" <= sign <= "~" for sign in value)


def _bearer(value: object) -> str:
    if value is not None and (not isinstance(value, str) or value.casefold() != "bearer"):
        raise ValueError("not bearer")
    return "Bearer"


def _lenient(value: object) -> Any:
    """Display only: anything that is no short string is as good as absent."""
    return value if isinstance(value, str) and 0 < len(value) <= _LONGEST_NAME else None


def _account_id(value: object) -> str | None:
    """Part of a key, so not just any text."""
    return value if isinstance(value, str) and _is_token(value) and len(value) <= _LONGEST_NAME else None


def _id_token(value: object) -> Secret | None:
    return Secret(str(value)) if _is_token(value) else None


class _Strict(BaseModel):
    model_config = ConfigDict(
        strict=True, frozen=True, extra="ignore", hide_input_in_errors=True, arbitrary_types_allowed=True
    )


class AccountMember(_Strict):
    """Anthropic's `account`."""

    uuid: Annotated[str | None, BeforeValidator(_account_id)] = None
    email_address: Annotated[str | None, BeforeValidator(_lenient)] = None


def _object_or_none(value: object) -> object:
    return value if isinstance(value, dict) else None


class TokenAnswer(_Strict):
    """A good answer."""

    access_token: Annotated[Secret, BeforeValidator(_token)]
    token_type: Annotated[str, BeforeValidator(_bearer)] = "Bearer"
    refresh_token: Annotated[Secret | None, BeforeValidator(_optional_token)] = None
    id_token: Annotated[Secret | None, BeforeValidator(_id_token)] = None
    expires_in: Annotated[float | None, BeforeValidator(seconds)] = None
    refresh_token_expires_in: Annotated[float | None, BeforeValidator(seconds)] = None
    earliest_refresh_at: Annotated[datetime | None, BeforeValidator(_moment)] = None
    """OpenAI's; its meaning beyond the name is not documented."""
    scope: Annotated[tuple[str, ...] | None, BeforeValidator(_scopes)] = None
    account: Annotated[AccountMember | None, BeforeValidator(_object_or_none)] = None


def read_token_answer(body: bytes) -> TokenAnswer:
    """The tokens in *body*.

    Raises:
        AnswerUnusable: There are none, or they are not what a token is.
    """
    try:
        return TokenAnswer.model_validate(json_object(body))
    except NotJson:
        raise AnswerUnusable("no JSON object") from None
    except ValidationError as error:
        names = sorted({str(problem["loc"][0]) for problem in error.errors(include_input=False)})
        raise AnswerUnusable(f"no usable {' and '.join(names)}") from None


def rescued_refresh_token(body: bytes) -> Secret | None:
    """The new refresh token of an answer that is unusable otherwise: the old one may be spent by now."""
    try:
        return _optional_token(json_object(body).get("refresh_token"))
    except ValueError:
        return None
