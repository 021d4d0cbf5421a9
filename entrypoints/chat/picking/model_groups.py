"""The order in which models are listed, wherever that is: what is used, then what can be used now, then the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.catalogue import payer_of
from domain.provider import Provider
from domain.provider_facts.payer import Payer
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
    taken = {preset.id for preset in first}
    rest = [preset for preset in shown if not preset.featured and preset.id not in taken]
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
    credentials = {provider: best_credential(provider, snapshot.given) for provider in Provider}
    payers = {provider: credential.payer if credential else None for provider, credential in credentials.items()}
    return groups(sorted(shown, key=lambda preset: _rank(preset, snapshot, payers[preset.provider])), able, used)


def _rank(preset: Preset, snapshot: Snapshot, payer: Payer | None) -> tuple[bool, bool]:
    """What comes first; of a list from elsewhere, only what is in it now is new."""
    if preset.featured:
        return False, False
    catalogue, today = snapshot.catalogue, snapshot.given.now.date()
    model = catalogue.model_of(preset)
    is_new = model is not None and model.from_list and not model.unlisted
    return catalogue.answering(preset, payer_of(preset, payer), today).notice is not None, not is_new


def in_order(found: Iterable[Group]) -> tuple[Preset, ...]:
    """Every preset of *found* once, at its first place."""
    once: dict[str, Preset] = {}
    for group in found:
        for preset in group.presets:
            once.setdefault(preset.id, preset)
    return tuple(once.values())


def _of(provider: Provider, presets: Iterable[Preset]) -> tuple[Preset, ...]:
    return tuple(preset for preset in presets if preset.provider is provider)
