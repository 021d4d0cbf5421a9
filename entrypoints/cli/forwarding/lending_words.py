"""What is said of sign-ins that another machine may use."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from domain.accounts import account_names
from domain.credential import CredentialRecord
from domain.forwarding.grant import Grant
from domain.text.durations import duration_words
from domain.text.untrusted import untrusted_line
from entrypoints.words.local_time import time_words


def lent_words(grant: Grant, lent: Iterable[CredentialRecord], now: datetime) -> str:
    """What the host of *grant* may use and for how long, and what whoever is root there could do meanwhile."""
    names = account_names(lent)
    what = ", ".join(f"{key.provider.label} ({name})" for key, name in names.items())
    last = "" if grant.until is None else f" for {duration_words((grant.until - now).total_seconds())}"
    until = "" if grant.until is None else f", until {time_words(grant.until)}"
    return untrusted_line(
        f"Forwarded to {grant.host}{last}{until} at the latest: {what}. While you are connected, you and root there "
        "can send and spend with them; no token leaves this machine."
    )


def broken_off(host: str) -> str:
    """What an end of ssh may mean that says by itself no more than that something failed."""
    return untrusted_line(
        f"ssh to {host} failed or broke off. If it says that remote port forwarding failed, nothing was forwarded: "
        f"keyswitch doctor on {host} names the settings of its sshd that refuse it."
    )
