"""Every key that a config file may hold, and how a value of it is written on a command line."""

from __future__ import annotations

import re
import tomllib
from enum import Enum
from typing import Any, Final

from adapters.config.earlier_keys import PREFERRED, USING
from adapters.providers.setting_checks import CHECKS
from application.settings import KEY_COMMAND
from domain.errors import UnknownName, UsageError
from domain.provider import Provider
from domain.text.suggestion import nearest

KeyPath = tuple[str, ...]


class Kind(Enum):
    """What a key takes."""

    TEXT = "text"
    SECRET = "secret"
    FLAG = "flag"
    NUMBER = "number"
    TOML = "TOML"
    """A list or a table."""
    COMMAND = "command"
    """Set by a command of its own, together with others."""


_FIXED: Final[dict[KeyPath, Kind]] = {
    ("model",): Kind.COMMAND,
    ("active_auth_provider",): Kind.COMMAND,
    ("auth", "env_keys"): Kind.TEXT,
    ("auth", "key_source"): Kind.TEXT,
    ("auth", "claude_profile"): Kind.TEXT,
    ("auth", "laptop"): Kind.TEXT,
    ("auth", "strict_renewal"): Kind.FLAG,
    ("models", "refresh"): Kind.FLAG,
    ("limits", "notice"): Kind.NUMBER,
    ("limits", "day"): Kind.NUMBER,
    ("limits", "conversation"): Kind.NUMBER,
    ("ui", "theme"): Kind.TEXT,
    ("ui", "mouse"): Kind.FLAG,
    ("ui", "favourites"): Kind.TOML,
}

DEFAULTS: Final[dict[KeyPath, str]] = {
    ("auth", "env_keys"): "ignore",
    ("auth", "key_source"): "auto",
    ("auth", "laptop"): "fallback",
    ("auth", "strict_renewal"): "false",
    ("models", "refresh"): "true",
    ("limits", "notice"): "0.05",
    ("ui", "mouse"): "true",
}

PRESET_KEYS: Final = {"model", "label", "provider", "tagline", "family", "level", "aliases"}

_FLAGS: Final = {"true": True, "false": False}
_TOML_KEYS: Final = {"scopes", "redirect_ports", "authorize_params", "imported", "aliases", KEY_COMMAND}
_DEPTH: Final = 3
"""Of `providers.claude.scopes` and `presets.NAME.model`."""


def split(key: str) -> KeyPath:
    """The parts of *key*, as TOML writes it: `presets."gpt-5.1".label`.

    Raises:
        UnknownName: It is no key.
    """
    try:
        tree: Any = tomllib.loads(f"{key} = 0") if "\n" not in key else {}
    except tomllib.TOMLDecodeError:
        raise _unknown(key) from None
    parts: list[str] = []
    while isinstance(tree, dict) and len(tree) == 1:
        ((part, tree),) = tree.items()
        parts.append(part)
    if tree != 0:
        raise _unknown(key)
    return tuple(parts)


def kind_of(path: KeyPath) -> Kind:
    """What the key at *path* takes.

    Raises:
        UnknownName: There is no such key.
    """
    if path in _FIXED:
        return _FIXED[path]
    table, name = path[0], path[-1]
    if len(path) == _DEPTH and _is_known(table, path[1], name):
        if name == "client_secret":
            return Kind.SECRET
        return Kind.TOML if name in _TOML_KEYS else Kind.TEXT
    raise _unknown(".".join(path))


def parsed(path: KeyPath, value: str) -> Any:
    """*value* as the file has it.

    Raises:
        UnknownName: There is no such key.
        UsageError: It takes a list, a table, true or false, and that is none.
    """
    kind, name = kind_of(path), ".".join(path)
    if kind is Kind.FLAG:
        if value not in _FLAGS:
            raise _wrong(f'{name} takes true or false, not "{value}". Nothing was changed.')
        return _FLAGS[value]
    if kind is Kind.NUMBER:
        if not re.fullmatch(r"\d{1,9}(\.\d{1,9})?", value, re.ASCII):
            raise _wrong(f'{name} takes dollars as a number, such as 5 or 0.50, not "{value}". Nothing was changed.')
        return float(value) if "." in value else int(value)
    if kind is not Kind.TOML:
        return value
    try:
        return tomllib.loads(f"value = {value}")["value"]
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        raise _wrong(f'{name} takes a list or a table as TOML writes it, such as ["a", "b"].') from None


def known_names() -> tuple[str, ...]:
    """All keys, with NAME for what a person chooses."""
    fixed = [".".join(path) for path in _FIXED]
    providers = [f"providers.{provider}.{name}" for provider in Provider for name in (*CHECKS, KEY_COMMAND)]
    return (*fixed, *providers, *(f"presets.NAME.{name}" for name in sorted(PRESET_KEYS)))


def strange(tree: dict[str, Any]) -> tuple[str, ...]:
    """A sentence on each key of *tree* that this program does not read, other than a provider's: its profile tells."""
    tables = {path[0] for path in _FIXED if len(path) > 1}
    known = {path[0] for path in _FIXED} | {"providers", "presets", USING, PREFERRED}
    top = [name for name in tree if name not in known]
    below = [
        f"{table}.{name}"
        for table in sorted(tables - {"ui"})
        if isinstance(tree.get(table), dict)
        for name in tree[table]
        if (table, name) not in _FIXED
    ]
    return tuple(f"{name} is not a setting of this version{_meant(name)}" for name in (*top, *below))


def _is_known(table: str, owner: str, name: str) -> bool:
    if table == "providers":
        return owner in set(Provider) and name in (*CHECKS, KEY_COMMAND)
    return table == "presets" and name in PRESET_KEYS


def _meant(name: str) -> str:
    meant = nearest(name, known_names())
    return f"; did you mean {meant}?" if meant else ""


def _wrong(sentence: str) -> UsageError:
    return UsageError(sentence, code="wrong_setting")


def _unknown(name: str) -> UnknownName:
    return UnknownName("unknown_setting", name, suggestion=nearest(name, known_names()))
