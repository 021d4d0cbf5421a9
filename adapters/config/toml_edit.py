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
"""`("model",)` or `("auth", "env_keys")`."""

_LEADING: Final = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\r?\n)*")
"""Comments and empty lines; before the first value they cannot be part of a multi-line text."""
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

    def edit(self, values: Mapping[Key, str], drop: tuple[str, ...] = ()) -> None:
        """Set *values* and remove the top-level keys *drop*.

        Raises:
            EditRefused: The outcome would say something else, too; this object is of no more use then.
        """
        try:
            expected = _changed(self._tree, values, drop)
            remarks = [remark for key in drop if (remark := self._remove(key))]
            self._set(values, remarks)
            text = tomlkit.dumps(self._document)
        except (TOMLKitError, LookupError, TypeError, ValueError) as error:
            raise EditRefused(str(error)) from error
        if not _says(text, expected):
            raise EditRefused("something else would change with it")
        self.text, self._tree = text, expected

    def _remove(self, key: str) -> str:
        """Take the key out; returns the remark behind its value, for the line that takes its place."""
        item = self._document.item(key)
        self._document.remove(key)
        return item.trivia.comment if isinstance(item, Item) else ""

    def _set(self, values: Mapping[Key, str], remarks: list[str]) -> None:
        new: list[str] = []
        for key, value in values.items():
            holder: Any = self._document if len(key) == 1 else self._document.get(key[0])
            if holder is not None and key[-1] in holder:
                holder[key[-1]] = value
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

    def _insert_in_table(self, key: Key, value: str) -> None:
        before = tomlkit.dumps(self._document)
        expected = _changed(tomllib.loads(before), {key: value}, ())
        for text in self._with_line_in_table(before, key, value):
            if _says(text, expected):
                self._document = _parsed(text)
                return
        holder: Any = self._document[key[0]]  # an inline table, or one that is written with dotted keys
        holder[key[1]] = value

    def _with_line_in_table(self, text: str, key: Key, value: str) -> Iterator[str]:
        """The text with a line below what looks like the table's header, or with a new table at its end."""
        line = self._line(key[1], value, "")
        header = rf"(?m)^[ \t]*\[[ \t]*{re.escape(key[0])}[ \t]*\][ \t]*(?:#[^\n]*?)?\r?(?:\n|\Z)"
        for match in re.finditer(header, text):
            gap = "" if match[0].endswith("\n") else self._newline
            yield f"{text[: match.end()]}{gap}{line}{text[match.end() :]}"
        gap = "" if not text or text.endswith("\n") else self._newline
        yield f"{text}{gap}{self._newline if text else ''}[{key[0]}]{self._newline}{line}"

    def _line(self, key: str, value: str, remark: str) -> str:
        return f"{key} = {tomlkit.string(value).as_string()}{f'  {remark}' if remark else ''}{self._newline}"


def _parsed(text: str) -> tomlkit.TOMLDocument:
    try:
        document = tomlkit.parse(text)
    except (TOMLKitError, ValueError, RecursionError) as error:
        raise EditRefused(str(error)) from error
    if tomlkit.dumps(document) != text:
        raise EditRefused("it would not be given back as it is")
    return document


def _changed(tree: Mapping[str, Any], values: Mapping[Key, str], drop: tuple[str, ...]) -> dict[str, Any]:
    changed = {key: value for key, value in tree.items() if key not in drop}
    for key, value in values.items():
        if len(key) == 1:
            changed[key[0]] = value
        else:
            changed[key[0]] = {**changed.get(key[0], {}), key[1]: value}
    return changed


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
