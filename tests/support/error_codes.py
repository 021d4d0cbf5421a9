"""The codes of errors: which a class may carry, and a check that an error carries one."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final, get_args, get_type_hints

import entrypoints.cli
from domain.errors import KeyswitchError
from domain.provider import Provider

for _module in pkgutil.walk_packages(entrypoints.cli.__path__, "entrypoints.cli."):
    importlib.import_module(_module.name)  # some of its errors are its own

_FOR_ANNOTATIONS: Final = {"Provider": Provider, "datetime": datetime, "timedelta": timedelta}
"""The types that the errors' modules import for their annotations alone."""


def with_code(code: str) -> Callable[[KeyswitchError], bool]:
    """For `pytest.raises(..., check=)`: whether the error carries *code*."""
    return lambda error: error.code == code


def classes(kind: type[KeyswitchError] = KeyswitchError) -> Iterator[type[KeyswitchError]]:
    """*kind* and every class of the product below it."""
    yield kind
    for child in kind.__subclasses__():
        if not child.__module__.startswith("tests."):
            yield from classes(child)


def codes_of(kind: type[KeyswitchError]) -> set[str]:
    """The codes that an error of exactly that class may carry: those that it takes, and its own where it needs none."""
    taken = get_type_hints(kind.__init__, localns=_FOR_ANNOTATIONS).get("code") if "__init__" in vars(kind) else None
    codes = {code for code in _literals(taken) if code}
    return codes if codes and "" not in _literals(taken) else {kind.code, *codes}


def _literals(hint: object) -> set[str]:
    """The strings of a Literal, or of a union of such."""
    return {one for part in get_args(hint) for one in ([part] if isinstance(part, str) else _literals(part))}
