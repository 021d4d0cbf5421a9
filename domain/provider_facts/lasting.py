"""Refusals that no repetition helps, in one table: what each means, who can lift it, and the source of that.

The chat clients find a row by what a vendor said and send nothing a second time; the error that they raise carries the
row's words and code. `entrypoints/words/errors.py` has the exit code and the next step of each code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final, Literal, NamedTuple

from domain.provider import Provider

LastingCode = Literal[
    "credit_used_up", "spend_limit", "member_limit", "plan_not_taken", "key_not_taken", "limit_reached"
]

NO_WAIT: Final = "429 without a wait"
"""What stands for a vendor's code where a limit was told of without a word on when it ends."""


def status_sign(status: int | None) -> str:
    """What stands for a vendor's code where the status alone says it."""
    return f"HTTP {status}"


class Lasting(NamedTuple):
    """One refusal. Patterns are regular expressions."""

    provider: Provider
    signs: str
    """A pattern of the vendor's codes, in answers and in streams."""
    code: LastingCode
    """`limit_reached` where it passes by itself, though not soon: such a message waits in the outbox."""
    what: str
    """What is in the way: the end of a sentence."""
    advice: str
    """Who can lift it, and where; "" where time alone does."""
    source: str
    page: str = ""
    """Where its owner sees a limit that passes by itself."""
    key: str = ""
    """A pattern of how the key begins that it is about."""


_OPENAI: Final = "OpenAI API docs, Error codes; OpenAI help, Troubleshooting API usage and spend limits"
_SHARING: Final = "OpenAI docs, Sign in with ChatGPT: errors and recovery"
_ANTHROPIC: Final = "Claude docs, Errors"
_ANTHROPIC_SDK: Final = "anthropic-sdk-python 2.14.0, _error_classes.py"
_GEMINI_KEYS: Final = "Gemini API docs, Using Gemini API keys"

_BILLING: Final = "https://platform.openai.com/settings/organization/billing"
_LIMITS: Final = "https://platform.openai.com/settings/organization/limits"
_CLAUDE_BILLING: Final = "https://platform.claude.com/settings/billing"
_CLAUDE_LIMITS: Final = "https://platform.claude.com/settings/limits"
_GEMINI_PROJECTS: Final = "https://aistudio.google.com/projects"
_GEMINI_KEY: Final = "https://aistudio.google.com/apikey"
_PLAN_USAGE: Final = "https://chatgpt.com/settings/usage"

GPT, CLAUDE, GEMINI = Provider.CHATGPT, Provider.CLAUDE, Provider.GEMINI

TABLE: Final = (
    Lasting(
        GPT, "credit_balance_exhausted", "credit_used_up",
        "the organisation of this API key has no prepaid credit left",
        f"Whoever pays for it adds credit: {_BILLING}", _OPENAI,
    ),
    Lasting(
        GPT, "organization_spend_limit_exceeded", "spend_limit",
        "the organisation of this API key is at the spend limit that it set",
        f"An owner of the organisation raises it: {_LIMITS}", _OPENAI,
    ),
    Lasting(
        GPT, "project_spend_limit_exceeded", "spend_limit",
        "the project of this API key is at its spend limit",
        f"An owner of the project or of the organisation raises it: {_LIMITS}", _OPENAI,
    ),
    Lasting(
        GPT, "organization_usage_limit_exceeded", "spend_limit",
        "the organisation of this API key is at the monthly usage that OpenAI approved",
        f"An owner of the organisation asks OpenAI for more: {_LIMITS}", _OPENAI,
    ),
    Lasting(
        GPT, "insufficient_quota|HTTP 402", "credit_used_up",
        "the organisation of this API key has used up its credit or a limit of spending",
        f"Whoever pays for it looks there: {_BILLING}", _OPENAI,
    ),
    Lasting(
        GPT, "subscription_sharing_workplace_individual_usage_limit_exceeded", "member_limit",
        "the workspace's limit for you is used up",
        "Only an admin of your ChatGPT workspace raises it.", "pi 1.6.0, its table of retries",
    ),
    Lasting(
        GPT, "subscription_sharing_user_not_eligible|usage_not_included", "plan_not_taken",
        "this account's plan may not be used by other programs",
        "OpenAI alone admits plans; another account or an API key works.", _SHARING,
    ),
    Lasting(
        GPT, "subscription_sharing_usage_limit_exceeded|usage_limit_reached", "limit_reached",
        "", "", _SHARING, page=_PLAN_USAGE,
    ),
    Lasting(
        CLAUDE, "enforced_spend_limit_reached", "spend_limit",
        "the organisation is at the monthly limit of its usage tier",
        f"An admin of the organisation moves it to a higher tier: {_CLAUDE_LIMITS}", _ANTHROPIC_SDK,
    ),
    Lasting(
        CLAUDE, "contract_spend_limit_reached", "spend_limit",
        "the organisation is at the spend limit of its contract",
        "Whoever signed it for the organisation asks Anthropic for more.", _ANTHROPIC_SDK,
    ),
    Lasting(
        CLAUDE, "linked_organization_spend_limit_reached", "spend_limit",
        "the organisation that pays is at its spend limit, or has no credit",
        f"An admin of that organisation looks there: {_CLAUDE_BILLING}", _ANTHROPIC_SDK,
    ),
    Lasting(
        CLAUDE, "billing_error|linked_organization_billing_unavailable|HTTP 402", "credit_used_up",
        "the organisation's credit or its payment does not suffice",
        f"Whoever pays for the Claude Console adds credit: {_CLAUDE_BILLING}", _ANTHROPIC,
    ),
    Lasting(
        CLAUDE, NO_WAIT, "spend_limit",
        "no wait is named, as at the monthly limit of an organisation",
        f"An admin of the organisation sees and raises its limits: {_CLAUDE_LIMITS}", _ANTHROPIC,
    ),
    Lasting(
        GEMINI, "HTTP 402", "credit_used_up",
        "the project's prepaid credit is used up",
        f"Whoever pays for the project adds credit: {_GEMINI_PROJECTS}",
        "Google AI developers forum 183654: depleted credit answers 402",
    ),
    Lasting(
        GEMINI, r"\w*SpendCap\w*", "spend_limit",
        "the project is at its spend cap",
        f"An owner of the project raises it: {_GEMINI_PROJECTS}", "Gemini API docs, Rate limits; Billing",
    ),
    Lasting(
        GEMINI, r"\w*Per(Day|Month)\w*", "limit_reached", "", "", "Gemini API docs, Rate limits",
    ),
    Lasting(
        GEMINI, "ACCESS_TOKEN_TYPE_UNSUPPORTED|API_KEY_INVALID", "key_not_taken",
        "Google takes standard keys (AIza…) no more, since September 2026 at the latest",
        f"Make an auth key (AQ.…) and store it in its place: {_GEMINI_KEY}", _GEMINI_KEYS, key="AIza",
    ),
    Lasting(
        GEMINI, "ACCESS_TOKEN_TYPE_UNSUPPORTED", "key_not_taken",
        "this auth key is not whole, or its service account is gone or off",
        f"Copy it whole, or look at its service account and make another: {_GEMINI_KEY}",
        "Google AI developers forum 187509; Using Gemini API keys", key=r"AQ\.",
    ),
    Lasting(
        GEMINI, "API_KEY_INVALID", "key_not_taken",
        "this key is wrong or has expired",
        f"Copy it whole, or make another: {_GEMINI_KEY}", _GEMINI_KEYS,
    ),
    Lasting(
        GEMINI, "API_KEY_SERVICE_BLOCKED", "key_not_taken",
        "this key is not allowed to use the Gemini API",
        f"Its owner allows it the Generative Language API, or makes another: {_GEMINI_KEY}", _GEMINI_KEYS,
    ),
)  # fmt: skip


def lasting_refusal(provider: Provider, signs: Iterable[str], key_begins: Callable[[str], bool]) -> Lasting | None:
    """The row of the first of *signs* that has one, from the most to the least precise; None where none has."""
    for sign in signs:
        for row in TABLE:
            if row.provider is provider and re.fullmatch(row.signs, sign) and (not row.key or key_begins(row.key)):
                return row
    return None
