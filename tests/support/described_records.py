"""Describe every record of the program by what can be seen of it.

python -m tests.support.described_records      describes them as the library itself makes them
"""

from __future__ import annotations

import copy
import dataclasses
import importlib
import inspect
import json
import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from types import ModuleType
from typing import Any, Final, TypeGuard

from domain import records
from tests.architecture.tree import LAYERS, module_name, modules

PARTS: Final = ("dataclass", "field", "replace")
"""What `domain.records` has in place of the library's."""

_ADDRESS: Final = re.compile(r" at 0x[0-9a-f]+")

Described = dict[str, dict[str, str]]


def described() -> Described:
    """All of them by their full names, each with what it does, in words."""
    found = {}
    for module in (importlib.import_module(module_name(path)) for layer in LAYERS for path in modules(layer)):
        if getattr(module, "dataclass", None) is records.dataclass:
            found.update(
                {f"{one.__module__}.{one.__qualname__}": one for one in vars(module).values() if _is_own(one, module)}
            )
    return {
        name: {what: _ADDRESS.sub("", words) for what, words in _described(one)} for name, one in sorted(found.items())
    }


def _is_own(one: object, module: ModuleType) -> TypeGuard[type]:
    own = isinstance(one, type) and one.__module__ == module.__name__ and dataclasses.is_dataclass(one)
    return own and getattr(one, "__dataclass_params__").frozen  # noqa: B009 - type checkers do not know it


def _described(cls: type[Any]) -> Iterator[tuple[str, str]]:
    fields = dataclasses.fields(cls)
    yield "fields", repr([_field(one) for one in fields])
    yield "positional", repr(cls.__match_args__)
    yield "signature", str(inspect.signature(cls))
    if "__post_init__" not in vars(cls):  # such a one looks at its values, and these are made up
        for number, (arguments, named) in enumerate(_calls(fields)):
            yield f"call {number}", str(_seen(partial(_values, cls, arguments, named)))


def _field(one: dataclasses.Field[Any]) -> tuple[object, ...]:
    default = "none" if one.default is dataclasses.MISSING else repr(one.default)
    made = "none" if one.default_factory is dataclasses.MISSING else repr(one.default_factory)
    return one.name, default, made, one.init, one.repr, one.compare, one.kw_only


def _calls(fields: tuple[dataclasses.Field[Any], ...]) -> Iterator[tuple[tuple[str, ...], dict[str, str]]]:
    """Arguments that fit, and some that do not."""
    named = {one.name: f"value of {one.name}" for one in fields if one.init}
    values = tuple(named.values())
    needed = [one.name for one in fields if one.init and one.default is one.default_factory is dataclasses.MISSING]
    yield values, {}
    yield (), named
    yield (), {name: named[name] for name in needed}
    yield (), {name: named[name] for name in needed[:-1]}
    yield (*values, "one too many"), {}
    yield (), {**named, "unknown": "a value"}
    yield values[:1], named


def _values(cls: type[Any], arguments: tuple[str, ...], named: dict[str, str]) -> str:
    one, again = cls(*arguments, **named), cls(*arguments, **named)
    names = [field.name for field in dataclasses.fields(cls) if field.init]
    changed = {name: _seen(partial(dataclasses.replace, one, **{name: "new"})) for name in names}
    return repr(
        {
            "values": {name: getattr(one, name) for name in names},
            "repr": _seen(partial(repr, one)),
            "equal": (one == again, one != again, one.__eq__(7), {name: one == changed[name] for name in names}),
            "hash": [_seen(partial(hash, each)) == _seen(partial(hash, again)) for each in (one, *changed.values())],
            "copied": (copy.copy(one) == one, copy.deepcopy(one) == one),
            "as a dictionary": dataclasses.asdict(one),
            "replaced": changed,
            "replaced by the program": {name: _seen(partial(records.replace, one, **{name: "new"})) for name in names},
            "replaced wrongly": _seen(partial(dataclasses.replace, one, unknown="new")),
            "assigned": [_seen(partial(setattr, one, name, 1)) for name in names],
            "deleted": [_seen(partial(delattr, one, name)) for name in names],
        }
    )


def _seen(call: Callable[[], object]) -> object:
    """What comes of *call*, or its error."""
    try:
        return call()
    except (TypeError, ValueError, AttributeError) as error:
        return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    for part in PARTS:
        setattr(records, part, getattr(dataclasses, part))
    json.dump(described(), sys.stdout)
