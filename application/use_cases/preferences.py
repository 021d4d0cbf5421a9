"""What a person likes on the screen, and what was used last: nothing that a sign-in depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.errors import ConfigError
from domain.event import recent_presets
from domain.records import replace

if TYPE_CHECKING:
    from application.ports.config_store import ConfigStore
    from application.ports.event_log import EventReader

_MOST_EVENTS: Final = 1000
"""What is looked at for what was used last; most events are answers."""


class Preferences:
    """Kept in the table `ui` of the config; what was used last is in the event log anyway."""

    def __init__(self, *, config: ConfigStore, events: EventReader) -> None:
        self._config = config
        self._events = events

    def recents(self) -> tuple[str, ...]:
        """The ids of the presets that were selected last, the latest first."""
        return recent_presets(self._events.tail(_MOST_EVENTS).events)

    def turn_favourite(self, preset: str) -> bool:
        """Mark *preset* as a favourite, or take the mark away; whether it is one now.

        Raises:
            ConfigError: The config file cannot be read or written; nothing was changed.
        """
        looks = self._config.read().ui
        rest = tuple(one for one in looks.favourites if one != preset)
        marked = preset not in looks.favourites
        self._config.set_looks(replace(looks, favourites=(*rest, preset) if marked else rest))
        return marked

    def choose_theme(self, name: str) -> None:
        """Keep the name of a theme. Raises ConfigError as `turn_favourite` does."""
        self._config.set_looks(replace(self._config.read().ui, theme=name))

    def use_mouse(self, on: bool) -> None:
        """Keep whether the mouse is used. Raises ConfigError as `turn_favourite` does."""
        self._config.set_looks(replace(self._config.read().ui, mouse=on))

    def mouse(self) -> bool:
        """Whether the mouse is used; it is where that cannot be read, which others report."""
        try:
            return self._config.read().ui.mouse
        except ConfigError:
            return True
