"""Every event that the program records is one that it can tell people about."""

from __future__ import annotations

import re

from domain import event as names
from entrypoints.words.events import event_words
from tests.architecture.tree import ROOT
from tests.support.credentials import NOON

CALLED = re.compile(r'(?:record|_note)\(\s*(?:"(\w+)"|([A-Z_]+)\b)')
EITHER = re.compile(r'event = "(\w+)" if .+ else "(\w+)"')

DESIGNED = {
    "signed_in", "sign_in_failed", "signed_out", "api_key_stored",  # sign-ins
    "renewed", "renewal_rescued", "renewal_unsaved", "renewal_discarded", "renewal_failed", "session_ended",  # renewals
    "switched", "account_chosen",  # switches
    "selection_refused",  # refused selections
    "message_failed", "message_answered",  # failures, and what they are a share of
}  # fmt: skip


def recorded() -> set[str]:
    """The names in the source of the use cases."""
    found: set[str] = set()
    for path in (ROOT / "application").rglob("*.py"):
        source = path.read_text("utf-8")
        found |= {literal or str(getattr(names, constant)) for literal, constant in CALLED.findall(source)}
        found |= {name for pair in EITHER.findall(source) for name in pair}
    return found


def test_what_the_log_is_for_is_recorded() -> None:
    assert recorded() >= DESIGNED


def test_every_recorded_event_has_words_of_its_own() -> None:
    for name in recorded():
        words = event_words(names.Event(NOON, name, None, {"provider": "claude", "preset": "opus"}), {})
        assert words != name.replace("_", " "), f"{name} has no words"
