"""The query of a redirect, and whether it belongs to an attempt. Nothing in it is trusted before that."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from domain.errors import CallbackUnusable, SignInDeclined, SignInError, SignInRefused
from domain.provider import Provider
from domain.sign_in.callback import CallbackParameters
from domain.text.foreign_text import quotable
from domain.text.secret import Secret

LONGEST_QUERY: Final = 8192
"""Characters."""
MOST_PARAMETERS: Final = 32
_LONGEST_CODE: Final = 4096

DECLINED: Final = frozenset({"access_denied", "consent_required", "login_required", "interaction_required"})
"""RFC 6749, 4.1.2.1, and OpenID Connect Core 1.0, 3.1.2.6: a person said no, or was not asked."""


CLIENT_REFUSED: Final = frozenset({"unauthorized_client", "invalid_client"})
"""RFC 6749, 4.1.2.1 and 5.2; the second one is no error of a redirect, and OpenAI's page uses it."""

_ERROR_CODE: Final = re.compile(r"[A-Za-z0-9_.\-]{1,64}")


class QueryUnusable(ValueError):
    """A query that no authorization server writes."""


def error_code(text: object) -> str:
    """*text* if it looks like an error code (RFC 6749, 5.2), else empty."""
    return text if isinstance(text, str) and _ERROR_CODE.fullmatch(text) else ""


def callback_parameters(query: str) -> CallbackParameters:
    """The parameters of a redirect's query.

    Raises:
        QueryUnusable: It is too long, malformed, or repeats a parameter (RFC 6749, 3.1 forbids that).
    """
    if len(query) > LONGEST_QUERY:
        raise QueryUnusable("too long")
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=MOST_PARAMETERS, errors="strict")
    except ValueError:
        raise QueryUnusable("malformed") from None
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        raise QueryUnusable("a repeated parameter")
    return CallbackParameters(parameters)


def redirected_code(
    provider: Provider,
    parameters: Mapping[str, str],
    *,
    state: Secret,
    issuer: str | None,
    issuer_sent: bool = False,
    client_id: str = "",
) -> Secret:
    """The authorization code, once the redirect is known to belong to the attempt with *state*.

    An error counts only with the right state, or any web page could end a sign-in. *issuer* is None where
    it is not known; with *issuer_sent* the server has promised to name itself (RFC 9207, 3).

    Raises:
        CallbackUnusable: It belongs to another attempt or another server, or holds neither a code nor an error.
        SignInDeclined: The person or the provider declined.
        SignInRefused: The provider answered with another error; it may not admit the client *client_id*.
    """
    if "state" not in parameters:
        raise CallbackUnusable(provider, "the address is not complete: paste all of it, not only the code")
    if not state.matches(parameters["state"]):
        raise CallbackUnusable(provider, "that answer belongs to another sign-in")
    failed = "error" in parameters
    # Servers that promise `iss` leave it out of errors (django-oauth-toolkit 3.4). An error brings no code that could
    # be another server's, and the state is right: better to end the sign-in than to let the person wait.
    _check_issuer(provider, parameters.get("iss"), issuer, required=issuer_sent and not failed)
    if failed:
        raise _refusal(provider, parameters, client_id)
    code = parameters.get("code", "")
    if not code or len(code) > _LONGEST_CODE or not code.isprintable():
        raise CallbackUnusable(provider, "the browser was sent back without a code")
    return Secret(code)


def _check_issuer(provider: Provider, given: str | None, issuer: str | None, *, required: bool) -> None:
    """Refuse an answer of another issuer. Names are compared as plain strings (RFC 9207, 2.4)."""
    if issuer is None or (given is None and not required):
        return
    if given != issuer:
        raise CallbackUnusable(provider, "that answer comes from another authorization server")


def _refusal(provider: Provider, parameters: Mapping[str, str], client_id: str) -> SignInError:
    code = error_code(parameters["error"])
    if code in DECLINED:
        return SignInDeclined(provider, f"it was declined ({code})")
    detail = quotable(parameters.get("error_description"), hiding=[Secret(parameters["state"])])
    reason = ": ".join(filter(None, (code or "the provider refused it", detail)))
    return SignInRefused(provider, reason, client_id=client_id, client_unknown=code in CLIENT_REFUSED)
