"""The order in which models are listed, wherever that is: what is used, then what can be used now, then the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.catalogue import payer_of
from domain.provider import Provider
from domain.records import dataclass
from domain.switching import best_credential

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from application.snapshot import Snapshot
    from domain.model import Preset

MOST_RECENT: Final = 5
"""Beside the favourites; with more, nothing else would be in view when the list opens."""

USED: Final = "FAVOURITES & RECENT"
CLASSIC: Final = "CLASSIC PRESETS"


@dataclass(frozen=True, slots=True)
class Used:
    """What comes first, by the ids of presets."""

    favourites: tuple[str, ...] = ()
    recents: tuple[str, ...] = ()
    """The latest first."""


@dataclass(frozen=True, slots=True)
class Group:
    """Presets under one heading, at least one."""

    title: str
    presets: tuple[Preset, ...]
    provider: Provider | None = None
    """Whose they are, where they are all of one provider."""


def groups(shown: Sequence[Preset], able: Callable[[Provider], bool], used: Used) -> tuple[Group, ...]:
    """*shown* in groups; *able* says whose models can be used now.

    The classic presets are all in their own group, also those that are used; anything else stands in one place.
    """
    by_id = {preset.id: preset for preset in shown}
    favourites = [by_id[name] for name in used.favourites if name in by_id]
    recents = [by_id[name] for name in used.recents if name in by_id and name not in used.favourites][:MOST_RECENT]
    first = (*favourites, *recents)
    rest = [preset for preset in shown if not preset.featured and preset not in first]
    ordered = sorted(Provider, key=lambda provider: not able(provider))
    found = (
        Group(USED, first),
        *(Group(provider.label.upper(), _of(provider, rest), provider) for provider in ordered),
        Group(CLASSIC, tuple(preset for preset in shown if preset.featured)),
    )
    return tuple(group for group in found if group.presets)


def listed(
    snapshot: Snapshot, active: Preset | None, able: Callable[[Provider], bool], recents: Sequence[str]
) -> tuple[Group, ...]:
    """What is shown today, in groups. What is *active* counts as used, whatever the log knows.

    Models that answer themselves stand before those in whose place another one answers, and new ones before all.
    """
    first = (active.id,) if active else ()
    used = Used(snapshot.settings.ui.favourites, tuple(dict.fromkeys((*first, *recents))))
    shown = snapshot.catalogue.shown(snapshot.given.now.date())
    return groups(sorted(shown, key=lambda preset: _rank(preset, snapshot)), able, used)


def _rank(preset: Preset, snapshot: Snapshot) -> tuple[bool, bool]:
    """What comes first; of a list from elsewhere, only what is in it now is new."""
    model = snapshot.catalogue.model_of(preset)
    is_new = model is not None and model.from_list and not model.unlisted
    return (not preset.featured and _replaced(preset, snapshot), not preset.featured and not is_new)


def _replaced(preset: Preset, snapshot: Snapshot) -> bool:
    """Whether another model answers for *preset* today, with the sign-in that there is."""
    credential = best_credential(preset.provider, snapshot.given)
    payer = payer_of(preset, credential.payer if credential else None)
    return snapshot.catalogue.answering(preset, payer, snapshot.given.now.date()).notice is not None


def in_order(found: Iterable[Group]) -> tuple[Preset, ...]:
    """Every preset of *found* once, at its first place."""
    once: dict[str, Preset] = {}
    for group in found:
        for preset in group.presets:
            once.setdefault(preset.id, preset)
    return tuple(once.values())


def _of(provider: Provider, presets: Iterable[Preset]) -> tuple[Preset, ...]:
    return tuple(preset for preset in presets if preset.provider is provider)
