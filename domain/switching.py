"""The decision behind a switch: pure, and made before anything changes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.auth_mode import AuthMode
from domain.catalogue import Catalogue
from domain.credential import CredentialKind, CredentialRecord, Payer
from domain.model import Preset
from domain.provider import Provider
from domain.selection import Selection
from domain.session import can_serve


@dataclass(frozen=True, slots=True)
class SwitchTo:
    """The selection can be made."""

    selection: Selection

    @property
    def lines(self) -> tuple[str, ...]:
        """The confirmation, and a second line where another model answers."""
        first = f"Switched to {self.selection.preset.label} ({self.selection.means})"
        notice = self.selection.answering.notice
        return (first, notice) if notice else (first,)


@dataclass(frozen=True, slots=True)
class SignInRequired:
    """Nothing at hand can answer for the preset; one sign-in would do."""

    preset: Preset

    @property
    def provider(self) -> Provider:
        """Where to sign in."""
        return self.preset.provider

    @property
    def sentence(self) -> str:
        """What a person is told, up to the command that helps."""
        return f"{self.preset.line} requires {self.provider.label} login."


@dataclass(frozen=True, slots=True)
class PayerChanges:
    """The selection can be made, and would move the bill from a plan to a paid key: ask first."""

    selection: Selection


@dataclass(frozen=True, slots=True)
class NotPossible:
    """No credential of this provider can be asked for this preset."""

    preset: Preset
    reason: str


Switch = SwitchTo | SignInRequired | PayerChanges | NotPossible


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a decision rests on beside the preset itself."""

    credentials: tuple[CredentialRecord, ...]
    now: datetime
    """Aware, in UTC."""
    current_payer: Payer | None = None
    preferred: AuthMode | None = None
    """The mode in force: whoever chose an API key keeps it while its provider stays the same."""


def decide(preset: Preset, catalogue: Catalogue, given: Circumstances, *, payer_agreed: bool = False) -> Switch:
    """Whether *preset* can be selected, and with which credential."""
    if not preset.model.strip():
        return NotPossible(preset, "it names no model")
    credential = best_credential(preset.provider, given)
    if credential is None:
        return SignInRequired(preset)
    answering = catalogue.answering(preset, credential.payer, given.now.date())
    if not answering.model.serves(credential.payer):
        return NotPossible(preset, f"a {preset.provider.label} plan does not offer {answering.model.label}")
    selection = Selection(preset, credential, answering)
    if from_plan_to_key(given.current_payer, credential) and not payer_agreed:
        return PayerChanges(selection)
    return SwitchTo(selection)


def best_credential(provider: Provider, given: Circumstances) -> CredentialRecord | None:
    """The credential of *provider* to use: the active account's session before a key, unless a key is preferred.

    No other account ever steps in for the active one: that would spend what its owner did not choose to spend, and
    vendors forbid it (Sign in with ChatGPT Terms: no rotating of accounts).
    """
    mine = (record for record in given.credentials if record.provider is provider and record.active)
    able = [record for record in mine if can_serve(record, given.now)]
    prefer_key = given.preferred is AuthMode.APIKEY
    return min(able, key=lambda record: _rank(record, prefer_key=prefer_key), default=None)


def from_plan_to_key(payer: Payer | None, credential: CredentialRecord) -> bool:
    """Whether going from *payer* to *credential* starts to cost money per request by a key."""
    return payer is Payer.PLAN and credential.kind is CredentialKind.API_KEY


def signed_in(credentials: Iterable[CredentialRecord], now: datetime) -> frozenset[Provider]:
    """The providers that at least one active credential can serve."""
    return frozenset(record.provider for record in credentials if record.active and can_serve(record, now))


def _rank(record: CredentialRecord, *, prefer_key: bool) -> tuple[bool, int, str]:
    is_key = record.kind is CredentialKind.API_KEY
    return (is_key is not prefer_key, _KINDS.index(record.kind), record.key.account)


_KINDS: Final = (CredentialKind.OAUTH, CredentialKind.BORROWED, CredentialKind.API_KEY)
"""A sign-in of keyswitch's own comes before one that another program keeps."""
