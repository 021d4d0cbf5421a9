"""Changing a few values of a TOML text and nothing else in it.

tomlkit replaces and removes values in place. New lines are put in here, since tomlkit would put them between a
comment and the table that it is about. Either way the outcome is parsed by an independent parser and compared.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, Final

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Item

Key = tuple[str, ...]
"""`("model",)`, `("auth", "env_keys")` or `("providers", "claude", "scopes")`."""

Value = str | bool | int | float | list[Any] | dict[str, Any]
"""What a key can be set to."""

_LEADING: Final = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\r?\n)*")
"""Comments and empty lines; before the first value they cannot be part of a multi-line text."""
_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_UP_TO_LAST_BLANK: Final = re.compile(r"(?s)(?:.*\n)?[ \t]*\r?\n")


class EditRefused(Exception):
    """The text cannot be changed without changing something else in it."""


class TomlText:
    """A TOML text that can be edited again and again without being parsed again."""

    def __init__(self, text: str) -> None:
        """Raises EditRefused where tomlkit does not give *text* back as it is."""
        self.text = text
        self._tree = tomllib.loads(text)
        self._document = _parsed(text)
        self._newline = "\r\n" if text.find("\r\n") == text.find("\n") - 1 >= 0 else "\n"

    def edit(self, values: Mapping[Key, Value], drop: tuple[str, ...] = ()) -> None:
        """Set *values* and remove the top-level keys *drop*.

        Raises:
            EditRefused: The outcome would say something else, too; this object is of no more use then.
        """
        try:
            expected = changed(self._tree, values, drop)
            remarks = [remark for key in drop if (remark := self._remove(key))]
            self._set(values, remarks)
            text = tomlkit.dumps(self._document)
        except (TOMLKitError, LookupError, TypeError, ValueError) as error:
            raise EditRefused(_kind(error)) from error
        if not _says(text, expected):
            raise EditRefused("something else would change with it")
        self.text, self._tree = text, expected

    def _remove(self, key: str) -> str:
        """Take the key out; returns the remark behind its value, for the line that takes its place."""
        item = self._document.item(key)
        self._document.remove(key)
        return item.trivia.comment if isinstance(item, Item) else ""

    def _set(self, values: Mapping[Key, Value], remarks: list[str]) -> None:
        new: list[str] = []
        for key, value in values.items():
            holder = _holder(self._document, key)
            if holder is not None and key[-1] in holder:
                holder[key[-1]] = _inline(value)
            elif len(key) == 1:
                new.append(self._line(key[0], value, remarks.pop(0) if remarks else ""))
            else:
                self._insert_in_table(key, value)
        if new:
            self._document = _parsed(self._with_lines("".join(new)))

    def _with_lines(self, lines: str) -> str:
        """The text with new lines near its top, where no table has begun."""
        text = tomlkit.dumps(self._document)
        leading = _LEADING.match(text)
        start = leading.end() if leading else 0
        if start < len(text):  # behind a heading that an empty line sets apart, never between a remark and its subject
            blank = _UP_TO_LAST_BLANK.match(text, 0, start)
            start = blank.end() if blank else 0
        gap = self._newline if text[start:].lstrip(" \t").startswith(("[", "#")) else ""
        return f"{text[:start]}{lines}{gap}{text[start:]}"

    def _insert_in_table(self, key: Key, value: Value) -> None:
        before = tomlkit.dumps(self._document)
        expected = changed(tomllib.loads(before), {key: value})
        for text in self._with_line_in_table(before, key, value):
            if _says(text, expected):
                self._document = _parsed(text)
                return
        holder = _holder(self._document, key)  # an inline table, or one that is written with dotted keys
        if holder is None:
            raise EditRefused("its table cannot be told")
        holder[key[-1]] = _inline(value)

    def _with_line_in_table(self, text: str, key: Key, value: Value) -> Iterator[str]:
        """The text with a line below what looks like the table's header, or with a new table at its end."""
        line = self._line(key[-1], value, "")
        table = [_key(part) for part in key[:-1]]
        spellings = (rf"(?:{re.escape(_key(part))}|{re.escape(_quoted(part))})" for part in key[:-1])
        name = r"[ \t]*\.[ \t]*".join(spellings)
        header = rf"(?m)^[ \t]*\[[ \t]*{name}[ \t]*\][ \t]*(?:#[^\n]*?)?\r?(?:\n|\Z)"
        for match in re.finditer(header, text):
            gap = "" if match[0].endswith("\n") else self._newline
            yield f"{text[: match.end()]}{gap}{line}{text[match.end() :]}"
        gap = "" if not text or text.endswith("\n") else self._newline
        yield f"{text}{gap}{self._newline if text else ''}[{'.'.join(table)}]{self._newline}{line}"

    def _line(self, key: str, value: Value, remark: str) -> str:
        return f"{_key(key)} = {_inline(value).as_string()}{f'  {remark}' if remark else ''}{self._newline}"


def _holder(document: Any, key: Key) -> Any:
    """The table that *key* is in; None where there is none."""
    for part in key[:-1]:
        document = document.get(part) if isinstance(document, Mapping) else None
    return document


def _inline(value: Value) -> Item:
    """*value* as it stands on one line."""
    if isinstance(value, dict):
        table = tomlkit.inline_table()
        table.update(value)
        return table
    return tomlkit.string(value) if isinstance(value, str) else tomlkit.item(value)


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _quoted(name)


def _quoted(name: str) -> str:
    return tomlkit.string(name).as_string()


def _kind(error: Exception) -> str:
    """What tomlkit did not like, by kind and line: its texts may quote a value, and secrets are among the values."""
    line = getattr(error, "line", None)
    return f"{type(error).__name__}{f' in line {line}' if isinstance(line, int) else ''}"


def _parsed(text: str) -> tomlkit.TOMLDocument:
    try:
        document = tomlkit.parse(text)
    except (TOMLKitError, ValueError, RecursionError) as error:
        raise EditRefused(_kind(error)) from error
    if tomlkit.dumps(document) != text:
        raise EditRefused("it would not be given back as it is")
    return document


def changed(tree: Mapping[str, Any], values: Mapping[Key, Value], drop: tuple[str, ...] = ()) -> dict[str, Any]:
    """*tree* with *values* and without the top-level keys *drop*. Raises TypeError or ValueError where it cannot be."""
    outcome = {key: value for key, value in tree.items() if key not in drop}
    for key, value in values.items():
        _put(outcome, key, value)
    return outcome


def _put(table: dict[str, Any], key: Key, value: Value) -> None:
    """Set *key* below *table*; tables on the way are copied, since the earlier tree is still needed."""
    if len(key) == 1:
        table[key[0]] = value
        return
    below = dict(table.get(key[0], {}))
    _put(below, key[1:], value)
    table[key[0]] = below


def _says(text: str, expected: Mapping[str, Any]) -> bool:
    try:
        return bool(_comparable(tomllib.loads(text)) == _comparable(expected))
    except tomllib.TOMLDecodeError:
        return False


def _comparable(value: Any) -> Any:
    """Equal for equal values: 1 is not 1.0 and not true, and a NaN is itself."""
    if isinstance(value, dict):
        return {key: _comparable(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_comparable(member) for member in value]
    return repr(value)
