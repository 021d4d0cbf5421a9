"""Which requests are relayed: a question, and the list of models. Everything else at a provider is out of reach."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, unquote

from domain.credential import CredentialRecord
from domain.provider import Provider
from domain.records import dataclass
from domain.text.untrusted import untrusted_line

PASSED_ON: Final = frozenset({"accept", "cache-control", "content-type"})
"""The request headers of a host that reach the provider. Version, account, project and credential are the laptop's."""

PASSED_BACK: Final = frozenset({"content-type", "date", "retry-after", "retry-after-ms", "request-id", "x-request-id"})
"""The headers of an answer that reach the host, beside those that tell of limits."""

_LIMITS: Final = re.compile(r"(x|anthropic)-(ratelimit|codex)-[a-z0-9-]+")
"""What a vendor tells of its limits in the head of an answer."""

_LONGEST_MODEL: Final = 100


@dataclass(frozen=True, slots=True)
class Route:
    """One kind of request."""

    method: str
    path: re.Pattern[str]
    """Below the provider's address; the group `model` is the model, where the path names it."""
    query: frozenset[str] = frozenset()
    """The parameters that may be there, each once."""


def _route(method: str, path: str, *query: str) -> Route:
    return Route(method, re.compile(path), frozenset(query))


_NAME: Final = r"(?P<model>[A-Za-z0-9._-]{1,100})"

_CHATGPT: Final = (_route("POST", "responses"), _route("GET", "models"))
_IMPORTED: Final = (_route("POST", "responses"),)
_CLAUDE: Final = (_route("POST", "v1/messages"), _route("GET", "v1/models", "limit", "after_id"))
_GEMINI: Final = (
    _route("POST", rf"models/{_NAME}:streamGenerateContent", "alt"),
    _route("GET", "models", "pageSize", "pageToken"),
)


def is_relayed(method: str, path: str, query: str, record: CredentialRecord) -> bool:
    """Whether a request with the credential of *record* may go to *path*, below the provider's own address."""
    return any(
        route.method == method and route.path.fullmatch(path) and _is_within(query, route.query)
        for route in _routes(record)
    )


def may_pass_back(name: str) -> bool:
    """Whether the header *name* of a provider's answer reaches the host."""
    return name in PASSED_BACK or _LIMITS.fullmatch(name) is not None


def model_of(path: str, body: bytes, record: CredentialRecord) -> str:
    """The model that is asked, for the owner to know; "" where none is named. May be slow where *body* is large."""
    for route in _routes(record):
        named = route.path.fullmatch(path)
        if named and "model" in route.path.groupindex:
            return named["model"]
    try:
        document = json.loads(body) if body else None
    except (ValueError, RecursionError):
        return ""
    model = document.get("model") if isinstance(document, Mapping) else None
    return untrusted_line(model)[:_LONGEST_MODEL] if isinstance(model, str) else ""


def _routes(record: CredentialRecord) -> tuple[Route, ...]:
    match record.provider:
        case Provider.CHATGPT:
            return _IMPORTED if record.imported else _CHATGPT
        case Provider.CLAUDE:
            return _CLAUDE
        case Provider.GEMINI:
            return _GEMINI


def _is_within(query: str, allowed: frozenset[str]) -> bool:
    if unquote(query).isprintable() and query.isascii():
        names = [name for name, _ in parse_qsl(query, keep_blank_values=True)]
        return len(names) == len(set(names)) and set(names) <= allowed
    return False
