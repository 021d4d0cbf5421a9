"""What an issuer says of itself: OpenID Connect Discovery 1.0 and RFC 8414, and the keys it signs with."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import httpx2
from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from adapters.http.origin import Origin
from adapters.json.strict_json import NotJson, json_object
from adapters.oauth.failed_requests import transport_error
from adapters.oauth.http_answer import get
from adapters.oauth.id_token import IdTokenInvalid, Keys, key_set
from domain.errors import ConfigError, KeyswitchError, Offline
from domain.provider import Provider

HttpOptions = Callable[[str], dict[str, Any]]
"""Keyword arguments of an HTTP client that talks to the origin of a URL."""

_CONFIG: Final = "config.toml"


def _private(url: str) -> str:
    if not Origin.of(url).is_private:
        raise ValueError("must be https")
    return url


_Address = Annotated[str, AfterValidator(_private)]


class Metadata(BaseModel):
    """The members of a metadata document that matter here."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", hide_input_in_errors=True)

    issuer: str
    authorization_endpoint: _Address
    token_endpoint: _Address
    revocation_endpoint: _Address | None = None
    device_authorization_endpoint: _Address | None = None
    jwks_uri: _Address | None = None
    authorization_response_iss_parameter_supported: bool = False
    """RFC 9207, 3."""


class Discovery:
    """Metadata and keys of issuers, read once a process."""

    def __init__(self, *, http_options: HttpOptions) -> None:
        self._http_options = http_options
        self._metadata: dict[str, Metadata] = {}
        self._keys: dict[str, Keys] = {}

    async def metadata(self, provider: Provider, issuer: str, *, same_origin: bool = False) -> Metadata:
        """What *issuer* says of itself. With *same_origin* its endpoints must be on the issuer's own origin.

        Raises:
            Offline: It cannot be read now.
            ConfigError: It is not the metadata of *issuer*, or of no usable server.
        """
        known = self._metadata.get(issuer)
        if known is None:
            known = _checked(provider, issuer, await self._document(provider, _places(issuer)))
            self._metadata[issuer] = known
        if same_origin:  # asked anew each time: it may have been read for somebody who did not care
            _check_origin(provider, known)
        return known

    async def keys(self, provider: Provider, metadata: Metadata, *, anew: bool = False) -> Keys | None:
        """The keys that the issuer signs with; None where it publishes none. *anew*: not those read before.

        Raises:
            Offline: They cannot be read now.
        """
        if metadata.jwks_uri is None:
            return None
        if anew or metadata.jwks_uri not in self._keys:
            document = await self._document(provider, (metadata.jwks_uri,))
            try:
                self._keys[metadata.jwks_uri] = key_set(document)
            except IdTokenInvalid as error:
                raise Offline(provider, str(error)) from None
        return self._keys[metadata.jwks_uri]

    async def _document(self, provider: Provider, places: tuple[str, ...]) -> dict[str, Any]:
        host = Origin.of(places[0]).host
        for place in places:
            answer = await self._get(provider, place)
            if answer.status_code == httpx2.codes.NOT_FOUND:
                continue
            if answer.status_code != httpx2.codes.OK:
                raise Offline(provider, f"{host} does not describe itself now (HTTP {answer.status_code})")
            try:
                return json_object(answer.content)
            except NotJson:
                raise Offline(provider, f"{host} describes itself with something unreadable") from None
        raise Offline(provider, f"{host} does not describe itself (HTTP 404)")

    async def _get(self, provider: Provider, url: str) -> httpx2.Response:
        options = await asyncio.to_thread(self._http_options, url)
        try:
            return await get(url, options)
        except httpx2.RequestError as error:
            failure = transport_error(provider, Origin.of(url).host, error)
        raise _offline(provider, failure)


def _offline(provider: Provider, failure: KeyswitchError) -> Offline:
    """Reading what is public spends nothing, so every failure of it is the same: not now."""
    if isinstance(failure, Offline):
        return failure
    return Offline(provider, "its description of itself did not arrive whole")


def _places(issuer: str) -> tuple[str, ...]:
    """OpenID Connect Discovery 1.0, 4: behind the issuer's path. RFC 8414, 3: between host and path."""
    parts = urlsplit(issuer)
    path = parts.path.rstrip("/")
    origin = f"{parts.scheme}://{parts.netloc}"
    return (
        f"{origin}{path}/.well-known/openid-configuration",
        f"{origin}/.well-known/oauth-authorization-server{path}",
    )


def _checked(provider: Provider, issuer: str, document: dict[str, Any]) -> Metadata:
    try:
        metadata = Metadata.model_validate(document)
    except ValidationError as error:
        names = sorted({str(problem["loc"][0]) for problem in error.errors(include_input=False)})
        raise _unusable(provider, f"without a usable {' and '.join(names)}") from None
    if metadata.issuer != issuer:
        raise _unusable(provider, "that names another issuer")
    return metadata


def _check_origin(provider: Provider, metadata: Metadata) -> None:
    """That all endpoints are on the issuer's own origin. Raises `ConfigError`."""
    endpoints = (
        metadata.authorization_endpoint,
        metadata.token_endpoint,
        metadata.revocation_endpoint,
        metadata.device_authorization_endpoint,
        metadata.jwks_uri,
    )
    if any(Origin.of(url) != Origin.of(metadata.issuer) for url in endpoints if url):
        raise _unusable(provider, "that names endpoints of another host")


def _unusable(provider: Provider, problem: str) -> ConfigError:
    return ConfigError(_CONFIG, f"providers.{provider}.issuer leads to a description {problem}")
