"""Whose an entry of an older file is: by the member that holds it, and by everything in it that tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from adapters.earlier_formats.members import Unfit, identifier, usable, word_list
from domain.provider import Provider
from domain.text.vendor_secrets import Mark, mark_of_client, mark_of_issuer, mark_of_scopes, mark_of_type

_TOKENS: Final = ("access_token", "refresh_token", "id_token")

UNTOLD: Final = "it does not say whose it is"


def strange(mark: Mark, kind: str = "sign-in") -> Unfit:
    """The error that an entry says by *mark* that it is another's."""
    return Unfit(f"it looks like a {kind} of {mark.vendor}", mark=mark)


def marks(entry: Mapping[str, Any]) -> Iterator[Mark]:
    """Each sign in *entry* of whose credential it is."""
    tokens = (usable(entry, name) for name in _TOKENS)
    yield from (mark for token in tokens if token is not None and (mark := token.mark) is not None)
    for name, read in (("type", mark_of_type), ("provider", mark_of_type), ("iss", mark_of_issuer)):
        text = entry.get(name)
        if isinstance(text, str) and text and (mark := read(text)) is not None:
            yield mark
    if (client := mark_of_client(identifier(entry, "client_id"))) is not None:
        yield client
    yield from mark_of_scopes((*word_list(entry, "scope"), *word_list(entry, "scopes")))


def refuse_strangers(provider: Provider, entry: Mapping[str, Any]) -> None:
    """Pass where nothing in *entry* says that it is another's than *provider*'s.

    Raises:
        Unfit: Something does.
    """
    for mark in marks(entry):
        if mark.provider is not provider:
            raise strange(mark)


def is_proved(provider: Provider, entry: Mapping[str, Any]) -> bool:
    """Whether something in *entry* says that it is *provider*'s."""
    return any(mark.provider is provider for mark in marks(entry))
