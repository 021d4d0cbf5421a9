"""Who signed in: the checks of an id_token (OpenID Connect Core 1.0, 3.1.3.7)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from cryptography.exceptions import UnsupportedAlgorithm
from joserfc import jws, jwt
from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError, MissingClaimError
from joserfc.jwk import ECKey, RSAKey

from adapters.json.strict_json import NotJson, json_object
from domain.records import dataclass
from domain.text.foreign_text import quotable
from domain.text.moments import moment_from_number
from domain.text.secret import Secret

ALGORITHMS: Final = ("RS256", "PS256", "ES256")
"""Signatures by a key that only the issuer has. `none` and the HS family prove nothing to a public client."""

LEEWAY: Final = 300
"""Seconds that the clocks of this machine and of the issuer may differ by."""

_KEY_MEMBERS: Final = ("kty", "kid", "use", "alg", "n", "e", "crv", "x", "y")
"""What matters of a public key (RFC 7517, 4; RFC 7518, 6)."""

_MOST_KEYS: Final = 50

_OPENAI: Final = "https://api.openai.com/auth"
"""A claim of OpenAI's: an object about the plan and its workspace."""

_LONGEST_SUBJECT: Final = 255
"""ASCII characters (OpenID Connect Core 1.0, 2)."""


class IdTokenInvalid(ValueError):
    """The id_token does not prove who signed in; the message names the check, never a value."""

    def __init__(self, problem: str, *, key_unknown: bool = False) -> None:
        super().__init__(problem)
        self.key_unknown = key_unknown
        """Whether it is signed with a key that is not in the set at hand: a newer set may have it."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What the id_token of one sign-in has to say."""

    audience: str
    """The client's id."""
    nonce: Secret | None
    issuer: str | None
    """None where it is not known."""
    now: datetime
    """Aware, in UTC."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as the provider names them."""

    subject: str
    """Stable; unique at the issuer."""
    label: str = ""
    """E-mail address or name, for display. Empty where neither was given."""


Keys = tuple[RSAKey | ECKey, ...]
"""What an issuer signs with, as far as it is of use here."""


def key_set(document: Mapping[str, Any]) -> Keys:
    """The keys of a JSON Web Key Set that can be used; the others spoil none of them (RFC 7517, 5).

    Raises:
        IdTokenInvalid: There are none.
    """
    listed = document.get("keys")
    imported = map(_key, listed[:_MOST_KEYS] if isinstance(listed, list) else ())
    keys = tuple(key for key in imported if key is not None)
    if not keys:
        raise IdTokenInvalid("the issuer's keys cannot be read")
    return keys


def _key(members: object) -> RSAKey | ECKey | None:
    kinds: dict[object, type[RSAKey | ECKey]] = {"RSA": RSAKey, "EC": ECKey}
    if not isinstance(members, dict):
        return None
    known = {name: members[name] for name in _KEY_MEMBERS if isinstance(members.get(name), str)}
    kind = kinds.get(known.get("kty"))
    try:
        return kind.import_key(known) if kind and known.get("use", "sig") == "sig" else None
    except (JoseError, KeyError, TypeError, ValueError, UnsupportedAlgorithm):
        return None  # a curve that nobody here knows, a member that is missing, a point that is none


def identity_of(token: Secret, keys: Keys | None, expected: Expected) -> Identity:
    """The person in *token*, after all checks.

    Without *keys* the signature is not checked. That is enough for a token that came straight from the
    token endpoint over TLS (OpenID Connect Core 1.0, 3.1.3.7, point 6), and only for such a one.

    Raises:
        IdTokenInvalid: A check failed.
    """
    claims = _claims(token) if keys is None else _signed_claims(token, keys)
    _check(claims, expected)
    return _identity(claims)


@dataclass(frozen=True, slots=True)
class Stated:
    """The person that a token names, unchecked: good for noticing that it is another one."""

    subject: str
    issuer: str | None
    """As it is compared: Google has named itself with and without `https://`."""
    label: str
    workspace: str | None = None
    """OpenAI's: one person may have several, and each has its own payer."""

    def is_another_than(self, other: Stated) -> bool:
        """Whether the two are different accounts. The same subject of another issuer is somebody else."""
        pairs = ((self.issuer, other.issuer), (self.workspace, other.workspace))
        return self.subject != other.subject or any(None not in pair and len(set(pair)) > 1 for pair in pairs)


def stated(token: Secret) -> Stated | None:
    """Whom *token* names; None where it is none, cannot be read, or names nobody."""
    try:
        claims = _claims(token)
    except IdTokenInvalid:
        return None
    subject, issuer = claims.get("sub"), claims.get("iss")
    if not isinstance(subject, str) or not subject:
        return None
    name = issuer.removeprefix("https://").rstrip("/") if isinstance(issuer, str) and issuer else None
    label = quotable(claims.get("email")) or quotable(claims.get("name")) or quotable(subject)
    openai = claims.get(_OPENAI)
    workspace = openai.get("chatgpt_account_id") if isinstance(openai, dict) else None
    return Stated(subject, name, label, workspace if isinstance(workspace, str) and workspace else None)


def stated_end(token: Secret) -> datetime | None:
    """When *token* says that it ends, aware and in UTC, unchecked; None where it is opaque or does not say."""
    try:
        end = _claims(token).get("exp")
    except IdTokenInvalid:
        return None
    return moment_from_number(end) if isinstance(end, int) and end >= 0 else None


def _signed_claims(token: Secret, keys: Keys) -> dict[str, Any]:
    """Keys may have been changed under the same name, or have none: then a newer set may have the right one."""
    signed = token.reveal()
    try:
        name = jws.extract_compact(signed.encode()).headers().get("kid")
    except (JoseError, ValueError, TypeError):
        raise IdTokenInvalid("it is no signed token") from None
    possible = [key for key in keys if name is None or key.kid in {None, name}]
    if not possible:
        raise IdTokenInvalid("it is signed with an unknown key", key_unknown=True)
    for key in possible:
        with suppress(JoseError, ValueError, TypeError):
            return jwt.decode(signed, key, algorithms=ALGORITHMS).claims
    raise IdTokenInvalid("its signature is not valid", key_unknown=True)


def _claims(token: Secret) -> dict[str, Any]:
    try:
        return json_object(jws.extract_compact(token.reveal().encode()).payload)
    except (JoseError, NotJson, ValueError, TypeError):
        raise IdTokenInvalid("it is no signed token") from None


def _check(claims: dict[str, Any], expected: Expected) -> None:
    rules = jwt.JWTClaimsRegistry(now=int(expected.now.timestamp()), leeway=LEEWAY, **_rules(expected))
    try:
        rules.validate(claims)
    except ExpiredTokenError:
        raise IdTokenInvalid("it has expired; check this machine's clock") from None
    except (InvalidClaimError, MissingClaimError) as error:
        if _claim(error) == "iat" and isinstance(claims.get("iat"), int):
            raise IdTokenInvalid("it was issued in the future; check this machine's clock") from None
        raise IdTokenInvalid(f"its {_claim(error)} is not as it must be") from None
    except JoseError:
        raise IdTokenInvalid("its claims are not as they must be") from None
    audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if claims.get("azp", expected.audience if len(audiences) == 1 else None) != expected.audience:
        raise IdTokenInvalid("it was issued to another client (azp)")


def _rules(expected: Expected) -> dict[str, jwt.ClaimsOption]:
    rules: dict[str, jwt.ClaimsOption] = {name: {"essential": True} for name in ("sub", "exp", "iat")}
    rules["aud"] = {"essential": True, "value": expected.audience}
    if expected.issuer is not None:
        rules["iss"] = {"essential": True, "value": expected.issuer}
    if expected.nonce is not None:
        rules["nonce"] = {"essential": True, "value": expected.nonce.reveal()}
    return rules


def _claim(error: InvalidClaimError | MissingClaimError) -> str:
    """The name of the claim that is wrong or missing."""
    return quotable(error.claim) or "content"


def _identity(claims: Mapping[str, Any]) -> Identity:
    subject = claims["sub"]
    if not 0 < len(subject) <= _LONGEST_SUBJECT or not subject.isascii() or not subject.isprintable():
        raise IdTokenInvalid("its sub is not as it must be")
    return Identity(subject, quotable(claims.get("email")) or quotable(claims.get("name")))
