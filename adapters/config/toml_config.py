"""The config file as the use cases know it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from adapters.config.config_file import ConfigFile
from adapters.config.earlier_keys import CURRENT, EarlierChoice, earlier_choice, reconciled
from adapters.config.file_version import BOM, FileVersion
from adapters.config.settings_reader import ProviderOf, Reading, key_source, limits, owner_lookup
from adapters.config.toml_head import with_values
from adapters.config.value_checks import Section
from application.settings import EnvKeys, KeyPreference, Looks, Settings
from domain.auth_mode import AuthMode
from domain.catalogue import provider_of
from domain.provider import FIRST, Provider
from domain.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping
    from pathlib import Path

    from adapters.config.toml_edit import Key, TomlText, Value
    from domain.spending.limits import Limits

NAME: Final = "config.toml"


@dataclass(frozen=True, slots=True)
class _Editable:
    """A file that was read, checked and parsed for editing; good for as long as the file holds the same bytes."""

    raw: bytes
    text: TomlText


class TomlConfig:
    """`config.toml` in the home folder; shared by all processes of that home.

    *owner* tells which provider a model belongs to; by default the prefix of its id does.

    The file is read for each question, and parsed and checked only where its bytes or its permissions are new. Its
    stamp would not do: an edit within one tick of the file system's clock leaves it as it was.
    """

    def __init__(self, *, home: Path, owner: ProviderOf = provider_of) -> None:
        self._file = ConfigFile(path=home / NAME)
        self._owner = owner
        self._version: FileVersion | None = None
        self._editable: _Editable | None = None

    def read(self) -> Settings:
        """What the file says; old keys are understood and left in it, what makes no sense is named and left in it."""
        return self._now().settings

    def provider_tables(self) -> Mapping[str, Mapping[str, object]]:
        """The tables below `providers`, by the providers' names; what is in them is not checked.

        It is the same object for as long as the file is the same.

        Raises:
            ConfigError: The file cannot be read, or holds two tables for one provider.
        """
        return self._now().provider_tables

    def key_source(self) -> KeyPreference:
        """Where a new master key goes. No other place stands in for one that this version does not know.

        Raises:
            ConfigError: The file cannot be read, or names no known place.
        """
        return key_source(self.top())

    def limits(self) -> Limits:
        """What may be spent.

        Raises:
            ConfigError: The file cannot be read, or an amount in it makes no sense; no other stands in for it.
        """
        return limits(self.top())

    def select(self, preset: str, mode: AuthMode) -> None:
        """Write model and sign-in durably, in one step."""
        values = {"model": preset, CURRENT: mode.value}
        with self._file.locked():
            version = self._now()
            version.settings  # noqa: B018 - it raises where the file makes no sense
            text = with_values(version.text, values)
            if text is None:
                self._replace(version, {(key,): value for key, value in values.items()}, ())
            elif text != version.text:
                raw = _mark(version) + text.encode()
                self._file.replace(raw, version.content)
                version.expect(raw, values)

    def set_claude_profile(self, name: str) -> None:
        """Write *name* as `auth.claude_profile`."""
        self._write({("auth", "claude_profile"): name})

    def set_key_source(self, source: KeyPreference) -> None:
        """Write *source* as `auth.key_source`."""
        self._write({("auth", "key_source"): source.value})

    def set_looks(self, looks: Looks) -> None:
        """Write what of *looks* is new."""
        before, after = _looks(self.read().ui), _looks(looks)
        if new := {key: value for key, value in after.items() if value != before[key]}:
            self._write(new)

    def top(self) -> Section:
        """What the file holds, unchecked.

        Raises:
            ConfigError: It cannot be read, or is no TOML.
        """
        return self._now().top

    def set(self, key: Key, value: Value, check: Callable[[Section], None]) -> None:
        """Write one value, if *check* has nothing against the outcome: it raises what it has.

        Raises:
            ConfigError: As for `read` and `select`.
        """
        from adapters.config.toml_edit import changed

        with self._file.locked():
            version = self._now()
            self._opened(version)
            outcome = Section(version.top.path, changed(version.top.values, {key: value}))
            check(outcome)
            self._replace(version, {key: value}, ())

    def stamp(self) -> Hashable:
        """Changes whenever the file may have changed."""
        return self._file.stamp()

    def migrate(self, env_key_present: Callable[[Provider], bool]) -> tuple[str, ...]:
        """Replace old keys in the file by what they mean now, and say so; nothing where there are none.

        *env_key_present* tells whether an API key for a provider lies in the environment and nowhere else: somebody
        who used that one goes on using it.

        Raises:
            ConfigError: As for `read` and `select`.
        """
        if not _earlier_choice(self.top()).keys:
            return ()
        with self._file.locked():
            version = self._now()
            old = _earlier_choice(version.top)
            if not old.keys:
                return ()
            values, sentences = self._migration(version, old, env_key_present)
            self._replace(version, values, old.keys)
            return sentences

    def _migration(
        self, version: FileVersion, old: EarlierChoice, env_key_present: Callable[[Provider], bool]
    ) -> tuple[dict[Key, str], tuple[str, ...]]:
        went = " and ".join(old.keys)
        if old.mode is None:
            return {}, (f"{went} went from the config: {CURRENT} is set and counts.", *old.notices)
        settings = version.settings
        lookup = owner_lookup(settings.presets, self._owner)
        mode, notice = reconciled(old.mode, settings.model, lookup)
        values: dict[Key, str] = {(CURRENT,): (mode or old.mode).value}
        sentences = [f'The config now has {CURRENT} = "{values[(CURRENT,)]}" in place of {went}.', *old.notices]
        if notice:
            sentences.append(notice)
        provider = (lookup(settings.model) if settings.model else None) or FIRST
        if mode is AuthMode.APIKEY and "env_keys" not in version.top.section("auth") and env_key_present(provider):
            values["auth", "env_keys"] = EnvKeys.FALLBACK.value
            sentences.append(
                f"Your {provider.label} API key is in the environment alone, so the config now allows that: "
                f'auth.env_keys = "{EnvKeys.FALLBACK}".'
            )
        return values, tuple(sentences)

    def _now(self) -> FileVersion:
        """The version that the file holds now."""
        content, known = self._file.read(), self._version
        if known is None or known.content != content:
            following = known.followed_by(content) if known else FileVersion(self._file, content, self._owner)
            known = self._version = following
        return known

    def _write(self, values: Mapping[Key, Value]) -> None:
        with self._file.locked():
            self._replace(self._now(), values, ())

    def _replace(self, version: FileVersion, values: Mapping[Key, Value], drop: tuple[str, ...]) -> None:
        """Edit *version*, which the file holds now, and put the outcome in its place. Call it with the lock held."""
        from adapters.config.toml_edit import EditRefused

        editable = self._opened(version)
        self._editable = None  # until the outcome is in the file
        try:
            editable.text.edit(values, drop)
        except EditRefused as error:
            wanted = ", ".join(f'{".".join(key)} = "{value}"' for key, value in values.items())
            raise self._file.problem(f"it cannot be edited safely ({error}); write {wanted} by hand") from error
        raw = _mark(version) + editable.text.text.encode()
        if version.content is None or raw != version.raw:
            self._file.replace(raw, version.content)
        self._editable = _Editable(raw, editable.text)

    def _opened(self, version: FileVersion) -> _Editable:
        """*version*, parsed for editing; one that makes no sense is not edited."""
        from adapters.config.toml_edit import EditRefused, TomlText

        if self._editable is not None and self._editable.raw == version.raw:
            return self._editable
        version.settings  # noqa: B018 - it raises where the file makes no sense
        try:
            self._editable = _Editable(version.raw, TomlText(version.text))
        except EditRefused as error:
            raise self._file.problem(f"it cannot be edited safely ({error})") from error
        return self._editable


def _mark(version: FileVersion) -> bytes:
    return BOM if version.raw.startswith(BOM) else b""


def _looks(looks: Looks) -> dict[Key, Value]:
    return {("ui", "theme"): looks.theme, ("ui", "mouse"): looks.mouse, ("ui", "favourites"): list(looks.favourites)}


def _earlier_choice(top: Section) -> EarlierChoice:
    """What the old keys mean; where one of them makes no sense, none goes from the file."""
    return Reading(lenient=True).take(lambda: earlier_choice(top), EarlierChoice())
