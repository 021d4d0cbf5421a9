"""One check for each kind of setting under `[providers.*]`: the value as the program uses it, or why not."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Mapping
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from domain.errors import ConfigError
from domain.provider import Provider
from domain.text.secret import Secret

CONFIG_FILE: Final = "config.toml"
_MOST_PORT: Final = 65_535
_LONGEST: Final = 4096
_LARGEST_CLIENT: Final = 64 * 1024
"""Bytes; Google's file takes some 400. What is cut off there is no JSON any more."""
_READ: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)

OWN_PARAMETERS: Final = frozenset(
    {
        "response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge",
        "code_challenge_method", "client_secret", "code_verifier",
    }
)  # fmt: skip
"""What a sign-in sets itself; a second copy would be an error (RFC 6749, 3.1), and a secret does not belong there."""


class Body(StrEnum):
    """How a token request is written."""

    FORM = "form"
    """As RFC 6749 has it."""
    JSON = "json"


class Misfit(ValueError):
    """A value is not what its key takes; the message says what it takes."""


def refused(provider: Provider, key: str, expected: str) -> ConfigError:
    """What is raised for a setting that makes no sense. The value itself stays out: it may be a secret."""
    return ConfigError(CONFIG_FILE, f"providers.{provider}.{key} {expected}")


def text(value: object) -> str:
    """A non-empty string on one line."""
    if not isinstance(value, str) or not value.strip() or not value.isprintable() or len(value) > _LONGEST:
        raise Misfit("must be a text of one line")
    return value.strip()


def header_word(value: object) -> str:
    """What goes into a header field as it is (RFC 9110, 5.5)."""
    if not isinstance(value, str) or not _is_word(value.strip()) or len(value) > _LONGEST:
        raise Misfit("must be one word of ASCII letters, digits and signs, because it goes into a header")
    return value.strip()


def secret_text(value: object) -> Secret:
    """A text that must not be seen."""
    return Secret(text(value))


def web_address(value: object) -> str:
    """An https address; http only where the host is this machine."""
    misfit = Misfit("must be an https address (http only for this machine: 127.0.0.1, ::1, localhost)")
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or " " in value:
        raise misfit
    try:
        parts = urlsplit(value)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise misfit from None
    if not host or port == 0 or "@" in parts.netloc or parts.fragment:
        raise misfit
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise misfit
    return value


def loopback_host(value: object) -> str:
    """The host of a redirect to this machine."""
    if not isinstance(value, str) or not is_loopback(value):
        raise Misfit('must be "127.0.0.1", "::1" or "localhost"')
    return value


def path(value: object) -> str:
    """The path of a redirect."""
    if not isinstance(value, str) or not value.startswith("/") or not value.isascii() or not value.isprintable():
        raise Misfit('must be a path like "/callback"')
    if any(sign in value for sign in "?#%\\ ") or value.startswith(("/go/", "/signed-in")):
        raise Misfit('must be a plain path like "/callback", other than /go/ and /signed-in')
    return value


def ports(value: object) -> tuple[int, ...]:
    """Ports in the order to try."""
    if not isinstance(value, list | tuple) or not value or not all(_is_port(port) for port in value):
        raise Misfit("must be a list of port numbers; 0 is any free port")
    return tuple(value)


def texts(value: object) -> tuple[str, ...]:
    """A list of words, such as scopes."""
    if not isinstance(value, list | tuple) or not all(_is_word(word) for word in value):
        raise Misfit("must be a list of words without spaces")
    return tuple(value)


def parameters(value: object) -> Mapping[str, str]:
    """Further query parameters of the authorize address."""
    if not isinstance(value, Mapping) or not all(
        isinstance(name, str) and name and isinstance(item, str) for name, item in value.items()
    ):
        raise Misfit("must be a table of texts")
    taken = sorted(OWN_PARAMETERS & value.keys())
    if taken:
        raise Misfit(f"must leave {', '.join(taken)} to keyswitch")
    return dict(value)


def body(value: object) -> Body:
    """The encoding of a token request's body that *value* names."""
    if value not in {Body.FORM.value, Body.JSON.value}:
        raise Misfit('must be "form" or "json"')
    return Body(str(value))


def client_file(value: object) -> Mapping[str, str | Secret]:
    """What Google's console calls `client_secret_….json`: id, secret and project of a desktop client.

    The addresses in it are ignored: which host gets a secret is not for a downloaded file to say.
    """
    import json

    if not isinstance(value, str) or not value.strip():
        raise Misfit("must be the path of the file that Google's console lets you download")
    try:
        document = json.loads(_content(Path(value).expanduser()))
    except (OSError, RuntimeError, ValueError, RecursionError):
        raise Misfit("names a file that cannot be read as JSON") from None
    if isinstance(document, dict) and "web" in document:
        raise Misfit('names the file of a web client; create one of type "Desktop app"')
    client: Any = document.get("installed") if isinstance(document, dict) else None
    if not isinstance(client, dict) or not _is_word(client.get("client_id")):
        raise Misfit('names a file without {"installed": {"client_id": …}}, which is what a desktop client has')
    found = {name: client[name] for name in ("client_id", "project_id") if _is_word(client.get(name))}
    if _is_word(client.get("client_secret")):
        return {**found, "client_secret": Secret(client["client_secret"])}
    return found


def _content(path: Path) -> bytes:
    """Raises OSError where *path* is no regular file: of a pipe nobody knows when it ends.

    Nor is a path taken that counts from the folder where the person is now: others may write there.
    """
    if not path.is_absolute():
        raise OSError(errno.ENOENT, os.strerror(errno.ENOENT))
    with open(os.open(path, _READ), "rb") as file:  # noqa: PTH123 - pathlib opens no descriptor
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        return file.read(_LARGEST_CLIENT)


def imported(value: object) -> Mapping[str, object]:
    """Where sessions of other programs that were taken over belong."""
    if not isinstance(value, Mapping):
        raise Misfit("must be a table")
    unknown = sorted(str(name) for name in value.keys() - _IMPORTED.keys())
    if unknown:
        raise Misfit(f"must hold no {unknown[0]}; its keys are {', '.join(_IMPORTED)}")
    checked = {}
    for name, item in value.items():
        try:
            checked[name] = _IMPORTED[name](item)
        except Misfit as misfit:
            raise Misfit(f"has a {name} that {misfit}") from None
    return checked


def is_loopback(host: str) -> bool:
    """Whether *host* can only mean this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _is_port(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_PORT


def _is_word(value: object) -> bool:
    return isinstance(value, str) and bool(value) and value.isascii() and value.isprintable() and " " not in value


_IMPORTED: Final[Mapping[str, Callable[[object], object]]] = {
    "client_id": text,
    "token_url": web_address,
    "revoke_url": web_address,
    "refresh_body": body,
    "api_base": web_address,
}

CHECKS: Final[Mapping[str, Callable[[object], object]]] = {
    "client_id": text,
    "client_secret": secret_text,
    "client_secret_file": client_file,
    "authorize_url": web_address,
    "token_url": web_address,
    "revoke_url": web_address,
    "device_authorization_url": web_address,
    "issuer": web_address,
    "scopes": texts,
    "authorize_params": parameters,
    "code_page": web_address,
    "redirect_host": loopback_host,
    "redirect_path": path,
    "redirect_ports": ports,
    "token_body": body,
    "refresh_body": body,
    "quota_project": header_word,
    "api_base": web_address,
    "imported": imported,
}
"""Every key of `[providers.*]` that signing in depends on, with its check."""
