"""One entry of an older file as a credential, not bound to any address yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from secrets import token_hex
from typing import Any, Final

from adapters.session_stores.old_json import Members
from adapters.session_stores.old_members import Unfit, claims, identifier, label, moment, token, words
from domain.credential import IMPORTED, OAUTH_PAYERS, CredentialKey, CredentialKind, CredentialRecord, Payer
from domain.provider import Provider
from domain.session import ApiKey, Session

_OWN_CLIENTS: Final = "oaiapp_"
"""How OpenAI names clients that registered themselves; a ChatGPT session of any other client is an imported one."""

_AUTH_CLAIM: Final = "https://api.openai.com/auth"
_PROFILE_CLAIM: Final = "https://api.openai.com/profile"


def plain_session(provider: Provider, members: object, now: datetime) -> Session:
    """A session of *provider* with `access_token`, `refresh_token` and `expires_at`; *now* is aware, in UTC.

    Raises:
        Unfit: It is no such thing.
    """
    fields = _object(members)
    session = _session(provider, fields, moment(fields, "last_refresh"), now)
    client_id = identifier(fields, "client_id")
    record = replace(
        session.record,
        client_id=client_id,
        imported=provider is Provider.CHATGPT and not client_id.startswith(_OWN_CLIENTS),
        scopes=words(fields, "scope") or words(fields, "scopes"),
    )
    return replace(session, record=record)


def codex_session(members: object, refreshed: datetime | None, now: datetime) -> Session:
    """A ChatGPT session as OpenAI's Codex keeps it under `tokens`; *refreshed* is when it was last renewed, if known.

    Raises:
        Unfit: It is no such thing.
    """
    session = _session(Provider.CHATGPT, _object(members), refreshed, now)
    return replace(session, record=replace(session.record, imported=True))


def openai_key(members: Mapping[str, Any], name: str, now: datetime) -> ApiKey:
    """The OpenAI key under *name*.

    Raises:
        Unfit: There is none, or it is none.
    """
    key = token(members, name)
    if key is None:
        raise Unfit(f'its "{name}" is empty')
    record = CredentialRecord(
        key=CredentialKey(Provider.CHATGPT, "pasted", CredentialKind.API_KEY),
        label=key.hint,
        payer=Payer.API_BILLING,
        active=True,
        generation=1,
        session_id=token_hex(8),
        obtained_at=now,
    )
    return ApiKey(record, key)


@dataclass(frozen=True, slots=True)
class _Identity:
    """Whose session it is, as far as the entry and the tokens in it say."""

    account: str
    label: str
    workspace: str


def _session(provider: Provider, members: Members, refreshed: datetime | None, now: datetime) -> Session:
    access, refresh, id_token = (token(members, name) for name in ("access_token", "refresh_token", "id_token"))
    if access is None:
        raise Unfit('it has no "access_token"')
    said = claims(access)
    ends = moment(members, "expires_at") or _claimed_moment(said, "exp")
    who = _identity(provider, members, claims(id_token), said)
    record = CredentialRecord(
        key=CredentialKey(provider, who.account),
        label=who.label,
        payer=OAUTH_PAYERS[provider],
        active=True,
        generation=1,
        session_id=token_hex(16),
        obtained_at=_obtained(refreshed or _claimed_moment(said, "iat"), ends, now),
        access_expires_at=ends,
        renewable=refresh is not None,
        api_account=who.workspace,
    )
    return Session(record, access, refresh, id_token)


def _identity(provider: Provider, members: Members, id_claims: Members, access_claims: Members) -> _Identity:
    """By the person and, at ChatGPT, the workspace: one person may have several, and one workspace many people."""
    parts = [_part(said, _AUTH_CLAIM) for said in (id_claims, access_claims)]
    user = _first(*((part, name) for part in parts for name in ("chatgpt_user_id", "user_id")), (id_claims, "sub"))
    workspace = ""
    if provider is Provider.CHATGPT:
        workspace = identifier(members, "account_id") or _first(*((part, "chatgpt_account_id") for part in parts))
    names = [name for name in (user, workspace) if name]
    profiles = (id_claims, _part(id_claims, _PROFILE_CLAIM), _part(access_claims, _PROFILE_CLAIM), members)
    shown = next(filter(None, (label(part, "email") for part in profiles)), "") or label(members, "label")
    return _Identity(":".join([IMPORTED, *names]), shown or f"{provider.label} account", workspace)


def _obtained(known: datetime | None, ends: datetime | None, now: datetime) -> datetime:
    """When the token request was sent; never later than now or than the end of what it brought."""
    return min(moment for moment in (known, ends, now) if moment is not None)


def _object(value: object) -> Members:
    if not isinstance(value, Members):
        raise Unfit("it is no JSON object")
    return value


def _part(said: Members, name: str) -> Members:
    value = said.get(name)
    return value if isinstance(value, Members) else Members()


def _first(*places: tuple[Members, str]) -> str:
    """The first of *places* that holds an id; what a token claims is a hint, so anything else is passed over."""
    for said, name in places:
        try:
            found = identifier(said, name)
        except Unfit:
            continue
        if found:
            return found
    return ""


def _claimed_moment(said: Members, name: str) -> datetime | None:
    try:
        return moment(said, name)
    except Unfit:
        return None
