"""What a provider's own list of models says."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from domain.records import dataclass, replace

if TYPE_CHECKING:
    from domain.credential import CredentialKey

REFRESH_EVERY: Final = timedelta(days=1)
"""A list is asked for this often at most, unless a person asks."""

FACTS_LAST: Final = timedelta(days=60)
"""Vendors announce ends some 60 days ahead: facts that are older may have missed one."""

_MISSED_FOR: Final = timedelta(days=90)
"""A model that the list no longer has stays this long, marked; then nobody chose it for a season."""

_MOST_MISSED: Final = 100


@dataclass(frozen=True, slots=True)
class ListedModel:
    """A model as its provider lists it. What the list does not say is None."""

    id: str
    label: str
    """Foreign text, made safe to show when it was read."""
    context: int | None = None
    ends: date | None = None
    created: date | None = None
    missing_since: date | None = None
    """The day of the first list that did not have it any more; None while the latest has it."""


@dataclass(frozen=True, slots=True)
class ModelList:
    """The models that one credential was last told of."""

    key: CredentialKey
    tried_at: datetime
    """Aware, in UTC: when the provider was last asked, whatever it answered."""
    read_at: datetime | None = None
    """Aware, in UTC: when it last answered with a list; None where it never did."""
    of_plan: bool = False
    """Whether a plan pays for what this credential asks."""
    models: tuple[ListedModel, ...] = ()

    @property
    def whose(self) -> str:
        """`Claude's list`, `your plan's list`."""
        return "your plan's list" if self.of_plan else f"{self.key.provider.label}'s list"

    def due(self, now: datetime) -> bool:
        """Whether to ask again. A try that lies in the future was made by a clock that was off: it counts for none."""
        return not timedelta(0) <= now - self.tried_at < REFRESH_EVERY


def following(before: ModelList | None, found: ModelList) -> ModelList:
    """*found*, with what the list *before* it had and this one has not, marked with the day since when."""
    if before is None or found.read_at is None:
        return found
    today, here = found.read_at.date(), {model.id for model in found.models}
    missed = [
        replace(model, missing_since=min(model.missing_since or today, today))
        for model in before.models
        if model.id not in here
    ]
    kept = [model for model in missed if model.missing_since and today - model.missing_since <= _MISSED_FOR]
    return replace(found, models=(*found.models, *kept[:_MOST_MISSED]))
