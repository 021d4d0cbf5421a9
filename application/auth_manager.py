"""The service that a screen or a command asks about sign-ins."""

from __future__ import annotations

from application.renewal.renew_all import RefreshAll, RenewalOutcome
from application.snapshot import ReadSnapshot, mode_in_force
from application.use_cases.select_model import SelectModel
from domain.auth_mode import AuthMode
from domain.provider import Provider
from domain.switching import Switch, best_credential, signed_in


class AuthManager:
    """Holds no state of its own: every answer is read from the store, so that all windows agree."""

    def __init__(self, *, snapshot: ReadSnapshot, select: SelectModel, refresh_all: RefreshAll) -> None:
        self._snapshot = snapshot
        self._select = select
        self._refresh_all = refresh_all

    def switch_provider(self, provider: Provider) -> Switch:
        """Select *provider*: the selected model stays if it is one of the provider's, else its default comes.

        Raises as `SelectModel` does.
        """
        snapshot = self._snapshot()
        preset = snapshot.preset
        if preset is None or preset.provider is not provider:
            preset = snapshot.catalogue.default_for(provider)
        return self._select(preset.id)

    def is_logged_in(self, provider: Provider) -> bool:
        """Whether a message could be sent to *provider*."""
        return best_credential(provider, self._snapshot().given) is not None

    def logged_in_providers(self) -> tuple[Provider, ...]:
        """The providers that could be sent a message, in their fixed order."""
        snapshot = self._snapshot()
        able = signed_in(snapshot.given)
        return tuple(provider for provider in Provider if provider in able)

    async def refresh_all_tokens(self) -> tuple[RenewalOutcome, ...]:
        """Renew every session that is due; one outcome a session."""
        return await self._refresh_all()

    def preferred_auth_method(self) -> AuthMode | None:
        """How the next request authenticates; None where nothing was ever chosen."""
        return mode_in_force(self._snapshot())
