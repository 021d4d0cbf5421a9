"""Reading what a person or a file calls a provider, or the way to authenticate."""

from __future__ import annotations

from typing import Final

from domain.auth_mode import AuthMode
from domain.errors import UnknownName
from domain.provider import Provider
from domain.text.suggestion import nearest

_VENDORS: Final = {provider.vendor.casefold(): provider for provider in Provider}


def parse_provider(text: str) -> Provider:
    """The provider called *text*; case is ignored, and the vendor's name does as well.

    Raises:
        UnknownName: No provider is called so; it carries the nearest name.
    """
    name = text.strip().casefold()
    if name in _VENDORS:
        return _VENDORS[name]
    try:
        return Provider(name)
    except ValueError:
        known = tuple(provider.value for provider in Provider)
        raise UnknownName("unknown_provider", text, suggestion=nearest(name, known), known=known) from None


def parse_auth_mode(value: object) -> AuthMode:
    """The mode that a JSON or TOML document writes as *value*; case is ignored.

    Raises:
        UnknownName: *value* is no string, or names no mode.
    """
    known = tuple(mode.value for mode in AuthMode)
    if not isinstance(value, str):
        raise UnknownName("unknown_auth_mode", repr(value), suggestion=None, known=known)
    name = value.strip().casefold()
    try:
        return AuthMode(name)
    except ValueError:
        raise UnknownName("unknown_auth_mode", value, suggestion=nearest(name, known), known=known) from None
