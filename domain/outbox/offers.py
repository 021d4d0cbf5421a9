"""What else could answer a message that one provider does not answer now."""

from __future__ import annotations

from collections.abc import Iterable

from domain.catalogue import Catalogue
from domain.model import Preset
from domain.provider import Provider
from domain.selection import Selection
from domain.switching import SwitchInput, SwitchTo, decide


def others(without: Provider, catalogue: Catalogue, given: SwitchInput, used: Iterable[str]) -> tuple[Selection, ...]:
    """What else could answer a message now that *without* does not: one model of each other provider, best first.

    Of each the one that was *used* last (ids of presets, the latest first), else its default. What costs nothing per
    token comes first. Whose expense it is must be asked for before it is used.
    """
    found = [_of(provider, catalogue, given, used) for provider in Provider if provider is not without]
    able = [selection for selection in found if selection is not None]
    return tuple(sorted(able, key=lambda selection: selection.credential.payer.per_token))


def _of(provider: Provider, catalogue: Catalogue, given: SwitchInput, used: Iterable[str]) -> Selection | None:
    known = (catalogue.presets.get(name) for name in used)
    mine: list[Preset] = [preset for preset in known if preset is not None and preset.provider is provider]
    for preset in (*mine, catalogue.default_for(provider)):
        switch = decide(preset, catalogue, given, payer_agreed=True)
        if isinstance(switch, SwitchTo):
            return switch.selection
    return None
