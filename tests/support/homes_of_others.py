"""Homes with files as other tools write them, made by chance; each secret in them is told apart and has an owner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from domain.provider import Provider
from tests.support.earlier_files import CODEX_CLIENT, codex_tokens, jwt

OPENAI, ANTHROPIC, GOOGLE = Provider.CHATGPT, Provider.CLAUDE, Provider.GEMINI

_ACCESS: Final = {
    OPENAI: lambda name: jwt({"iss": "https://auth.openai.com", "aud": ["https://api.openai.com/v1"], "jti": name}),
    ANTHROPIC: lambda name: f"sk-ant-oat01-made-up-{name}",
    GOOGLE: lambda name: f"ya29.made-up-{name}",
}
_REFRESH: Final = {OPENAI: "rt_made-up-{}", ANTHROPIC: "sk-ant-ort01-made-up-{}", GOOGLE: "1//made-up-{}"}
_KEYS: Final = {OPENAI: "sk-proj-MADE-UP-{}", ANTHROPIC: "sk-ant-api03-MADE-UP-{}", GOOGLE: "AQ.made-up-{}"}
STRANGERS: Final = ("sk-or-v1-made-up-{}", "gsk_madeup0000{}", "xai-madeup0000{}", "ghp_madeup0000{}")


@dataclass
class Home:
    """What stands in a home's `auth.json`, and whose each secret in it is."""

    number: int
    chance: Random
    owners: dict[str, Provider | None] = field(default_factory=dict)
    """Each secret with the only vendor that may see it; None: nobody may."""
    good: set[str] = field(default_factory=set)
    """Secrets that must reach their owner."""
    content: dict[str, Any] = field(default_factory=dict)

    def plant(self, value: str, owner: Provider | None, *, good: bool = False) -> str:
        self.owners[value] = owner
        if good:
            self.good.add(value)
        return value

    def access(self, owner: Provider) -> str:
        """An access token. It is not sent where the session is renewed first."""
        return self.plant(_ACCESS[owner](self._name()), owner)

    def refresh(self, owner: Provider, *, good: bool = False) -> str:
        """A refresh token that is visibly made up."""
        return self.plant(_REFRESH[owner].format(self._name()), owner, good=good)

    def key(self, owner: Provider, *, good: bool = False) -> str:
        """An API key that is visibly made up."""
        return self.plant(_KEYS[owner].format(self._name()), owner, good=good)

    def strange_key(self) -> str:
        """A key of a vendor that keyswitch does not serve."""
        return self.plant(self.chance.choice(STRANGERS).format(self._name()), None)

    def unmarked(self, owner: Provider | None, *, good: bool = False) -> str:
        """A token that does not tell whose it is."""
        return self.plant(f"made-up-opaque-{self._name()}", owner, good=good)

    def another(self, owner: Provider) -> Provider:
        """Any provider but *owner*."""
        return self.chance.choice([provider for provider in Provider if provider is not owner])

    def _name(self) -> str:
        return f"{self.number:04}{len(self.owners):04}{self.chance.randrange(10**8):08}"


def codex(home: Home) -> None:
    """Codex, or an earlier version of ours: a sign-in, perhaps with a key."""
    tokens = {**codex_tokens(), "access_token": home.access(OPENAI), "refresh_token": home.refresh(OPENAI, good=True)}
    key = home.key(OPENAI, good=True) if home.chance.random() < 0.5 else None
    home.content = {"OPENAI_API_KEY": key, "tokens": tokens, "last_refresh": "2026-11-23T11:30:00Z"}


def codex_with_a_wrong_key(home: Home) -> None:
    """The member is OpenAI's, the key is not."""
    key = home.strange_key() if home.chance.random() < 0.5 else home.key(home.another(OPENAI))
    home.content = {"OPENAI_API_KEY": key}


def ours_flat(home: Home) -> None:
    """The product's first format: exactly three members."""
    home.content = {
        "access_token": home.unmarked(OPENAI),
        "refresh_token": home.unmarked(OPENAI, good=True),
        "expires_at": "2026-11-23T13:00:00Z",
    }


def flat_of_another(home: Home) -> None:
    """The same three members, with the tokens of another vendor."""
    owner = home.another(OPENAI)
    home.content = {
        "access_token": home.access(owner),
        "refresh_token": home.refresh(owner),
        "expires_at": "2026-11-23T13:00:00Z",
    }


def flat_with_more(home: Home) -> None:
    """Three members and others, of which none tells whose it is: nobody's."""
    home.content = {
        "access_token": home.unmarked(None),
        "refresh_token": home.unmarked(None),
        home.chance.choice(("expiry_date", "expired", "token_type", "email")): "2030",
    }


def google_library(home: Home) -> None:
    """Google's libraries, also Gemini CLI's oauth_creds."""
    home.content = {
        "access_token": home.access(GOOGLE),
        "refresh_token": home.refresh(GOOGLE),
        "scope": "https://www.googleapis.com/auth/cloud-platform openid",
        "token_type": "Bearer",
        "expiry_date": 1830000000000,
    }


def typed_flat(home: Home) -> None:
    """A proxy's file: flat, with a type."""
    name, owner = home.chance.choice((("claude", ANTHROPIC), ("codex", OPENAI), ("gemini", GOOGLE), ("qwen", None)))
    home.content = {
        "type": name,
        "access_token": home.access(owner) if owner else home.unmarked(None),
        "refresh_token": home.refresh(owner) if owner else home.unmarked(None),
        "email": "ana@example.test",
        "expired": "2027-12-05T10:00:00+08:00",
    }


def claude_code(home: Home) -> None:
    """The credentials file of Claude Code."""
    tokens = {"accessToken": home.access(ANTHROPIC), "refreshToken": home.refresh(ANTHROPIC), "expiresAt": 183 * 10**10}
    home.content = {"claudeAiOauth": {**tokens, "scopes": ["user:inference"], "subscriptionType": "pro"}}


def opencode(home: Home) -> None:
    """OpenCode's file, one member a vendor."""
    home.content = {
        "anthropic": {
            "type": "oauth",
            "refresh": home.refresh(ANTHROPIC),
            "access": home.access(ANTHROPIC),
            "expires": 1,
        },
        "openai": {"type": "api", "key": home.key(OPENAI)},
        "openrouter": {"type": "api", "key": home.strange_key()},
    }


def ours_by_provider(home: Home) -> None:
    """One member a provider, each with its own."""
    home.content = {
        provider.value: {
            "access_token": home.access(provider),
            "refresh_token": home.refresh(provider, good=True),
            "expires_at": "2026-11-23T13:00:00Z",
        }
        for provider in Provider
    }


def mixed_up(home: Home) -> None:
    """One member a provider, with the tokens of another."""
    for provider in Provider:
        other = home.another(provider)
        home.content[provider.value] = {
            "access_token": home.access(other),
            "refresh_token": home.refresh(other),
            "expires_at": "2026-11-23T13:00:00Z",
        }


def half_mixed_up(home: Home) -> None:
    """The access token of one vendor beside the refresh token of another."""
    home.content = {
        "tokens": {"access_token": home.access(OPENAI), "refresh_token": home.refresh(home.another(OPENAI))},
        "client_id": CODEX_CLIENT,
    }


def gcloud(home: Home) -> None:
    """The application default credentials of gcloud."""
    home.content = {
        "type": "authorized_user",
        "client_id": "1.apps.googleusercontent.test",
        "client_secret": home.plant(f"GOCSPX-made-up-{home.number:04}", GOOGLE),
        "refresh_token": home.refresh(GOOGLE),
    }


def key_files(home: Home) -> None:
    """Members that are named as variables, with anybody's keys in them."""
    names = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "api_key", "key", "openrouter_key")
    home.content = {name: home.strange_key() for name in home.chance.sample(names, 3)}


SHAPES: Final[tuple[Callable[[Home], None], ...]] = (
    codex, codex_with_a_wrong_key, ours_flat, flat_of_another, flat_with_more, google_library, typed_flat, claude_code,
    opencode, ours_by_provider, mixed_up, half_mixed_up, gcloud, key_files,
)  # fmt: skip


def home_of_others(number: int, seed: int) -> Home:
    """The *number*-th home of *seed*; the shapes take turns."""
    home = Home(number, Random(f"{seed} {number}"))
    SHAPES[number % len(SHAPES)](home)
    return home
