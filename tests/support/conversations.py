"""Turns and conversations for tests."""

from __future__ import annotations

from typing import Any

from domain.conversation import Receipt, Role, Turn, Usage
from domain.credential import CredentialKind
from domain.provider import Provider
from tests.support.credentials import ANA, NOON


def an_answer(text: str, *, usage: Usage | None = None, **more: Any) -> Turn:
    """What Claude said to ana, with its receipt."""
    receipt = Receipt(
        provider=Provider.CLAUDE,
        preset="claude-opus-4.1",
        model="claude-opus-4-1",
        label="Claude Opus 4.1",
        account=ANA,
        kind=CredentialKind.OAUTH,
        payer=Provider.CLAUDE.facts.payer,
        usage=usage or Usage(),
        seconds=3.1,
    )
    return Turn(**{"role": Role.ASSISTANT, "text": text, "at": NOON, "receipt": receipt, **more})
