from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Hashable

    from application.settings import KeyPreference, Looks, Settings
    from domain.auth_mode import AuthMode
    from domain.spending.limits import Limits


class ConfigStore(Protocol):
    """The person's config file. Comments, order and unknown keys survive every write."""

    def read(self) -> Settings:
        """Read what the file says; an absent one says nothing.

        Raises:
            ConfigError: It cannot be read, or a value in it makes no sense. The file is left alone.
        """
        ...

    def limits(self) -> Limits:
        """Read what may be spent.

        Raises:
            ConfigError: It cannot be read, or an amount in it makes no sense: nothing is sent by a guess.
        """
        ...

    def select(self, preset: str, mode: AuthMode) -> None:
        """Write model and sign-in durably, in one step.

        Raises:
            ConfigError: As for `read`, or it cannot be written. Nothing was changed.
        """
        ...

    def set_claude_profile(self, name: str) -> None:
        """Write `auth.claude_profile`; "" ends the borrowing. Raises as `select` does."""
        ...

    def set_key_source(self, source: KeyPreference) -> None:
        """Write `auth.key_source`. Raises as `select` does."""
        ...

    def set_looks(self, looks: Looks) -> None:
        """Write what of *looks* the file does not say already, in the table `ui`. Raises as `select` does."""
        ...

    def stamp(self) -> Hashable:
        """Changes whenever the file may have changed, in this or another process; costs one `stat`."""
        ...
