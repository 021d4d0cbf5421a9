"""What earlier programs kept in `auth.json` and `auth_accounts.json`.

    (a)  {"access_token": …, "refresh_token": …, "expires_at": …}                    one ChatGPT session
    (b)  {"OPENAI_API_KEY": …, "tokens": {"id_token", "access_token", "refresh_token", "account_id"},
          "last_refresh": …, "auth_mode": …}                                          a ChatGPT session, a key, or both
    (c)  {"chatgpt": {as (a)}, "claude": {…}, "gemini": {…}}
    auth_accounts.json, version 1:
         {"version": 1, "active_account_id": …, "accounts": [{"id", "mode", "label", "openai_api_key",
          "tokens": {as in (b)}, "last_refresh"}]}

A file may be several of (a) to (c) at once. Each entry is read on its own: what cannot be used is named, and hides none
of its neighbours. Needs the standard library alone, so that a status can show what is there before it is taken over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from adapters.session_stores.old_credentials import codex_session, openai_key, plain_session
from adapters.session_stores.old_json import Members, NoObject, flaw_in, object_of
from adapters.session_stores.old_members import Unfit, identifier, label, moment
from domain.credential import IMPORTED, CredentialRecord
from domain.provider import Provider
from domain.session import ApiKey, Credential, Session

ACCOUNTS_VERSION: Final = 1

_KEY: Final = "OPENAI_API_KEY"
_TOKENS: Final = "tokens"
_FLAT: Final = frozenset({"access_token", "refresh_token", "expires_at"})
_NESTED: Final = frozenset({_KEY, _TOKENS, "last_refresh", "auth_mode"})
_BY_PROVIDER: Final = frozenset(provider.value for provider in Provider)
_KNOWN: Final = _FLAT | _NESTED | _BY_PROVIDER


class NotOld(ValueError):
    """It is a JSON object, and of none of the older formats."""


@dataclass(frozen=True, slots=True)
class OldFile:
    """What an older file holds."""

    credentials: tuple[Credential, ...] = ()
    problems: tuple[str, ...] = ()
    """The entries that could not be used, as `claude: it is no JSON object`; quotes nothing of them."""
    unused: tuple[str, ...] = ()
    """Names of members that mean nothing to keyswitch."""

    @property
    def records(self) -> tuple[CredentialRecord, ...]:
        """What may be shown of it."""
        return tuple(credential.record for credential in self.credentials)


def is_object(content: bytes) -> bool:
    """Whether it is a whole JSON object."""
    try:
        object_of(content)
    except NoObject:
        return False
    return True


def is_old(content: bytes) -> bool:
    """Whether `old_auth` reads it."""
    try:
        members = object_of(content)
    except NoObject:
        return False
    return not members or bool(_KNOWN & members.keys())


def old_auth(content: bytes, now: datetime) -> OldFile:
    """What an older `auth.json` holds. *now* is aware, in UTC.

    Raises:
        NoObject: It is no whole JSON object.
        NotOld: It is one of another kind.
    """
    members = object_of(content)
    if members and not _KNOWN & members.keys():
        raise NotOld("it is of a format that keyswitch does not know")
    beside = _KNOWN if not _FLAT & members.keys() else members.keys()  # a flat session has further members of its own
    return replace(_collected(_auth_entries(members, now)), unused=tuple(sorted(members.keys() - beside)))


def old_accounts(content: bytes, now: datetime) -> OldFile:
    """What an older `auth_accounts.json` holds. *now* is aware, in UTC.

    Raises:
        NoObject: It is no whole JSON object.
        NotOld: It is one of another kind, or of a later version.
    """
    members = object_of(content) if content.strip() else Members()
    if members.get("version", ACCOUNTS_VERSION) != ACCOUNTS_VERSION:
        raise NotOld("it is of a version that keyswitch does not know")
    accounts = members.get("accounts", [])
    if not isinstance(accounts, list):
        raise NotOld('its "accounts" is no list')
    return _collected(_account_entries(accounts, members.get("active_account_id"), now))


def merged(*files: OldFile) -> OldFile:
    """All of them, each credential once, as its newest copy has it. The earlier file says what is active."""
    chosen: list[Credential] = []
    for credential in (credential for file in files for credential in file.credentials):
        at = next((at for at, other in enumerate(chosen) if _is_same(other, credential)), None)
        if at is None:
            rivals = any(_group(other) == _group(credential) and other.record.active for other in chosen)
            chosen.append(_marked(credential, active=credential.record.active and not rivals))
        elif credential.record.obtained_at > chosen[at].record.obtained_at:
            chosen[at] = _marked(credential, active=chosen[at].record.active)
    return OldFile(
        _told_apart(_with_an_active_one(chosen)),
        tuple(problem for file in files for problem in file.problems),
        tuple(name for file in files for name in file.unused),
    )


_Entry = tuple[str, Callable[[], Credential], Any]
"""A name, how to read it, and the part of the file that it stands in."""


def _collected(entries: Iterable[_Entry]) -> OldFile:
    found: list[Credential] = []
    problems: list[str] = []
    for name, read, part in entries:
        flaw = flaw_in(part)
        try:
            if flaw is None:
                found.append(read())
        except Unfit as unfit:
            flaw = str(unfit)
        if flaw is not None:
            problems.append(f"{name}: {flaw}")
    return replace(merged(OldFile(tuple(found))), problems=tuple(problems))


def _auth_entries(members: Members, now: datetime) -> Iterator[_Entry]:
    if _FLAT & members.keys():
        flat = Members({name: value for name, value in members.items() if name not in {_KEY, _TOKENS, *_BY_PROVIDER}})
        yield "the session", lambda: plain_session(Provider.CHATGPT, flat, now), flat
    if members.get(_TOKENS) is not None:
        yield _TOKENS, lambda: _codex(members, now), [members[_TOKENS], members.get("last_refresh")]
    if members.get(_KEY):
        yield _KEY, lambda: openai_key(members, _KEY, now), members[_KEY]
    for provider in Provider:
        part = members.get(provider.value)
        if part is not None:
            yield provider.value, _plain(provider, part, now), part


def _account_entries(accounts: list[Any], active: object, now: datetime) -> Iterator[_Entry]:
    for number, account in enumerate(accounts, start=1):
        name = f"account {number}"
        if not isinstance(account, Members):
            yield name, _refuse, account
            continue
        mine = active is not None and account.get("id") == active
        if account.get(_TOKENS) is not None:
            yield name, _account(_codex, account, now, active=mine), account
        if account.get("openai_api_key"):
            yield name, _account(_account_key, account, now, active=mine), account


def _refuse() -> Credential:
    raise Unfit("it is no JSON object")


def _plain(provider: Provider, part: object, now: datetime) -> Callable[[], Credential]:
    return lambda: plain_session(provider, part, now)


def _account(
    read: Callable[[Members, datetime], Credential], account: Members, now: datetime, *, active: bool
) -> Callable[[], Credential]:
    return lambda: _marked(read(account, now), active=active)


def _codex(holder: Members, now: datetime) -> Session:
    """The session in *holder*, named by what stands beside its tokens where they name nobody."""
    session = codex_session(holder[_TOKENS], moment(holder, "last_refresh"), now)
    record, beside, named = session.record, identifier(holder, "id"), label(holder, "label")
    if record.key.account == IMPORTED and beside:
        record = replace(record, key=replace(record.key, account=f"{IMPORTED}:{beside}"))
    if named and record.label == f"{Provider.CHATGPT.label} account":
        record = replace(record, label=named)
    return replace(session, record=record)


def _account_key(account: Members, now: datetime) -> ApiKey:
    return openai_key(account, "openai_api_key", now)


def _is_same(one: Credential, other: Credential) -> bool:
    """Whether both are copies of one credential: two records that spend one refresh token would end each other."""
    if isinstance(one, ApiKey) or isinstance(other, ApiKey):
        return isinstance(one, ApiKey) and isinstance(other, ApiKey) and one.value == other.value
    if one.record.provider is not other.record.provider:
        return False
    shared = one.refresh_token is not None and one.refresh_token == other.refresh_token
    return shared or one.access_token == other.access_token or (one.record.key == other.record.key != _unnamed(one))


def _unnamed(credential: Credential) -> object:
    return replace(credential.record.key, account=IMPORTED)


def _told_apart(credentials: Iterable[Credential]) -> tuple[Credential, ...]:
    """With an account of its own for each: a second key, and a second session that names nobody, get a number."""
    taken: set[object] = set()
    result: list[Credential] = []
    for credential in credentials:
        key, number = credential.record.key, 2
        while key in taken:
            key, number = (
                replace(credential.record.key, account=f"{credential.record.key.account}:{number}"),
                number + 1,
            )
        taken.add(key)
        result.append(replace(credential, record=replace(credential.record, key=key)))
    return tuple(result)


def _with_an_active_one(credentials: list[Credential]) -> list[Credential]:
    """With a mark for the first of each provider and kind where none of them has it."""
    active = {_group(credential) for credential in credentials if credential.record.active}
    result = []
    for credential in credentials:
        first = _group(credential) not in active
        active.add(_group(credential))
        result.append(_marked(credential, active=True) if first else credential)
    return result


def _group(credential: Credential) -> tuple[object, object]:
    return credential.record.provider, credential.record.kind


def _marked(credential: Credential, *, active: bool) -> Credential:
    return replace(credential, record=replace(credential.record, active=active))
