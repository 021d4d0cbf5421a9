"""Who is known at the second server. Imports nothing of Django: the tests read it too."""

from __future__ import annotations

from typing import Any, Final

PEOPLE: Final = ("ana@example.test", "ben@example.test")
PASSWORD: Final = "fake-password"

REDIRECT: Final = "http://127.0.0.1:41455/callback"
"""Nobody listens there: the tests read where the browser is sent."""

SECRET: Final = "fake-client-secret-of-the-second-server"

_CODE: Final = {"authorization_grant_type": "authorization-code", "redirect_uris": REDIRECT}
_DEVICE: Final = {"authorization_grant_type": "urn:ietf:params:oauth:grant-type:device_code"}
_PUBLIC: Final = {"client_type": "public", "client_secret": ""}
_CONFIDENTIAL: Final = {"client_type": "confidential", "client_secret": SECRET}

CLIENTS: Final[tuple[dict[str, Any], ...]] = (
    {"client_id": "openid-client", "algorithm": "RS256", **_CODE, **_PUBLIC},
    {"client_id": "openid-client-with-secret", "algorithm": "RS256", **_CODE, **_CONFIDENTIAL},
    {"client_id": "plain-client", "algorithm": "", **_CODE, **_PUBLIC},
    {"client_id": "device-client", "algorithm": "", **_DEVICE, **_PUBLIC},
    {"client_id": "device-client-with-secret", "algorithm": "", **_DEVICE, **_CONFIDENTIAL},
)
"""One of each kind, as rows of the toolkit's table of applications; an application has one grant type there."""
