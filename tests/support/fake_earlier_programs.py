"""Other programs whose sign-ins lie about, as a test says."""

from __future__ import annotations

from application.ports.earlier_files import TakenOver
from domain.credential import CredentialRecord
from domain.earlier_sign_in import EarlierSignIn
from domain.errors import StoreError
from domain.provider import Provider


class FakeEarlierSignIns:
    """Finds what it was given."""

    def __init__(self) -> None:
        self.there: tuple[EarlierSignIn, ...] = ()

    def found(self) -> tuple[EarlierSignIn, ...]:
        return self.there


class FakeEarlierFiles:
    """Has what it was given, once; an error that is set is raised in the place of everything."""

    def __init__(self) -> None:
        self.waiting = TakenOver()
        self.left: tuple[CredentialRecord, ...] = ()
        """What another program left after us."""
        self.displaced = False
        """Whether another program's file is in the place of ours."""
        self.originals: tuple[str, ...] = ()
        self.refuse: StoreError | None = None
        self.refuse_to_put_back: StoreError | None = None

    def take_over(self) -> TakenOver:
        self._refuse()
        taken, self.waiting = self.waiting, TakenOver()
        self.originals += taken.files
        return taken

    def put_back(self) -> bool:
        if self.refuse_to_put_back is not None:
            raise self.refuse_to_put_back
        displaced, self.displaced = self.displaced, False
        return displaced

    def adopt(self, provider: Provider) -> tuple[CredentialRecord, ...]:
        self._refuse()
        taken = tuple(record for record in self.left if record.provider is provider)
        self.left = tuple(record for record in self.left if record not in taken)
        return taken

    def restore(self, folder: str | None) -> tuple[str, ...]:
        self._refuse()
        return tuple(f"{folder or 'home'}/{name}" for name in self.originals)

    def _refuse(self) -> None:
        if self.refuse is not None:
            raise self.refuse
