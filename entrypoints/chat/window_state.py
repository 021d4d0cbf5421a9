"""What the screens show of the world: read again whenever a sign-in or the selection changed."""

from __future__ import annotations

from typing import Final

from application.snapshot import Snapshot
from domain.credential import CredentialKind
from domain.model import Preset
from domain.payment import payment_words
from domain.provider import FIRST, Provider
from domain.records import dataclass, replace
from domain.selection import Held, Selection, mode_of
from domain.session import SessionState, is_signed_in, state_of
from domain.store_trouble import trouble_of
from domain.switching import (
    NotPossible,
    PayerChanges,
    SignInRequired,
    StoreUnusable,
    SwitchInput,
    SwitchTo,
    decide,
    plan_use_off,
    signed_in,
)
from domain.text.untrusted import untrusted_line
from entrypoints.words.ways_in import below

PICK_ANOTHER: Final = "/model picks another model and sign-in."


@dataclass(frozen=True, slots=True)
class WindowState:
    """A snapshot, and what is selected in this window."""

    snapshot: Snapshot
    preset: Preset | None
    selection: Selection | None
    """None where nothing is selected, or nothing can answer for it."""
    only_here: bool = False
    """Whether a new conversation would begin with something else."""
    held: Held | None = None
    """What the conversation holds on to; None while it has no model."""

    @property
    def given(self) -> SwitchInput:
        """What a selection in this window is decided on."""
        if self.held is None:
            return self.snapshot.given
        return replace(self.snapshot.given, current=self.held, preferred=mode_of(self.held.credential))

    def payment_since(self, before: Held | None) -> tuple[str, ...]:
        """Who pays and at what price, where that is somebody else than *before*."""
        if self.selection is None or (before is not None and before.is_of(self.selection.credential)):
            return ()
        return (payment_words(self.selection, self.snapshot.given.now.date()),)

    def provider_state(self, provider: Provider) -> SessionState:
        """The state of the credential that *provider* would use."""
        now = self.snapshot.given.now
        mine = [record for record in self.snapshot.credentials if record.provider is provider and record.active]
        if not mine:
            trouble = trouble_of(provider, self.snapshot.given.troubles)
            return trouble.state if trouble else SessionState.NOT_LOGGED_IN
        used = min(mine, key=lambda record: not is_signed_in(record, now))
        hurt = next((trouble for trouble in self.snapshot.given.troubles if trouble.key == used.key), None)
        return hurt.state if hurt else state_of(used, now)

    def signed_in(self, provider: Provider) -> bool:
        """Whether a message could be sent to *provider*."""
        if self.selection is not None and self.selection.preset.provider is provider:
            return True
        return provider in signed_in(self.snapshot.given)

    def plan_use_off(self, provider: Provider) -> bool:
        """Whether the one who is signed in to *provider* did not allow use of its plan."""
        return plan_use_off(provider, self.snapshot.credentials)

    def way_in(self, provider: Provider, key_by: str) -> str:
        """What stands below a sentence that asks for a sign-in; see `below`."""
        return below(provider, self.snapshot.settings.clients, key_by)

    def obstacle(self) -> SignInRequired | PayerChanges | StoreUnusable | NotPossible:
        """What a message waits for where nothing is selected that can answer."""
        preset = self.wanted()
        switch = decide(preset, self.snapshot.catalogue, self.snapshot.given)
        match self.snapshot.resumed(self.held) if self.held else switch:
            case SignInRequired() | PayerChanges() | StoreUnusable() | NotPossible() as obstacle:
                return obstacle
            case _:
                return SignInRequired(preset)

    def wanted(self) -> Preset:
        """The preset to talk about where one is needed: the selected one, else what a first sign-in brings."""
        return self.preset or self.snapshot.catalogue.default_for(FIRST)


def window_state(snapshot: Snapshot, held: Held | None) -> WindowState:
    """How things stand in a window whose conversation holds on to *held*; None where it has no model yet."""
    if held is None:
        return WindowState(snapshot, snapshot.preset, snapshot.selection)
    switch, saved = snapshot.resumed(held), snapshot.selection
    selection = switch.selection if isinstance(switch, SwitchTo) else None
    preset = snapshot.preset
    other = preset is None or preset.id != held.preset.id or (saved is not None and not held.is_of(saved.credential))
    return WindowState(snapshot, held.preset, selection, only_here=other, held=held)


def left_waiting(before: WindowState | None, after: WindowState) -> str:
    """What to say where the credential of the conversation went, or ended, in another window; "" where it did not.

    No other one steps in its place, so whoever sits here should know before the next message.
    """
    if before is None or before.selection is None or after.selection is not None or after.held is None:
        return ""
    held = after.held
    if not held.is_of(before.selection.credential):
        return ""
    who = untrusted_line(held.label)
    return (
        f"{held.means} ({who}) cannot be used any more, and this conversation goes on with nothing else by itself. "
        f"{sign_in_line(held)} {PICK_ANOTHER}"
    )


def sign_in_line(held: Held) -> str:
    """How the credential of a conversation comes back."""
    provider = held.credential.provider
    if held.credential.kind is CredentialKind.API_KEY:
        return f"/login --provider={provider} --api-key stores the key again."
    return f"/login --provider={provider} signs in again."
