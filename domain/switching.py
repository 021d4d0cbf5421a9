"""The decision behind a switch: pure, and made before anything changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.auth_mode import AuthMode
from domain.credential import CredentialKey, CredentialKind, CredentialRecord
from domain.errors import PlanUseOff, SignInNeeded, StoreError
from domain.forwarding.forwarded_key import home_key
from domain.payment import payment_words
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.records import dataclass
from domain.selection import Held, Selection
from domain.session import can_serve
from domain.store_trouble import StoreTrouble, trouble_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from domain.catalogue import Catalogue
    from domain.model import Preset


@dataclass(frozen=True, slots=True)
class SwitchTo:
    """The selection can be made."""

    selection: Selection
    payment: str = ""
    """Who pays and at what price, where that is somebody else than before; "" where it is not."""

    @property
    def lines(self) -> tuple[str, ...]:
        """The confirmation, who answers where that is another model, and who pays where that is somebody else."""
        first = f"Switched to {self.selection.preset.label} ({self.selection.means})"
        return (first, *self.remarks)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is to be said beside the confirmation."""
        return tuple(filter(None, (self.selection.answering.notice, self.payment)))


@dataclass(frozen=True, slots=True)
class SignInRequired:
    """Nothing at hand can answer for the preset; one sign-in would do."""

    preset: Preset
    plan_use_off: bool = False
    """Somebody is signed in, and did not allow use of the plan."""
    held: Held | None = None
    """The credential of a conversation, which cannot be used now and in whose place no other steps; None elsewhere."""

    @property
    def provider(self) -> Provider:
        """Where to sign in."""
        return self.preset.provider

    @property
    def error(self) -> SignInNeeded:
        """The error that says this to whoever asked for the switch."""
        if self.plan_use_off:
            return PlanUseOff(self.provider)
        if self.held is not None:
            return self.held.lost
        return SignInNeeded(self.provider, self.preset.line)

    @property
    def sentence(self) -> str:
        """What a person is told, up to the command that helps."""
        return str(self.error)


@dataclass(frozen=True, slots=True)
class PayerChanges:
    """The selection can be made, and a paid key would pay where a plan did or was meant to: ask first."""

    selection: Selection


@dataclass(frozen=True, slots=True)
class NotPossible:
    """No credential of this provider can be asked for this preset."""

    preset: Preset
    reason: str


@dataclass(frozen=True, slots=True)
class StoreUnusable:
    """What would answer for the preset is stored, or may be, and cannot be used: no sign-in is missing."""

    preset: Preset
    error: StoreError


Switch = SwitchTo | SignInRequired | PayerChanges | NotPossible | StoreUnusable


@dataclass(frozen=True, slots=True)
class SwitchInput:
    """What a decision rests on beside the preset itself."""

    credentials: tuple[CredentialRecord, ...]
    now: datetime
    """Aware, in UTC."""
    current: Held | None = None
    """What answered until now, whether it still can or not."""
    preferred: AuthMode | None = None
    """The mode in force: whoever chose an API key keeps it while its provider stays the same."""
    troubles: tuple[StoreTrouble, ...] = ()
    """What of the session store cannot be used."""
    laptop_first: bool = False
    """Whether what a laptop lends comes before what is kept here."""
    laptop_never: bool = False
    """Whether it is not used at all, not even by a conversation that goes on with it."""

    @property
    def current_payer(self) -> Payer | None:
        """Who paid until now: by the credential, else by the chosen mode, which nobody need be signed in for."""
        if self.current is not None:
            return self.current.payer
        provider = self.preferred.provider if self.preferred else None
        return provider.facts.payer if provider else None


def decide(preset: Preset, catalogue: Catalogue, given: SwitchInput, *, payer_agreed: bool = False) -> Switch:
    """Whether *preset* can be selected, and with which credential."""
    if not preset.model.strip():
        return NotPossible(preset, "it names no model")
    credential = best_credential(preset.provider, given)
    if credential is None:
        trouble = trouble_of(preset.provider, given.troubles)
        if trouble is not None:
            return StoreUnusable(preset, trouble.error)
        return SignInRequired(preset, plan_use_off=plan_use_off(preset.provider, given.credentials))
    answering = catalogue.answering(preset, credential.payer, given.now.date())
    selection = Selection(preset, credential, answering)
    same = given.current is not None and given.current.is_of(credential)
    asks = from_plan_to_key(given.current_payer, credential) or _key_steps_in(credential, given)
    if not payer_agreed and (asks or (not same and laptop_steps_in(credential, given))):
        return PayerChanges(selection)
    return SwitchTo(selection, "" if same else payment_words(selection, given.now.date()))


def keep(held: Held, catalogue: Catalogue, given: SwitchInput) -> Switch:
    """What answers in a conversation that holds on to *held*: that very credential, be it active or not, or nothing."""
    silent = None if given.laptop_never else held.without_laptop(given.now)
    record = next((record for record in given.credentials if held.is_of(record)), silent)
    hurt = next((trouble for trouble in given.troubles if trouble.key == held.credential), None)
    trouble = hurt or (trouble_of(held.credential.provider, given.troubles) if record is None else None)
    if trouble is not None:
        return StoreUnusable(held.preset, trouble.error)
    if record is None or not can_serve(record, given.now):
        off = record is not None and record.plan_use_off
        return SignInRequired(held.preset, plan_use_off=off, held=held)
    answering = catalogue.answering(held.preset, record.payer, given.now.date())
    return SwitchTo(Selection(held.preset, record, answering))


def best_credential(provider: Provider, given: SwitchInput) -> CredentialRecord | None:
    """The credential of *provider* to use: what answered until now, else the active account's session before a key,
    unless a key is preferred.

    No other account ever steps in for the active one: that would spend what its owner did not choose to spend, and
    vendors forbid it (Sign in with ChatGPT Terms: no rotating of accounts).
    """
    held, out_of_reach = given.current, {trouble.key for trouble in given.troubles}
    chosen = (record for record in given.credentials if record.active or (held and held.is_of(record)))
    mine = (record for record in chosen if record.provider is provider)
    able = [record for record in mine if can_serve(record, given.now) and record.key not in out_of_reach]
    if (same := next((record for record in able if held and held.is_of(record)), None)) is not None:
        return same
    able = [record for record in able if record.active]
    prefer_key = given.preferred is AuthMode.APIKEY
    return min(
        able,
        key=lambda record: (is_away(record) is not given.laptop_first, *_rank(record, prefer_key=prefer_key)),
        default=None,
    )


def from_plan_to_key(payer: Payer | None, credential: CredentialRecord) -> bool:
    """Whether going from *payer* to *credential* starts to cost money per request by a key."""
    return payer is Payer.PLAN and _is_key(credential.key)


def is_away(record: CredentialRecord) -> bool:
    """Whether it stays on a laptop, which lends its use."""
    return record.kind is CredentialKind.FORWARDED


def laptop_steps_in(credential: CredentialRecord, given: SwitchInput) -> bool:
    """Whether a laptop would answer only because what is kept here cannot: that is ended, or cannot be read."""
    if not is_away(credential) or given.laptop_first:
        return False
    if any(trouble.concerns(credential.provider) for trouble in given.troubles):
        return True
    beside = (record for record in given.credentials if record.provider is credential.provider and record.active)
    return any(not is_away(record) for record in beside)


def plan_use_off(provider: Provider, credentials: Iterable[CredentialRecord]) -> bool:
    """Whether the sign-in that *provider* uses does not allow use of its plan."""
    return any(record.plan_use_off for record in credentials if record.provider is provider and record.active)


def signed_in(given: SwitchInput) -> frozenset[Provider]:
    """The providers that at least one active credential can serve."""
    return frozenset(provider for provider in Provider if best_credential(provider, given) is not None)


def _key_steps_in(credential: CredentialRecord, given: SwitchInput) -> bool:
    """Whether a key would answer only because the plan beside it cannot: its session ended, does not allow it, or
    cannot be read.
    """
    if not _is_key(credential.key) or given.preferred is AuthMode.APIKEY:
        return False
    hurt = (trouble for trouble in given.troubles if trouble.concerns(credential.provider))
    if any(trouble.key is None or not _is_key(trouble.key) for trouble in hurt):
        return True
    beside = (record for record in given.credentials if record.provider is credential.provider and record.active)
    return any(record.payer is Payer.PLAN and not can_serve(record, given.now) for record in beside)


def _rank(record: CredentialRecord, *, prefer_key: bool) -> tuple[bool, int, str]:
    is_key = _is_key(record.key)
    return (is_key is not prefer_key, _KINDS.index(record.kind), record.key.account)


def _is_key(key: CredentialKey) -> bool:
    """Whether it is an API key, here or on the laptop that lends it."""
    return home_key(key).kind is CredentialKind.API_KEY


_KINDS: Final = (CredentialKind.OAUTH, CredentialKind.BORROWED, CredentialKind.API_KEY, CredentialKind.FORWARDED)
"""A sign-in of keyswitch's own comes before one that another program keeps, and what is here before what is not."""
