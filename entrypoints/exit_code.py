"""The exit codes of all commands."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What a script learns from how keyswitch ended."""

    OK = 0
    """The command did what was asked."""
    ERROR = 1
    """It failed, for none of the reasons below."""
    USAGE = 2
    """The command line makes no sense as written, or needs an option more."""
    CANCELLED = 3
    """A person or a time limit ended it."""
    SIGN_IN_NEEDED = 4
    """Nothing to authenticate with, or it is not accepted any more."""
    UNAVAILABLE = 5
    """Offline, or the provider is down or answers nonsense."""
    LIMIT = 6
    """A rate, plan or spending limit is used up."""
    CONFIG = 7
    """The config, the session store or an OAuth client is missing or unusable."""
    ENDS_SOON = 8
    """Of `status` alone: the sign-in can be used, ends within three days, and no renewal prolongs it."""
    CRASH = 70
    """A bug in keyswitch (EX_SOFTWARE of sysexits.h)."""
    INTERRUPTED = 130
    """Ctrl+C: 128 and the number of SIGINT, as shells count."""
