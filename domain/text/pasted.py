"""What a person may paste to finish a sign-in."""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from urllib.parse import parse_qsl, unquote

from domain.sign_in.callback import CallbackParameters
from domain.text.secret import Secret
from domain.text.untrusted import untrusted

_LONGEST: Final = 8192
"""Characters; no address that a browser shows is longer."""

_MOST_PARAMETERS: Final = 32
_TIMES_ESCAPED: Final = 2
"""An address that stands in another one is escaped once more."""

_SHOWS_NOTHING: Final = frozenset({"Cf", "Co", "Cs", "Cn", "Mn", "Mc", "Me"})
"""Categories of Unicode that no address has: marks, direction, joiners, tags, and what is no character."""

_LINE_BREAK: Final = re.compile(r"[^\S\n]*\n\s*")
"""Where a window or a mail broke what was copied, with the indentation of the next line."""

_ADDRESS: Final = r"[\w.~%!$&*+,;=:@/?(-]*"
"""What addresses consist of (RFC 3986, 3.4), without what people put around them: quotes, brackets, angles."""

_SENTENCE_ENDS: Final = ".,;:!?"
_WRAPPERS: Final = " <>()[]{}\"'`\u2018\u2019\u201a\u201c\u201d\u201e\xab\xbb" + _SENTENCE_ENDS


class PasteUnusable(ValueError):
    """The text is nothing that ends a sign-in; the message says what it is instead."""


class Pastes:
    """What was pasted in one attempt. An address may come in several pieces: a terminal gives line after line."""

    def __init__(self, *, redirect_uri: str) -> None:
        """*redirect_uri* is where this sign-in ends, and the only address whose parameters count."""
        self._redirect_uri = redirect_uri
        self._earlier = Secret("")

    def read(self, text: Secret) -> CallbackParameters:
        """The parameters in *text*, or in it and what came before.

        Raises:
            PasteUnusable: It holds neither a code nor an error of this sign-in.
        """
        together = Secret(f"{self._earlier.reveal()}\n{text.reveal()}"[-_LONGEST:]) if self._earlier else text
        self._earlier = together
        try:
            parameters = parse_pasted(text, redirect_uri=self._redirect_uri)
        except PasteUnusable as alone:
            return self._both(together) or _refuse(alone)
        if "state" not in parameters:
            return self._both(together) or parameters
        return parameters

    def _both(self, together: Secret) -> CallbackParameters | None:
        try:
            parameters = parse_pasted(together, redirect_uri=self._redirect_uri)
        except PasteUnusable:
            return None
        return parameters if "state" in parameters else None


def parse_pasted(text: Secret, *, redirect_uri: str) -> CallbackParameters:
    """The parameters in a full address, which must be *redirect_uri*; in a query, in `code#state`, or a bare code.

    What a copy brings along is left out: escape sequences, signs that show nothing, line breaks, quotes, a sentence.

    Raises:
        PasteUnusable: It holds neither a code nor an error of this sign-in, or leaves open where the code ends.
    """
    pasted = _LINE_BREAK.sub("", _cleaned(text.reveal()).strip())
    if not pasted:
        raise PasteUnusable("nothing was pasted")
    if len(pasted) > _LONGEST:
        raise PasteUnusable("that is too long to be an address or a code")
    for _ in range(_TIMES_ESCAPED + 1):
        queries = _queries_of(pasted, redirect_uri)
        if queries:
            return _parameters(queries[0])
        if "://" in pasted or not re.match(r"https?%", pasted, re.IGNORECASE):
            break
        pasted = unquote(pasted)
    if "code_challenge=" in pasted:
        raise PasteUnusable("that is the link we sent; paste the address that the browser ended on")
    if "://" in pasted:
        raise PasteUnusable(f"this sign-in ends on {redirect_uri}, and that is another address")
    return _without_address(pasted)


def _cleaned(text: str) -> str:
    """*text* without what nobody sees in it, and with spaces and line feeds for all other blanks."""
    bare = "".join(sign for sign in text if unicodedata.category(sign) not in _SHOWS_NOTHING)
    return "".join(" " if sign.isspace() and sign != "\n" else sign for sign in untrusted(bare))


def _queries_of(pasted: str, redirect_uri: str) -> list[str]:
    """What follows each *redirect_uri* in *pasted*; what names a code or an error first."""
    scheme, _, place = redirect_uri.partition("://")
    host, slash, path = place.partition("/")
    where = f"(?i:{re.escape(host)}){re.escape(slash + path)}"
    # Without the scheme, which some browsers do not show, nothing may stand before it that makes it part of another one
    begins = rf"(?:(?<!=)(?i:{scheme})://|(?<![\w.@/=%:-])){where}\?"
    rests = re.split(begins, pasted)[1:]
    queries = [_query(rest) for rest in rests]
    return sorted(queries, key=lambda query: not re.search(r"(?:^|&)(?:code|error)=", query))


def _query(rest: str) -> str:
    """The query that *rest* begins with.

    Raises:
        PasteUnusable: A code stands last, and after a blank more follows that could belong to it.
    """
    found = re.match(_ADDRESS, rest, re.ASCII)
    query = (found[0] if found else "").rstrip(_SENTENCE_ENDS).replace("&amp;", "&")
    if query.rpartition("&")[2].startswith("code=") and re.match(rf" +{_ADDRESS}\w", rest[len(query) :], re.ASCII):
        raise PasteUnusable("it is not clear where the code in it ends; paste the address alone")
    return query


def _without_address(pasted: str) -> CallbackParameters:
    bare = pasted.strip(_WRAPPERS)
    if not bare or " " in bare or not bare.isascii():
        raise PasteUnusable("there is no code in it; paste the address that the browser ended on, and nothing else")
    if "=" in bare and not bare.endswith("="):
        return _parameters(bare.replace("&amp;", "&"))
    code, _, state = bare.partition("#")
    return CallbackParameters({"code": code, "state": state} if state else {"code": code})


def _parameters(query: str) -> CallbackParameters:
    try:
        pairs = parse_qsl(query, max_num_fields=_MOST_PARAMETERS, errors="strict")
    except ValueError:
        raise PasteUnusable("that is no address that a provider sends a browser to") from None
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        raise PasteUnusable("a parameter stands in it twice")
    if not parameters.keys() & {"code", "error"}:
        raise PasteUnusable("there is no code in it; paste the address that the browser ended on")
    return CallbackParameters(parameters)


def _refuse(error: PasteUnusable) -> CallbackParameters:
    raise error
