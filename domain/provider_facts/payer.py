"""Who is billed for what a model is asked."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Payer(StrEnum):
    """Who is billed for what a credential asks."""

    PLAN = "plan"
    CONSOLE = "claude_console"
    CLOUD_PROJECT = "cloud_project"
    API_BILLING = "api_billing"

    @property
    def label(self) -> str:
        """The words that people see after "pays"."""
        return _PAYER_LABELS[self]

    @property
    def per_token(self) -> bool:
        """Whether each token is billed."""
        return self is not Payer.PLAN


_PAYER_LABELS: Final = {
    Payer.PLAN: "plan",
    Payer.CONSOLE: "Console, per token",
    Payer.CLOUD_PROJECT: "Google Cloud project",
    Payer.API_BILLING: "API key, per token",
}
