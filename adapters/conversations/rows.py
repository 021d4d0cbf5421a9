"""Turns and receipts as columns, and back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime
from math import isfinite
from typing import TYPE_CHECKING, Any, Final

from domain.conversation import Origin, Rates, Receipt, Role, StopReason, Turn, TurnState, Usage
from domain.credential import CredentialKey, CredentialKind
from domain.model import Preset, ReasoningLevel
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.selection import Held
from domain.text.moments import moment_from_text, moment_text

if TYPE_CHECKING:
    from decimal import Decimal

COLUMNS: Final = ("role", "text", "at", "state", "reasoning", "stop", "receipt")
TOUCH: Final = (
    "UPDATE conversation SET touched = (SELECT coalesce(max(touched), 0) + 1 FROM conversation) WHERE key = ?"
)
"""Make a conversation the one that was last added to."""

_ROLES: Final = {role.value: role for role in Role}
_STATES: Final = {state.value: state for state in TurnState}
_STOPS: Final = {reason.value: reason for reason in StopReason}
_WRITTEN: Final = ("written", "written_long")
_AMOUNTS: Final = ("input", "output", "cached", "written", "written_long")
_OF_A_RECEIPT: Final = tuple(field.name for field in fields(Receipt))


def turn_row(turn: Turn) -> tuple[str | None, ...]:
    """The values of `COLUMNS` for *turn*."""
    return (
        turn.role.value,
        storable(turn.text),
        moment_text(turn.at),
        turn.state.value,
        storable(turn.reasoning),
        turn.stop.value if turn.stop else None,
        _receipt_text(turn.receipt) if turn.receipt else None,
    )


def turn_from(row: Sequence[Any]) -> Turn:
    """The turn that was stored as *row*.

    Raises:
        ValueError, TypeError, KeyError: The row was not written by `turn_row`.
    """
    role, text, at, state, reasoning, stop, receipt = row
    return Turn(
        role=_ROLES[role],
        text=text,
        at=moment(at),
        state=_STATES[state],
        reasoning=reasoning,
        receipt=receipt_from(receipt) if receipt else None,
        stop=_stop(stop),
    )


def held_text(held: Held) -> str:
    """*held* as JSON. Of its preset what decides who is asked, and the names by which people know it."""
    preset = held.preset
    document = {
        "id": preset.id,
        "label": preset.label,
        "model": preset.model,
        "family": preset.family,
        "level": preset.level.value if preset.level else None,
        "verbatim": preset.verbatim,
        "provider": held.credential.provider.value,
        "kind": held.credential.kind.value,
        "account": held.credential.account,
        "payer": held.payer.value,
        "name": held.label,
        "sign_in": held.sign_in,
    }
    return json.dumps(document)


def held_from(text: str) -> Held:
    """What `held_text` wrote.

    Raises:
        ValueError, TypeError, LookupError: It was not written by it.
    """
    document = json.loads(text)
    level, provider = document["level"], Provider(document["provider"])
    preset = Preset(
        **{name: document[name] for name in ("id", "label", "model", "family", "verbatim")},
        provider=provider,
        level=ReasoningLevel(level) if level else None,
    )
    key = CredentialKey(provider, document["account"], CredentialKind(document["kind"]))
    return Held(preset, key, Payer(document["payer"]), document["name"], document["sign_in"])


def moment(text: str) -> datetime:
    """The aware time, in UTC, that `moment_text` wrote."""
    found = moment_from_text(text)
    if found is None:
        raise ValueError("it is no moment in time")
    return found


def storable(text: str) -> str:
    """*text* without lone surrogates, which JSON can bring in and UTF-8 cannot write."""
    return text.encode("utf-8", "replace").decode()


def origin_from(name: str | None) -> Origin | None:
    """A newer version may know more places."""
    return Origin(name) if name in {origin.value for origin in Origin} else None


def _stop(name: str | None) -> StopReason | None:
    """A newer version may know more reasons."""
    return _STOPS.get(name, StopReason.OTHER) if name else None


def _receipt_text(receipt: Receipt) -> str:
    """*receipt* as JSON. What an earlier keyswitch does not know stands where it passes over it, not in `usage`."""
    stored = asdict(receipt)
    for name in _WRITTEN:
        stored[name] = stored["usage"].pop(name)
    return json.dumps(stored, default=float)


def receipt_from(text: str) -> Receipt:
    """The receipt in *text*. A newer version may know more fields; what an older one did not know has its default.

    Raises:
        ValueError, TypeError, LookupError: It is none.
    """
    stored: dict[str, Any] = json.loads(text)
    known = {name: stored[name] for name in _OF_A_RECEIPT if name in stored}
    written = {name: stored[name] for name in _WRITTEN if name in stored}
    return Receipt(
        **{
            **known,
            "provider": Provider(stored["provider"]),
            "kind": CredentialKind(stored["kind"]),
            "payer": Payer(stored["payer"]),
            "usage": Usage(**stored["usage"], **written),
            "cost": _dollars(stored["cost"]),
            "rates": _rates(known["rates"]) if known.get("rates") else None,
        }
    )


def _rates(stored: dict[str, Any]) -> Rates:
    amounts = {name: _dollars(stored.get(name)) for name in _AMOUNTS}
    given: dict[str, Any] = {**amounts, "model": stored["model"], "source": stored["source"]}
    return Rates(**given)


def _dollars(number: float | None) -> Decimal | None:
    """JSON's number, digit by digit: up to 15 digits survive it, and no bill has as many."""
    from decimal import Decimal

    if number is None:
        return None
    if not isfinite(number):
        raise ValueError("it is no amount")
    return Decimal(str(number))
