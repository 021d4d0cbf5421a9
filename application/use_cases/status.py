"""Who is signed in, as config and store alone tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from application.settings import EnvKeys, KeyPreference
from domain.credential import CredentialKind, CredentialRecord
from domain.errors import StoreError
from domain.provider import Provider
from domain.records import dataclass
from domain.renewal.clock_skew import clock_off
from domain.renewal.ending import ends_soon
from domain.renewal.freshness import Instant
from domain.session import SessionState, is_signed_in, state_of
from domain.store_trouble import STORE_STATES, StoreTrouble, trouble_of
from domain.switching import SwitchInput, is_away

if TYPE_CHECKING:
    from datetime import datetime

    from application.ports.earlier_sign_ins import EarlierSignIns
    from application.ports.master_key import KeyPlaceReader
    from application.snapshot import Snapshot
    from domain.earlier_sign_in import EarlierSignIn
    from domain.master_key import KeyWhereabouts
    from domain.model import Preset


@dataclass(frozen=True, slots=True)
class ProviderStatus:
    """How one provider stands: its state, its accounts, and what is wrong."""

    provider: Provider
    state: SessionState
    active: bool
    """Whether the selected model is answered by this provider."""
    credential: CredentialRecord | None
    """The one that is used, or the one whose trouble is shown; None where nothing is stored, or none is chosen."""
    accounts: tuple[CredentialRecord, ...]
    """All that are stored, in an order that does not depend on which one is active."""
    troubles: tuple[StoreTrouble, ...]
    """What of the session store cannot be used and says that it is this provider's."""
    env_key: str | None
    """The variable that holds a key of this provider, if one does."""
    env_key_used: bool
    key_command: str | None = None
    """The command that prints a key of this provider, if the config names one, without its secrets."""

    @property
    def key_command_used(self) -> bool:
        """Whether that key is the one that is used."""
        return self.credential is not None and self.credential.key.by_command

    @property
    def signed_in(self) -> bool:
        """Whether somebody is signed in, or a key is at hand."""
        return self.state in _SIGNED_IN

    @property
    def plan_use_off(self) -> bool:
        """Whether the one who is signed in did not allow use of the plan."""
        return self.credential is not None and self.credential.plan_use_off

    @property
    def serves(self) -> bool:
        """Whether a message can be sent."""
        return self.signed_in and not self.plan_use_off

    @property
    def unchosen(self) -> bool:
        """Whether accounts are signed in and none of them is active: it takes a person to choose one."""
        return self.credential is None and bool(self.accounts) and not self.store_trouble

    @property
    def store_trouble(self) -> bool:
        """Whether it is the store that stands in the way, and no sign-in is missing."""
        return self.state in STORE_STATES


_SIGNED_IN = frozenset(
    {
        SessionState.ACTIVE,
        SessionState.LOGGED_IN,
        SessionState.RENEWING,
        SessionState.DUE,
        SessionState.UNCERTAIN,
        SessionState.DEGRADED,
        SessionState.API_KEY,
        SessionState.BORROWED,
        SessionState.FORWARDED,
    }
)


@dataclass(frozen=True, slots=True)
class StatusReport:
    """How all providers stood at one moment, in their fixed order."""

    at: datetime
    """Aware, in UTC."""
    preset: Preset | None
    providers: tuple[ProviderStatus, ...]
    key: KeyWhereabouts | None = None
    """Where the master key of the store is; None while there is none, or where that cannot be read."""
    key_wanted: KeyPreference = KeyPreference.AUTO
    """Where the config says that it should be."""
    env_keys: EnvKeys = EnvKeys.IGNORE
    """Whether the config lets keys of the environment be used."""
    notices: tuple[str, ...] = ()
    troubles: tuple[StoreTrouble, ...] = ()
    """What of the session store cannot be used."""
    redirections: tuple[str, ...] = ()
    """The variables that lead other programs to another host, and are ignored."""
    earlier_sign_ins: tuple[EarlierSignIn, ...] = ()
    """What other programs keep on this machine; nothing of it is used."""

    @property
    def stored(self) -> tuple[CredentialRecord, ...]:
        """All that is stored here, by provider; keys of the environment and of commands are not."""
        return tuple(record for record in self._everything if record.key.is_stored)

    @property
    def listed(self) -> tuple[CredentialRecord, ...]:
        """What the config or the store names, by provider; keys of the environment nobody put there for us."""
        return tuple(record for record in self._everything if not record.key.in_environment)

    @property
    def _everything(self) -> tuple[CredentialRecord, ...]:
        return tuple(record for status in self.providers for record in status.accounts)

    def state_of(self, record: CredentialRecord) -> SessionState:
        """The state that is shown for *record*, one of those in this report."""
        return _state_of(record, self.at, self.troubles)

    @property
    def clock_off(self) -> CredentialRecord | None:
        """The session at whose last renewal this machine's clock was off; None where the latest word is another."""
        return clock_off(self.stored)

    @property
    def usable(self) -> bool:
        """Whether the active credential can be used; where none is active, whether any can."""
        return any(status.serves for status in self._in_question)

    @property
    def ends_soon(self) -> bool:
        """Whether something can be used, and all of it ends within three days without a new sign-in."""
        serving = [status.credential for status in self._in_question if status.serves and status.credential]
        return bool(serving) and all(ends_soon(record, Instant(self.at)) for record in serving)

    @property
    def store_in_the_way(self) -> bool:
        """Whether nothing can be used, and the store is why."""
        return not self.usable and any(status.store_trouble for status in self._in_question)

    @property
    def _in_question(self) -> tuple[ProviderStatus, ...]:
        """The active provider; where none is, all."""
        return tuple(status for status in self.providers if status.active) or self.providers


def status_report(snapshot: Snapshot, keys: KeyPlaceReader, earlier: EarlierSignIns) -> StatusReport:
    """The report on *snapshot*, made without a key, a socket or a write."""
    key: KeyWhereabouts | None = None
    trouble: tuple[str, ...] = ()
    try:
        key = keys.whereabouts()
    except StoreError as error:  # a status tells of trouble, and has none
        trouble = (str(error),)
    return StatusReport(
        at=snapshot.given.now,
        preset=snapshot.preset,
        providers=tuple(_one(provider, snapshot) for provider in Provider),
        key=key,
        key_wanted=snapshot.settings.key_source,
        env_keys=snapshot.settings.env_keys,
        notices=(*snapshot.settings.notices, *snapshot.store_notices, *trouble),
        troubles=snapshot.given.troubles,
        redirections=snapshot.redirections,
        earlier_sign_ins=earlier.found(),
    )


def _one(provider: Provider, snapshot: Snapshot) -> ProviderStatus:
    selection = snapshot.selection
    chosen = selection.credential if selection and selection.preset.provider is provider else None
    active = snapshot.preset is not None and snapshot.preset.provider is provider
    accounts = tuple(record for record in snapshot.credentials if record.provider is provider)
    credential = chosen or _most_telling(accounts, snapshot.given)
    troubles = snapshot.given.troubles
    return ProviderStatus(
        provider=provider,
        state=_state(provider, credential, snapshot, active=active),
        active=active,
        credential=credential,
        accounts=accounts,
        troubles=tuple(trouble for trouble in troubles if trouble.key is not None and trouble.concerns(provider)),
        env_key=snapshot.env_keys_present.get(provider),
        env_key_used=credential is not None and credential.key.in_environment,
        key_command=next((one.shown for one in snapshot.settings.key_commands if one.provider is provider), None),
    )


def _most_telling(accounts: tuple[CredentialRecord, ...], given: SwitchInput) -> CredentialRecord | None:
    return min(
        (record for record in accounts if record.active),
        key=lambda record: (
            not is_signed_in(record, given.now),
            is_away(record) is not given.laptop_first,
            record.kind is not CredentialKind.OAUTH,
        ),
        default=None,
    )


def _state(
    provider: Provider, credential: CredentialRecord | None, snapshot: Snapshot, *, active: bool
) -> SessionState:
    if credential is None:
        trouble = trouble_of(provider, snapshot.given.troubles)
        if trouble is not None:
            return trouble.state
        has_client = provider in snapshot.settings.clients
        return SessionState.NOT_LOGGED_IN if has_client else SessionState.NO_CLIENT
    state = _state_of(credential, snapshot.given.now, snapshot.given.troubles)
    return SessionState.ACTIVE if active and state is SessionState.LOGGED_IN else state


def _state_of(record: CredentialRecord, now: datetime, troubles: tuple[StoreTrouble, ...]) -> SessionState:
    found = next((trouble for trouble in troubles if trouble.key == record.key), None)
    return found.state if found else state_of(record, now)
