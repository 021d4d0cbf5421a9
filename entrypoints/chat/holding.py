"""What the conversation in this window holds on to: nothing outside of the window changes it."""

from __future__ import annotations

from application.snapshot import Snapshot
from domain.credential import CredentialKey, CredentialRecord
from domain.payment import payment_words
from domain.records import replace
from domain.selection import Held, Selection
from domain.switching import SwitchTo
from entrypoints.chat.window_state import WindowState, window_state


class Holding:
    """The model and the credential of the open conversation. The saved choice is what a new one begins with."""

    def __init__(self) -> None:
        self.held: Held | None = None
        """None while nothing that can answer was ever selected."""
        self._of_run: Held | None = None
        """The model of the command line: new conversations of this run begin with it, until one is saved here."""
        self._left: Held | None = None

    @property
    def credential(self) -> CredentialKey | None:
        """The credential that is held."""
        return self.held.credential if self.held else None

    def choose(self, selection: Selection, *, save: bool, for_run: bool = False) -> None:
        """A selection was made in this window."""
        self.held = selection.held
        if save or for_run:
            self._of_run = None if save else self.held

    def resume(self, held: Held | None) -> None:
        """An earlier conversation goes on; None where it is not known what it held on to."""
        self.held = held

    def anew(self) -> None:
        """Hold nothing: a new conversation begins."""
        self._left, self.held = self.held, self._of_run

    def window_state(self, snapshot: Snapshot, *, begins: bool = True) -> WindowState:
        """How things stand. With *begins*, a conversation without a model holds on to the saved choice from now on."""
        if self.held is None and begins:
            saved = snapshot.selection
            self.held = saved.held if saved else None
        return window_state(snapshot, self.held)

    def moved_to(self, record: CredentialRecord, snapshot: Snapshot) -> SwitchTo | None:
        """The conversation with the account of *record*, which was chosen in this window; None where it is its own
        already, belongs to another provider, or the account cannot answer.
        """
        held = self.held
        if held is None or held.credential.provider is not record.provider or held.is_of(record):
            return None
        new = Held(held.preset, record.key, record.payer, record.label)
        switch = snapshot.resumed(new)
        if not isinstance(switch, SwitchTo):
            return None
        return replace(switch, payment=payment_words(switch.selection, snapshot.given.now.date()))

    def regain(self, record: CredentialRecord) -> bool:
        """Whether *record*, which signed in in this window, is whose conversation this is; then it goes on with it."""
        held = self.held
        if held is None or held.credential != record.key:
            return False
        self.held = Held(held.preset, record.key, record.payer, record.label, record.session_id if held.sign_in else "")
        return True

    def begun_with(self, stand: WindowState) -> tuple[str, ...]:
        """What to say of a conversation that began just now; nothing where it goes on as the one before it."""
        left, self._left = self._left, None
        selection = stand.selection
        if left is None or selection is None or left == selection.held:
            return ()
        first = f"A new conversation begins with {selection.preset.label} ({selection.means}), the saved choice."
        return (first, *stand.payment_since(left))
