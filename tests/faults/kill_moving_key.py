"""The master key on its way from one place to another, and how to tell afterwards that it opens everything."""

from __future__ import annotations

import os
from pathlib import Path
from typing import ClassVar, Final

from adapters.master_key import in_passphrase
from adapters.master_key.key import MasterKey
from adapters.master_key.note import KeyNote
from adapters.session_store.moving_key import KeyMover
from domain.master_key import KeyPlace
from domain.text.secret import Secret
from tests.faults.kill_scenarios import Ending, Scenario
from tests.support.fault_home import victim
from tests.support.key_places import PASSPHRASE, Window

CHEAP: Final = {"iterations": 1, "lanes": 1, "memory_kib": 64}
"""What a derivation costs makes no difference to what a kill leaves."""


class _Moving(Scenario):
    """`config set auth.key_source`; both labs give the passphrase on standard input."""

    origin: ClassVar[KeyPlace]
    place: ClassVar[KeyPlace]

    def prepare(self) -> Path:
        home = super().prepare()
        self._before = victim(home)
        if self.origin is KeyPlace.PASSPHRASE:
            Window(home).mover.move(self.origin, passphrase=PASSPHRASE)
        return home

    def examine(self) -> Ending:
        window = Window(self.home, passphrase=PASSPHRASE)
        loaded = window.store.load(self._before.record.key)
        self.check(loaded == self._before, "the key that is there does not open what was sealed")
        whereabouts = window.keys.whereabouts()
        assert whereabouts is not None
        self.check(whereabouts.place in (self.origin, self.place), f"it went astray: {whereabouts}")
        there = (self.home / "master.key").exists()
        self.check(there is (whereabouts.place is KeyPlace.FILE), "a copy was left behind")
        again = self.after(*self.arguments)
        self.check(again.code == 0, f"the next move fails: {again.out} {again.err}")
        self._back_to_the_file()
        return Ending.DONE if whereabouts.place is self.place else Ending.BEFORE

    def _back_to_the_file(self) -> None:
        """Where the checks that follow look for it."""
        Window(self.home, passphrase=PASSPHRASE).mover.move(KeyPlace.FILE)
        self.check(victim(self.home) == self._before, "moving it back lost it")


class UnderPassphrase(_Moving):
    """Out of the file."""

    name = "key under a passphrase"
    arguments = ("config", "set", "auth.key_source", "passphrase", "--passphrase-fd", "0")
    origin, place = KeyPlace.FILE, KeyPlace.PASSPHRASE


class IntoFile(_Moving):
    """Out of the passphrase."""

    name = "key into a file"
    arguments = ("config", "set", "auth.key_source", "file", "--passphrase-fd", "0")
    origin, place = KeyPlace.PASSPHRASE, KeyPlace.FILE


MOVING: Final = {scenario.name: scenario for scenario in (UnderPassphrase, IntoFile)}


def passphrase_at_hand() -> None:
    """In the process of a command: ana's passphrase is what standard input holds, twice, as a change needs it."""
    in_passphrase._COST = CHEAP  # type: ignore[misc]  # see there
    line = f"{PASSPHRASE.reveal()}\n".encode()
    held = os.memfd_create("passphrase")
    os.write(held, line * 2)
    os.lseek(held, 0, os.SEEK_SET)
    os.dup2(held, 0)
    os.close(held)


def removing_first() -> None:
    """The same, with a mover that takes the old copy away before the new place is remembered."""
    passphrase_at_hand()
    real = KeyMover._put

    def careless(
        self: KeyMover, key: MasterKey, place: KeyPlace, passphrase: Secret | None, *, before: KeyNote | None
    ) -> KeyNote:
        if before is not None and before.place is KeyPlace.FILE:
            self._holders.file.remove(before)
        return real(self, key, place, passphrase, before=before)

    KeyMover._put = careless  # type: ignore[method-assign]
