"""One version of the config file, parsed and checked at most once, and only as far as somebody asks."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from adapters.config.settings_reader import ProviderOf, Reading, provider_sections, read_settings
from adapters.config.value_checks import Section
from domain.records import replace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from adapters.config.config_file import ConfigFile, Content
    from application.settings import Settings
    from domain.model import Preset

BOM: Final = b"\xef\xbb\xbf"


class FileVersion:
    """What *file* held when *content* was read from it; None where there was no file.

    Each property raises ConfigError where its part makes no sense, and does so again when it is asked again.
    """

    def __init__(self, file: ConfigFile, content: Content | None, owner: ProviderOf) -> None:
        self.content = content
        self._file = file
        self._owner = owner
        self._expected: tuple[bytes, Mapping[str, str]] | None = None
        self._presets: tuple[Preset, ...] | None = None
        """Those of the version before, where nothing but other values is new."""

    def expect(self, raw: bytes, values: Mapping[str, str]) -> None:
        """Note that *raw* is this version with *values* at the top: then little of it has to be read."""
        self._expected = raw, values

    def followed_by(self, content: Content | None) -> FileVersion:
        """The version of *content*."""
        following = FileVersion(self._file, content, self._owner)
        if content is not None and self._expected is not None and self._expected[0] == content.raw:
            values = {**self.top.values, **self._expected[1]}
            following.top = Section(self.top.path, values)
            following._presets = None if self.settings.notices else self.settings.presets
        return following

    @property
    def raw(self) -> bytes:
        """The bytes; none where there was no file."""
        return self.content.raw if self.content else b""

    @cached_property
    def text(self) -> str:
        """The text without its byte order mark."""
        try:
            return self.raw.removeprefix(BOM).decode()
        except UnicodeDecodeError as error:
            line = self.raw.count(b"\n", 0, error.start) + 1
            raise self._file.problem(f"line {line} is not UTF-8") from None

    @cached_property
    def top(self) -> Section:
        """Everything in the file, unchecked."""
        return Section(str(self._file.path), self._tree() if self.content else {})

    @cached_property
    def settings(self) -> Settings:
        """The settings. What makes no sense counts as absent, and is named in their notices."""
        settings = read_settings(self.top, self._owner, lenient=True, presets=self._presets)
        notices = (*settings.notices, *self._in_others_hands())
        if settings.key_commands and (who := self._who_can_write()):
            refused = (f"providers.{one.provider}.key_command is not run: {who}" for one in settings.key_commands)
            settings, notices = replace(settings, key_commands=()), (*notices, *refused)
        return replace(settings, notices=notices)

    @cached_property
    def provider_tables(self) -> Mapping[str, Mapping[str, object]]:
        """The tables below `providers`, by the providers' names; what is in them is not checked."""
        sections = provider_sections(self.top, Reading(lenient=True))
        return {provider.value: section.values for provider, section in sections.items()}

    def _tree(self) -> dict[str, Any]:
        import tomllib

        try:
            return tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            raise self._file.problem(f"it is no TOML: {error}") from None
        except RecursionError:
            raise self._file.problem("it is nested too deeply") from None
        except ValueError:
            raise self._file.problem("a number in it is too long") from None

    def _who_can_write(self) -> str:
        """Who else could say what is run, and how to end that; "" where nobody could."""
        content, path = self.content, self._file.path
        if content is not None and content.foreign:
            return f"{path} belongs to another user: sudo chown {os.geteuid()} {path}"
        if content is not None and content.writable_by_others:
            return f"others can write {path}: chmod go-w {path}"
        if content is not None and content.open_folder:
            folder = content.open_folder
            return f"others can put another file in the place of {path}: chmod go-w {folder}"
        return ""

    def _in_others_hands(self) -> Iterator[str]:
        """What to say where somebody else may change which hosts are asked."""
        path = self._file.path
        if self.content is not None and self.content.foreign:
            yield f"{path} belongs to another user, who can change it: sudo chown {os.geteuid()} {path}"
        elif self.content is not None and self.content.writable_by_others:
            yield f"{path} can be changed by other users of this machine: chmod go-w {path}"
