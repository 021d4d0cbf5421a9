"""What earlier programs kept in `auth.json` and `auth_accounts.json`.

    (a)  {"access_token": …, "refresh_token": …, "expires_at": …}                    one ChatGPT session
    (b)  {"OPENAI_API_KEY": …, "tokens": {"id_token", "access_token", "refresh_token", "account_id"},
          "last_refresh": …, "auth_mode": …}                                          a ChatGPT session, a key, or both
    (c)  {"chatgpt": {as (a)}, "claude": {…}, "gemini": {…}}
    auth_accounts.json, version 1:
         {"version": 1, "active_account_id": …, "accounts": [{"id", "mode", "label", "openai_api_key",
          "tokens": {as in (b)}, "last_refresh"}]}

A file may be several of (a) to (c) at once. Each entry is read on its own: what cannot be used, or says that it is
another's than the member that holds it, is named, and hides none of its neighbours. Needs the standard library alone,
so that a status can show what is there before it is taken over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from adapters.earlier_formats.credentials import (
    CODEX,
    FLAT,
    KEY,
    TOKENS,
    codex_session,
    flat_session,
    openai_key,
    plain_session,
)
from adapters.earlier_formats.members import Unfit, identifier, label
from adapters.json.strict_json import Members, NotJson, flawed_object
from domain.credential import IMPORTED, CredentialRecord
from domain.provider import Provider
from domain.records import dataclass, replace
from domain.session import ApiKey, OwnCredential, Session

ACCOUNTS_VERSION: Final = 1

_PROVIDERS: Final = {provider.value: provider for provider in Provider}


class NotAnEarlierFile(ValueError):
    """It is a JSON object, and of none of the older formats."""


@dataclass(frozen=True, slots=True)
class LeftEntry:
    """An entry that is not taken over; quotes nothing of it."""

    name: str
    """Where it stands: `claude`, `account 2`."""
    why: str
    """The rest of a sentence about it."""
    provider: Provider | None = None
    """Whose it is, as far as that can be told."""

    def __str__(self) -> str:
        return f"{self.name}: {self.why}"


@dataclass(frozen=True, slots=True)
class EarlierFile:
    """What an older file holds."""

    credentials: tuple[OwnCredential, ...] = ()
    left: tuple[LeftEntry, ...] = ()
    """The entries that cannot be used, or are another's."""
    unused: tuple[str, ...] = ()
    """Names of members that mean nothing to keyswitch."""

    @property
    def records(self) -> tuple[CredentialRecord, ...]:
        """The records of all credentials in the file, which may be shown."""
        return tuple(credential.record for credential in self.credentials)

    @property
    def problems(self) -> tuple[str, ...]:
        """`claude: it is no JSON object`, for each entry that is left."""
        return tuple(map(str, self.left))


def is_object(content: bytes) -> bool:
    """Whether *content* is a whole JSON object."""
    try:
        flawed_object(content)
    except NotJson:
        return False
    return True


def is_blank(content: bytes) -> bool:
    """Whether it is an object that says nothing: `{}`, or what a program leaves that signed everybody out."""
    try:
        return not any(value not in (None, "", [], {}) for value in flawed_object(content).values())
    except NotJson:
        return False


def holds_sign_ins(content: bytes, now: datetime) -> bool:
    """Whether something in it can be taken over. *now* is aware, in UTC."""
    return bool(earlier_auth_or_nothing(content, now).credentials)


def earlier_auth_or_nothing(content: bytes, now: datetime) -> EarlierFile:
    """As `earlier_auth`; nothing where it is no file of that kind."""
    try:
        return earlier_auth(content, now)
    except (NotJson, NotAnEarlierFile):
        return EarlierFile()


def earlier_auth(content: bytes, now: datetime) -> EarlierFile:
    """What an older `auth.json` holds. *now* is aware, in UTC.

    Raises:
        NotJson: It is no whole JSON object.
        NotAnEarlierFile: It is one of another kind.
    """
    members = flawed_object(content)
    others = {name for name in members if name not in CODEX and name.casefold() not in _PROVIDERS}
    if others == members.keys() and others and not FLAT & others:
        raise NotAnEarlierFile("it is of a format that keyswitch does not know")
    flat = bool(FLAT & others)  # then all of them may belong to it
    return replace(_collected(_auth_entries(members, now)), unused=() if flat else tuple(sorted(others)))


def earlier_accounts(content: bytes, now: datetime) -> EarlierFile:
    """What an older `auth_accounts.json` holds. *now* is aware, in UTC.

    Raises:
        NotJson: It is no whole JSON object.
        NotAnEarlierFile: It is one of another kind, or of a later version.
    """
    members = flawed_object(content) if content.strip() else Members()
    if members.get("version", ACCOUNTS_VERSION) != ACCOUNTS_VERSION:
        raise NotAnEarlierFile("it is of a version that keyswitch does not know")
    accounts = members.get("accounts", [])
    if not isinstance(accounts, list):
        raise NotAnEarlierFile('its "accounts" is no list')
    return _collected(_account_entries(accounts, members.get("active_account_id"), now))


def merged(*files: EarlierFile) -> EarlierFile:
    """All of them, each credential once, as its newest copy has it. The earlier file says what is active."""
    chosen: list[OwnCredential] = []
    for credential in (credential for file in files for credential in file.credentials):
        at = next((at for at, other in enumerate(chosen) if _is_same(other, credential)), None)
        if at is None:
            rivals = any(_group(other) == _group(credential) and other.record.active for other in chosen)
            chosen.append(_marked(credential, active=credential.record.active and not rivals))
        elif credential.record.obtained_at > chosen[at].record.obtained_at:
            chosen[at] = _marked(credential, active=chosen[at].record.active)
    return EarlierFile(
        _told_apart(_with_an_active_one(chosen)),
        tuple(entry for file in files for entry in file.left),
        tuple(name for file in files for name in file.unused),
    )


@dataclass(frozen=True, slots=True)
class _Entry:
    """One place in a file, and how a credential is read from it."""

    name: str
    read: Callable[[], OwnCredential]
    provider: Provider | None = None
    """Whose it would be."""


def _collected(entries: Iterable[_Entry]) -> EarlierFile:
    found: list[OwnCredential] = []
    left: list[LeftEntry] = []
    for entry in entries:
        try:
            found.append(entry.read())
        except Unfit as unfit:
            left.append(LeftEntry(entry.name, str(unfit), unfit.mark.provider if unfit.mark else entry.provider))
    return replace(merged(EarlierFile(tuple(found))), left=tuple(left))


def _auth_entries(members: Members, now: datetime) -> Iterator[_Entry]:
    flat = Members(
        {name: value for name, value in members.items() if name not in CODEX and name.casefold() not in _PROVIDERS}
    )
    if FLAT & flat.keys():
        yield _Entry("the session", lambda: flat_session(flat, now))
    if members.get(TOKENS) is not None:
        yield _Entry(TOKENS, lambda: _codex(members, now), Provider.CHATGPT)
    if members.get(KEY):
        yield _Entry(KEY, lambda: openai_key(members, KEY, now), Provider.CHATGPT)
    for name, part in members.items():
        provider = _PROVIDERS.get(name.casefold())
        if provider is not None and part is not None:
            yield _Entry(name, _plain(provider, part, now), provider)


def _account_entries(accounts: list[Any], active: object, now: datetime) -> Iterator[_Entry]:
    for number, account in enumerate(accounts, start=1):
        name = f"account {number}"
        if not isinstance(account, Members):
            yield _Entry(name, _refuse)
            continue
        mine = active is not None and account.get("id") == active
        if account.get(TOKENS) is not None:
            yield _Entry(name, _account(_listed, account, now, active=mine), Provider.CHATGPT)
        if account.get("openai_api_key"):
            yield _Entry(name, _account(_account_key, account, now, active=mine), Provider.CHATGPT)


def _refuse() -> OwnCredential:
    raise Unfit("it is no JSON object")


def _plain(provider: Provider, part: object, now: datetime) -> Callable[[], OwnCredential]:
    return lambda: plain_session(provider, part, now)


def _account(
    read: Callable[[Members, datetime], OwnCredential], account: Members, now: datetime, *, active: bool
) -> Callable[[], OwnCredential]:
    return lambda: _marked(read(account, now), active=active)


def _listed(account: Members, now: datetime) -> Session:
    return _codex(account, now, told=True)


def _codex(holder: Members, now: datetime, *, told: bool = False) -> Session:
    """The session in *holder*, named by what stands beside its tokens where they name nobody."""
    session = codex_session(holder, now, told=told)
    record, beside, named = session.record, identifier(holder, "id"), label(holder, "label")
    if record.key.account == IMPORTED and beside:
        record = replace(record, key=replace(record.key, account=f"{IMPORTED}:{beside}"))
    if named and record.label == f"{Provider.CHATGPT.label} account":
        record = replace(record, label=named)
    return replace(session, record=record)


def _account_key(account: Members, now: datetime) -> ApiKey:
    return openai_key(account, "openai_api_key", now)


def _is_same(one: OwnCredential, other: OwnCredential) -> bool:
    """Whether both are copies of one credential: two records that spend one refresh token would end each other."""
    if isinstance(one, ApiKey) or isinstance(other, ApiKey):
        return isinstance(one, ApiKey) and isinstance(other, ApiKey) and one.value == other.value
    if one.record.provider is not other.record.provider:
        return False
    shared = one.refresh_token is not None and one.refresh_token == other.refresh_token
    return shared or one.access_token == other.access_token or (one.record.key == other.record.key != _unnamed(one))


def _unnamed(credential: OwnCredential) -> object:
    return replace(credential.record.key, account=IMPORTED)


def _told_apart(credentials: Iterable[OwnCredential]) -> tuple[OwnCredential, ...]:
    """With an account of its own for each: a second key, and a second session that names nobody, get a number."""
    taken: set[object] = set()
    result: list[OwnCredential] = []
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


def _with_an_active_one(credentials: list[OwnCredential]) -> list[OwnCredential]:
    """With a mark for the first of each provider and kind where none of them has it."""
    active = {_group(credential) for credential in credentials if credential.record.active}
    result = []
    for credential in credentials:
        first = _group(credential) not in active
        active.add(_group(credential))
        result.append(_marked(credential, active=True) if first else credential)
    return result


def _group(credential: OwnCredential) -> tuple[object, object]:
    return credential.record.provider, credential.record.kind


def _marked(credential: OwnCredential, *, active: bool) -> OwnCredential:
    return replace(credential, record=replace(credential.record, active=active))
