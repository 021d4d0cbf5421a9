"""Ask the providers which models they serve, and keep what they say."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from enum import StrEnum

from application.auth_manager import AuthManager
from application.credentials import RequestCredentials
from application.ports.clock import Clock
from application.ports.models.model_lists import KeptModelLists, ModelLists
from application.snapshot import Snapshot
from domain.credential import CredentialRecord
from domain.errors import KeyswitchError, Offline
from domain.model_lists.listed import ListedModel, ModelList, following
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.records import dataclass, replace
from domain.session import Credential
from domain.switching import best_credential


class RefreshOutcome(StrEnum):
    """What came of one provider's list."""

    READ = "read"
    FAILED = "failed"
    NO_LIST = "no list"
    """The provider has none for this kind of sign-in."""
    NOT_DUE = "not due"
    """It was asked within the last day."""
    NOT_LOGGED_IN = "not logged in"


@dataclass(frozen=True, slots=True)
class Refreshed:
    """One provider's list, and what it changed."""

    provider: Provider
    outcome: RefreshOutcome
    kept: ModelList | None = None
    """What is kept now; where nothing came, the last list."""
    new: tuple[str, ...] = ()
    """Ids that neither the catalogue nor the last list had."""
    gone: tuple[str, ...] = ()
    """Ids that the last list had."""
    error: KeyswitchError | None = None


class RefreshModelLists:
    """Asks each provider that is signed in, with the credential that would answer, side by side.

    The last list stays whenever no whole one came.
    """

    def __init__(
        self,
        *,
        auth: AuthManager,
        lists: ModelLists,
        kept: KeptModelLists,
        credentials: RequestCredentials,
        clock: Clock,
    ) -> None:
        self._auth = auth
        self._lists = lists
        self._kept = kept
        self._credentials = credentials
        self._clock = clock

    async def __call__(self, *, due_only: bool = False) -> tuple[Refreshed, ...]:
        """What came of each provider, in their fixed order; with *due_only* none is asked twice a day,
        and no command is run for a key: it may ask its owner something.

        Raises:
            ConfigError: As `ReadSnapshot` does.
        """
        snapshot = await asyncio.to_thread(self._auth.snapshot)
        return tuple(await asyncio.gather(*(self._of(provider, snapshot, due_only=due_only) for provider in Provider)))

    async def if_wanted(self) -> None:
        """The same in the background: where the config does not forbid it, and what is due. No failure matters."""
        snapshot = await asyncio.to_thread(self._auth.snapshot)
        if snapshot.settings.refresh_models:
            await self(due_only=True)

    async def _of(self, provider: Provider, snapshot: Snapshot, *, due_only: bool) -> Refreshed:
        record = best_credential(provider, snapshot.given)
        if record is None:
            return Refreshed(provider, RefreshOutcome.NOT_LOGGED_IN)
        before = await asyncio.to_thread(self._kept.read, record.key)
        asked_today = before is not None and not before.due(self._clock.now())
        if due_only and (asked_today or record.key.by_command):
            return Refreshed(provider, RefreshOutcome.NOT_DUE, before)
        try:
            return await self._asked(record, before, snapshot)
        except KeyswitchError as error:
            return Refreshed(provider, RefreshOutcome.FAILED, before, error=error)

    async def _asked(self, record: CredentialRecord, before: ModelList | None, snapshot: Snapshot) -> Refreshed:
        now = self._clock.now()
        tried = replace(before, tried_at=now) if before else ModelList(record.key, now)
        try:
            models = await self._answer(record)
        except Offline:  # it was not asked, so that nothing speaks against another try
            raise
        except KeyswitchError:
            await asyncio.to_thread(self._kept.keep, tried)
            raise
        if models is None:
            await asyncio.to_thread(self._kept.keep, tried)
            return Refreshed(record.provider, RefreshOutcome.NO_LIST, before)
        found = ModelList(record.key, now, now, record.payer is Payer.PLAN, models)
        kept = following(before, found)
        await asyncio.to_thread(self._kept.keep, kept)
        had = {model.id for model in before.models if model.missing_since is None} if before else set()
        has = {model.id for model in models}
        built_in = {model.id for model in snapshot.catalogue.models.values() if not model.from_list}
        new = (model.id for model in models if model.id not in had | built_in)
        gone = (model.id for model in before.models if model.id in had - has) if before else ()
        return Refreshed(record.provider, RefreshOutcome.READ, kept, tuple(new), tuple(gone))

    async def _answer(self, record: CredentialRecord) -> tuple[ListedModel, ...] | None:
        async with aclosing(self._credentials.stream(self._one_answer, record, purpose="Reading its list")) as answers:
            return await anext(answers)

    async def _one_answer(self, credential: Credential) -> AsyncGenerator[tuple[ListedModel, ...] | None, None]:
        """The one answer, as the stream that a request is."""
        yield await self._lists(credential)
