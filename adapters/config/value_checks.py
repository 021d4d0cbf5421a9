"""Values of a config file, checked one by one, with errors that name the key, what is expected and what was found."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeVar

from domain.errors import ConfigError
from domain.records import dataclass
from domain.text.suggestion import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from decimal import Decimal

_BARE_KEY: Final = r"[A-Za-z0-9_-]+"
_LONGEST_SHOWN: Final = 60
_LONGEST_NUMBER: Final = 10**20
_MOST_DOLLARS: Final = 1_000_000
_KINDS: Final[tuple[tuple[type, str], ...]] = ((list, "a list"), (dict, "a table"), (type(None), "nothing"))

Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Section:
    """A table of the file. Each reader gives None or something empty where the key is absent."""

    path: str
    """Of the file, for errors."""
    values: Mapping[str, object]
    name: str = ""
    """Dotted, as TOML writes it; empty for the top of the file."""

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def text(self, key: str) -> str | None:
        """One line of text, not blank.

        Raises:
            ConfigError: Something else.
        """
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip() or not value.isprintable():
            raise self.wrong(key, "one line of text in quotes")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts. Raises ConfigError for anything else."""
        value = self.values.get(key, [])
        if not isinstance(value, list):
            raise self.wrong(key, "a list of texts")
        texts = tuple(text for text in value if isinstance(text, str) and text.strip() and text.isprintable())
        if len(texts) != len(value):
            raise self.wrong(key, "a list of texts")
        return texts

    def flag(self, key: str) -> bool | None:
        """True or false. Raises ConfigError for anything else."""
        value = self.values.get(key)
        if value is not None and not isinstance(value, bool):
            raise self.wrong(key, "true or false")
        return value

    def dollars(self, key: str) -> Decimal | None:
        """An amount of money, not below zero. Raises ConfigError for anything else."""
        from decimal import Decimal

        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _MOST_DOLLARS:
            raise self.wrong(key, "dollars as a number, such as 5 or 0.50")
        return Decimal(str(value))

    def choice(self, key: str, known: type[Choice]) -> Choice | None:
        """A member of *known*, by its value; case is ignored. Raises ConfigError for anything else."""
        value = self.values.get(key)
        if value is None:
            return None
        names = [member.value for member in known]
        if isinstance(value, str) and value.strip().casefold() in names:
            return known(value.strip().casefold())
        raise self.wrong(key, one_of(names), suggestion=nearest(value, names) if isinstance(value, str) else None)

    def section(self, key: str) -> Section:
        """The table below *key*. Raises ConfigError where something else is there."""
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self.wrong(key, "a table")
        return Section(self.path, value, self.dotted(key))

    def sections(self) -> Iterator[tuple[str, Section]]:
        """The tables in this one, by their keys. Raises ConfigError where something else is among them."""
        for key in self.values:
            yield key, self.section(key)

    def dotted(self, key: str) -> str:
        """*key* as one would write it at the top of the file."""
        written = key if re.fullmatch(_BARE_KEY, key) else _quoted(key)
        return f"{self.name}.{written}" if self.name else written

    def wrong(self, key: str, expected: str, *, suggestion: str | None = None) -> ConfigError:
        """An error about the value of *key*."""
        hint = f'; did you mean "{suggestion}"?' if suggestion else ""
        return self.problem(f"{self.dotted(key)}: expected {expected}, found {shown(self.values.get(key))}{hint}")

    def problem(self, sentence: str) -> ConfigError:
        """An error about this file."""
        return ConfigError(self.path, sentence.rstrip("."))


def one_of(names: list[str]) -> str:
    """`"a", "b" or "c"`."""
    quoted = [f'"{name}"' for name in names]
    return " or ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)


def shown(value: object) -> str:
    """*value* for a person: its kind and, where that is short and harmless, itself."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f"the text {_quoted(value)}"
        case int() | float():
            return f"the number {value}" if abs(value) < _LONGEST_NUMBER else "a number with many digits"
        case _:
            return next((words for kind, words in _KINDS if isinstance(value, kind)), "a date or time")


def _quoted(text: str) -> str:
    """In quotes, cut, with everything escaped that a terminal would not just print."""
    from domain.text.vendor_secrets import masked  # here: hardly a config has a value that makes no sense

    escaped = "".join(
        char if char.isprintable() and char not in '"\\' else _escape(char) for char in _cut(masked(text))
    )
    return f'"{escaped}"'


def _escape(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    return char.encode("unicode_escape").decode("ascii")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"
