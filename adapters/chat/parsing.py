"""Reading a vendor's JSON with suspicion."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError
from pydantic_core import from_json

from adapters.chat.wire import UnreadableEvent


class Part(BaseModel):
    """A JSON object of which some members are known and the others are ignored; a known one has its exact type."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


def _count(value: object) -> object:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53 else 0


Count = Annotated[int, BeforeValidator(_count)]
"""A number of tokens. Anything else counts as 0: no answer is given up for its receipt."""

PartT = TypeVar("PartT", bound=Part)


def json_object(data: str) -> dict[str, Any]:
    """The object that *data* is; of a list with one member, that member.

    Raises:
        UnreadableEvent: It is something else, nested too deeply, or no JSON (RFC 8259: `NaN` is none).
    """
    try:
        value = from_json(data, allow_inf_nan=False)
    except ValueError:
        raise UnreadableEvent("an event that is not JSON") from None
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict):
        raise UnreadableEvent("an event that is no JSON object")
    return value


def read(part: type[PartT], value: object) -> PartT:
    """*value* as a *part*.

    Raises:
        UnreadableEvent: A member of *part* is missing or has another type.
    """
    try:
        return part.model_validate(value)
    except ValidationError as error:
        where = ".".join(str(step) for step in error.errors(include_input=False, include_url=False)[0]["loc"])
        raise UnreadableEvent(f"an event with an unusable {where or 'shape'}") from None


def read_or_none(part: type[PartT], value: object) -> PartT | None:
    """*value* as a *part*, or None if it is not one."""
    try:
        return part.model_validate(value)
    except ValidationError:
        return None
