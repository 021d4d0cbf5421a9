"""What it means when the agent itself says no: never to be taken for a provider's answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from adapters.forwarding.protocol import ProblemMember
from domain.errors import KeyswitchError, Offline, SourceUnusable
from domain.provider import Provider
from domain.text.foreign_text import quotable

_LONGEST: Final = 300
"""Characters of what a laptop says that are worth showing."""

_NOTHING: Final = "it does not say why."


def said_no(members: Mapping[str, Any]) -> tuple[str, str]:
    """The reason in *members*, a sentence, and the command on the laptop that helps; each "" where there is none."""
    return _text(members, ProblemMember.DETAIL), _text(members, ProblemMember.COMMAND)


def refusal(members: Mapping[str, Any], provider: Provider) -> KeyswitchError:
    """The error of a request to *provider* that the agent answered with *members*."""
    reason, command = said_no(members)
    if members.get(ProblemMember.CODE) == Offline.code:
        return Offline(provider, f"your laptop says: {reason or _NOTHING}")
    return not_passed_on(provider, reason or _NOTHING, command)


def not_passed_on(provider: Provider, reason: str, command: str = "") -> SourceUnusable:
    """The error that a laptop did not pass a request on: whole sentences as the *reason*, and what helps there."""
    return SourceUnusable("", reason, provider=provider, code="laptop_refused", on_laptop=command)


def _text(members: Mapping[str, Any], name: str) -> str:
    value = members.get(name)
    return quotable(value, longest=_LONGEST) if isinstance(value, str) else ""
