from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from domain.provider import Provider
    from domain.session import ApiKey


class EnvironmentKeys(Protocol):
    """API keys that lie in the environment, put there for other programs."""

    def present(self) -> dict[Provider, str]:
        """The name of the variable that holds a key, by provider."""
        ...

    def refused(self) -> tuple[str, ...]:
        """A sentence on each variable that holds something of another vendor's, or no API key."""
        ...

    def redirections(self) -> tuple[str, ...]:
        """The variables that lead the vendors' own programs to another host. They are ignored here."""
        ...

    def key(self, provider: Provider) -> ApiKey | None:
        """The key itself, for the one policy that allows to use it."""
        ...
