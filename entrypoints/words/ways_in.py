"""How somebody gets in who has no OAuth client of a provider: a sign-in would end before it began, an API key works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from domain.provider import Provider
from domain.records import replace

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from domain.finding import Finding

_LOGIN: Final = "keyswitch login"
_NO_SIGN_IN: Final = ("--api-key", "--adopt", "--profile", "--status")
"""What makes of a login something that needs no OAuth client."""


def that_works(command: str, clients: Collection[Provider]) -> str:
    """*command*, or the one in its place that works where only those providers of *clients* can be signed in to."""
    provider = _signs_in_to(command)
    return command if provider is None or provider in clients else f"{_LOGIN} {provider} --api-key"


def below(provider: Provider, clients: Collection[Provider], key_by: str) -> str:
    """What stands below a sentence that names a sign-in: the way that works; "" where that sign-in does.

    *key_by* is the command, or the key, by which an API key is given.
    """
    if provider in clients:
        return ""
    return f"You have no OAuth client for {provider.label}, but an API key works: {key_by}"


def with_fixes_that_work(findings: Sequence[Finding], clients: Collection[Provider]) -> tuple[Finding, ...]:
    """*findings*, each with a fix that does not end for want of a client."""
    return tuple(replace(finding, fix=that_works(finding.fix, clients)) for finding in findings)


def _signs_in_to(command: str) -> Provider | None:
    """Where *command* begins a sign-in; None where it does something else."""
    if not command.startswith(f"{_LOGIN} ") or any(option in command for option in _NO_SIGN_IN):
        return None
    words = command.removeprefix(_LOGIN).split()
    return next((provider for provider in Provider if provider.value == words[0]), None)
