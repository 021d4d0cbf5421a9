"""The accounts of a provider: what each is called, and which one a name means."""

from __future__ import annotations

from binascii import crc32
from collections import Counter
from typing import TYPE_CHECKING

from domain.credential import CredentialKey, CredentialKind, CredentialRecord
from domain.errors import UnknownAccount, UsageError
from domain.text.suggestion import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from domain.provider import Provider


def tag(key: CredentialKey) -> str:
    """Eight digits that stand for *key* in the event log, where an e-mail address has no place.

    They tell one person's accounts apart and are no secret; a check sum is enough, and costs no import.
    """
    return f"{crc32(str(key).encode('utf-8', errors='surrogatepass')):08x}"


def account_names(records: Iterable[CredentialRecord]) -> dict[CredentialKey, str]:
    """What people call each of *records*: its label, with the beginning of its tag where two share one.

    One person may have two workspaces at a provider under one e-mail address. Labels are foreign text.
    """
    known = tuple(records)
    shared = Counter((record.provider, record.label.casefold()) for record in known)
    return {
        record.key: record.label
        if shared[record.provider, record.label.casefold()] == 1
        else f"{record.label}#{tag(record.key)[:4]}"
        for record in known
    }


def find_account(
    text: str, provider: Provider, records: Iterable[CredentialRecord], *, keys: bool = True
) -> CredentialRecord:
    """The account of *provider* that *text* means: by its name, its label, or the beginning of one; an API key also by
    its last four characters. Case is ignored. Without *keys* only a sign-in is meant.

    Raises:
        UnknownAccount: None is called so; it carries the nearest name and all of them, or the keys that are there
            where only a sign-in is meant.
        UsageError: Several begin so (`ambiguous_account`); it names them.
    """
    everything = tuple(record for record in records if record.provider is provider)
    mine = everything if keys else tuple(record for record in everything if record.kind is not CredentialKind.API_KEY)
    names = account_names(everything)
    wanted = text.strip().casefold()
    exact = [
        record
        for record in mine
        if wanted in {names[record.key].casefold(), tag(record.key), _given_name(record).casefold()}
        or (record.kind is CredentialKind.API_KEY and wanted.lstrip("….") == _ending(record) != "")
    ]
    found = exact or [record for record in mine if wanted and names[record.key].casefold().startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        matches = " or ".join(sorted(names[record.key] for record in found))
        sentence = f'"{text}" could be {matches} of {provider.label}. Type more of it.'
        raise UsageError(sentence, code="ambiguous_account", provider=provider)
    known = tuple(names[record.key] for record in mine)
    instead = () if mine else tuple(names[record.key] for record in everything)
    raise UnknownAccount(provider, text, suggestion=_meant(wanted, known), known=known, keys=instead)


def sign_ins(records: Iterable[CredentialRecord], provider: Provider) -> tuple[CredentialRecord, ...]:
    """The OAuth sign-ins of *provider*, in their order."""
    return tuple(record for record in records if record.provider is provider and record.kind is CredentialKind.OAUTH)


def api_keys(records: Iterable[CredentialRecord], provider: Provider) -> tuple[CredentialRecord, ...]:
    """The stored API keys of *provider*, in their order."""
    mine = (record for record in records if record.provider is provider and record.kind is CredentialKind.API_KEY)
    return tuple(record for record in mine if record.key.is_stored)


def key_called(name: str, keys: Iterable[CredentialRecord]) -> CredentialRecord | None:
    """The one of *keys* that a person called *name*; case is ignored."""
    return next((record for record in keys if _given_name(record).casefold() == name.casefold()), None)


def _given_name(record: CredentialRecord) -> str:
    """What a person called an API key: `work` of `work (…1234)`; the whole label of everything else."""
    name, opens, _ = record.label.rpartition(" (…")
    return name if opens and record.kind is CredentialKind.API_KEY else record.label


def _ending(record: CredentialRecord) -> str:
    """The last four characters of an API key, as its label has them."""
    return record.label.rpartition("…")[2].rstrip(")").casefold()


def _meant(wanted: str, names: tuple[str, ...]) -> str | None:
    """The nearest name, or the one whose part before the @ is nearest."""
    if (whole := nearest(wanted, names)) is not None:
        return whole
    local_parts = {name.partition("@")[0].casefold(): name for name in names}
    meant = nearest(wanted, local_parts)
    return local_parts[meant] if meant is not None else None
