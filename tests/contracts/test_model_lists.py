"""What every list of models promises, and every place that keeps lists."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.model_lists.client import ProviderModelLists
from adapters.model_lists.kept import ModelListFiles
from application.ports.models.model_lists import KeptModelLists, ModelLists
from domain.credential import CredentialKey
from domain.errors import AnswerUnreadable, Offline
from domain.model_lists.listed import ListedModel, ModelList
from domain.provider import Provider
from domain.session import Credential
from tests.support.credentials import a_session
from tests.support.memory_model_lists import FakeModelLists, MemoryModelLists

NOON = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
OPUS = ListedModel("claude-opus-5-5", "Claude Opus 5.5")
ANA, BEN = CredentialKey(Provider.CLAUDE, "ana"), CredentialKey(Provider.CLAUDE, "ben")


class ModelListsContract(ABC):
    @abstractmethod
    def make_lists(self, answer: tuple[ListedModel, ...] | Exception | None) -> ModelLists:
        """One at which Claude answers so. The return type is the static half of the contract."""

    async def test_what_is_listed_comes_in_its_order(self) -> None:
        assert await self.make_lists((OPUS,))(a_session(Provider.CLAUDE)) == (OPUS,)

    async def test_without_a_list_there_is_none(self) -> None:
        assert await self.make_lists(None)(a_session(Provider.CLAUDE)) is None

    async def test_failures_are_those_of_the_port(self) -> None:
        for error in (Offline(Provider.CLAUDE, "no line"), AnswerUnreadable(Provider.CLAUDE, "a page")):
            with pytest.raises(type(error)):
                await self.make_lists(error)(a_session(Provider.CLAUDE))


class TestProviderModelLists(ModelListsContract):
    def make_lists(self, answer: tuple[ListedModel, ...] | Exception | None) -> ModelLists:
        async def fetch(_credential: Credential, _query: Mapping[str, str]) -> bytes | None:
            if isinstance(answer, Exception):
                raise answer
            if answer is None:
                return None
            return json.dumps({"data": [{"id": one.id, "display_name": one.label} for one in answer]}).encode()

        return ProviderModelLists(fetch=fetch)


class TestFakeModelLists(ModelListsContract):
    def make_lists(self, answer: tuple[ListedModel, ...] | Exception | None) -> ModelLists:
        fake = FakeModelLists()
        if answer is not None:
            assert isinstance(answer, tuple | Offline | AnswerUnreadable)
            fake.answers[Provider.CLAUDE] = answer
        return fake


class KeptModelListsContract(ABC):
    @abstractmethod
    def make_kept(self) -> KeptModelLists:
        """One that keeps nothing yet. The return type is the static half of the contract."""

    def test_what_is_kept_is_read_by_its_credential_and_moves_the_stamp(self) -> None:
        kept = self.make_kept()
        before = kept.stamp()
        assert kept.read(ANA) is None
        found = ModelList(ANA, NOON, NOON, models=(OPUS,))
        kept.keep(found)
        assert (kept.read(ANA), kept.read(BEN)) == (found, None)
        assert kept.stamp() != before
        assert kept.notices() == ()

    def test_the_latest_takes_the_place_of_what_was_kept(self) -> None:
        kept = self.make_kept()
        kept.keep(ModelList(ANA, NOON, NOON, models=(OPUS,)))
        kept.keep(ModelList(ANA, NOON))
        assert kept.read(ANA) == ModelList(ANA, NOON)


class TestModelListFiles(KeptModelListsContract):
    @pytest.fixture(autouse=True)
    def _home(self, tmp_path: Path) -> None:
        self.home = tmp_path

    def make_kept(self) -> KeptModelLists:
        return ModelListFiles(home=self.home)


class TestMemoryModelLists(KeptModelListsContract):
    def make_kept(self) -> KeptModelLists:
        return MemoryModelLists()
