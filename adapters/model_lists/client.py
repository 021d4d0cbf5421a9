"""Reads a provider's own list of models, within bounds of time, bytes, pages and rows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from adapters.model_lists.reading import Page, chat_models, page_of
from domain.errors import AnswerUnreadable, Overloaded
from domain.model_lists.listed import ListedModel
from domain.provider import Provider
from domain.records import dataclass
from domain.session import Credential

Fetch = Callable[[Credential, Mapping[str, str]], Awaitable[bytes | None]]
"""Asks for one page with a query; None where the provider has no list. It raises as `ModelLists` does."""


@dataclass(frozen=True, slots=True)
class ListBounds:
    """What reading one list may take."""

    seconds: float = 30.0
    pages: int = 10
    rows: int = 1000


class ProviderModelLists:
    """The `ModelLists` of all three providers."""

    def __init__(self, *, fetch: Fetch, bounds: ListBounds | None = None) -> None:
        self._fetch = fetch
        self._bounds = bounds or ListBounds()

    async def __call__(self, credential: Credential) -> tuple[ListedModel, ...] | None:
        """As the port says."""
        provider = credential.record.provider
        try:
            async with asyncio.timeout(self._bounds.seconds):
                return await self._read(credential, provider)
        except TimeoutError:
            raise Overloaded(provider, f"its list of models was not there within {self._bounds.seconds:g} s") from None

    async def _read(self, credential: Credential, provider: Provider) -> tuple[ListedModel, ...] | None:
        found: list[ListedModel] = []
        more, asked = "", set[str]()
        for _ in range(self._bounds.pages):
            body = await self._fetch(credential, _query(provider, more))
            if body is None:
                return None
            page: Page = await asyncio.to_thread(page_of, body, provider)
            found += page.models
            asked.add(more)
            more = page.more
            if len(found) > self._bounds.rows:
                raise AnswerUnreadable(provider, f"its list has more than {self._bounds.rows} models")
            if not more:
                return _some(found, provider)
            if more in asked:
                break
        raise AnswerUnreadable(provider, "its list of models does not come to an end")


def _some(found: list[ListedModel], provider: Provider) -> tuple[ListedModel, ...]:
    models = chat_models(found)
    if not models:
        raise AnswerUnreadable(provider, "its list has no model to chat with")
    return models


_PAGED: Final = {Provider.CLAUDE: ("limit", "after_id"), Provider.GEMINI: ("pageSize", "pageToken")}


def _query(provider: Provider, more: str) -> dict[str, str]:
    """OpenAI's lists have one page. A plan's is narrowed by an undocumented `client_version`: a low one hides models,
    and keyswitch's own would be the lowest, so none is named.
    """
    if provider not in _PAGED:
        return {}
    size, after = _PAGED[provider]
    return {size: "1000", **({after: more} if more else {})}
