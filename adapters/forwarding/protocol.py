"""The names on the wire between a remote keyswitch and the agent of its owner's laptop: version 1, over HTTP/1.1.

A member or header that is not known is passed over; a new major version gets paths of its own.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final
from urllib.parse import quote, unquote

from domain.credential import CredentialKey, CredentialKind
from domain.provider import Provider

VERSION: Final = 1

ABOUT: Final = "/v1/about"
"""Answers with who the agent is: protocol, instance, agent, name, locked, until."""

CREDENTIALS: Final = "/v1/credentials"
"""Answers with what the grant covers and can be used: {"credentials": [...]}."""

RELAY: Final = "/v1/relay/"
"""A path below the provider's own address follows, and its query."""

CREDENTIAL_HEADER: Final = "keyswitch-credential"
"""Names the credential that a relayed request is made with, as `credential_name` writes it."""

PROTOCOL_HEADER: Final = "keyswitch-protocol"
"""The version that whoever asks speaks; without it, version 1."""

ERROR_HEADER: Final = "keyswitch-error"
"""Marks an answer of the agent's own, `application/problem+json`: without it, the answer is the provider's."""

PROBLEM_TYPE: Final = "application/problem+json"

ABOUT_SECONDS: Final = 2.0
"""How long an agent may take to say who it is before it counts as out of reach."""

LIGHT_SECONDS: Final = 0.3
"""The same for commands that only look."""

LARGEST_BODY: Final = 32 * 1024 * 1024
"""Bytes of a relayed request: a question with its attachments."""


class About(StrEnum):
    """The members of the answer to `ABOUT`."""

    PROTOCOL = "protocol"
    INSTANCE = "instance"
    """Random, new at each start of the agent."""
    AGENT = "agent"
    """Random, the same for as long as the laptop's home folder lives."""
    NAME = "name"
    """The laptop's host name. Foreign text to whoever reads it."""
    LOCKED = "locked"
    UNTIL = "until"
    """When the grant ends (RFC 3339, UTC); null where it has no end."""


class Member(StrEnum):
    """The members of each credential in the answer to `CREDENTIALS`."""

    PROVIDER = "provider"
    KIND = "kind"
    """As on the laptop: `oauth` or `api_key`."""
    ACCOUNT = "account"
    LABEL = "label"
    PAYER = "payer"
    SCOPES = "scopes"
    PLAN_SCOPE = "plan_scope"
    STATE = "state"
    GENERATION = "generation"
    ACTIVE = "active"
    SIGN_IN_EXPIRES_AT = "sign_in_expires_at"
    """RFC 3339, UTC; null where it is not known."""
    API_BASE = "api_base"
    """Where the laptop sends what is asked with it, down to the version: what `RELAY` stands for."""
    IMPORTED = "imported"
    SESSION_ID = "session_id"


class Problem(StrEnum):
    """The `code` of an answer of the agent's own, beside the codes of `KeyswitchError`, which come with status 409."""

    BAD_REQUEST = "bad_request"
    ROUTE_NOT_RELAYED = "route_not_relayed"
    NOT_GRANTED = "not_granted"
    NOT_CONFIRMED = "not_confirmed"
    GRANT_OVER = "grant_over"
    NO_SUCH_CREDENTIAL = "no_such_credential"
    TOO_LARGE = "too_large"
    AGENT_LOCKED = "agent_locked"
    OTHER_PROTOCOL = "other_protocol"
    TOO_MANY_REQUESTS = "too_many_requests"


class ProblemMember(StrEnum):
    """The members of an answer of the agent's own."""

    CODE = "code"
    DETAIL = "detail"
    """A sentence for people. Foreign text to whoever reads it."""
    COMMAND = "command"
    """What helps, to be typed on the laptop; absent where nothing does."""


def credential_name(key: CredentialKey) -> str:
    """*key* of the laptop, as `CREDENTIAL_HEADER` carries it: `provider/kind/account`."""
    return f"{key.provider}/{key.kind}/{quote(key.account, safe='')}"


def named_credential(text: str) -> CredentialKey:
    """The key that `credential_name` wrote as *text*.

    Raises:
        ValueError: It is none.
    """
    provider, kind, account = text.split("/")
    return CredentialKey(Provider(provider), unquote(account, errors="strict"), CredentialKind(kind))
