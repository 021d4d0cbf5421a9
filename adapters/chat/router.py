"""Puts a question to the provider whose credential comes with it, and to nobody else."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable, Mapping
from contextlib import aclosing
from itertools import count
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from adapters.chat.chat_address import ChatSettings, bound_origin
from adapters.chat.failures import Judge
from adapters.chat.limits import Bounds
from adapters.chat.retry import Patience
from adapters.chat.wires import wire_of
from adapters.http.options import client_options
from adapters.http.origin import Origin
from application.ports.chat_client import ChatEvent, ChatRequest, Opened
from application.ports.clock import Clock
from domain.errors import AuthRejected, BrokenStream, KeyswitchError
from domain.provider import Provider
from domain.records import replace
from domain.session import ApiKey, Credential, Forwarded

if TYPE_CHECKING:
    import httpx2

    from adapters.chat.streaming import Exchange
    from adapters.chat.wire import Wire, WireRequest


_LARGEST_PAGE: Final = 2 * 1024 * 1024
"""Bytes of one page of a list of models; a thousand models take half a mebibyte."""


class ProviderChatClient:
    """The `ChatClient` of all three providers. httpx2 is imported with the first question.

    Connections are kept open between questions, one pool for each origin and the way to it, within the event loop that
    first used them; `aclose` ends them.
    """

    def __init__(
        self,
        *,
        settings: Callable[[Provider], ChatSettings],
        clock: Clock,
        patience: Patience | None = None,
        bounds: Bounds | None = None,
        sleep: Callable[[float], Awaitable[None]] | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        """*sleep* and *transport* stand in for `asyncio.sleep` and the network."""
        self._settings = settings
        self._clock = clock
        self._patience = Patience() if patience is None else patience
        self._bounds = Bounds() if bounds is None else bounds
        self._sleep = _sleep if sleep is None else sleep
        self._transport = transport
        self._clients: dict[Hashable, httpx2.AsyncClient] = {}

    async def stream(self, request: ChatRequest, credential: Credential) -> AsyncGenerator[ChatEvent, None]:
        """As the port says. Asked again, a few times at most, as long as nothing of the answer was shown."""
        from adapters.chat.streaming import AttemptFailed

        provider = credential.record.provider
        if request.answering.model.provider is not provider:
            raise ValueError(f"a {provider} credential cannot ask {request.answering.model.id}")
        settings = self._settings_for(credential)
        origin = bound_origin(credential.record, settings)
        _check_sendable(credential)
        wire = wire_of(credential.record)
        attempt = self._attempt(wire, request.answering.model.id, credential, origin)
        wire_request = wire.request(request, credential, settings)
        for number in count():
            shown = False
            try:
                async with aclosing(attempt.events(wire_request)) as events:
                    async for event in events:
                        shown = shown or not isinstance(event, Opened)
                        yield event
                return
            except AttemptFailed as failed:
                failure = failed.failure
            pause = None if shown else self._patience.pause(failure, number)
            if pause is None:
                raise _final(failure.error, provider, shown=shown)
            await self._sleep(pause)

    async def check(self, credential: Credential) -> bool:
        """As the port says, by the list of models: it costs nothing."""
        from adapters.chat.streaming import AttemptFailed

        found = self._list_of_models(credential)
        if found is None:
            return False
        exchange, request = found
        try:
            await exchange.accepted(request)
        except AttemptFailed as failed:
            failure = failed.failure
        else:
            return True
        raise failure.error

    async def listing(self, credential: Credential, query: Mapping[str, str]) -> bytes | None:
        """One page of the provider's list of models, as it came; None where it has none. Raises as `check`."""
        from adapters.chat.streaming import AttemptFailed

        found = self._list_of_models(credential)
        if found is None:
            return None
        exchange, request = found
        address = request.url.partition("?")[0]
        request = replace(request, url=f"{address}?{urlencode(query)}" if query else address)
        try:
            return await exchange.document(request, _LARGEST_PAGE)
        except AttemptFailed as failed:
            failure = failed.failure
        raise failure.error

    async def aclose(self) -> None:
        """Close every connection. Call it in the event loop that used them."""
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.aclose()

    def _list_of_models(self, credential: Credential) -> tuple[Exchange, WireRequest] | None:
        """The exchange that gets the list, and what it asks; None where the provider has none for this credential."""
        settings = self._settings_for(credential)
        origin = bound_origin(credential.record, settings)
        _check_sendable(credential)
        wire = wire_of(credential.record)
        request = wire.listing(credential, settings)
        return None if request is None else (self._attempt(wire, "the list of models", credential, origin), request)

    def _settings_for(self, credential: Credential) -> ChatSettings:
        """The settings for requests with *credential*: another machine goes by its own config, and none of ours."""
        record = credential.record
        if isinstance(credential, Forwarded):
            return ChatSettings(record.api_base)
        return self._settings(record.provider).of(record)

    def _attempt(self, wire: Wire, asked: str, credential: Credential, origin: Origin) -> Exchange:
        from adapters.chat.streaming import Exchange
        from adapters.chat.wire import secret_of

        judge = Judge(
            provider=wire.provider,
            model=asked,
            secret=secret_of(credential),
            clock=self._clock,
        )
        return Exchange(
            client=self._client(origin, credential), origin=origin, wire=wire, judge=judge, bounds=self._bounds
        )

    def _client(self, origin: Origin, credential: Credential) -> httpx2.AsyncClient:
        line = line_of(origin, credential)
        if line not in self._clients:
            import httpx2

            bounds, network = self._bounds, self._transport
            if isinstance(credential, Forwarded):
                from adapters.forwarded.relay_transport import RelayTransport

                network = RelayTransport(credential)
            options = client_options(str(origin), read_seconds=bounds.silence, largest=bounds.size, network=network)
            self._clients[line] = httpx2.AsyncClient(**options)
        return self._clients[line]


def line_of(origin: Origin, credential: Credential) -> Hashable:
    """What tells the connections of *credential* to *origin* from others.

    Those of a forwarded one lead to another machine, which sends with a credential of its own what comes over them:
    shared, they would let the wrong account answer, and the wrong one pay.
    """
    if isinstance(credential, Forwarded):
        return origin, credential.route, credential.record.key, credential.record.api_base
    return origin


def _check_sendable(credential: Credential) -> None:
    """A credential with a line break or the like could write headers of its own."""
    from adapters.chat.wire import secret_of

    if not isinstance(credential, Forwarded) and not secret_of(credential).sendable:
        what = "key" if isinstance(credential, ApiKey) else "token"
        raise AuthRejected(credential.record.provider, f"the stored {what} holds characters that none has")


def _final(error: KeyswitchError, provider: Provider, *, shown: bool) -> KeyswitchError:
    """A rejection in the middle of an answer is no reason to renew a session: what was shown must not come twice."""
    if shown and isinstance(error, AuthRejected):
        return BrokenStream(provider, "the provider no longer accepts the credential")
    return error


async def _sleep(seconds: float) -> None:
    import asyncio

    await asyncio.sleep(seconds)
