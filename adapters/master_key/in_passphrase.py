"""The master key beside the store, sealed with a key that is derived from a passphrase.

The master key stays the same when the passphrase changes, so that nothing else has to be sealed again. What it takes
to derive the sealing key stands in the note, and is part of the seal: making it cheaper breaks it.
"""

from __future__ import annotations

import base64
import secrets
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, TypeGuard

from adapters.files.home_files import AUTH_FILE
from adapters.json.check_sums import canonical
from adapters.master_key.key import KEY_BYTES, MasterKey, key_id
from adapters.master_key.note import NOTE_FILE, KeyNote
from domain.errors import PassphraseNeeded, StoreDamaged, StoreLocked, WrongPassphrase
from domain.master_key import KeyPlace
from domain.text.secret import Secret

_NOT_GIVEN: Final = "its master key is sealed with a passphrase, which was not given"
_NOT_CHOSEN: Final = (
    "its first master key is to be sealed with a passphrase, and none was chosen yet; "
    "keyswitch config set auth.key_source passphrase asks for one"
)

_CIPHER: Final = "A256GCM"
_NONCE_BYTES: Final = 12
_SALT_BYTES: Final = 16

_COST: Final[Mapping[str, int]] = {"iterations": 3, "lanes": 4, "memory_kib": 64 * 1024}
"""RFC 9106, 4, the second recommendation, for where 2 GiB of memory is too much to ask. 0.1 to 0.6 s."""

_MOST: Final[Mapping[str, int]] = {"iterations": 16, "lanes": 16, "memory_kib": 1024 * 1024}
"""What is obeyed of a note: a damaged or hostile one must not keep the machine busy."""

_LEAST_KIB_A_LANE: Final = 8
"""RFC 9106, 3.1."""


class PassphraseHolder:
    """The place of a master key that is kept in the note itself."""

    def __init__(self, *, home: Path, passphrase: Secret | None = None) -> None:
        self._store = str(home / AUTH_FILE)
        self._note = str(home / NOTE_FILE)
        self._passphrase = passphrase

    def give(self, passphrase: Secret) -> None:
        """Use *passphrase* for the next call, and then forget it."""
        self._passphrase = passphrase

    def fetch(self, note: KeyNote | None) -> MasterKey | None:
        """The key, by the passphrase that was given; takes a part of a second. Raises as the protocol says.

        Raises:
            PassphraseNeeded: None was given.
            WrongPassphrase: It is another one.
        """
        return None if note is None else self._opened(note, self._taken(_NOT_GIVEN))

    def keep(self, key: MasterKey) -> KeyNote:
        """Seal *key* with the passphrase that was given, and open it once more. Raises as `fetch` does."""
        passphrase = self._taken(_NOT_CHOSEN)
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        kdf = {"name": "argon2id", "salt": _text(secrets.token_bytes(_SALT_BYTES)), **_COST}
        nonce = secrets.token_bytes(_NONCE_BYTES)
        box = AESGCM(_derived(passphrase, kdf)).encrypt(nonce, key.reveal(), _associated(key_id(key), kdf))
        sealed = {"cipher": _CIPHER, "kdf": kdf, "nonce": _text(nonce), "box": _text(box)}
        note = KeyNote(KeyPlace.PASSPHRASE, key_id(key), sealed=sealed)
        if self._opened(note, passphrase) != key:
            raise StoreLocked(self._store, "the master key could not be opened again after sealing it")
        return note

    def remove(self, note: KeyNote) -> None:
        """Do nothing: the key goes with the note."""

    def _taken(self, problem: str) -> Secret:
        passphrase, self._passphrase = self._passphrase, None
        if passphrase is None:
            raise PassphraseNeeded(self._store, problem)
        return passphrase

    def _opened(self, note: KeyNote, passphrase: Secret) -> MasterKey:
        kdf = note.sealed.get("kdf")
        if note.sealed.get("cipher") != _CIPHER or not _is_sound(kdf):
            raise StoreDamaged(self._note, "it does not say how the master key is sealed")
        value = _unsealed(note, _derived(passphrase, kdf))
        if value is None or len(value) != KEY_BYTES:
            raise WrongPassphrase(self._store, "the passphrase does not open its master key")
        return MasterKey(value)


def _unsealed(note: KeyNote, derived: bytes) -> bytes | None:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        nonce, box = (base64.b64decode(note.sealed[name], validate=True) for name in ("nonce", "box"))
        return AESGCM(derived).decrypt(nonce, box, _associated(note.key, note.sealed["kdf"]))
    except (InvalidTag, KeyError, TypeError, ValueError):
        return None


def _derived(passphrase: Secret, kdf: Mapping[str, Any]) -> bytes:
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    # One form for all keyboards: what looks the same must be the same (RFC 8265, 4.2.2, has NFC as well).
    text = unicodedata.normalize("NFC", passphrase.reveal()).encode(errors="surrogatepass")
    salt = base64.b64decode(kdf["salt"], validate=True)
    return Argon2id(
        salt=salt,
        length=KEY_BYTES,
        iterations=kdf["iterations"],
        lanes=kdf["lanes"],
        memory_cost=kdf["memory_kib"],
    ).derive(text)


def _is_sound(kdf: object) -> TypeGuard[dict[str, Any]]:
    if not isinstance(kdf, dict) or kdf.get("name") != "argon2id":
        return False
    numbers = {name: kdf.get(name) for name in _MOST}
    if not all(type(value) is int and 0 < value <= _MOST[name] for name, value in numbers.items()):
        return False
    try:
        enough = kdf["memory_kib"] >= _LEAST_KIB_A_LANE * kdf["lanes"]
        return enough and len(base64.b64decode(kdf["salt"], validate=True)) == _SALT_BYTES
    except (KeyError, TypeError, ValueError):
        return False


def _associated(key: str, kdf: Mapping[str, Any]) -> bytes:
    return canonical({"sealed": "master key", "key": key, "cipher": _CIPHER, "kdf": dict(kdf)})


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")
