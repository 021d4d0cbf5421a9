"""When a sign-in ends for good, and whether that is worth a warning."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from domain.credential import CredentialKind, CredentialRecord
from domain.renewal.freshness import Instant, age

WARNINGS: Final = (timedelta(days=3), timedelta(days=1))
"""How long before the end a person is told, once each."""

_LATELY: Final = timedelta(days=2)
"""A session that is used is renewed within the hour, and an idle one within a day: twice that leaves no doubt."""


def due_warning(record: CredentialRecord, at: Instant) -> timedelta | None:
    """Which of `WARNINGS` the end of the sign-in of *record* has come to; None where there is nothing to warn of.

    Only an end that no renewal moves is one. Some providers prolong the sign-in with every renewal (OpenAI), others
    fix its end when it begins (Anthropic, Google's testing mode), and none says which: where the tokens were obtained
    lately and the end is near all the same, it did not move with them. Where they are old, or come of a renewal that
    fails, the next renewal would tell, and failing ones end the sign-in as well.
    """
    end = record.sign_in_expires_at
    if record.kind is not CredentialKind.OAUTH or record.tombstone is not None or end is None:
        return None
    left = end - at.wall
    if left <= timedelta(0) or not (cannot_be_renewed(record) or timedelta(0) <= age(record, at) <= _LATELY):
        return None
    return min((span for span in WARNINGS if left <= span), default=None)


def ends_soon(record: CredentialRecord, at: Instant) -> bool:
    """Whether *record* ends within the first of `WARNINGS`, and nothing but a new sign-in helps.

    A session that was never renewable ends with its access token, of which nobody is warned: it lives for an hour.
    """
    if due_warning(record, at) is not None:
        return True
    end = record.sign_in_expires_at or record.access_expires_at
    if record.kind is not CredentialKind.OAUTH or record.tombstone is not None or record.renewable or end is None:
        return False
    return timedelta(0) < end - at.wall <= WARNINGS[0]


def cannot_be_renewed(record: CredentialRecord) -> bool:
    """Whether nothing prolongs the session as things stand: there is no refresh token, or renewing it keeps failing."""
    return not record.renewable or record.setback is not None
