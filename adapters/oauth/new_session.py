"""A session out of a token answer: whose it is, how long it lasts, and what it is bound to."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Final

from adapters.oauth.id_token import Identity, stated, stated_end
from adapters.oauth.token_answers import TokenAnswer
from adapters.providers.profile import ProviderProfile
from domain.credential import APART, UNNAMED, AccountIdentity, BootStamp, CredentialKey, CredentialRecord
from domain.provider import Provider
from domain.records import dataclass, replace
from domain.renewal.clock_skew import clock_ahead, on_our_clock
from domain.session import Session, renewed
from domain.text.foreign_text import quotable
from domain.text.secret import Secret

_NONE: Final = Secret("none")
"""In the place of an access token that did not come, of a session that is never used."""


@dataclass(frozen=True, slots=True)
class Issue:
    """The circumstances of a token answer."""

    client_id: str
    token_url: str
    sent_at: datetime
    """Aware, in UTC: when the request left. Lives count from here, or a slow answer would prolong them."""
    booted: BootStamp | None = None
    """The same moment, by the clock that cannot be set."""
    sign_in_life: timedelta | None = None
    """How long each new refresh token is good, where the provider has a rule."""
    plan_scope: str = ""
    """The scope that use of a plan depends on, where it does."""
    clock_ahead: timedelta = timedelta(0)
    """How far this machine's clock is ahead of the server's, by the answer."""

    def dated(self, theirs: datetime | None, now: datetime) -> Issue:
        """With what an answer that came *now*, and calls its own moment *theirs*, says of this machine's clock."""
        return replace(self, clock_ahead=clock_ahead(theirs, sent=self.sent_at, received=now))


def new_session(
    profile: ProviderProfile, answer: TokenAnswer, access_token: Secret, identity: Identity | None, issue: Issue
) -> Session:
    """The session that a code was exchanged for. It stays bound to where it was obtained."""
    who = account_of(profile.provider, answer, identity, issue)
    record = CredentialRecord(
        key=CredentialKey(profile.provider, who.account),
        label=who.label,
        payer=profile.provider.facts.payer,
        active=True,
        generation=1,
        session_id=secrets.token_hex(16),
        obtained_at=issue.sent_at,
        renewable=answer.refresh_token is not None,
        client_id=issue.client_id,
        token_url=issue.token_url,
        api_base=profile.api_base,
    )
    granted = profile.scopes if answer.scope is None else answer.scope  # RFC 6749, 5.1: absent means as asked for
    return _granted(replace(record, scopes=granted), answer, access_token, issue)


def missing_scopes(asked: tuple[str, ...], session: Session) -> tuple[str, ...]:
    """What of *asked* was not granted to *session*, a new one; without what its tokens prove, or is told elsewhere.

    Google names `email` and `profile` by an address, and some servers name neither `openid` nor `offline_access`.
    """
    named = {_short(scope) for scope in session.record.scopes}
    named |= {"openid"} if session.id_token else set()
    named |= {"offline_access"} if session.refresh_token else set()
    named |= {_short(session.record.plan_scope)}
    return tuple(scope for scope in asked if _short(scope) not in named)


def _short(scope: str) -> str:
    return scope.rpartition("/")[2].removeprefix("userinfo.")


def renewed_session(session: Session, answer: TokenAnswer, issue: Issue) -> Session:
    """*session* with the tokens of *answer*; what it leaves out stays."""
    if answer.access_token is None:
        return _without_access(session, answer.refresh_token, issue)
    record = replace(session.record, scopes=answer.scope or ())
    return renewed(session, _granted(record, answer, answer.access_token, issue))


def _without_access(session: Session, refresh_token: Secret | None, issue: Issue) -> Session:
    """*session* with a new refresh token out of an answer without an access token of use.

    That of *session* counts as expired, so the next use renews it again, with the token that is good.
    """
    record = replace(
        session.record, obtained_at=issue.sent_at, access_expires_at=issue.sent_at, obtained_at_boot=issue.booted
    )
    return renewed(session, Session(record, session.access_token, refresh_token))


def somebody_else(session: Session, answer: TokenAnswer) -> str | None:
    """What the person is called whom *answer* names, where it is not that of *session*; None where it is, or nobody."""
    key = session.record.key
    account = answer.account
    if account and account.uuid and key.provider is Provider.CLAUDE and key.named and account.uuid != key.account:
        return quotable(account.email_address) or account.uuid
    if session.id_token is None or answer.id_token is None:
        return None
    before, now = stated(session.id_token), stated(answer.id_token)
    return now.label if before and now and now.is_another_than(before) else None


def session_apart(session: Session, label: str, answer: TokenAnswer, issue: Issue) -> Session:
    """The tokens that *answer* to a renewal of *session* holds, and that are somebody else's, called *label*.

    They get a key of their own, so that they take nobody's place: not even that of the same person's sign-in here.
    """
    token = answer.refresh_token or answer.access_token
    assert token is not None  # noqa: S101 - an answer without any names nobody
    record = replace(
        session.record,
        key=CredentialKey(session.record.provider, f"{APART}-{token.fingerprint}"),
        label=label,
        active=False,
        generation=1,
        session_id=secrets.token_hex(16),
        obtained_at=issue.sent_at,
        renewable=answer.refresh_token is not None,
        setback=None,
        intent=None,
        rejection=None,
        older_copy=False,
        unrotated=0,
    )
    return Session(record, answer.access_token or _NONE, answer.refresh_token, answer.id_token)


def account_of(provider: Provider, answer: TokenAnswer, identity: Identity | None, issue: Issue) -> AccountIdentity:
    """Who signed in, by what stays the same from sign-in to sign-in.

    A client that registered itself belongs to one person and workspace, so at ChatGPT it is part of the
    name. A server that names nobody has one account per client here.
    """
    if answer.account and answer.account.uuid:
        return AccountIdentity(answer.account.uuid, quotable(answer.account.email_address) or answer.account.uuid)
    if identity is not None:
        account = f"{identity.subject}:{issue.client_id}" if provider is Provider.CHATGPT else identity.subject
        return AccountIdentity(account, identity.label or identity.subject)
    digest = hashlib.sha256(f"{issue.token_url}\n{issue.client_id}".encode()).hexdigest()
    return AccountIdentity(f"{UNNAMED}-{digest[:16]}", f"{provider.label} account")


def _granted(record: CredentialRecord, answer: TokenAnswer, access_token: Secret, issue: Issue) -> Session:
    record = replace(
        record,
        plan_scope=issue.plan_scope,
        obtained_at=issue.sent_at,
        obtained_at_boot=issue.booted,
        clock_ahead=issue.clock_ahead,
        access_expires_at=_access_end(record, answer, access_token, issue),
        earliest_refresh_at=on_our_clock(answer.earliest_refresh_at, issue.clock_ahead),
        sign_in_expires_at=_sign_in_end(answer, issue),
    )
    return Session(
        record=record,
        access_token=access_token,
        refresh_token=answer.refresh_token,
        id_token=answer.id_token,
    )


def _access_end(record: CredentialRecord, answer: TokenAnswer, access_token: Secret, issue: Issue) -> datetime | None:
    """As the answer says. The server of imported sessions leaves it out, and writes it into the token instead."""
    if answer.expires_in is None and record.imported:
        return on_our_clock(stated_end(access_token), issue.clock_ahead)
    return _later(issue.sent_at, answer.expires_in)


def _sign_in_end(answer: TokenAnswer, issue: Issue) -> datetime | None:
    if answer.refresh_token_expires_in is not None:
        return _later(issue.sent_at, answer.refresh_token_expires_in)
    if issue.sign_in_life is not None and answer.refresh_token is not None:
        return issue.sent_at + issue.sign_in_life
    return None


def _later(start: datetime, seconds: float | None) -> datetime | None:
    return None if seconds is None else start + timedelta(seconds=seconds)
