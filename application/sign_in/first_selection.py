"""What the first sign-in of an empty home selects."""

from __future__ import annotations

from application.snapshot import ReadSnapshot
from application.use_cases.select_model import SelectModel
from domain.credential import CredentialRecord
from domain.selection import mode_of
from domain.switching import SwitchTo


class FirstSelection:
    """The default model of the provider that was signed in to.

    Nothing where a model, or another sign-in, was ever chosen.
    """

    def __init__(self, *, snapshot: ReadSnapshot, select: SelectModel) -> None:
        self._snapshot = snapshot
        self._select = select

    def __call__(self, record: CredentialRecord) -> SwitchTo | None:
        """Select it; None where nothing was selected. Raises as `SelectModel` does."""
        snapshot = self._snapshot()
        settings = snapshot.settings
        other = settings.active_auth_provider not in (None, mode_of(record.key))
        if settings.model is not None or other or record.plan_use_off:
            return None
        switch = self._select(snapshot.catalogue.default_for(record.provider).id)
        return switch if isinstance(switch, SwitchTo) else None
