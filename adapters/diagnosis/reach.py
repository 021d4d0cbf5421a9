"""Whether a provider's API can be reached from here, whatever it answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from adapters.http.origin import Origin
from application.ports.elsewhere.forwarded import ForwardedSignIns
from domain.credential import CredentialKind, CredentialRecord
from domain.errors import ConfigError
from domain.provider import Provider

if TYPE_CHECKING:
    import httpx2

HttpOptions = Callable[[str], dict[str, Any]]

PATIENCE: Final = 6.0
"""Seconds for one host: name, route, handshake and first line."""


async def head(origin: Origin, http_options: HttpOptions) -> httpx2.Response:
    """Ask *origin* for the head of its first page, without any credential. The HTTP library is loaded then.

    Raises:
        TimeoutError, httpx2.HTTPError: Nothing answers there.
        ConfigError: A variable names a proxy or certificates that cannot be used.
    """
    import httpx2

    options = await asyncio.to_thread(http_options, str(origin))
    async with asyncio.timeout(PATIENCE), httpx2.AsyncClient(**options) as client:
        answer = await client.send(client.build_request("HEAD", f"{origin}/"), stream=True)
        await answer.aclose()
        return answer


class ReachByHead:
    """The `Reach` of the configured providers: all of them are asked at once, each at the address of its credential.

    In the place of a provider behind a laptop, the laptop is asked.
    """

    def __init__(
        self, *, api_base: Callable[[Provider], str], http_options: HttpOptions, forwarded: ForwardedSignIns
    ) -> None:
        self._api_base = api_base
        self._http_options = http_options
        self._forwarded = forwarded

    async def __call__(self, records: Iterable[CredentialRecord]) -> tuple[CredentialRecord, ...]:
        asked = tuple(records)
        answers = await asyncio.gather(*map(self._answers, asked))
        return tuple(record for record, answered in zip(asked, answers, strict=True) if answered)

    async def _answers(self, record: CredentialRecord) -> bool:
        import httpx2

        if record.kind is CredentialKind.FORWARDED:
            return await self._forwarded.reachable(record)
        try:
            origin = Origin.of(record.api_base or await asyncio.to_thread(self._api_base, record.provider))
            await head(origin, self._http_options)
        except (ConfigError, TimeoutError, httpx2.HTTPError, ValueError):
            return False
        return True
