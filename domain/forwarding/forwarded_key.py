"""How a machine names a credential that another one forwards to it."""

from __future__ import annotations

from domain.credential import CredentialKey, CredentialKind


def forwarded_key(key: CredentialKey, agent: str) -> CredentialKey:
    """What *key* of the machine of *agent* is called here.

    The agent's id is the same after each connection, so that a conversation that holds on to it goes on.
    """
    return CredentialKey(key.provider, f"{key.kind}:{key.account}@{agent}", CredentialKind.FORWARDED)


def home_key(key: CredentialKey) -> CredentialKey:
    """What *key* is called where it is at home: on another machine, or here, and then it is the same."""
    try:
        return at_home(key)[0]
    except ValueError:
        return key


def agent_of(key: CredentialKey) -> str:
    """The id of the agent that lends *key*; "" where none does."""
    try:
        return at_home(key)[1]
    except ValueError:
        return ""


def at_home(key: CredentialKey) -> tuple[CredentialKey, str]:
    """What *key*, made by `forwarded_key`, is called where it is at home, and the id of the agent there.

    Raises:
        ValueError: It is no key of a forwarded credential.
    """
    named, at, agent = key.account.rpartition("@")
    kind, colon, account = named.partition(":")
    if key.kind is not CredentialKind.FORWARDED or not at or not colon:
        raise ValueError(f"{key.kind} is no credential of another machine")
    return CredentialKey(key.provider, account, CredentialKind(kind)), agent
