"""Where a credential belongs that came without saying so."""

from __future__ import annotations

from adapters.providers.profile import ProviderProfile
from domain.records import replace
from domain.session import ApiKey, OwnCredential


def bound(credential: OwnCredential, profile: ProviderProfile) -> OwnCredential:
    """*credential* of *profile*'s provider, bound to the client and addresses that are configured for its kind now.

    It stays bound to them: what the config says later moves no session.
    """
    if isinstance(credential, ApiKey):
        return replace(credential, record=replace(credential.record, api_base=profile.api_base))
    own = profile.of(credential.record)
    record = replace(
        credential.record,
        client_id=credential.record.client_id or own.client_id or "",
        token_url=own.token_url or "",
        api_base=own.api_base,
    )
    return replace(credential, record=record)
