"""The client that registered itself and has no session yet, in a file beside the installation's name.

    {"installation": "urn:uuid:...", "provider": "chatgpt", "client_id": "oaiapp_...", "token_url": "https://...",
     "account": "", "unanswered": false}

There is no secret in it. A file that is damaged, or was copied here from another installation, counts as none, and the
next registration replaces it.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from adapters.files.durable_write import durable_write, sweep_orphans
from adapters.files.private_file import FileRefused, read_private
from adapters.json.strict_json import json_object
from domain.provider import Provider
from domain.sign_in.registration import RegisteredClient

NAME: Final = "registered-client.json"
_LIMIT: Final = 16 * 1024
"""Bytes; it takes some two hundred."""
_LONGEST: Final = 2048
"""Characters of a member; an address is the longest."""


class RegisteredClientFile:
    """The `Registrations` of one home folder. Only the sign-in that has its turn writes it."""

    def __init__(self, *, home: Path, installation: str) -> None:
        self._path = home / NAME
        self._installation = installation

    def kept(self) -> RegisteredClient | None:
        try:
            file = read_private(self._path, limit=_LIMIT)
            return self._parsed(json_object(file.content)) if file else None
        except (FileRefused, ValueError):
            return None

    def keep(self, client: RegisteredClient) -> None:
        members = {
            "installation": self._installation,
            "provider": client.provider.value,
            "client_id": client.client_id,
            "token_url": client.token_url,
            "account": client.account,
            "unanswered": client.unanswered,
        }
        sweep_orphans(self._path)
        with suppress(OSError):  # the sign-in goes on; at worst the next one registers anew
            durable_write(self._path, json.dumps(members).encode("ascii") + b"\n")

    def forget(self, client_id: str) -> None:
        kept = self.kept()
        if kept is not None and kept.client_id == client_id:
            with suppress(OSError):
                self._path.unlink()

    def _parsed(self, members: dict[str, Any]) -> RegisteredClient | None:
        """Raises ValueError where a member is not what it should be."""
        texts = [_text(members.get(name)) for name in ("installation", "provider", "client_id", "token_url", "account")]
        installation, provider, client_id, token_url, account = texts
        if installation != self._installation or not client_id or not token_url:
            return None
        unanswered = members.get("unanswered") is not False
        return RegisteredClient(Provider(provider), client_id, token_url, account, unanswered)


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST or not all("!" <= sign <= "~" for sign in value):
        raise ValueError("no text of visible ASCII")
    return value
