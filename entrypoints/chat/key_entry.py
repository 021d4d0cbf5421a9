"""`/login --api-key`: an API key is entered in the chat, and nobody's bill changes by that alone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from application.use_cases.api_key import StoredKey
from domain.credential import CredentialRecord
from domain.model import Preset
from domain.provider import FIRST, Provider
from entrypoints.chat.chat_face import ChatFace
from entrypoints.chat.holding import Holding
from entrypoints.words.account_changes import key_stored_words
from entrypoints.words.api_keys import key_in_the_way, stays_as_it_is, who_would_pay

Select = Callable[..., Awaitable[object]]
"""`ChatController`'s own way to select a model by name, with `save`."""


class KeyEntry:
    """What a chat does about keys, whichever face it has."""

    def __init__(
        self,
        face: ChatFace,
        holding: Holding,
        *,
        select: Select,
        go_on_as: Callable[[CredentialRecord], Awaitable[None]],
    ) -> None:
        self._face = face
        self._holding = holding
        self._select = select
        self._go_on_as = go_on_as

    def open(self, provider: Provider | None, *, then_select: str | None = None, save: bool = True) -> None:
        """Let the person enter a key; *then_select* is the selection that waits for it."""
        self._face.open_key_entry(provider or FIRST, partial(self.stored, pending=then_select, save=save))

    def about(self, provider: Provider) -> tuple[str, ...]:
        """What is to be known before a key of *provider* is stored: who would pay, and what stays."""
        state = self._face.window_state()
        if state is None:
            return (f"Whoever owns the key pays {provider.vendor} for each token; no plan pays for it.",)
        wanted = state.preset if state.preset and state.preset.provider is provider else None
        preset = wanted or state.snapshot.catalogue.default_for(provider)
        today = state.snapshot.given.now.date()
        pays = who_would_pay(provider, preset, state.snapshot.catalogue, today)
        in_the_way = key_in_the_way(provider, state.snapshot.credentials)
        return tuple(filter(None, (pays, stays_as_it_is(state.selection), in_the_way)))

    async def stored(self, stored: StoredKey, *, pending: str | None, save: bool) -> None:
        """Say what was stored, and go on with what waited for it.

        A conversation that can be answered goes on with what it held. Only where its own key was replaced in this very
        window, or where nothing could answer, the key does; and where a plan was meant to pay, that is asked.
        """
        self._face.tell(*key_stored_words(stored, use="/accounts use"))
        held, replaced = self._holding.held, stored.replaced
        if pending is not None:
            await self._select(pending, save=save)
        elif held is not None and ((replaced and held.credential == replaced.key) or self._lost_its_key(stored.record)):
            await self._go_on_as(stored.record)
        elif held is None and (preset := self._first(stored.record.provider)) is not None:
            await self._select(preset.id, save=True)
        self._face.read_again()

    def _lost_its_key(self, stored: CredentialRecord) -> bool:
        """Whether the conversation held a key of the same provider that cannot be used any more."""
        held, state = self._holding.credential, self._face.window_state()
        same = held is not None and (held.provider, held.kind) == (stored.provider, stored.kind)
        return same and state is not None and state.selection is None

    def _first(self, provider: Provider) -> Preset | None:
        """What a window begins with in which nothing can answer yet; None where it has something else."""
        state = self._face.window_state()
        if state is None or state.selection is not None:
            return None
        if state.preset is None:
            return state.snapshot.catalogue.default_for(provider)
        return state.preset if state.preset.provider is provider else None
