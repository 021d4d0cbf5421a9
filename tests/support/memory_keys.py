from __future__ import annotations

from domain.errors import PassphraseNeeded, StoreError, WrongPassphrase
from domain.master_key import KeyPlace, KeyWhereabouts
from domain.text.secret import Secret

STORE = "auth.json"


class MemoryKeys:
    """The master key and its places, as far as people deal with them, as one process knows them."""

    def __init__(self) -> None:
        self.place: KeyWhereabouts | None = None
        self.passphrase: Secret | None = None
        self.unlocked = True
        self.fail_with: StoreError | None = None
        self.moves: list[KeyPlace] = []

    def seal_with(self, passphrase: str) -> None:
        """As another process would find it."""
        self.place, self.passphrase, self.unlocked = KeyWhereabouts(KeyPlace.PASSPHRASE), Secret(passphrase), False

    def another_process(self) -> MemoryKeys:
        """The same key, as a process finds it that begins now."""
        other = MemoryKeys()
        other.place, other.passphrase, other.unlocked = self.place, self.passphrase, self.passphrase is None
        return other

    def whereabouts(self) -> KeyWhereabouts | None:
        return self.place

    def needs_passphrase(self) -> bool:
        """Whether it is sealed and not open yet."""
        return not self.unlocked

    def unlock(self, passphrase: Secret) -> None:
        if self.unlocked:
            return
        if passphrase != self.passphrase:
            raise WrongPassphrase(STORE, "the passphrase does not open its master key")
        self.unlocked = True

    def move(self, place: KeyPlace, *, passphrase: Secret | None = None) -> KeyWhereabouts:
        if self.fail_with is not None:
            raise self.fail_with
        if place is KeyPlace.PASSPHRASE and passphrase is None:
            if self.place != KeyWhereabouts(place):
                raise PassphraseNeeded(STORE, "a new passphrase was not given")
            passphrase = self.passphrase
        self.moves.append(place)
        self.place, self.passphrase = KeyWhereabouts(place), passphrase
        return self.place
