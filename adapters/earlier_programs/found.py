"""Sign-ins of other programs, as far as they may be looked at. Needs the standard library alone.

A file that another program put in our home is read for whose sign-in it is. Files in the homes of other programs are
not opened at all: that they exist is all there is to say.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from adapters.files.home_files import keeps_replaced, undisturbed
from application.ports.clock import Clock
from domain.credential import CredentialKind
from domain.earlier_sign_in import EarlierSignIn
from domain.provider import Provider


class FoundSignIns:
    """The `EarlierSignIns` of one home folder and the person who owns it."""

    def __init__(self, *, home: Path, person: Path | None, clock: Clock) -> None:
        """*person* is the home of the person, None where nobody's can be told."""
        self._home = home
        self._person = person
        self._clock = clock

    def found(self) -> tuple[EarlierSignIn, ...]:
        """As the port says."""
        return (*self._in_our_home(), *self._elsewhere())

    def _in_our_home(self) -> tuple[EarlierSignIn, ...]:
        if undisturbed(self._home) and not keeps_replaced(self._home):
            return ()
        from adapters.earlier_programs.found_in_home import sign_ins_in  # here: it is hardly ever needed

        return sign_ins_in(self._home, self._clock.now())

    def _elsewhere(self) -> Iterator[EarlierSignIn]:
        for provider in Provider if self._person else ():
            name = provider.facts.kept_elsewhere
            if self._person and os.path.lexists(self._person / name):
                yield EarlierSignIn(provider, CredentialKind.OAUTH, f"~/{name}")
