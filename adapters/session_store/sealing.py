"""Sealing secrets with AES-256-GCM. The only module here that knows a cryptographic library.

What stands readable beside the secrets is bound to them as associated data: nobody without the key can move a token
to another account, origin or payer, stretch its life, or bring back an older generation under a newer number.
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from adapters.json.check_sums import canonical
from adapters.master_key.key import MasterKey, key_id
from adapters.session_store.record import FORMAT
from domain.text.secret import Secret

_CIPHER: Final = "A256GCM"
_NONCE_BYTES: Final = 12
"""NIST SP 800-38D, 8.2.2: 96 random bits, good for 2^32 seals with one key."""


class Unopened(Exception):
    """What was sealed does not open: it, or what it is bound to, is not what it was, or the key is another one."""

    def __init__(self, problem: str, *, other_key: bool = False) -> None:
        super().__init__(problem)
        self.other_key = other_key
        """Whether another key sealed it."""


def seal(secret: Mapping[str, Any], bound: Mapping[str, Any], key: MasterKey) -> dict[str, Any]:
    """*secret* as a JSON object that only *key* opens, and only beside the same *bound*.

    Its members are of `Secret`, or what a seal of a newer program held and means nothing here.
    """
    nonce = secrets.token_bytes(_NONCE_BYTES)
    head = {"cipher": _CIPHER, "key": key_id(key)}
    members = {name: value.reveal() if isinstance(value, Secret) else value for name, value in secret.items()}
    box = AESGCM(key.reveal()).encrypt(nonce, canonical(members), _associated(head, bound))
    return {**head, "nonce": _text(nonce), "box": _text(box)}


def unseal(sealed: Mapping[str, Any], bound: Mapping[str, Any], key: MasterKey) -> dict[str, Any]:
    """What `seal` was given. A member that is no text comes as it is.

    Raises:
        Unopened: Another key sealed it, it was changed since, or it is nothing that this program sealed.
    """
    head = {"cipher": sealed.get("cipher"), "key": sealed.get("key")}
    if head["cipher"] != _CIPHER:
        raise Unopened("it is sealed in a way that this program does not know")
    if head["key"] != key_id(key):
        raise Unopened("it was sealed with another key", other_key=True)
    opened = _opened(sealed, _associated(head, bound), key)
    if opened is None:  # raised out here, so that no error that quotes what was opened hangs on to this one
        raise Unopened("it was changed since it was sealed")
    return opened


def _opened(sealed: Mapping[str, Any], associated: bytes, key: MasterKey) -> dict[str, Any] | None:
    try:
        nonce, box = _bytes(sealed["nonce"]), _bytes(sealed["box"])
        secret = json.loads(AESGCM(key.reveal()).decrypt(nonce, box, associated))
    except (InvalidTag, KeyError, TypeError, ValueError, OverflowError):
        return None
    if not isinstance(secret, dict):
        return None
    return {name: Secret(value) if isinstance(value, str) else value for name, value in secret.items()}


def _associated(head: Mapping[str, Any], bound: Mapping[str, Any]) -> bytes:
    return canonical({"format": FORMAT, "sealed": dict(head), "bound": dict(bound)})


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _bytes(value: str) -> bytes:
    return base64.b64decode(value, validate=True)
