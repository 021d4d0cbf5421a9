"""Signed id_tokens (OpenID Connect Core 1.0, 2) and the key set to check them with."""

from __future__ import annotations

import threading
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from joserfc.jwk import RSAKey

_making = threading.Lock()


def id_token(claims: dict[str, object]) -> str:
    """*claims*, signed with RS256. Slow the first time, when the key is made."""
    from joserfc import jwt  # here, because a sandbox that signs nothing need not load it

    key = _key()
    return jwt.encode({"alg": "RS256", "kid": key.kid, "typ": "JWT"}, claims, key)


def public_keys() -> dict[str, object]:
    """The JSON Web Key Set (RFC 7517, 5)."""
    return {"keys": [{**_key().as_dict(private=False), "use": "sig", "alg": "RS256"}]}


def _key() -> RSAKey:
    with _making:
        return _make_key()


@cache
def _make_key() -> RSAKey:
    """One key a process: making it takes up to 0.3 s."""
    from joserfc.jwk import RSAKey

    key = RSAKey.generate_key(2048, private=True)
    key.ensure_kid()
    return key
