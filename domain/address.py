"""What an address says of where it leads."""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from urllib.parse import urlsplit

_DOTS: Final = re.compile("[\u3002\uff0e\uff61]")
"""What else browsers take for the dot in a host's name (UTS 46)."""


def whereabouts(address: str) -> str:
    """What *address* does not show at a glance about its host; "" where there is nothing to add.

    A name with letters beyond ASCII may look like another one, so it is given as the network has it. Whatever stands
    before an `@` is a name to sign in with, and no part of the host.
    """
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return "browsers differ on where that leads"
    network = ".".join(map(_label, _DOTS.sub(".", host).split(".")))
    words = []
    if "\\" in address or "%" in host:
        words.append("browsers differ on its host")
    elif network != host or parts.username is not None:
        words.append(f"its host is {network}")
    if parts.username is not None:
        words.append(f'"{parts.netloc.rpartition("@")[0]}" before the @ is no part of that')
    return ", ".join(words)


def _label(label: str) -> str:
    """One part of a host's name in ASCII: as it is, or by Punycode (RFC 3492, 5891)."""
    folded = unicodedata.normalize("NFKC", label).lower()
    return folded if folded.isascii() else f"xn--{folded.encode('punycode').decode('ascii')}"
