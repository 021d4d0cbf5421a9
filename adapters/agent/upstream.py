"""The request of a host, with what belongs to the laptop put into it, sent where its credential belongs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from adapters.agent.routes import may_pass_back
from adapters.chat.chat_address import ChatSettings, bound_origin
from adapters.chat.limits import Bounds
from adapters.chat.wires import wire_of
from adapters.http.options import client_options
from adapters.http.origin import Origin
from application.ports.clock import Clock
from application.ports.forwarding.upstream import RelayedHead, RelayedPart, RelayedRequest
from domain.provider import Provider
from domain.session import Credential

if TYPE_CHECKING:
    import httpx2

    from adapters.chat.failures import Failure
    from adapters.chat.wire import Wire

_PLAIN: Final = {"accept-encoding": "identity"}
"""Compression would hold back words."""


class BoundUpstream:
    """The `Upstream` of all three providers. httpx2 is imported with the first request.

    Connections are kept open between requests, one pool for each origin, within one event loop.
    """

    def __init__(
        self, *, settings: Callable[[Provider], ChatSettings], clock: Clock, bounds: Bounds | None = None
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._bounds = Bounds() if bounds is None else bounds
        self._clients: dict[Origin, httpx2.AsyncClient] = {}

    async def send(self, request: RelayedRequest, credential: Credential) -> AsyncGenerator[RelayedPart, None]:
        """As the port says. The body comes in the pieces in which the provider sent it."""
        import httpx2

        from adapters.chat.line_failures import while_opening, while_reading
        from adapters.http.bound_credential import BoundCredential

        record = credential.record
        settings = self._settings(record.provider).of(record)
        origin, wire = bound_origin(record, settings), wire_of(record)
        address = f"{settings.api_base.rstrip('/')}/{request.path}"
        built = self._client(origin).build_request(
            request.method,
            f"{address}?{request.query}" if request.query else address,
            content=request.body or None,
            headers={**dict(request.headers), **wire.headers(credential, settings), **_PLAIN},
        )
        auth = BoundCredential(origin, wire.fields(credential))
        opened = False
        failure: Failure | None = None
        answer: httpx2.Response | None = None
        try:
            async with asyncio.timeout(self._bounds.opening):
                answer = await self._client(origin).send(built, auth=auth, stream=True)
            if answer.status_code == HTTPStatus.UNAUTHORIZED:
                failure = await self._rejected(answer, wire, credential)
            else:
                opened = True
                yield RelayedHead(answer.status_code, _passed_back(answer))
                async with asyncio.timeout(self._bounds.duration):
                    async for piece in answer.aiter_bytes():
                        yield piece
        except (TimeoutError, httpx2.HTTPError) as error:
            failure = (
                while_reading(error, record.provider, self._bounds)
                if opened
                else while_opening(error, record.provider, origin, self._bounds)
            )
        finally:
            if answer is not None:
                await answer.aclose()
        if failure is not None:  # raised here: what httpx2 raises knows the request, and so the credential
            raise failure.error

    async def aclose(self) -> None:
        """As the port says."""
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.aclose()

    async def _rejected(self, answer: httpx2.Response, wire: Wire, credential: Credential) -> Failure:
        """What a 401 means, in the words that the vendor has for it."""
        import httpx2

        from adapters.chat.failures import ErrorAnswer, Judge
        from adapters.chat.parsing import json_documents
        from adapters.chat.wire import secret_of

        body = bytearray()
        with suppress(TimeoutError, httpx2.HTTPError):  # its status alone says enough
            async with asyncio.timeout(self._bounds.error_seconds):
                async for piece in answer.aiter_bytes():
                    body += piece
                    if len(body) > self._bounds.error_body:
                        break
        documents, complete = json_documents(bytes(body))
        problem = wire.problem(documents[0]) if documents and complete else None
        judge = Judge(provider=wire.provider, model="what was asked", secret=secret_of(credential), clock=self._clock)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return judge.answered(ErrorAnswer(answer.status_code, headers, problem))

    def _client(self, origin: Origin) -> httpx2.AsyncClient:
        if origin not in self._clients:
            import httpx2

            options = client_options(
                str(origin), read_seconds=self._bounds.silence, largest=self._bounds.size, connections=MOST_AT_ONCE
            )
            self._clients[origin] = httpx2.AsyncClient(**options)
        return self._clients[origin]


MOST_AT_ONCE: Final = 256
"""Requests that are under way at one provider; one more is refused before it gets here."""


def _passed_back(answer: httpx2.Response) -> tuple[tuple[str, str], ...]:
    named = ((name.lower(), value) for name, value in answer.headers.multi_items())
    return tuple((name, value) for name, value in named if may_pass_back(name))
