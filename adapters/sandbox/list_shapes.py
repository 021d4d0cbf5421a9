"""Lists of models that are not what they were yesterday, or not what they should be, in the form of each vendor."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from typing import Any, Final

_ENDS: Final = "2027-03-01"
_HUGE: Final = 4 * 1024 * 1024
"""Bytes; no list of the vendors has a tenth of it."""

_PAGES = count(1)


def changed(shape: str, body: bytes) -> bytes:
    """The list in *body*, changed in the way called *shape*; an answer that is no list stays as it is."""
    document: dict[str, Any] = json.loads(body)
    rows = document.get("data", document.get("models"))
    if not isinstance(rows, list):
        return body
    return SHAPES[shape](document, rows)


def _moved(document: dict[str, Any], rows: list[dict[str, Any]]) -> bytes:
    """A new model, one that is gone, and one with another window and an end."""
    del rows[0]
    first, form = rows[0], _form(rows[0])
    if form == "claude":
        first |= {"max_input_tokens": 500_000, "lifecycle": "deprecated", "retires_at": f"{_ENDS}T00:00:00Z"}
    elif form == "gemini":
        first["inputTokenLimit"] = 2_000_000
    elif form == "openai":
        first["shutdown_date"] = _ENDS
    new = {"claude": "claude-opus-6", "gemini": "gemini-5-radon", "openai": "gpt-7-sol", "plan": "gpt-7-sol"}[form]
    rows.insert(0, _renamed(first, new, f"{new.replace('-', ' ').title()}"))
    return _written(document)


def _lies(document: dict[str, Any], rows: list[dict[str, Any]]) -> bytes:
    """Wrong types, escape sequences, ids that can be none, another vendor's models, years that never come."""
    good = dict(rows[0])
    own = {"claude": "claude-", "gemini": "gemini-", "openai": "gpt-", "plan": "gpt-"}[_form(good)]
    ids = ["", " ", "\x1b[31mred", f"{own}a b", f"{own}../../etc", f"{own}{'x' * 500}", "gpt-9", "claude-9", "gemini-9"]
    ids = [name for name in ids if not name.startswith(own) or len(name) > len(own) + 1]
    odd = [_renamed(good, name, "a label") for name in ids]
    spelled = _renamed(good, f"{own}8-spelled", "Evil\x1b]0;pwned\x07\u202e \n[red]label[/red]" + "!" * 5000)
    numbers = {"max_input_tokens": True, "inputTokenLimit": -5, "retires_at": "9999-12-31T00:00:00Z", "created": 1e300}
    wrong = dict.fromkeys(("display_name", "displayName"), 7)
    rows[:] = [
        *odd, None, 7, [], {}, spelled,  # type: ignore[list-item]
        _renamed(good, f"{own}8-numbers", "Numbers") | {"lifecycle": "deprecated", "shutdown_date": "soon"} | numbers,
        _renamed(good, f"{own}8-types", "Types") | wrong,
        good,
    ]  # fmt: skip
    return _written(document)


def _empty(document: dict[str, Any], rows: list[dict[str, Any]]) -> bytes:
    rows.clear()
    return _written(document)


def _broken(document: dict[str, Any], _rows: list[dict[str, Any]]) -> bytes:
    whole = _written(document)
    return whole[: len(whole) // 2]


def _huge(document: dict[str, Any], _rows: list[dict[str, Any]]) -> bytes:
    return _written(document | {"padding": "x" * _HUGE})


def _many(document: dict[str, Any], rows: list[dict[str, Any]]) -> bytes:
    own = {"claude": "claude-", "gemini": "gemini-", "openai": "gpt-", "plan": "gpt-"}[_form(rows[0])]
    rows[:] = [_renamed(rows[0], f"{own}9-{number}", "One of many") for number in range(3000)]
    return _written(document)


def _endless(document: dict[str, Any], _rows: list[dict[str, Any]]) -> bytes:
    """There is always one more page, by another token each time."""
    page = str(next(_PAGES))
    return _written(document | {"has_more": True, "last_id": page, "nextPageToken": page})


def _circle(document: dict[str, Any], _rows: list[dict[str, Any]]) -> bytes:
    """The next page is always the same one."""
    return _written(document | {"has_more": True, "last_id": "again", "nextPageToken": "0"})


def _form(row: dict[str, Any]) -> str:
    if "slug" in row:
        return "plan"
    if "name" in row:
        return "gemini"
    return "claude" if row.get("type") == "model" else "openai"


def _renamed(row: dict[str, Any], name: str, label: str) -> dict[str, Any]:
    """A row of the same form for another model."""
    match _form(row):
        case "plan":
            return {**row, "slug": name, "display_name": label}
        case "gemini":
            return {**row, "name": f"models/{name}", "baseModelId": name, "displayName": label}
        case "claude":
            again = {"lifecycle": "active", "retires_at": None, "created_at": "2026-11-25T00:00:00Z"}
            return {**row, **again, "id": name, "display_name": label, "max_input_tokens": 2_000_000}
        case _:
            return {**row, "id": name, "created": 1_795_600_000, "shutdown_date": None}


def _written(document: dict[str, Any]) -> bytes:
    return json.dumps(document).encode()


SHAPES: Final[dict[str, Callable[[dict[str, Any], list[dict[str, Any]]], bytes]]] = {
    "moved": _moved,
    "lies": _lies,
    "empty": _empty,
    "broken": _broken,
    "huge": _huge,
    "many": _many,
    "endless": _endless,
    "circle": _circle,
}
