"""The config file key by key: what `keyswitch config` does with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

from adapters.config.earlier_keys import earlier_choice
from adapters.config.known_keys import DEFAULTS, Kind, kind_of, parsed, split, strange
from adapters.config.settings_reader import ProviderOf, limits, provider_sections, read_settings
from adapters.config.toml_config import TomlConfig
from adapters.config.value_checks import Section
from adapters.providers.profile import load_profile
from application.ports.config_editor import Remark
from domain.catalogue import Catalogue, merged, provider_of
from domain.errors import ConfigError, UnknownName, UsageError
from domain.text.secret import Secret
from domain.text.vendor_secrets import masked

_HIDDEN: Final = str(Secret(""))


class TomlConfigEditor:
    """The port's `ConfigEditor` over the file that *config* is about."""

    def __init__(self, *, config: TomlConfig, catalogue: Catalogue, owner: ProviderOf = provider_of) -> None:
        self._config = config
        self._catalogue = catalogue
        self._owner = owner

    def get(self, key: str) -> str | None:
        """What it says, or its default. Raises as the port says."""
        path = split(key)
        kind = kind_of(path)
        value: Any = self._config.top().values
        for part in path:
            value = value.get(part) if isinstance(value, Mapping) else None
        if value is None:
            return DEFAULTS.get(path)
        return _HIDDEN if kind is Kind.SECRET else _shown(value)

    def entries(self) -> tuple[tuple[str, str], ...]:
        """Everything that is set. Raises as the port says."""
        return tuple(_flat(self._config.top()))

    def takes_secret(self, key: str) -> bool:
        """Whether it is an OAuth client's secret. Raises as the port says."""
        return kind_of(split(key)) is Kind.SECRET

    def set(self, key: str, value: str | Secret) -> None:
        """Check and write. Raises as the port says."""
        path = split(key)
        if kind_of(path) is Kind.COMMAND:
            sentence = f"{key} goes together with others, and is not set alone. Nothing was changed."
            raise UsageError(sentence, code="set_by_command", command="keyswitch use MODEL")
        before = frozenset(self._problems(self._config.top()))  # which is no fault of the value
        text = value.reveal() if isinstance(value, Secret) else value
        self._config.set(path, parsed(path, text), partial(self._refuse_nonsense, before))

    def remarks(self) -> tuple[Remark, ...]:
        """Each part of the file is read on its own, so that one problem hides no other."""
        try:
            top = self._config.top()
        except ConfigError as error:
            return (Remark(error.problem, is_problem=True),)
        problems: dict[str, None] = {}
        notes: dict[str, None] = {}
        for read in self._readings(top):
            try:
                notes |= dict.fromkeys(read())
            except ConfigError as error:
                problems[error.problem] = None
        with suppress(ConfigError):
            notes |= dict.fromkeys(self._config.read().notices)
        notes |= dict.fromkeys(strange(dict(top.values)))
        notes = {note: None for note in notes if not any(problem in note for problem in problems)}
        found = [Remark(sentence, is_problem=True) for sentence in problems]
        return (*found, *(Remark(sentence, is_problem=False) for sentence in notes))

    def _refuse_nonsense(self, before: frozenset[str], top: Section) -> None:
        """Pass where *top* has no problem that was not there *before*."""
        for problem in self._problems(top):
            if problem not in before:
                stop = "" if problem.endswith(("?", ".")) else "."
                raise UsageError(f"{problem}{stop} Nothing was changed.", code="wrong_setting")

    def _problems(self, top: Section) -> Iterator[str]:
        for read in self._readings(top):
            try:
                read()
            except ConfigError as error:
                yield error.problem

    def _readings(self, top: Section) -> Iterator[Callable[[], tuple[str, ...]]]:
        """Ways to read a part of the file; each gives what is worth a look, or raises ConfigError."""
        for name in ("model", "active_auth_provider", "auth", "ui"):
            yield partial(self._settings, _only(top, name))
        yield lambda: self._limits(top)
        yield lambda: earlier_choice(top).notices
        for table, read in (("presets", self._settings), ("providers", self._provider)):
            values = top.values.get(table)
            if isinstance(values, dict):
                for name in values:
                    yield partial(read, Section(top.path, {table: {name: values[name]}}))
            else:
                yield partial(self._settings, _only(top, table))
        yield partial(self._model, top)

    def _settings(self, part: Section) -> tuple[str, ...]:
        read_settings(part, self._owner)
        return ()

    def _limits(self, top: Section) -> tuple[str, ...]:
        limits(top)
        return ()

    def _provider(self, part: Section) -> tuple[str, ...]:
        folder = Path(part.path).parent
        self._settings(part)
        profiles = (load_profile(name, found.values, folder=folder) for name, found in provider_sections(part).items())
        return tuple(notice for profile in profiles for notice in profile.notices)

    def _model(self, top: Section) -> tuple[str, ...]:
        """Whether the selected model exists, as far as the rest can be read."""
        settings = read_settings(top, self._owner)
        if settings.model is None:
            return ()
        try:
            merged(self._catalogue, settings.presets).resolve(settings.model)
        except UnknownName as error:
            raise top.problem(f"model: {error}") from None
        return ()


def _only(top: Section, name: str) -> Section:
    return Section(top.path, {name: top.values[name]} if name in top else {})


def _flat(section: Section) -> Iterator[tuple[str, str]]:
    for name, value in section.values.items():
        if isinstance(value, dict):
            yield from _flat(Section(section.path, value, section.dotted(name)))
        else:
            hidden = name.endswith("secret")
            yield section.dotted(name), _HIDDEN if hidden else _shown(value)


def _shown(value: Any) -> str:
    """*value* as the file has it, but for what looks like a key: that is nothing to print, wherever it was put."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(_toml(item) for item in value)}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{name} = {_toml(item)}' for name, item in value.items())} }}"
    return str(value)


def _toml(value: Any) -> str:
    import json

    return json.dumps(masked(value), ensure_ascii=False) if isinstance(value, str) else _shown(value)
