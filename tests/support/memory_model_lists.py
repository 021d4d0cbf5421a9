"""Lists of models that providers are said to have, and lists that are kept in memory."""

from __future__ import annotations

from collections.abc import Hashable

from domain.credential import CredentialKey
from domain.errors import KeyswitchError
from domain.model_lists.listed import ListedModel, ModelList
from domain.provider import Provider
from domain.session import Credential


class FakeModelLists:
    """Answers with `answers`, and notes whom it asked; a provider that is not in it has no list."""

    def __init__(self) -> None:
        self.answers: dict[Provider, tuple[ListedModel, ...] | KeyswitchError] = {}
        self.asked: list[Provider] = []

    async def __call__(self, credential: Credential) -> tuple[ListedModel, ...] | None:
        """As the port says."""
        provider = credential.record.provider
        self.asked.append(provider)
        answer = self.answers.get(provider)
        if isinstance(answer, KeyswitchError):
            raise answer
        return answer


class MemoryModelLists:
    """Keeps lists in `found`."""

    def __init__(self) -> None:
        self.found: dict[CredentialKey, ModelList] = {}

    def read(self, key: CredentialKey) -> ModelList | None:
        """As the port says."""
        return self.found.get(key)

    def notices(self) -> tuple[str, ...]:
        """As the port says."""
        return ()

    def keep(self, found: ModelList) -> None:
        """As the port says."""
        self.found[found.key] = found

    def stamp(self) -> Hashable:
        """As the port says."""
        return tuple(self.found.values())
