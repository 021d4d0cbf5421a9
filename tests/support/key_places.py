"""A home's places for the master key, put together as the container does it, over a keyring in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from adapters.master_key.in_file import KeyFile
from adapters.master_key.in_keyring import KeyringHolder
from adapters.master_key.in_passphrase import PassphraseHolder
from adapters.master_key.keeper import Holders, KeyKeeper
from adapters.master_key.keyring_call import Keyring
from adapters.master_key.note import NoteFile
from adapters.session_store.moving_key import KeyMover
from adapters.session_store.store import SealedFileStore
from application.settings import KeyPreference
from domain.text.secret import Secret
from tests.support.memory_keyring import MemoryKeyring

PASSPHRASE = Secret("fake passphrase of ana")


@dataclass
class Window:
    """What one process has of a home: the keeper remembers, so each window gets its own."""

    home: Path
    keyring: Keyring = field(default_factory=MemoryKeyring)
    wanted: KeyPreference = KeyPreference.AUTO
    passphrase: Secret | None = None

    def __post_init__(self) -> None:
        self.note = NoteFile(home=self.home)
        self.holders = Holders(
            file=KeyFile(home=self.home),
            keyring=KeyringHolder(home=self.home, keyring=self.keyring),
            passphrase=PassphraseHolder(home=self.home, passphrase=self.passphrase),
        )
        self.keys = KeyKeeper(home=self.home, holders=self.holders, wanted=lambda: self.wanted)
        self.mover = KeyMover(home=self.home, keys=self.keys, holders=self.holders)
        self.store = SealedFileStore(home=self.home, keys=self.keys)

    def another(self, *, passphrase: Secret | None = None) -> Window:
        """Another process in the same home."""
        return Window(self.home, self.keyring, self.wanted, passphrase)
