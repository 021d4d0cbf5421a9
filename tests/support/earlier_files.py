"""Files as earlier programs wrote them, with visibly fake tokens."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta
from typing import Any, Final

from tests.support.credentials import ANA, NOON

CODEX_CLIENT: Final = "app_EMoamEEZ73f0CkXaXp7hrann"
WORKSPACE: Final = "ws-fake-ana"
USER: Final = "user-fake-ana"


def jwt(claims: dict[str, Any]) -> str:
    """A token with *claims* that nobody signed."""

    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims)}.fakesignature"


def codex_tokens(
    *,
    email: str = ANA,
    user: str = USER,
    workspace: str = WORKSPACE,
    number: int = 1,
    ends: datetime = NOON + timedelta(hours=1),
) -> dict[str, Any]:
    """The `tokens` of a ChatGPT session."""
    claimed = {"chatgpt_account_id": workspace, "chatgpt_user_id": user, "chatgpt_plan_type": "plus"}
    return {
        "id_token": jwt({"email": email, "sub": f"auth0|{user}", "https://api.openai.com/auth": claimed}),
        "access_token": jwt({"exp": int(ends.timestamp()), "jti": f"fake-access-{user}-{number}"}),
        "refresh_token": f"rt_fake-{user}-{number}",
        "account_id": workspace,
    }


def nested(*, tokens: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """Format (b): one ChatGPT session."""
    content = {
        "OPENAI_API_KEY": None,
        "tokens": codex_tokens() if tokens is None else tokens,
        "last_refresh": "2026-11-23T11:30:00.123456789Z",
    }
    return {**content, **changes}


def flat(name: str = "chatgpt", **changes: Any) -> dict[str, Any]:
    """Format (a), and each provider's part of format (c)."""
    content = {
        "access_token": f"fake-access-{name}",
        "refresh_token": f"fake-refresh-{name}",
        "expires_at": "2026-11-23T13:00:00Z",
    }
    return {**content, **changes}


def by_provider() -> dict[str, Any]:
    """A file that names each provider: format (c)."""
    return {name: flat(name) for name in ("chatgpt", "claude", "gemini")}


def accounts(*entries: dict[str, Any], active: str | None = None) -> dict[str, Any]:
    """The content of `auth_accounts.json`, version 1."""
    return {"version": 1, "active_account_id": active, "accounts": list(entries)}


def an_account(identity: str, **members: Any) -> dict[str, Any]:
    """One of its accounts; without members of its own a ChatGPT session of ana's."""
    given = members or {"mode": "chatgpt", "tokens": codex_tokens(), "last_refresh": "2026-11-23T11:00:00Z"}
    return {"id": identity, "created_at": "2026-01-01T00:00:00Z", **given}


def written(value: Any) -> bytes:
    """As a program in Rust writes it: indented, without a line end."""
    return json.dumps(value, indent=2).encode()
