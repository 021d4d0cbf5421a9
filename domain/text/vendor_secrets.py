"""Whose a key or token is, by what it looks like: the one table that every door and every filter uses.

What the providers issue stands in `domain/provider_facts/table.py`, what other services issue stands here.

A *door* (a file, a borrowed profile, a variable, what a person pastes) asks whose a value is before it becomes ours. A
*filter* (the log, an error, the environment of a browser) asks whether a text holds such a value.

A value without a mark may be anybody's: the table proves whose a value is, and never that it is nobody's.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from domain.provider import Provider
from domain.provider_facts.secret_form import SecretForm, SecretKind
from domain.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable

MASK: Final = "****"
"""What is shown in the place of a secret."""


@dataclass(frozen=True, slots=True)
class Mark:
    """What a value, an issuer or a scope says of where a credential comes from."""

    vendor: str
    """The name that people know: a provider's label, or another service's name."""
    provider: Provider | None
    """None: no provider that keyswitch serves issued it."""
    kind: SecretKind = SecretKind.SIGN_IN_TOKEN


@dataclass(frozen=True, slots=True)
class _Marked:
    mark: Mark
    form: SecretForm


_SHORTEST_WORD: Final = 20
"""Letters and digits in a row. The name of a model, a file or an option has hardly ever so many."""


def _of_a_stranger(vendor: str, start: str, rest: str = r"[\w-]{8,}") -> _Marked:
    return _Marked(Mark(vendor, None, SecretKind.API_KEY), SecretForm(SecretKind.API_KEY, start, rest))


_STRANGERS: Final = (
    _of_a_stranger("OpenRouter", "sk-or-"),
    _of_a_stranger("Langfuse", "[sp]k-lf-"),
    _of_a_stranger("Groq", "gsk_"),
    _of_a_stranger("xAI", "xai-"),
    _of_a_stranger("GitHub", "gh[pousr]_|github_pat_"),
    _of_a_stranger("GitLab", "gl(?:pat|oas|rt|dt)-"),
    _of_a_stranger("Hugging Face", "hf_"),
    _of_a_stranger("Perplexity", "pplx-"),
    _of_a_stranger("Replicate", "r8_", "[A-Za-z0-9]{16,}"),
    _of_a_stranger("NVIDIA", "nvapi-"),
    _of_a_stranger("Fireworks", "fw_", "[A-Za-z0-9]{16,}"),
    _of_a_stranger("Cerebras", "csk-"),
    _of_a_stranger("Together", "tgp_v[0-9]_"),
    _of_a_stranger("Tavily", "tvly-"),
    _of_a_stranger("Slack", "xox[abeprs]-|xapp-"),
    _of_a_stranger("Stripe", "[rsp]k_(?:live|test)_|whsec_"),
    _of_a_stranger("Amazon", "A(?:KIA|SIA)", "[A-Z0-9]{16}"),
    _of_a_stranger("Amazon", "ABSK", r"[\w+/=-]{16,}"),
    _of_a_stranger("npm", "npm_", r"\w{20,}"),
    _of_a_stranger("PyPI", "pypi-", r"[\w-]{20,}"),
    _of_a_stranger("Notion", "ntn_", r"\w{20,}"),
    _of_a_stranger("Linear", "lin_(?:api|oauth)_"),
    _of_a_stranger("SendGrid", r"SG\.", r"[\w.-]{20,}"),
    _of_a_stranger("DigitalOcean", "do[opr]_v1_"),
)
"""Services that keyswitch does not serve. What a vendor issues now and what it issued before both stand here."""

_FORMS: Final = (
    *_STRANGERS,
    *(
        _Marked(Mark(provider.label, provider, form.kind), form)
        for provider in Provider
        for form in provider.facts.secrets
    ),
)
"""The first that fits counts: OpenAI's `sk-` would fit other services' keys as well."""

_JWT: Final = r"eyJ[\w-]{6,}(?:\.[\w-]+){1,4}"
"""A JSON Web Token (RFC 7519, RFC 7516): who issued it stands inside."""

_ISSUERS: Final = {issuer: provider for provider in Provider for issuer in provider.facts.issuers}

_TYPES: Final = {
    name: provider
    for provider in Provider
    for name in (provider.value, provider.vendor.casefold(), *provider.facts.credential_types)
}
"""What programs write as the type of a credential."""

_NEUTRAL_TYPES: Final = frozenset({"", "oauth", "oauth2", "api", "api_key", "apikey", "bearer", "token", "session"})

_THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def mark_of(value: str) -> Mark | None:
    """Whose *value* is, by how it begins, or by the issuer that it names; None where it does not tell."""
    known = next((one for one in _FORMS if _compiled(one.form.start).match(value)), None)
    if known is not None:
        return known.mark
    claims = _claims(value)
    issuer, audience = claims.get("iss"), claims.get("aud")
    if isinstance(issuer, str) and issuer:
        return mark_of_issuer(issuer)
    of_openai = any(name.startswith("https://api.openai.com/") for name in claims)
    if of_openai or "https://api.openai.com/v1" in (audience if isinstance(audience, list) else [audience]):
        return Mark(Provider.CHATGPT.label, Provider.CHATGPT)
    return None


def mark_of_issuer(issuer: str) -> Mark | None:
    """Whose tokens *issuer* issues; None where it is this machine, where a stand-in may run."""
    from urllib.parse import urlsplit  # here and below: every command imports this module

    try:
        host = urlsplit(issuer if "://" in issuer else f"https://{issuer}").hostname or ""
    except ValueError:
        host = ""
    if host in _THIS_MACHINE:
        return None
    provider = _ISSUERS.get(host)
    return Mark(provider.label, provider) if provider else Mark("another service", None)


def mark_of_scopes(scopes: Iterable[str]) -> frozenset[Mark]:
    """Whose API *scopes* allow, as far as they tell."""
    owners = {
        provider for scope in scopes for provider in Provider if _compiled(provider.facts.scopes).fullmatch(scope)
    }
    return frozenset(Mark(owner.label, owner) for owner in owners)


def mark_of_type(name: str) -> Mark | None:
    """Whose a credential is by the *name* of its type; None for types that every vendor's have."""
    plain = name.strip().casefold()
    if plain in _NEUTRAL_TYPES:
        return None
    provider = _TYPES.get(plain)
    return Mark(provider.label, provider) if provider else Mark("another service", None)


def mark_of_client(client_id: str) -> Mark | None:
    """Whose sign-ins the OAuth client of that id makes; None where it does not tell."""
    owners = (one for one in Provider if one.facts.clients and _compiled(one.facts.clients).fullmatch(client_id))
    provider = next(owners, None)
    return Mark(provider.label, provider) if provider else None


def masked(text: str) -> str:
    """*text* with the mask in the place of everything in it that looks like a vendor's key or token."""
    return _anywhere().sub(MASK, text)


def masked_arguments(text: str) -> str:
    """As `masked`, for an error that repeats what somebody typed: a long word of letters and digits goes as well."""
    return _long_word().sub(lambda found: MASK if _is_random(found[0]) else found[0], masked(text))


def holds_secret(text: str) -> bool:
    """Whether something in *text* looks like a vendor's key or token."""
    return _anywhere().search(text) is not None


def is_token(value: str) -> bool:
    """Whether it has the shape of a JSON Web Token."""
    return re.fullmatch(_JWT, value) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@cache
def _anywhere() -> re.Pattern[str]:
    forms = "|".join(f"(?:{one.form.start}){one.form.rest}" for one in _FORMS)
    return re.compile(rf"(?<![A-Za-z0-9])(?:{forms}|{_JWT})", re.ASCII)


@cache
def _long_word() -> re.Pattern[str]:
    return re.compile(rf"[A-Za-z0-9]{{{_SHORTEST_WORD},}}")


def _is_random(word: str) -> bool:
    return any(character.isdigit() for character in word) and any(character.isalpha() for character in word)


def _claims(value: str) -> dict[str, Any]:
    """What a JSON Web Token says, unchecked; empty where *value* is none, or is encrypted."""
    parts = value.split(".")
    if not value.startswith("eyJ") or len(parts) != 3:  # noqa: PLR2004 - header, payload, signature (RFC 7519, 3)
        return {}
    import json
    from base64 import urlsafe_b64decode

    try:
        claims = json.loads(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}
