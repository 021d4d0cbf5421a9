"""Pick a model, and with it the sign-in."""

from __future__ import annotations

from dataclasses import replace

from application.ports.config_store import ConfigStore
from application.ports.event_log import EventLog
from application.snapshot import ReadSnapshot, Snapshot
from domain.accounts import tag
from domain.credential import CredentialRecord
from domain.model import Preset
from domain.selection import Held, Selection, mode_of
from domain.switching import NotPossible, PayerChanges, SignInRequired, StoreUnusable, Switch, SwitchTo, decide


class SelectModel:
    """Resolve a name to preset, provider, account and credential first, and only then change anything.

    Nothing here waits for a network: a stored credential that is valid or can be renewed is enough.
    """

    def __init__(self, *, snapshot: ReadSnapshot, config: ConfigStore, events: EventLog) -> None:
        self._snapshot = snapshot
        self._config = config
        self._events = events

    def __call__(
        self, name: str, *, current: Held | None = None, save: bool = True, payer_agreed: bool = False
    ) -> Switch:
        """Select *name*. With *save* it comes back after a restart, else only the returned selection knows.

        *current* is what the open conversation holds on to; without it, what config says.

        Raises:
            UnknownName: Nothing is called so.
            ConfigError: The config file cannot be read or written; nothing was changed.
        """
        snapshot = self._snapshot(held=current.credential if current else None)
        preset = snapshot.catalogue.resolve(name)
        switch = self._decide(preset, snapshot, current, payer_agreed=payer_agreed)
        match switch:
            case SwitchTo(selection):
                if save:
                    self._config.select(preset.id, selection.mode)
                self._note(selection, saved=save)
            case SignInRequired(plan_use_off=off):
                self._refused(preset, "plan_use_off" if off else "sign_in_required")
            case PayerChanges():
                self._refused(preset, "payer_changes")
            case NotPossible():
                self._refused(preset, "not_possible")
            case StoreUnusable(error=error):
                self._refused(preset, error.code)
        return switch

    def first(self, record: CredentialRecord) -> SwitchTo | None:
        """Select the default model of *record*'s provider, where neither a model nor another sign-in was ever chosen.

        None where nothing was selected. Raises as a call.
        """
        snapshot = self._snapshot()
        settings = snapshot.settings
        other = settings.active_auth_provider not in (None, mode_of(record.key))
        if settings.model is not None or other or record.plan_use_off:
            return None
        switch = self(snapshot.catalogue.default_for(record.provider).id)
        return switch if isinstance(switch, SwitchTo) else None

    def _decide(self, preset: Preset, snapshot: Snapshot, current: Held | None, *, payer_agreed: bool) -> Switch:
        saved = snapshot.selection
        in_force = current or (saved.held if saved else None)
        preferred = mode_of(in_force.credential) if in_force else snapshot.given.preferred
        given = replace(snapshot.given, current=in_force, preferred=preferred)
        return decide(preset, snapshot.catalogue, given, payer_agreed=payer_agreed)

    def _note(self, selection: Selection, *, saved: bool) -> None:
        self._events.record(
            "switched",
            provider=selection.preset.provider.value,
            preset=selection.preset.id,
            model=selection.answering.model.id,
            mode=selection.mode.value,
            account=tag(selection.credential.key),
            saved=saved,
        )

    def _refused(self, preset: Preset, reason: str) -> None:
        self._events.record("selection_refused", provider=preset.provider.value, preset=preset.id, reason=reason)
