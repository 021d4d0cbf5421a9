"""A session out of a token answer: whose it is, how long it lasts, and what it is bound to."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.oauth.foreign_text import shown
from adapters.oauth.id_token import Identity, stated_subject
from adapters.oauth.token_answers import TokenAnswer
from adapters.providers.profile import ProviderProfile
from domain.credential import OAUTH_PAYERS, AccountIdentity, CredentialKey, CredentialRecord
from domain.provider import Provider
from domain.secret import Secret
from domain.session import Session, renewed


@dataclass(frozen=True, slots=True)
class Binding:
    """What a session belongs to from its first moment: no later change of config moves it."""

    client_id: str
    token_url: str
    sent_at: datetime
    """Aware, in UTC: when the token request left. Lives count from here, or a slow answer would prolong them."""


def new_session(
    profile: ProviderProfile, answer: TokenAnswer, identity: Identity | None, binding: Binding
) -> Session:
    """The session that a code was exchanged for."""
    who = account_of(profile.provider, answer, identity, binding)
    refresh_token = Secret(answer.refresh_token) if answer.refresh_token else None
    record = CredentialRecord(
        key=CredentialKey(profile.provider, who.account),
        label=who.label,
        payer=OAUTH_PAYERS[profile.provider],
        active=True,
        generation=1,
        session_id=secrets.token_hex(16),
        obtained_at=binding.sent_at,
        access_expires_at=_later(binding.sent_at, answer.expires_in),
        sign_in_expires_at=_sign_in_end(profile, answer, binding),
        renewable=refresh_token is not None,
        scopes=profile.scopes if answer.scope is None else answer.scope,
        client_id=binding.client_id,
        token_url=binding.token_url,
        api_base=profile.api_base,
    )
    id_token = Secret(answer.id_token) if answer.id_token else None
    return Session(record, Secret(answer.access_token), refresh_token, id_token)


def renewed_session(profile: ProviderProfile, session: Session, answer: TokenAnswer, sent_at: datetime) -> Session:
    """*session* with the tokens of *answer*. *sent_at* as in `Binding`."""
    old = session.record
    binding = Binding(old.client_id, old.token_url, sent_at)
    by = new_session(profile, answer, None, binding)
    scopes = answer.scope or ()
    fresh = renewed(session, Session(_with(by.record, scopes), by.access_token, by.refresh_token, by.id_token))
    return fresh


def rescued_session(session: Session, refresh_token: str, sent_at: datetime) -> Session:
    """*session* with a new refresh token out of an answer that held nothing else of use.

    Its access token counts as expired, so the next use renews it again, with the token that is good.
    """
    from dataclasses import replace

    record = replace(session.record, obtained_at=sent_at, access_expires_at=sent_at, scopes=())
    return renewed(session, Session(record, session.access_token, Secret(refresh_token)))


def is_of_another(session: Session, answer: TokenAnswer) -> bool:
    """Whether *answer* names an account other than that of *session*."""
    account = session.record.key.account
    if answer.account and answer.account.uuid and session.record.provider is Provider.CLAUDE:
        return answer.account.uuid != account
    if answer.id_token and session.id_token:
        before, now = stated_subject(session.id_token.reveal()), stated_subject(answer.id_token)
        return before is not None and now is not None and before != now
    return False


def account_of(
    provider: Provider, answer: TokenAnswer, identity: Identity | None, binding: Binding
) -> AccountIdentity:
    """Who signed in, by what stays the same from sign-in to sign-in.

    A client that registered itself belongs to one person and workspace, so at ChatGPT it is part of the
    name. A server that names nobody has one account per client here.
    """
    if answer.account and answer.account.uuid:
        return AccountIdentity(answer.account.uuid, shown(answer.account.email_address) or answer.account.uuid)
    if identity is not None:
        account = identity.subject if provider is not Provider.CHATGPT else f"{identity.subject}:{binding.client_id}"
        return AccountIdentity(account, identity.label or identity.subject)
    digest = hashlib.sha256(f"{binding.token_url}\n{binding.client_id}".encode()).hexdigest()
    return AccountIdentity(f"unnamed-{digest[:16]}", f"{provider.label} account")


def _with(record: CredentialRecord, scopes: tuple[str, ...]) -> CredentialRecord:
    from dataclasses import replace

    return replace(record, scopes=scopes)


def _sign_in_end(profile: ProviderProfile, answer: TokenAnswer, binding: Binding) -> datetime | None:
    if answer.refresh_token_expires_in is not None:
        return _later(binding.sent_at, answer.refresh_token_expires_in)
    registered = profile.registration and binding.token_url == profile.token_url
    if profile.registration and registered and answer.refresh_token:
        return binding.sent_at + profile.registration.sign_in_life
    return None


def _later(start: datetime, seconds: float | None) -> datetime | None:
    return None if seconds is None else start + timedelta(seconds=seconds)
