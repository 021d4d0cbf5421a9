"""What the screens show of the world: read again whenever a sign-in or the selection changed."""

from __future__ import annotations

from dataclasses import dataclass

from application.situation import Situation
from domain.credential import CredentialKind
from domain.model import Preset
from domain.provider import Provider
from domain.selection import Selection
from domain.session import SessionState, lives, state_of
from domain.store_trouble import trouble_of
from domain.switching import PayerChanges, SignInRequired, StoreUnusable, SwitchTo, decide, plan_use_off, signed_in
from domain.untrusted import untrusted_line


@dataclass(frozen=True, slots=True)
class Standing:
    """The situation, and what is selected in this window."""

    situation: Situation
    preset: Preset | None
    selection: Selection | None
    """None where nothing is selected, or nothing can answer for it."""
    only_here: bool = False
    """Whether the selection holds for this conversation only."""

    def provider_state(self, provider: Provider) -> SessionState:
        """The state of the credential that *provider* would use."""
        now = self.situation.given.now
        mine = [record for record in self.situation.credentials if record.provider is provider and record.active]
        if not mine:
            trouble = trouble_of(provider, self.situation.given.troubles)
            return trouble.state if trouble else SessionState.NOT_LOGGED_IN
        used = min(mine, key=lambda record: not lives(record, now))
        hurt = next((trouble for trouble in self.situation.given.troubles if trouble.key == used.key), None)
        return hurt.state if hurt else state_of(used, now)

    def signed_in(self, provider: Provider) -> bool:
        """Whether a message could be sent to *provider*."""
        return provider in signed_in(self.situation.given)

    def plan_use_off(self, provider: Provider) -> bool:
        """Whether the one who is signed in to *provider* did not allow use of its plan."""
        return plan_use_off(provider, self.situation.credentials)

    def obstacle(self) -> SignInRequired | PayerChanges | StoreUnusable:
        """What a message waits for where nothing is selected that can answer."""
        preset = self.wanted()
        match decide(preset, self.situation.catalogue, self.situation.given):
            case SignInRequired() | PayerChanges() | StoreUnusable() as obstacle:
                return obstacle
            case _:
                return SignInRequired(preset)

    def wanted(self) -> Preset:
        """The preset to talk about where one is needed: the selected one, else what a first sign-in brings."""
        return self.preset or self.situation.catalogue.default_for(Provider.CHATGPT)


def standing(situation: Situation, only_here: Selection | None) -> Standing:
    """How things stand in a window that selected *only_here* for itself, or follows config (None)."""
    if only_here is None:
        return Standing(situation, situation.preset, situation.selection)
    agreed = only_here.credential.kind is CredentialKind.API_KEY
    match decide(only_here.preset, situation.catalogue, situation.given, payer_agreed=agreed):
        case SwitchTo(selection):
            return Standing(situation, only_here.preset, selection, only_here=True)
        case _:
            return Standing(situation, only_here.preset, None, only_here=True)


def other_credential(before: Standing | None, after: Standing) -> str:
    """What to say where another credential of the same provider answers than before; "" where none does.

    Whichever window it was changed in, nobody should pay, or speak, as somebody else without being told.
    """
    old, new = before.selection if before else None, after.selection
    if old is None or new is None or old.preset.provider is not new.preset.provider:
        return ""
    if old.credential.key == new.credential.key:
        return ""
    who, payer = untrusted_line(new.credential.label), new.credential.payer.label
    return f"{new.preset.provider.label} goes on as {who} (pays: {payer})."
