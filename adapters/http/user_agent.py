"""The name that keyswitch goes by at every provider."""

from __future__ import annotations


def user_agent() -> str:
    """`keyswitch/VERSION` (RFC 9110, 10.1.5): its own name, never that of a vendor's program."""
    from keyswitch import __version__

    return f"keyswitch/{__version__}"
