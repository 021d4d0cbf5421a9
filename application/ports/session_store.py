from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from domain.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Hashable
    from contextlib import AbstractContextManager

    from domain.credential import CredentialKey, CredentialRecord
    from domain.errors import StoreError
    from domain.session import OwnCredential, Session
    from domain.store_trouble import StoreTrouble


@dataclass(frozen=True, slots=True)
class Removed:
    """What is gone from the store."""

    credential: OwnCredential | None
    """None where it could not be unsealed."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One reading of the session store, without its master key."""

    records: tuple[CredentialRecord, ...]
    """Every credential of which something is known, also where a trouble concerns it."""
    troubles: tuple[StoreTrouble, ...] = ()
    notices: tuple[str, ...] = ()
    """What its owner should know and need not mend, each a sentence."""


class RecordReader(Protocol):
    """What can be read of the session store without its master key."""

    def stored(self) -> Stored:
        """What is there, and what of it cannot be used. A store that cannot be read at all is a trouble as well."""
        ...

    def records(self) -> tuple[CredentialRecord, ...]:
        """What is known of every stored credential without the master key.

        Raises:
            StoreDamaged: The file as a whole cannot be read.
        """
        ...

    def stamp(self) -> Hashable:
        """Changes whenever the store may have changed, in this or another process; costs one `stat`."""
        ...


class Reservation(Protocol):
    """Room for one renewed session, taken before its refresh token is spent."""

    def commit(self, session: Session) -> bool:
        """Store *session* durably in the place of its last generation; True also where that was done before.

        False, with nothing changed, where the credential was removed meanwhile, or belongs to another sign-in or a
        newer generation.

        Raises:
            StoreError: It is not stored, or the disk did not confirm it. May be tried again.
        """
        ...

    def rescue(self, session: Session) -> None:
        """Keep *session*, sealed, beside the store, for `SessionStore.rescued` to find.

        Raises:
            StoreError: Not even that was possible.
        """
        ...


class SessionStore(RecordReader, Protocol):
    """Credentials of all providers, sealed, shared by all processes of one home.

    Calls touch the local disk only and take milliseconds; none waits for a network or a person.
    """

    def load(self, key: CredentialKey) -> OwnCredential | None:
        """The credential with its secrets, or None if none is stored.

        Raises:
            StoreDamaged: The file or this record cannot be read; other records still can.
            StoreWrongKey: The record was sealed with another master key.
            StoreLocked: The master key is out of reach.
        """
        ...

    def ready(self) -> None:
        """Prove that `save` would not fail for a reason that can be known before.

        Raises:
            The same as `save`.
        """
        ...

    def save(self, credential: OwnCredential, *, activate: bool = False) -> None:
        """Store *credential* durably, in place of an earlier one with its key; its neighbours stay as they are.

        With *activate* it becomes the active one of its provider and kind. On return it would
        survive a power cut.

        Raises:
            StoreNotWritable: Nothing was changed.
            StoreDamaged: The file cannot be read, and is not overwritten.
            StoreNewer: A newer program wrote the file.
            StoreLocked: The master key is out of reach.
            StoreBusy: Another process holds the store.
        """
        ...

    def annotate(self, record: CredentialRecord) -> None:
        """Store the notes of *record* (setback, tombstone, intent, rejection) durably; all else stays as it is.

        Does nothing where the stored record has another generation or sign-in by now.

        Raises:
            The same as `save`.
        """
        ...

    def activate(self, key: CredentialKey) -> bool:
        """Make *key* the active one of its provider and kind; False if it is not stored.

        Needs no key, and touches no secret. Raises as `save` does.
        """
        ...

    def remove(self, key: CredentialKey) -> Removed | None:
        """Forget a credential and hand it over, in one step; None if there was none. Raises as `save` does.

        One that nobody can unseal is forgotten all the same, so that signing in anew mends it.
        """
        ...

    def copied(self, record: CredentialRecord) -> StoreError:
        """The error for *record*, which is at home elsewhere and must not be renewed here."""
        ...

    def go_on_here(self) -> tuple[CredentialRecord, ...]:
        """Make this the place where the sessions are renewed that are copies here; those that were, as they were.

        The place where they were at home is told, where it is on this machine: from then on it is the copy. Raises as
        `save` does.
        """
        ...

    def reserve(self, key: CredentialKey) -> AbstractContextManager[Reservation]:
        """Prove that a renewal of *key* can be stored, and keep room for it until the context ends.

        Call it with the right of `renewing` held. What `rescued` has to give is lost.

        Raises:
            StoreNotWritable: It could not be stored; a refresh token must not be spent now.
            StoreLocked: The master key is out of reach.
        """
        ...

    def rescued(self, key: CredentialKey) -> Session | None:
        """The next generation of *key* that an earlier renewal obtained and could not store, None if there is none.

        Call it with the right of `renewing` held. Raises as `load` does.
        """
        ...

    def renewing(self, key: CredentialKey, *, timeout: float) -> AbstractContextManager[None]:
        """Hold the one right to renew *key*, across processes, until the context ends or the process dies.

        Blocks for up to *timeout* seconds; call it from a worker thread where a loop is running.

        Raises:
            StoreBusy: Somebody else held it for all that time.
        """
        ...
