"""Whether an answer is billed by the standard list, by what the vendor says of it beside its counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_STANDARD: Final = {
    "service_tier": {"default", "standard"},
    "serviceTier": {"standard", "unspecified", "service_tier_unspecified"},
    "trafficType": {"on_demand", "traffic_type_unspecified"},
    "speed": {"standard"},
    "inference_geo": {"global", "not_available"},
}
"""What each member says where nothing is special (API references of OpenAI, Anthropic and Google)."""

_LONGEST: Final = 40
"""Characters of what the vendor said."""


def noted(so_far: Mapping[str, Any], told: object) -> dict[str, Any]:
    """What was said *so_far* of the tariff, with what *told* says: the last word holds."""
    members = told if isinstance(told, dict) else {}
    return {**so_far, **{name: members[name] for name in _STANDARD if members.get(name) is not None}}


def unpriced(tariff: Mapping[str, Any]) -> str:
    """What of the *tariff* has no price in the standard list, in words; "" where nothing has."""
    special = {name: str(said) for name, said in tariff.items() if str(said).casefold() not in _STANDARD[name]}
    return ", ".join(f"{_words(name)} {said[:_LONGEST]}" for name, said in special.items())


def _words(name: str) -> str:
    """`serviceTier` and `service_tier` as people write it."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).replace("_", " ")
