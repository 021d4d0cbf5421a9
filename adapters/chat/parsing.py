"""Reading a vendor's JSON: with suspicion, and without giving up an answer for a member that is beside the point."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated, Any, Final, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import from_json

from adapters.chat.wire import UnreadableEvent

_LARGEST_COUNT: Final = 2**53
"""Of tokens. What is not below it is no count."""


_LONGEST_NAME: Final = 200
"""Characters: of a model's id, or of a reason."""


class Part(BaseModel):
    """A JSON object of which some members are known and the others are ignored."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


def _text(value: object) -> object:
    return "" if value is None else value


def _or_none(value: object, known: ValidatorFunctionWrapHandler) -> object:
    try:
        return known(value)
    except ValidationError:
        return None


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _count(value: object) -> object:
    return value if _is_count(value) else 0


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < _LARGEST_COUNT


Text = Annotated[str, BeforeValidator(_text)]
"""Text that may belong to the answer: null is none, and anything else but text cannot be read."""

SideText = Annotated[str | None, WrapValidator(_or_none)]
"""Text that is not the answer's: what is no text counts as absent, and costs no answer."""

SideNumber = Annotated[int | None, WrapValidator(_or_none)]
"""A number that is not the answer's; what is no number counts as absent."""

Things = Annotated[list[object], BeforeValidator(_listed)]
"""A list; what is none counts as an empty one."""

Count = Annotated[int, BeforeValidator(_count)]
"""A number of tokens. Anything else counts as 0: no answer is given up for its receipt."""

PartT = TypeVar("PartT", bound=Part)


def json_value(text: str) -> object:
    """What *text* says in JSON, read forgivingly: `NaN`, halves of surrogate pairs and raw controls hide no answer.

    Raises:
        ValueError: It is no JSON, or nested too deeply.
    """
    try:
        return json.loads(text, strict=False)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def json_object(data: str) -> dict[str, Any]:
    """The object that *data* is; of a list with one member, that member.

    Raises:
        UnreadableEvent: It is something else. What looks like an object and cannot be read is said to be lost.
    """
    try:
        value = json_value(data)
    except ValueError:
        lost = re.match(r"\s*(\[\s*)?\{", data) is not None
        raise UnreadableEvent("an event that is not JSON", lost=lost) from None
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict):
        raise UnreadableEvent("an event that is no JSON object")
    return value


def json_documents(body: bytes) -> tuple[list[object], bool]:
    """What a body holds that is JSON rather than server-sent events, and whether it was whole.

    It is one document or several, one after another. Of one that was cut, what came before the cut is read.
    """
    text = body.decode("utf-8-sig", "replace").strip()
    decoder, documents, at = json.JSONDecoder(strict=False), list[object](), 0
    try:
        while at < len(text):
            document, end = decoder.raw_decode(text, at)
            documents.append(document)
            at = end + len(text[end:]) - len(text[end:].lstrip("\r\n\t ,"))
    except (ValueError, RecursionError):
        with suppress(ValueError):
            documents.append(from_json(text[at:], allow_partial="trailing-strings"))
        return documents, False
    return documents, bool(documents)


def read(part: type[PartT], value: object) -> PartT:
    """*value* as a *part*.

    Raises:
        UnreadableEvent: A member of *part* is missing or has another type, and with it a piece of the answer is lost.
    """
    try:
        return part.model_validate(value)
    except ValidationError as error:
        where = ".".join(str(step) for step in error.errors(include_input=False, include_url=False)[0]["loc"])
        raise UnreadableEvent(f"an event with an unusable {where or 'shape'}", lost=True) from None


def read_or_none(part: type[PartT], value: object) -> PartT | None:
    """*value* as a *part*, or None if it is not one."""
    try:
        return part.model_validate(value)
    except ValidationError:
        return None


def members(value: object, name: str) -> dict[str, Any]:
    """The object that is the member *name* of *value*; an empty one where there is none."""
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def short_text(value: object) -> str:
    """*value* as far as a name goes, where it is text; "" where it is anything else."""
    return value[:_LONGEST_NAME] if isinstance(value, str) else ""


def counted(so_far: Mapping[str, Any], usage: object) -> dict[str, Any]:
    """The counts *so_far* with those of *usage*, which are cumulative: a later one replaces an earlier one.

    What is absent, null, zero or no count replaces nothing: a count that arrived stays.
    """
    counts = dict(so_far)
    for name, value in usage.items() if isinstance(usage, dict) else ():
        if isinstance(value, dict):
            counts[name] = counted(members(counts, name), value)
        elif _is_count(value):
            counts[name] = value
    return counts
