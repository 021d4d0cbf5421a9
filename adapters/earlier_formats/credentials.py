"""One entry of an older file as a credential, not bound to any address yet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any, Final

from adapters.earlier_formats.members import Unfit, claims, identifier, label, moment, token, usable, word_list
from adapters.earlier_formats.ownership import UNTOLD, is_proved, refuse_strangers, strange
from adapters.json.strict_json import Flaw, Members
from domain.credential import IMPORTED, CredentialKey, CredentialKind, CredentialRecord
from domain.errors import UsageError
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.records import dataclass, replace
from domain.session import ApiKey, Session
from domain.text.pasted_key import parse_key
from domain.text.secret import Secret

FLAT: Final = frozenset({"access_token", "refresh_token", "expires_at"})
"""A session at the top of the file."""
KEY: Final = "OPENAI_API_KEY"
TOKENS: Final = "tokens"
CODEX: Final = frozenset({KEY, TOKENS, "last_refresh", "auth_mode"})
"""What OpenAI's Codex writes."""

_LONG_OVER: Final = timedelta(hours=1)
"""Before now: a token that is not there counts as run out then."""

_OWN_CLIENTS: Final = "oaiapp_"
"""How OpenAI names clients that registered themselves; a ChatGPT session of any other client is an imported one."""

_AUTH_CLAIM: Final = "https://api.openai.com/auth"
_PROFILE_CLAIM: Final = "https://api.openai.com/profile"


def plain_session(provider: Provider, members: object, now: datetime) -> Session:
    """A session of *provider* with `access_token`, `refresh_token` and `expires_at`; *now* is aware, in UTC.

    Raises:
        Unfit: It is no such thing, or another's.
    """
    fields = _object(members)
    session = _session(provider, fields, moment(fields, "last_refresh"), now)
    client_id = identifier(fields, "client_id")
    record = replace(
        session.record,
        client_id=client_id,
        imported=provider is Provider.CHATGPT and not client_id.startswith(_OWN_CLIENTS),
        scopes=word_list(fields, "scope") or word_list(fields, "scopes"),
    )
    return replace(session, record=record)


def flat_session(members: Members, now: datetime) -> Session:
    """The ChatGPT session whose members stand at the top of the file; *now* is aware, in UTC.

    Exactly `FLAT` is how earlier versions kept one. With any other members such an object may be anybody's.

    Raises:
        Unfit: It is no such thing, another's, or does not say whose it is.
    """
    refuse_strangers(Provider.CHATGPT, members)
    if members.keys() != FLAT and not is_proved(Provider.CHATGPT, members):
        raise Unfit(UNTOLD)
    return plain_session(Provider.CHATGPT, members, now)


def codex_session(holder: Members, now: datetime, *, told: bool = False) -> Session:
    """The ChatGPT session that OpenAI's Codex keeps under `tokens` of *holder*, with what it puts beside.

    *told* says that the file can be of no other program.

    Raises:
        Unfit: It is no such thing, another's, or does not say whose it is.
    """
    tokens = _object(holder[TOKENS])
    beside = CODEX.intersection(holder) - {TOKENS}
    told = told or bool(beside) or not {"account_id", "id_token"}.isdisjoint(tokens)
    if not told and not is_proved(Provider.CHATGPT, tokens):
        raise Unfit(UNTOLD)
    session = _session(Provider.CHATGPT, tokens, moment(holder, "last_refresh"), now)
    return replace(session, record=replace(session.record, imported=True))


def openai_key(members: Mapping[str, Any], name: str, now: datetime) -> ApiKey:
    """The OpenAI key under *name*.

    Raises:
        Unfit: There is none, it is none, or another's.
    """
    given = members.get(name)
    try:
        key = parse_key(Secret(given if isinstance(given, str) else ""), Provider.CHATGPT)
    except UsageError:
        mark = Secret(given).mark if isinstance(given, str) else None
        if mark is not None and mark.provider is not Provider.CHATGPT:
            raise strange(mark, "key") from None
        raise Unfit(f'its "{name}" is no OpenAI API key') from None
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
    refuse_strangers(provider, members)
    access, refresh, id_token = (usable(members, name) for name in ("access_token", "refresh_token", "id_token"))
    if access is None and refresh is None:
        raise _without_tokens(members)
    said = claims(access)
    known = refreshed or moment(said, "iat")
    ends = moment(members, "expires_at") or moment(said, "exp")
    if access is None:  # then the first use renews it
        access = Secret(f"none-{token_hex(8)}")
        known = ends = min(known or now, now) - _LONG_OVER
    who = _identity(provider, members, claims(id_token), said)
    record = CredentialRecord(
        key=CredentialKey(provider, who.account),
        label=who.label,
        payer=provider.facts.payer,
        active=True,
        generation=1,
        session_id=token_hex(16),
        obtained_at=_obtained(known, ends, now),
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
    if isinstance(value, Flaw):
        raise Unfit(value.problem)
    if not isinstance(value, Members):
        raise Unfit("it is no JSON object")
    return value


def _part(said: Members, name: str) -> Members:
    value = said.get(name)
    return value if isinstance(value, Members) else Members()


def _first(*places: tuple[Members, str]) -> str:
    """The first of *places* that holds an id; what a token claims is a hint, so anything else is passed over."""
    return next(filter(None, (identifier(said, name) for said, name in places)), "")


def _without_tokens(members: Members) -> Unfit:
    """Why nothing in *members* signs anybody in."""
    for name in ("access_token", "refresh_token"):
        try:
            token(members, name)
        except Unfit as unfit:
            return unfit
    return Unfit('it has no "access_token"')
