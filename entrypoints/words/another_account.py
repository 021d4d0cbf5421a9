"""What is said where somebody else signs in than the account that was expected."""

from __future__ import annotations

from application.ports.sign_in_dialog import Newcomer, WhatToKeep


def newcomer_words(newcomer: Newcomer) -> tuple[str, str]:
    """What happened, and what is the case until a person decides."""
    came = f"You signed in to {newcomer.provider.label} as {newcomer.name}, not as {newcomer.expected}."
    rest = f"Nothing is saved yet, and {newcomer.expected} stays signed in whatever you choose."
    return came, rest


def newcomer_choices(newcomer: Newcomer) -> dict[WhatToKeep, str]:
    """What each decision is called; the first is the careful one."""
    return {
        WhatToKeep.BESIDE: f"Keep both, go on with {newcomer.expected}",
        WhatToKeep.INSTEAD: f"Keep both, use {newcomer.name} now",
        WhatToKeep.NOTHING: f"Discard the sign-in of {newcomer.name}",
    }
