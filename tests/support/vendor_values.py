"""Keys and tokens as vendors make them, visibly fake, and values that are none."""

from __future__ import annotations

from typing import Final

from domain.provider import Provider
from domain.provider_facts.secret_form import SecretKind
from tests.support.earlier_files import jwt

OF_OPENAI: Final = jwt({"iss": "https://auth.openai.com", "aud": ["https://api.openai.com/v1"], "sub": "made-up"})
OF_GOOGLE: Final = jwt({"iss": "accounts.google.com", "sub": "made-up"})
OF_ANOTHER: Final = jwt({"iss": "https://login.example.test", "sub": "made-up"})

MARKED: Final[dict[str, tuple[Provider | None, SecretKind]]] = {
    "sk-proj-MADE-UP-0000-1234": (Provider.CHATGPT, SecretKind.API_KEY),
    "sk-svcacct-made-up-0000": (Provider.CHATGPT, SecretKind.API_KEY),
    "sk-madeup0000T3BlbkFJ": (Provider.CHATGPT, SecretKind.API_KEY),
    "sk-admin-made-up-0000-1234": (Provider.CHATGPT, SecretKind.ADMIN_KEY),
    "rt_made-up-0000-1234": (Provider.CHATGPT, SecretKind.REFRESH_TOKEN),
    "rt.1.made-up-0000-1234": (Provider.CHATGPT, SecretKind.REFRESH_TOKEN),
    OF_OPENAI: (Provider.CHATGPT, SecretKind.SIGN_IN_TOKEN),
    "sk-ant-api03-MADE-UP-1234": (Provider.CLAUDE, SecretKind.API_KEY),
    "sk-ant-oat01-made-up": (Provider.CLAUDE, SecretKind.ACCESS_TOKEN),
    "sk-ant-ort01-made-up": (Provider.CLAUDE, SecretKind.REFRESH_TOKEN),
    "sk-ant-sid01-made-up": (Provider.CLAUDE, SecretKind.SIGN_IN_TOKEN),
    "sk-ant-admin01-made-up": (Provider.CLAUDE, SecretKind.ADMIN_KEY),
    "AIzaSyMADE-UP_0000": (Provider.GEMINI, SecretKind.API_KEY),
    "AQ.made-up-0001": (Provider.GEMINI, SecretKind.API_KEY),
    "ya29.made-up": (Provider.GEMINI, SecretKind.ACCESS_TOKEN),
    "1//made-up-0001": (Provider.GEMINI, SecretKind.REFRESH_TOKEN),
    "4/0Amade-up-000000000000": (Provider.GEMINI, SecretKind.CODE),
    "GOCSPX-made-up": (Provider.GEMINI, SecretKind.CLIENT_SECRET),
    OF_GOOGLE: (Provider.GEMINI, SecretKind.SIGN_IN_TOKEN),
    "sk-or-v1-made-up-0000": (None, SecretKind.API_KEY),
    "gsk_madeup0000000000": (None, SecretKind.API_KEY),
    "xai-madeup0000000000": (None, SecretKind.API_KEY),
    "ghp_madeup0000000000": (None, SecretKind.API_KEY),
    "github_pat_11MADEUP0_000000000000": (None, SecretKind.API_KEY),
    "hf_madeup0000000000": (None, SecretKind.API_KEY),
    "pplx-madeup0000000000": (None, SecretKind.API_KEY),
    "AKIAMADEUP0000000000": (None, SecretKind.API_KEY),
    "xoxb-made-up-0000-1234": (None, SecretKind.API_KEY),
    OF_ANOTHER: (None, SecretKind.SIGN_IN_TOKEN),
}
"""Whose each is, and what it is for; None is another service that keyswitch does not serve."""

UNMARKED: Final = (
    "fake-access-chatgpt",
    "0123456789abcdef0123456789abcdef",
    "made-up",
    "",
    "eyJ",
    "eyJ.not.base64!",
    "claude-sonnet-4-5-20250929",
    "disk-utility-settings",
    "FAQ.made-up-0001",
)
"""Anybody's, or nothing."""

HARMLESS: Final = (
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "sk_SK.UTF-8",
    "sk-SK",
    "unix:path=/run/user/1000/bus,guid=0123456789abcdef0123456789abcdef",
    "claude-sonnet-4-5-20250929",
    "gpt-5.1-codex-high",
    "http://127.0.0.1//callback/elsewhere",
    "/home/ana/task-list-of-today-1234/risk-assessment-2026",
    "ana@example.test",
    "https://auth.openai.com/api/accounts/authorize",
)
"""Texts of a desktop, a shell and our own messages in which no filter finds anything."""
