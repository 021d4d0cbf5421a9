"""An OAuth client of a person's own, as they enter it: what a vendor gave them for signing in under their own name."""

from __future__ import annotations

from typing import Final

from domain.errors import UsageError
from domain.provider import Provider
from domain.records import dataclass
from domain.text.secret import Secret
from domain.text.untrusted import untrusted_line
from domain.text.vendor_secrets import is_token, mark_of

_LONGEST: Final = 512
"""Characters; Google's ids have 72."""

_QUOTES: Final = "\"'`"


@dataclass(frozen=True, slots=True)
class OwnClient:
    """A client that was entered and looks like one."""

    provider: Provider
    client_id: str
    secret: Secret
    """Empty where the client is public (RFC 6749, 2.1)."""
    project: str = ""
    """The Google project that requests count on; "" where none is named."""


def bare(given: str) -> str:
    """What was entered without blanks and quotation marks around it, and as one line."""
    line = untrusted_line(given).strip()
    return line[1:-1].strip() if len(line) > 1 and line[0] == line[-1] and line[0] in _QUOTES else line


def is_path(given: str) -> bool:
    """Whether the name of a file was entered in the place of an id."""
    line = bare(given)
    return line.startswith(("/", "~", "file://", ".")) or line.endswith(".json") or line[1:3] in (":\\", ":/")


def is_secret(given: str) -> bool:
    """Whether something was entered that must not be seen."""
    return mark_of(bare(given)) is not None or is_token(bare(given))


def parse_client(provider: Provider, given: str, secret: Secret) -> OwnClient:
    """The client of *provider* whose id is in what was *given*.

    Raises:
        UsageError: It is no id, or a secret that was given in its place.
    """
    client_id = bare(given)
    if not client_id:
        raise _no_client("no client ID was given")
    if is_secret(client_id):
        raise _no_client("that is a secret, not the ID of a client; it was taken out of the field")
    if " " in client_id or not client_id.isascii() or len(client_id) > _LONGEST:
        raise _no_client("a client ID is one word of letters, digits and signs")
    if "://" in client_id or "@" in client_id:
        raise _no_client("that is an address, not the ID of a client")
    stripped = secret.stripped()
    if stripped and not stripped.sendable:
        raise _no_client("the client secret is one word, without blanks in it")
    return OwnClient(provider, client_id, stripped)


def _no_client(why: str) -> UsageError:
    return UsageError(f"That is no OAuth client: {why}. Nothing was changed.")
