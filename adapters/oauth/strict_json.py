"""JSON from a server: one object, each member once."""

from __future__ import annotations

import json
from typing import Any


class NotJson(ValueError):
    """The bytes are no JSON object that two readers would understand alike."""


def json_object(body: bytes) -> dict[str, Any]:
    """The object in *body*, which the caller has kept small.

    Raises:
        NotJson: It is something else, repeats a member, or holds `NaN`. The message quotes nothing of it.
    """
    try:
        parsed = json.loads(body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise NotJson("no JSON object") from None
    if not isinstance(parsed, dict):
        raise NotJson("no JSON object")
    return parsed


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise NotJson("a member stands in it twice")
    return members


def _refuse(constant: str) -> Any:
    raise NotJson(f"{constant} is not JSON")
