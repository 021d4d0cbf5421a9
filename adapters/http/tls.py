"""Whom keyswitch trusts to vouch for a host."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from domain.errors import VariableUnusable

if TYPE_CHECKING:
    import ssl


@cache
def system_trust() -> ssl.SSLContext:
    """The one context of this process: the operating system's authorities, or those that `SSL_CERT_FILE` and
    `SSL_CERT_DIR` name instead.

    `ssl.create_default_context` is avoided because it also obeys `SSLKEYLOGFILE`, which would write down
    what decrypts every token.

    Raises:
        VariableUnusable: One of the two variables names nothing usable.
    """
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if not file and not folder:
        import httpx2

        return httpx2.create_ssl_context(trust_env=False)

    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(file or None, folder or None)
    except OSError as error:
        problem = f"no certificates could be read from there ({error.strerror or error})"
        raise VariableUnusable(" and ".join(trust_variables()), problem) from error
    return context


def trust_variables() -> tuple[str, ...]:
    """Those of the two variables that are set: what is trusted comes from them alone."""
    return tuple(name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(name))


@cache
def no_trust() -> ssl.SSLContext:
    """A context that accepts no certificate: for plain http, where loading the authorities would be wasted time."""
    import ssl

    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
