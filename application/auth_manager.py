"""What a command or a screen asks about sign-ins: who is signed in, which one is active, switch, renew all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from application.use_cases.status import StatusReport, status_report
from domain.accounts import tag
from domain.credential import CredentialKey, CredentialKind, CredentialRecord
from domain.errors import KeyswitchError
from domain.event import SWITCHED
from domain.provider import Provider
from domain.records import dataclass, replace
from domain.selection import Held, Selection, mode_of
from domain.switching import (
    NotPossible,
    PayerChanges,
    SignInRequired,
    StoreUnusable,
    Switch,
    SwitchTo,
    best_credential,
    decide,
    signed_in,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from application.ports.config_store import ConfigStore
    from application.ports.earlier_sign_ins import EarlierSignIns
    from application.ports.event_log import EventLog
    from application.ports.master_key import KeyPlaceReader
    from application.ports.session_store import RecordReader
    from application.renewal.coordinator import Renewal
    from application.snapshot import ReadSnapshot, Snapshot
    from domain.auth_mode import AuthMode
    from domain.model import Preset


@dataclass(frozen=True, slots=True)
class RenewalOutcome:
    """What came of one session when all were renewed."""

    record: CredentialRecord
    """As it was before."""
    renewed: bool
    error: KeyswitchError | None = None
    put_off: str = ""
    """Why a session that is due was not renewed now, although it is still good; "" where nothing went wrong."""


class AuthManager:
    """The one door to the sign-ins. It holds no state: every answer is read from the files, so all windows agree.

    Whatever a person switches goes through here, and nothing else writes model and sign-in into the config. A switch
    waits for no network: a stored credential that is valid or can be renewed is enough.
    """

    def __init__(
        self,
        *,
        snapshot: ReadSnapshot,
        sessions: RecordReader,
        config: ConfigStore,
        events: EventLog,
        keys: KeyPlaceReader,
        earlier: EarlierSignIns,
        renewal: Callable[[], Renewal],
    ) -> None:
        """*renewal* is asked for when something is renewed: few commands do, and it takes libraries."""
        self._snapshot = snapshot
        self._sessions = sessions
        self._config = config
        self._events = events
        self._keys = keys
        self._earlier = earlier
        self._renewal = renewal

    def snapshot(self, *, held: CredentialKey | None = None) -> Snapshot:
        """Config and credentials as they are now, for whoever asks several things of them. As `ReadSnapshot` says."""
        return self._snapshot(held=held)

    def status(self) -> StatusReport:
        """Who is signed in, and which provider is active. Raises as `ReadSnapshot` does."""
        return status_report(self._snapshot(), self._keys, self._earlier)

    def is_logged_in(self, provider: Provider) -> bool:
        """Whether a message could be sent to *provider*."""
        return best_credential(provider, self._snapshot().given) is not None

    def logged_in_providers(self) -> tuple[Provider, ...]:
        """The providers that could be sent a message, in their fixed order."""
        able = signed_in(self._snapshot().given)
        return tuple(provider for provider in Provider if provider in able)

    def preferred_auth_method(self) -> AuthMode | None:
        """How the next request authenticates: as selected, else as the config prefers; None where it does not."""
        return self._snapshot().mode

    def switch_provider(
        self, to: Provider | str, *, current: Held | None = None, save: bool = True, payer_agreed: bool = False
    ) -> Switch:
        """Let the model called *to*, and with it its provider's sign-in, answer from now on.

        Where *to* is a provider, the selected model stays if it is one of the provider's; else its default comes.
        Everything is decided first, and only then something changes. With *save* the selection comes back after a
        restart, else only the returned one knows. *current* is what the open conversation holds on to; without it,
        what config says.

        Raises:
            UnknownName: Nothing is called so.
            ConfigError: The config file cannot be read or written; nothing was changed.
        """
        snapshot = self._snapshot(held=current.credential if current else None)
        preset = _preset_of(to, snapshot) if isinstance(to, Provider) else snapshot.catalogue.resolve(to)
        switch = _decide(preset, snapshot, current, payer_agreed=payer_agreed)
        if isinstance(switch, SwitchTo) and isinstance(to, str):
            preset = snapshot.catalogue.surest(to, preset, switch.selection.credential.payer)
            if preset is not switch.selection.preset:
                switch = _decide(preset, snapshot, current, payer_agreed=payer_agreed)
        match switch:
            case SwitchTo(selection):
                if save:
                    self._config.select(preset.id, selection.mode)
                self._note_switch(selection, saved=save)
            case SignInRequired(plan_use_off=off):
                self._note_refusal(preset, "plan_use_off" if off else "sign_in_required")
            case PayerChanges():
                self._note_refusal(preset, "payer_changes")
            case NotPossible():
                self._note_refusal(preset, "not_possible")
            case StoreUnusable(error=error):
                self._note_refusal(preset, error.code)
        return switch

    def switch_first(self, signed_in: CredentialRecord) -> SwitchTo | None:
        """Switch to the provider of a first sign-in, where neither a model nor another sign-in was ever chosen.

        None where nothing was selected. Raises as `switch_provider` does.
        """
        settings = self._snapshot().settings
        other = settings.active_auth_provider not in (None, mode_of(signed_in.key))
        if settings.model is not None or other or signed_in.plan_use_off:
            return None
        switch = self.switch_provider(signed_in.provider)
        return switch if isinstance(switch, SwitchTo) else None

    def switch_account(self, account: CredentialRecord, before: Snapshot) -> bool:
        """Let the saved model go by *account*, if it is of that provider; whether it went by another kind *before*.

        Raises:
            ConfigError: The config file cannot be written; nothing was changed.
        """
        preset, mode = before.preset, mode_of(account.key)
        if preset is None or preset.provider is not account.provider:
            return False
        if mode is before.mode:
            return False
        self._config.select(preset.id, mode)
        return True

    async def refresh_all_tokens(
        self, provider: Provider | None = None, *, force: bool = False
    ) -> tuple[RenewalOutcome, ...]:
        """Renew every session that is due, of *provider* or of all, side by side; with *force* what is fresh as well.

        One account's failure stops no other. Raises:
            StoreDamaged: The session store as a whole cannot be read.
        """
        import asyncio  # few commands renew, and the fast ones do without

        renewal = self._renewal()

        async def outcome_of(record: CredentialRecord) -> RenewalOutcome:
            try:
                credential = await renewal(record.key, force=force)
            except KeyswitchError as error:
                return RenewalOutcome(record, renewed=False, error=error)
            renewed = credential.record.generation != record.generation
            setback = credential.record.setback
            return RenewalOutcome(record, renewed=renewed, put_off=setback.reason if setback and not renewed else "")

        records = await asyncio.to_thread(self._sessions.records)
        wanted = [record for record in records if provider in (None, record.provider)]
        sessions = [record for record in wanted if record.kind is CredentialKind.OAUTH and not record.key.is_apart]
        return tuple(await asyncio.gather(*map(outcome_of, sessions)))

    def _note_switch(self, selection: Selection, *, saved: bool) -> None:
        self._events.record(
            SWITCHED,
            provider=selection.preset.provider.value,
            preset=selection.preset.id,
            model=selection.answering.model.id,
            mode=selection.mode.value,
            account=tag(selection.credential.key),
            saved=saved,
        )

    def _note_refusal(self, preset: Preset, reason: str) -> None:
        self._events.record("selection_refused", provider=preset.provider.value, preset=preset.id, reason=reason)


def _preset_of(provider: Provider, snapshot: Snapshot) -> Preset:
    preset = snapshot.preset
    return preset if preset and preset.provider is provider else snapshot.catalogue.default_for(provider)


def _decide(preset: Preset, snapshot: Snapshot, current: Held | None, *, payer_agreed: bool) -> Switch:
    saved = snapshot.selection
    in_force = current or (saved.held if saved else None)
    preferred = mode_of(in_force.credential) if in_force else snapshot.given.preferred
    given = replace(snapshot.given, current=in_force, preferred=preferred)
    return decide(preset, snapshot.catalogue, given, payer_agreed=payer_agreed)
