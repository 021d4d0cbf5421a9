"""Why a host's request is not relayed."""

from __future__ import annotations

from enum import StrEnum


class Refusal(StrEnum):
    """What the owner of the laptop did not allow; the values are what is answered."""

    AGENT_LOCKED = "agent_locked"
    GRANT_OVER = "grant_over"
    NOT_GRANTED = "not_granted"
    NO_SUCH_CREDENTIAL = "no_such_credential"
    NOT_CONFIRMED = "not_confirmed"
