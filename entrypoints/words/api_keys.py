"""What is said while an API key is entered: who would pay, what the provider said to it, what comes next."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

from application.use_cases.check import Checked, CheckOutcome
from domain.accounts import api_keys
from domain.catalogue import Catalogue
from domain.credential import CredentialRecord
from domain.errors import AuthRejected, LimitReached
from domain.model import Preset
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.selection import Selection
from domain.text.untrusted import untrusted_line
from entrypoints.words.errors import error_sentence

NOTHING_STORED: Final = "Nothing is stored."


def key_title(provider: Provider) -> str:
    """What the dialog is called."""
    return f"{provider.label} API key"


def who_would_pay(provider: Provider, preset: Preset, catalogue: Catalogue, on: date) -> str:
    """Who is billed for what the key will answer, and an example of the price at that day (UTC)."""
    model = catalogue.answering(preset, Payer.API_BILLING, on).model
    price = model.price(on)
    example = f" ({model.label}: {price} per million tokens in/out)" if price else ""
    return f"Whoever owns the key pays {provider.vendor} for each token{example}; no plan pays for it."


def stays_as_it_is(selection: Selection | None) -> str:
    """That storing a key alone changes nobody's bill."""
    if selection is None:
        return "Nothing is stored before the key is tested."
    payer = selection.credential.payer.label
    return f"This conversation stays with {selection.preset.label} (pays: {payer}), also once the key is stored."


def key_in_the_way(provider: Provider, known: Iterable[CredentialRecord]) -> str:
    """Which key the new one takes the place of; "" where there is none."""
    before = next((record for record in api_keys(tuple(known), provider) if record.active), None)
    if before is None:
        return ""
    return f"It takes the place of the key {untrusted_line(before.label)}, which is forgotten here."


def where_keys_are_made(provider: Provider) -> str:
    """The vendor's own page."""
    return f"Keys are made at {provider.facts.key_page}"


def verdict(checked: Checked) -> str:
    """What the provider said to a key that is not stored; one sentence that repeats nothing of it."""
    label, error = checked.record.provider.label, checked.error
    if error is None:
        return "" if checked.accepted else f"{label} offers no way to test a key."
    if isinstance(error, AuthRejected) and error.advice:
        return f"{label} does not accept this key. {error.advice} {NOTHING_STORED}"
    if checked.outcome is CheckOutcome.REFUSED:
        return f"{label} does not accept this key: copy it whole, or make a new one. {NOTHING_STORED}"
    if isinstance(error, LimitReached):
        return f"{label} knows this key, but its account has no credit left or is at its limit. {NOTHING_STORED}"
    return f"The key could not be tested. {error_sentence(error)} {NOTHING_STORED}"


def may_be_stored_untested(checked: Checked) -> bool:
    """Whether the person may store it all the same: nothing says that the key is of no use."""
    return checked.outcome is CheckOutcome.UNTOLD
