from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Hashable

    from domain.credential import CredentialKey
    from domain.model_lists.listed import ListedModel, ModelList
    from domain.session import Credential


class ModelLists(Protocol):
    """Asks a provider which models it serves."""

    async def __call__(self, credential: Credential) -> tuple[ListedModel, ...] | None:
        """The chat models of its list, in its order: at least one. None where the provider has no list.

        The credential goes to its own provider's API origin and nowhere else.

        Raises:
            AuthRejected: It is not accepted.
            AnswerUnreadable: What came is no list, is empty, or is larger than any that belongs here.
            LimitReached, Overloaded, Offline, Refused: As named.
        """
        ...


class KeptModelLists(Protocol):
    """The last list of each credential, as it is kept in the home folder."""

    def read(self, key: CredentialKey) -> ModelList | None:
        """The list of *key*; None where none is kept, or what is kept cannot be used. It costs one `stat` while the
        file is unchanged.
        """
        ...

    def notices(self) -> tuple[str, ...]:
        """What was kept and could not be used at the last reading, each a sentence."""
        ...

    def keep(self, found: ModelList) -> None:
        """Put *found* in the place of what is kept for its credential, whole or not at all.

        Raises:
            StoreNotWritable: Nothing was changed.
        """
        ...

    def stamp(self) -> Hashable:
        """Changes when a list was kept, in this or another process; costs one `stat`."""
        ...
