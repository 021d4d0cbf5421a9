"""The way of a request that a laptop sends on: over one socket, with one credential, to one provider."""

from __future__ import annotations

import json
from typing import Final

import httpx2

from adapters.forwarded.laptops import OUT_OF_REACH
from adapters.forwarded.refusals import not_passed_on, refusal
from adapters.forwarding.protocol import (
    CREDENTIAL_HEADER,
    ERROR_HEADER,
    PROTOCOL_HEADER,
    RELAY,
    VERSION,
    credential_name,
)
from adapters.http.options import network_behind
from domain.errors import KeyswitchError, Offline
from domain.forwarding.forwarded_key import at_home
from domain.provider import Provider
from domain.session import Forwarded

_AGENT: Final = "http://keyswitch"
"""Stands for whoever listens at the socket; nobody looks the name up."""

_LARGEST_REFUSAL: Final = 64 * 1024
"""Bytes of what an agent says of its own."""


class RelayFailed(httpx2.RequestError):
    """No answer of the provider's came, by what lies between here and there."""

    def __init__(self, meaning: KeyswitchError) -> None:
        super().__init__(meaning.code)
        self.meaning = meaning


class RelayTransport(httpx2.AsyncBaseTransport):
    """Puts requests to an agent as it wants them. The agent adds the credential, and all that goes with it."""

    def __init__(self, credential: Forwarded) -> None:
        record = credential.record
        self._provider: Provider = record.provider
        self._base = httpx2.URL(record.api_base).raw_path.rstrip(b"/") + b"/"
        self._headers = {
            "host": "keyswitch",
            PROTOCOL_HEADER: str(VERSION),
            CREDENTIAL_HEADER: credential_name(at_home(record.key)[0]),
        }
        self._network = network_behind(credential.route)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The provider's answer, as the agent passes it on.

        Raises:
            RelayFailed: None came. What was sent is not sent again by itself: the provider may have it.
        """
        try:
            answer = await self._network.handle_async_request(self._relayed(request))
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout):
            raise RelayFailed(Offline(self._provider, OUT_OF_REACH, laptop=True)) from None
        except (httpx2.NetworkError, httpx2.RemoteProtocolError):
            words = f"{OUT_OF_REACH}: the connection was closed before an answer came"
            raise RelayFailed(Offline(self._provider, words, laptop=True)) from None
        if ERROR_HEADER in answer.headers:
            raise RelayFailed(await self._refusal(answer))
        return answer

    async def aclose(self) -> None:
        """Close the connections to the agent."""
        await self._network.aclose()

    def _relayed(self, request: httpx2.Request) -> httpx2.Request:
        path = request.url.raw_path
        if not path.startswith(self._base):
            raise ValueError(f"{request.url.path} is not below the address of this credential")
        return httpx2.Request(
            request.method,
            httpx2.URL(_AGENT).copy_with(raw_path=RELAY.encode("ascii") + path[len(self._base) :]),
            headers=[(name, value) for name, value in request.headers.raw if name.lower() != b"host"]
            + [(name.encode("ascii"), value.encode("ascii")) for name, value in self._headers.items()],
            stream=request.stream,
            extensions=request.extensions,
        )

    async def _refusal(self, answer: httpx2.Response) -> KeyswitchError:
        """What the agent says of its own."""
        said = bytearray()
        try:
            async for piece in answer.aiter_raw():
                said += piece
                if len(said) > _LARGEST_REFUSAL:
                    break
            members = json.loads(said)
        except (httpx2.HTTPError, ValueError, RecursionError):
            members = None
        finally:
            await answer.aclose()
        if not isinstance(members, dict):
            return not_passed_on(self._provider, "its reason cannot be read.")
        return refusal(members, self._provider)
