"""What the exit status means."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Stable: scripts rely on it."""

    OK = 0
    """Done."""
    ERROR = 1
    """Something went wrong that no other code names."""
    USAGE = 2
    """What was typed makes no sense as it is."""
    CANCELLED = 3
    """A sign-in was cancelled, declined or timed out."""
    SIGN_IN_NEEDED = 4
    """Nothing to authenticate with; sign in first."""
    UNAVAILABLE = 5
    """Offline, or the provider is down."""
    LIMIT = 6
    """A limit is reached."""
    CONFIG = 7
    """The config, an OAuth client or the session store needs attention."""
    CRASH = 70
    """A defect of keyswitch (EX_SOFTWARE of sysexits.h)."""
    INTERRUPTED = 130
    """Ctrl+C (128 + SIGINT)."""
