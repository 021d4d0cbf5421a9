"""A chat client whose three providers are a sandbox's."""

from __future__ import annotations

from typing import Any

from adapters.chat.chat_address import ChatSettings
from adapters.chat.limits import Bounds
from adapters.chat.router import ProviderChatClient
from adapters.sandbox.server import Sandbox
from domain.credential import CredentialKind
from domain.provider import Provider
from domain.session import OwnCredential, Session
from domain.text.secret import Secret
from tests.support.credentials import a_record, an_api_key
from tests.support.fixed_clock import FixedClock
from tests.support.mock_chat_network import Pauses


class ChatPeer:
    """Ana's sessions and keys at a sandbox, and the client under test. Its clock stands at noon."""

    def __init__(self, sandbox: Sandbox, *, bounds: Bounds | None = None) -> None:
        self.sandbox = sandbox
        self.pauses = Pauses()
        self.settings: dict[str, Any] = sandbox.provider_settings()
        self.client = ProviderChatClient(
            settings=self.chat_settings, clock=FixedClock(), bounds=bounds, sleep=self.pauses
        )

    def chat_settings(self, provider: Provider) -> ChatSettings:
        """What config would say of *provider*."""
        found = self.settings[provider.value]
        return ChatSettings(
            found["api_base"],
            quota_project=found.get("quota_project", ""),
            imported_api_base=found.get("imported", {}).get("api_base", ""),
        )

    def credential(self, provider: Provider, kind: CredentialKind) -> OwnCredential:
        """A session that was just signed in to, or a pasted key; both good."""
        api_base = self.settings[provider.value]["api_base"]
        if kind is CredentialKind.API_KEY:
            return an_api_key(provider, self.sandbox.api_keys[provider.value][0])
        token = str(self.sandbox.issue_session(provider.value)["access_token"])
        return Session(a_record(provider, api_base=api_base), Secret(token))

    def open_lines(self) -> int:
        """How many connections are in the middle of a request, as the client's own pool sees it."""
        transports: list[Any] = [client._transport for client in self.client._clients.values()]
        lines = [line for transport in transports for line in transport._inner._pool.connections]
        return sum(not line.is_idle() and not line.is_closed() for line in lines)
