"""From what a laptop says of its sign-ins to records. All of it is foreign: what makes no sense is passed over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from adapters.forwarding.protocol import Member
from domain.credential import CredentialKey, CredentialKind, CredentialRecord
from domain.forwarding.forwarded_key import forwarded_key
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.text.moments import moment_from_text

_MOST: Final = 100
"""Credentials of one laptop that are taken."""

_LONGEST: Final = 500
"""Characters of one text."""

_SCHEMES: Final = ("https://", "http://")

_KINDS: Final = (CredentialKind.OAUTH, CredentialKind.API_KEY)


def laptop_records(members: Mapping[str, Any], agent: str, now: datetime) -> Iterator[CredentialRecord]:
    """The records in *members*, the answer of the laptop *agent*. *now* is when it came: aware, in UTC."""
    listed = members.get("credentials")
    for one in listed[:_MOST] if isinstance(listed, list) else ():
        if isinstance(one, dict) and (record := _record(one, agent, now)) is not None:
            yield record


def _record(said: Mapping[str, Any], agent: str, now: datetime) -> CredentialRecord | None:
    try:
        kind = CredentialKind(said[Member.KIND])
        key = CredentialKey(Provider(said[Member.PROVIDER]), _text(said, Member.ACCOUNT), kind)
        payer = Payer(said[Member.PAYER])
    except (KeyError, ValueError, TypeError):
        return None  # perhaps of a newer keyswitch
    api_base = _text(said, Member.API_BASE)
    if kind not in _KINDS or not key.account or not api_base.startswith(_SCHEMES):
        return None
    scopes = said.get(Member.SCOPES)
    ends = said.get(Member.SIGN_IN_EXPIRES_AT)
    generation = said.get(Member.GENERATION)
    return CredentialRecord(
        key=forwarded_key(key, agent),
        label=_text(said, Member.LABEL) or key.account,
        payer=payer,
        active=said.get(Member.ACTIVE) is True,
        generation=generation if type(generation) is int and generation >= 0 else 0,
        session_id=_text(said, Member.SESSION_ID),
        obtained_at=now,
        sign_in_expires_at=moment_from_text(ends) if isinstance(ends, str) else None,
        scopes=tuple(scope for scope in scopes if isinstance(scope, str)) if isinstance(scopes, list) else (),
        plan_scope=_text(said, Member.PLAN_SCOPE),
        api_base=api_base,
        imported=said.get(Member.IMPORTED) is True,
    )


def _text(said: Mapping[str, Any], member: str) -> str:
    value = said.get(member)
    return value if isinstance(value, str) and len(value) <= _LONGEST else ""
