"""The config file as the use cases know it."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from adapters.config.config_file import ConfigFile, Content
from adapters.config.earlier_keys import CURRENT, EarlierChoice, earlier_choice, reconciled
from adapters.config.settings_reader import (
    ProviderOf,
    Reading,
    key_source,
    owner_lookup,
    provider_sections,
    read_settings,
)
from adapters.config.value_checks import Section
from application.settings import EnvKeys, KeyPreference, Settings
from domain.auth_mode import AuthMode
from domain.catalogue import provider_of
from domain.provider import Provider

if TYPE_CHECKING:
    from adapters.config.toml_edit import Key, TomlText, Value

NAME: Final = "config.toml"
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class _Editable:
    """A file that was read, checked and parsed for editing; good for as long as the file holds the same bytes."""

    raw: bytes
    text: TomlText


class TomlConfig:
    """`config.toml` in the home folder; shared by all processes of that home.

    *owner* tells which provider a model belongs to; by default the prefix of its id does.
    """

    def __init__(self, *, home: Path, owner: ProviderOf = provider_of) -> None:
        self._file = ConfigFile(path=home / NAME)
        self._owner = owner
        self._editable: _Editable | None = None

    def read(self) -> Settings:
        """What the file says; old keys are understood and left in it, what makes no sense is named and left in it."""
        content = self._file.read()
        settings = read_settings(self._top(content), self._owner, lenient=True)
        return replace(settings, notices=(*settings.notices, *self._in_others_hands(content)))

    def _in_others_hands(self, content: Content | None) -> Iterator[str]:
        """What to say where somebody else may change which hosts are asked."""
        path = self._file.path
        if content is not None and content.foreign:
            yield f"{path} belongs to another user, who can change it: sudo chown {os.geteuid()} {path}"
        elif content is not None and content.writable_by_others:
            yield f"{path} can be changed by other users of this machine: chmod go-w {path}"

    def provider_tables(self) -> dict[str, dict[str, object]]:
        """The tables below `providers`, by the providers' names; what is in them is not checked.

        Raises:
            ConfigError: The file cannot be read, or holds two tables for one provider.
        """
        sections = provider_sections(self._top(self._file.read()), Reading(lenient=True))
        return {provider.value: dict(section.values) for provider, section in sections.items()}

    def key_source(self) -> KeyPreference:
        """Where a new master key goes. No other place stands in for one that this version does not know.

        Raises:
            ConfigError: The file cannot be read, or names no known place.
        """
        return key_source(self.top())

    def select(self, preset: str, mode: AuthMode) -> None:
        """Write model and sign-in durably, in one step."""
        self._write({("model",): preset, (CURRENT,): mode.value})

    def set_env_keys(self, policy: EnvKeys) -> None:
        """Write `auth.env_keys`."""
        self._write({("auth", "env_keys"): policy.value})

    def set_claude_profile(self, name: str) -> None:
        """Write `auth.claude_profile`."""
        self._write({("auth", "claude_profile"): name})

    def set_key_source(self, source: KeyPreference) -> None:
        """Write `auth.key_source`."""
        self._write({("auth", "key_source"): source.value})

    def top(self) -> Section:
        """What the file holds, unchecked.

        Raises:
            ConfigError: It cannot be read, or is no TOML.
        """
        return self._top(self._file.read())

    def set(self, key: Key, value: Value, check: Callable[[Section], None]) -> None:
        """Write one value, if *check* has nothing against the outcome: it raises what it has.

        Raises:
            ConfigError: As for `read` and `select`.
        """
        from adapters.config.toml_edit import changed

        with self._file.locked():
            content = self._file.read()
            self._opened(content)
            top = self._top(content)
            outcome = Section(top.path, changed(top.values, {key: value}))
            check(outcome)
            self._replace(content, {key: value}, ())

    def stamp(self) -> Hashable:
        """Changes whenever the file may have changed."""
        return self._file.stamp()

    def prepare(self) -> None:
        """Parse the file for editing now, so that the first write need not; call it where nobody waits.

        Raises:
            ConfigError: As `read` does.
        """
        with self._file.locked():
            self._opened(self._file.read())

    def migrate(self, env_key_present: Callable[[Provider], bool]) -> tuple[str, ...]:
        """Replace old keys in the file by what they mean now, and say so; nothing where there are none.

        *env_key_present* tells whether an API key for a provider lies in the environment and nowhere else: somebody
        who used that one goes on using it.

        Raises:
            ConfigError: As for `read` and `select`.
        """
        if not _earlier_choice(self._top(self._file.read())).keys:
            return ()
        with self._file.locked():
            content = self._file.read()
            top = self._top(content)
            old = _earlier_choice(top)
            if not old.keys:
                return ()
            values, sentences = self._migration(top, old, env_key_present)
            self._replace(content, values, old.keys)
            return sentences

    def _migration(
        self, top: Section, old: EarlierChoice, env_key_present: Callable[[Provider], bool]
    ) -> tuple[dict[Key, str], tuple[str, ...]]:
        went = " and ".join(old.keys)
        if old.mode is None:
            return {}, (f"{went} went from the config: {CURRENT} is set and counts.", *old.notices)
        settings = read_settings(top, self._owner, lenient=True)
        lookup = owner_lookup(settings.presets, self._owner)
        mode, notice = reconciled(old.mode, settings.model, lookup)
        values: dict[Key, str] = {(CURRENT,): (mode or old.mode).value}
        sentences = [f'The config now has {CURRENT} = "{values[(CURRENT,)]}" in place of {went}.', *old.notices]
        if notice:
            sentences.append(notice)
        provider = (lookup(settings.model) if settings.model else None) or Provider.CHATGPT
        if mode is AuthMode.APIKEY and "env_keys" not in top.section("auth") and env_key_present(provider):
            values["auth", "env_keys"] = EnvKeys.FALLBACK.value
            sentences.append(
                f"Your {provider.label} API key is in the environment alone, so the config now allows that: "
                f'auth.env_keys = "{EnvKeys.FALLBACK}".'
            )
        return values, tuple(sentences)

    def _write(self, values: Mapping[Key, Value]) -> None:
        with self._file.locked():
            self._replace(self._file.read(), values, ())

    def _replace(self, content: Content | None, values: Mapping[Key, Value], drop: tuple[str, ...]) -> None:
        """Edit what the file holds now, and put the outcome in its place. Call it with the lock held."""
        from adapters.config.toml_edit import EditRefused

        editable = self._opened(content)
        self._editable = None  # until the outcome is in the file
        try:
            editable.text.edit(values, drop)
        except EditRefused as error:
            wanted = ", ".join(f'{".".join(key)} = "{value}"' for key, value in values.items())
            raise self._file.problem(f"it cannot be edited safely ({error}); write {wanted} by hand") from error
        bom = _BOM if editable.raw.startswith(_BOM) else b""
        raw = bom + editable.text.text.encode()
        if content is None or raw != content.raw:
            self._file.replace(raw, content)
        self._editable = _Editable(raw, editable.text)

    def _opened(self, content: Content | None) -> _Editable:
        from adapters.config.toml_edit import EditRefused, TomlText

        raw = content.raw if content else b""
        if self._editable is not None and self._editable.raw == raw:
            return self._editable
        top = self._top(content)
        read_settings(top, self._owner, lenient=True)
        try:
            self._editable = _Editable(raw, TomlText(self._text(raw)))
        except EditRefused as error:
            raise self._file.problem(f"it cannot be edited safely ({error})") from error
        return self._editable

    def _top(self, content: Content | None) -> Section:
        values = self._tree(self._text(content.raw)) if content else {}
        return Section(str(self._file.path), values)

    def _text(self, raw: bytes) -> str:
        try:
            return raw.removeprefix(_BOM).decode()
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            raise self._file.problem(f"line {line} is not UTF-8") from None

    def _tree(self, text: str) -> dict[str, Any]:
        import tomllib

        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise self._file.problem(f"it is no TOML: {error}") from None
        except RecursionError:
            raise self._file.problem("it is nested too deeply") from None
        except ValueError:
            raise self._file.problem("a number in it is too long") from None


def _earlier_choice(top: Section) -> EarlierChoice:
    """What the old keys mean; where one of them makes no sense, none goes from the file."""
    return Reading(lenient=True).take(lambda: earlier_choice(top), EarlierChoice())
