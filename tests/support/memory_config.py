from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace

from application.settings import KeyPreference, Looks, Settings
from domain.auth_mode import AuthMode
from domain.errors import ConfigError
from domain.spending.limits import Limits


class MemoryConfig:
    """A config file that is only remembered; `fail_with` makes the next calls fail as a real one would."""

    def __init__(self, *, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.spending = Limits()
        self.fail_with: ConfigError | None = None
        self._writes = 0

    def read(self) -> Settings:
        self._fail_if_told()
        return self.settings

    def limits(self) -> Limits:
        self._fail_if_told()
        return self.spending

    def select(self, preset: str, mode: AuthMode) -> None:
        """Remember both of them."""
        self._fail_if_told()
        self._change(replace(self.settings, model=preset, active_auth_provider=mode))

    def set_claude_profile(self, name: str) -> None:
        """Remember the borrowed profile."""
        self._fail_if_told()
        self._change(replace(self.settings, claude_profile=name or None))

    def set_key_source(self, source: KeyPreference) -> None:
        self._fail_if_told()
        self._change(replace(self.settings, key_source=source))

    def set_looks(self, looks: Looks) -> None:
        self._fail_if_told()
        if looks != self.settings.ui:
            self._change(replace(self.settings, ui=looks))

    def stamp(self) -> Hashable:
        """Changes with every write."""
        return self._writes

    def _change(self, settings: Settings) -> None:
        self.settings = settings
        self._writes += 1

    def _fail_if_told(self) -> None:
        if self.fail_with is not None:
            raise self.fail_with
