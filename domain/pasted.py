"""What a person may paste to finish a sign-in."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl, urlsplit

from domain.callback import CallbackParameters
from domain.secret import Secret

_LONGEST: Final = 8192
"""Characters; no address that a browser shows is longer."""


class PasteUnusable(ValueError):
    """The text is nothing that ends a sign-in; the message says what it is instead."""


def parse_pasted(text: Secret) -> CallbackParameters:
    """The parameters in a full address, a query, `code#state` or a bare code.

    Raises:
        PasteUnusable: It holds neither a code nor an error.
    """
    pasted = "".join(text.reveal().split())
    if not pasted:
        raise PasteUnusable("nothing was pasted")
    if len(pasted) > _LONGEST:
        raise PasteUnusable("that is too long to be an address or a code")
    if "code_challenge=" in pasted:
        raise PasteUnusable("that is the link we sent; paste the address that the browser ended on")
    if "=" in pasted or "://" in pasted:
        return _from_query(pasted)
    code, _, state = pasted.partition("#")
    return CallbackParameters({"code": code, "state": state} if state else {"code": code})


def _from_query(pasted: str) -> CallbackParameters:
    try:
        query = urlsplit(pasted).query if "://" in pasted else pasted.lstrip("?")
    except ValueError:
        raise PasteUnusable("that is no address") from None
    pairs = parse_qsl(query, max_num_fields=32)
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        raise PasteUnusable("a parameter stands in it twice")
    if not parameters.keys() & {"code", "error"}:
        raise PasteUnusable("there is no code in it; paste the address that the browser ended on")
    return CallbackParameters(parameters)
