"""A home's places for the master key, put together as the container does it, over a keyring in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from adapters.session_stores.key_file import KeyFile
from adapters.session_stores.key_keeper import Holders, KeyKeeper
from adapters.session_stores.key_moving import KeyMover
from adapters.session_stores.key_note import NoteFile
from adapters.session_stores.keyring_call import Keyring
from adapters.session_stores.keyring_holder import KeyringHolder
from adapters.session_stores.passphrase_holder import PassphraseHolder
from adapters.session_stores.sealed_file import SealedFileStore
from application.settings import KeySource
from domain.secret import Secret
from tests.support.memory_keyring import MemoryKeyring

PASSPHRASE = Secret("fake passphrase of ana")


@dataclass
class Window:
    """What one process has of a home: the keeper remembers, so each window gets its own."""

    home: Path
    keyring: Keyring = field(default_factory=MemoryKeyring)
    wanted: KeySource = KeySource.AUTO
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
