from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from domain.credential import CredentialRecord
    from domain.session import ApiKey


class KeyCommands(Protocol):
    """API keys that commands of the config print. Nothing else runs such a command."""

    async def key(self, record: CredentialRecord, *, refused: ApiKey | None = None) -> ApiKey:
        """The key that the command of *record* prints. It is run once, and again only where its key is *refused*.

        Whoever stops waiting stops the command.

        Raises:
            SourceUnusable: It gave no key of that provider, or it is not in the config any more.
            ConfigError: The config cannot be read.
        """
        ...
