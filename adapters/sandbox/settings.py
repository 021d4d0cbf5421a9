"""What a sandbox can be told before it starts."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

CHATGPT: Final = "chatgpt"
CLAUDE: Final = "claude"
GEMINI: Final = "gemini"
PROVIDERS: Final = (CHATGPT, CLAUDE, GEMINI)

ACCESS_SECONDS: Final[Mapping[str, int]] = {CHATGPT: 3600, CLAUDE: 8 * 3600, GEMINI: 3599}
"""`expires_in` as the vendors grant it: OpenAI one hour, Anthropic eight, Google one hour less a second."""

DAY: Final = 24 * 3600
REFRESH_SECONDS: Final[Mapping[str, int | None]] = {CHATGPT: 30 * DAY, CLAUDE: 30 * DAY, GEMINI: None}
"""OpenAI's starts anew at each refresh, Anthropic's counts from the sign-in, Google's has no end of its own."""

GEMINI_TESTING_SECONDS: Final = 7 * DAY
"""Google: a grant to an app whose consent screen is External and "Testing" ends after seven days."""

API_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    CHATGPT: ("sk-fake-openai-key-1234",),
    CLAUDE: ("sk-ant-api03-fake-claude-key-1234",),
    GEMINI: ("AIzaSy-fake-gemini-key-1234",),
}


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """Lifetimes, pace and identity of the three providers. All durations are in seconds."""

    access_seconds: Mapping[str, int] = field(default_factory=dict)
    """Life of an access token by provider; providers left out keep `ACCESS_SECONDS`."""
    refresh_seconds: Mapping[str, int | None] = field(default_factory=dict)
    """Life of a refresh token by provider, None for no end; providers left out keep `REFRESH_SECONDS`."""
    reuse_grace: float = 0.0
    """How long a rotated refresh token may be presented again. 0 is strict: any reuse ends the session."""
    code_seconds: float = 300.0
    """Life of an authorization code and of an open consent page (RFC 6749, 4.1.2 allows ten minutes at most)."""
    device_seconds: float = 600.0
    """Life of a device code (RFC 8628, 3.2)."""
    device_interval: float = 5.0
    """Least time between two polls for a device code; each `slow_down` adds five seconds (RFC 8628, 3.5)."""
    chunk_delay: float = 0.0
    """Pause between two pieces of a streamed answer."""
    seed: int | None = None
    """Makes every id and token reproducible. None draws them from the operating system."""
    clock: Callable[[], float] = time.time
    """Unix seconds."""
    api_keys: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: dict(API_KEYS))
    """The API keys that each provider accepts."""
    chatgpt_earliest_refresh: int | None = None
    """`earliest_refresh_at` of ChatGPT's token answer, as seconds after issue; None answers null."""
    prompt_caches: bool = True
    """Whether the providers keep what was sent in a cache; without, all of it costs what is new each time."""
    gemini_testing: bool = False
    """Whether the Google consent screen is in "Testing": sign-ins then end after seven days and say so."""
    gemini_rotates: bool = False
    """Whether a renewal at Gemini's token endpoint spends the refresh token, as it may at a server that a config puts
    in Google's place. Google's own never does."""
    claude_client_id: str = "sandbox-claude-client"
    gemini_client_id: str = "sandbox-client.apps.googleusercontent.test"
    gemini_client_secret: str = "fake-gemini-client-secret"
    gemini_project: str = "sandbox-project"

    def access_for(self, provider: str) -> int:
        """Life of *provider*'s access tokens in seconds."""
        return self.access_seconds.get(provider, ACCESS_SECONDS[provider])

    def refresh_for(self, provider: str) -> int | None:
        """Life of *provider*'s refresh tokens in seconds, or None if they have no end of their own."""
        if provider == GEMINI and self.gemini_testing and provider not in self.refresh_seconds:
            return GEMINI_TESTING_SECONDS
        return self.refresh_seconds.get(provider, REFRESH_SECONDS[provider])


@dataclass(frozen=True, slots=True)
class Account:
    """A person who can sign in at a sandbox provider."""

    email: str
    name: str
    subject: str
    """Stable id: `sub` of an id_token, or the account's uuid in Claude's token answer."""
    organization: str
    plan_admitted: bool = True
    """Whether this person's ChatGPT plan may be used by third-party programs."""


PEOPLE: Final = (
    Account("ana@example.test", "Ana Example", "3b6c1f0e-5a52-4e5b-9a57-0c3f8f1b0a01", "Ana's workspace"),
    Account("ben@example.test", "Ben Example", "8d1f7c52-93c0-4c0e-8f1e-5b7a8b0c0b02", "Ben's workspace"),
    Account(
        "cleo@example.test", "Cleo Example", "c2a9e4d7-1d3b-4a6f-b0c4-7e9f2d5c0c03", "No plan", plan_admitted=False
    ),
)
