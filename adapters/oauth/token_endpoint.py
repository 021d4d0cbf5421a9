"""Requests to one authorization server: authlib writes them, and hands back the bare answer.

authlib's own reading of answers is left out: it takes any JSON object without `error` for a token, and
loses the status and `Retry-After` of a refusal. Its renewal of tokens behind the caller's back is never
reached, because no token is ever given to it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import httpx2
from authlib.common.urls import add_params_to_uri, url_encode
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2.client import OAuth2Client

from adapters.oauth.http_answer import deadline, end_of_reading, read_capped
from adapters.oauth.token_request import Client, Parameters, TokenRequest
from adapters.providers.setting_checks import Body
from domain.text.secret import Secret


class TokenEndpoint(AsyncOAuth2Client):  # type: ignore[misc]  # authlib carries no types
    """authlib's client as a codec."""

    def __init__(self, client: Client, body: Body, options: Mapping[str, Any], seconds: float | None = None) -> None:
        method = "json" if body is Body.JSON else "client_secret_post" if client.secret else "none"
        super().__init__(
            client_id=client.id,
            client_secret=client.secret.reveal() if client.secret else None,
            token_endpoint_auth_method=method,
            revocation_endpoint_auth_method=method,
            code_challenge_method="S256",
            **{**options, "headers": {**options.get("headers", {}), "Accept-Encoding": "identity"}},
        )
        self.register_client_auth_method(("json", _as_json))
        self._until = end_of_reading(seconds)

    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        """Send *request* and read no more of the answer than may be kept in memory."""
        response: httpx2.Response = await super().send(request, **{**options, "stream": True})
        return await read_capped(response, self._until)

    def parse_response_token(self, resp: httpx2.Response) -> httpx2.Response:
        """The answer as it is, for the caller to judge."""
        return resp


async def post_token(request: TokenRequest, client: Client, options: Mapping[str, Any]) -> httpx2.Response:
    """Send *request* once; the answer, whatever its status.

    Raises:
        httpx2.TransportError: No complete answer came, or not in time.
        AnswerTooLarge: It is of no use.
    """
    parameters = _bare(request.parameters)
    grant_type = parameters.pop("grant_type")
    # `state` is one of authlib's own arguments, so it goes in with the body that authlib adds to
    given = url_encode([("state", parameters.pop("state"))]) if "state" in parameters else ""
    async with (
        TokenEndpoint(client, request.body, options, request.seconds) as endpoint,
        deadline(request.seconds),
    ):
        answer: httpx2.Response = await endpoint.fetch_token(
            request.url, body=given, grant_type=grant_type, headers=_headers(request.headers), **parameters
        )
    return answer


async def post_revocation(request: TokenRequest, client: Client, options: Mapping[str, Any]) -> httpx2.Response:
    """Send a revocation (RFC 7009, 2.1) once. Raises as `post_token` does."""
    async with TokenEndpoint(client, request.body, options) as endpoint, deadline():
        answer: httpx2.Response = await endpoint.revoke_token(
            request.url, **_bare(request.parameters), headers=_headers(request.headers)
        )
    return answer


async def post_device_authorization(
    request: TokenRequest, client: Client, options: Mapping[str, Any]
) -> httpx2.Response:
    """Ask for a device code (RFC 8628, 3.1) once. Raises as `post_token` does."""
    async with TokenEndpoint(client, Body.FORM, options) as endpoint, deadline():
        answer: httpx2.Response = await endpoint.post(
            request.url,
            data=_bare(request.parameters),
            headers=_headers(request.headers),
            auth=endpoint.client_auth(endpoint.token_endpoint_auth_method),
        )
    return answer


def authorize_address(url: str, client: Client, parameters: Parameters, *, verifier: Secret) -> str:
    """*url* with *parameters* and the S256 challenge of *verifier* (RFC 7636, 4.3)."""
    given = _bare(parameters)
    codec = OAuth2Client(session=None, client_id=client.id, code_challenge_method="S256")
    address, _ = codec.create_authorization_url(url, state=given.pop("state"), code_verifier=verifier.reveal(), **given)
    return str(address)


def with_parameters(url: str, parameters: Mapping[str, str]) -> str:
    """*url* with *parameters* added to its query."""
    return str(add_params_to_uri(url, list(parameters.items())))


def _bare(parameters: Parameters) -> dict[str, str]:
    return {name: value.reveal() if isinstance(value, Secret) else value for name, value in parameters.items()}


def _headers(further: Mapping[str, str]) -> dict[str, str]:
    return {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded", **further}


def _as_json(client: Any, _method: str, uri: str, headers: Any, body: bytes | str) -> tuple[str, Any, bytes]:
    """A client authentication method of authlib: the form that it wrote, as JSON, with the client in it."""
    form = body.decode() if isinstance(body, bytes) else body
    fields = {**dict(parse_qsl(form, keep_blank_values=True)), "client_id": client.client_id}
    if client.client_secret:
        fields["client_secret"] = client.client_secret
    headers["Content-Type"] = "application/json"
    return uri, headers, json.dumps(fields).encode()
