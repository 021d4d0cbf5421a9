"""A credential into its sealed record, and out of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from adapters.master_key.key import MasterKey
from adapters.session_store.document import Document
from adapters.session_store.record import Entry, active_mark, bound_part, new_entry
from domain.credential import CredentialKey, CredentialKind, CredentialRecord
from domain.errors import StoreDamaged, StoreError, StoreWrongKey
from domain.records import replace
from domain.session import ApiKey, OwnCredential, Session
from domain.text.secret import Secret

_TOKENS: Final = ("access_token", "refresh_token", "id_token")
_KEY: Final = ("api_key",)


def require_sendable(path: Path, credential: OwnCredential) -> None:
    """Pass where every secret of *credential* could be sent in a header.

    Raises:
        StoreError: One could not be; *path* is the store's.
    """
    for name, secret in _secrets(credential).items():
        if not secret.sendable:
            problem = f"the {name} of {name_of(credential.record.key)} is empty or holds more than visible ASCII"
            raise StoreError(str(path), f"{problem}, and was not stored")


def seal_into(document: Document, credential: OwnCredential, master: MasterKey, *, activate: bool = False) -> Document:
    """*document* with *credential*, sealed, in its place; with *activate* it is the active one, else as it was.

    What a newer program sealed beside the tokens of this sign-in stays with them.
    """
    from adapters.session_store.sealing import seal

    record, before = credential.record, document.find(credential.record.key)
    marked = before.record.active if before and before.record else record.active
    record = replace(record, active=activate or marked)
    secrets = {**_unknown_secrets(before, record, master), **_secrets(credential)}
    sealed = seal(secrets, bound_part(record, before=before), master)
    changed = document.put(record.key, new_entry(record, sealed, before=before))
    return with_one_active(changed, record) if record.active else changed


def unseal_credential(path: Path, entry: Entry, record: CredentialRecord, master: MasterKey) -> OwnCredential:
    """The credential that *entry* holds, of which *record* is the readable part; *path* is the store's.

    Raises:
        StoreWrongKey: Another master key sealed it.
        StoreDamaged: It was changed since.
    """
    from adapters.session_store.sealing import Unopened, unseal

    try:
        secrets = unseal(entry.sealed, entry.bound, master)
    except Unopened as unopened:
        if unopened.other_key:
            problem = f"the record of {name_of(record.key)} was sealed with another master key"
            raise StoreWrongKey(str(path), problem) from None
        raise StoreDamaged(str(path), f"the record of {name_of(record.key)} is damaged: {unopened}") from None
    names = _names(record)
    given = {name: secrets[name] for name in names if secrets.get(name) is not None}
    values = {name: value for name, value in given.items() if isinstance(value, Secret) and value.sendable}
    if values.keys() != given.keys():
        raise StoreDamaged(str(path), f"a token of {name_of(record.key)} holds more than visible ASCII")
    if names[0] not in values:
        raise StoreDamaged(str(path), f"the record of {name_of(record.key)} holds no {names[0]}")
    if record.kind is CredentialKind.API_KEY:
        return ApiKey(record, values["api_key"])
    return Session(record, **values)


def with_one_active(document: Document, record: CredentialRecord) -> Document:
    """*document* with *record* as the only active one of its provider and kind."""

    def others(entry: Entry) -> bool:
        other = entry.record
        return other is not None and other.key != record.key and _group(other) == _group(record)

    entries = (active_mark(entry, active=False) if others(entry) else entry for entry in document.entries)
    return replace(document, entries=tuple(entries))


def name_of(key: CredentialKey) -> str:
    """*key* for a sentence: no account, which may be an address, and is foreign text."""
    return f"{key.provider.label} ({key.kind.label})"


def _secrets(credential: OwnCredential) -> dict[str, Secret]:
    if isinstance(credential, ApiKey):
        return {"api_key": credential.value}
    given = {name: getattr(credential, name) for name in _TOKENS}
    return {name: secret for name, secret in given.items() if secret is not None}


def _unknown_secrets(before: Entry | None, record: CredentialRecord, master: MasterKey) -> Mapping[str, Any]:
    """What is sealed beside the known secrets of the sign-in of *record*."""
    from adapters.session_store.sealing import Unopened, unseal

    if before is None or before.record is None or before.record.session_id != record.session_id:
        return {}
    try:
        secrets = unseal(before.sealed, before.bound, master)
    except Unopened:
        return {}
    return {name: value for name, value in secrets.items() if name not in _names(record)}


def _names(record: CredentialRecord) -> tuple[str, ...]:
    return _KEY if record.kind is CredentialKind.API_KEY else _TOKENS


def _group(record: CredentialRecord) -> tuple[object, object]:
    return record.provider, record.kind
