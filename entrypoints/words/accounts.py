"""What is said of accounts: whether each serves, how long it lasts, who pays, and what is wrong."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from domain.accounts import account_names
from domain.credential import CredentialKind, CredentialRecord
from domain.forwarding.forwarded_key import home_key
from domain.provider_facts.payer import Payer
from domain.session import SessionState
from domain.switching import is_away
from domain.text.untrusted import untrusted_line
from entrypoints.words.payer import payer_words

if TYPE_CHECKING:
    from application.use_cases.status import ProviderStatus, StatusReport
    from domain.provider import Provider

SIGNS: Final = {True: "✅", False: "❌"}
ASCII_SIGNS: Final = {True: "[ok]", False: "[x]"}

_MINUTE: Final = 60
"""Seconds."""

_HOURS_UNTIL_DAYS: Final = 36
"""Below this, hours say more than days."""

_MINUTES_UNTIL_HOURS: Final = 120
"""Below this, minutes say more than hours."""

_STATES: Final = {
    SessionState.ACTIVE: "logged in",
    SessionState.LOGGED_IN: "logged in",
    SessionState.RENEWING: "logged in, renewing",
    SessionState.DUE: "logged in",
    SessionState.UNCERTAIN: "logged in, last renewal in doubt",
    SessionState.DEGRADED: "logged in, renewal failed for now",
    SessionState.NEEDS_SIGN_IN: "session ended",
    SessionState.NOT_LOGGED_IN: "not logged in",
    SessionState.NO_CLIENT: "not logged in",
    SessionState.API_KEY: "API key",
    SessionState.BORROWED: "borrowed profile",
    SessionState.FORWARDED: "logged in, from laptop",
    SessionState.STORE_LOCKED: "store locked",
    SessionState.STORE_DAMAGED: "store damaged",
}

_COPIED: Final = "logged in, copied from another place"

PLAN_USE_OFF: Final = "plan use is off"

PERMISSION_MISSING: Final = "the permission to use your plan is missing, so nothing can be sent"


def plan_use(record: CredentialRecord) -> str | None:
    """For programs: whether its plan may be used, `on` or `off`; None where that depends on no permission."""
    if not record.plan_scope:
        return None
    return "off" if record.plan_use_off else "on"


def plan_use_off_words(provider: Provider) -> str:
    """That somebody is signed in who did not allow use of the plan, and both ways to go on."""
    again, key = f"keyswitch login {provider}", f"keyswitch login {provider} --api-key"
    return f"{provider.label}: {PERMISSION_MISSING}. Sign in again and tick it: {again}, or use an API key: {key}"


def state_words(state: SessionState, record: CredentialRecord | None = None) -> str:
    """What a person reads for a state, with what keeps the credential of *record* from serving while it is in it."""
    off = record is not None and record.plan_use_off and state is not SessionState.NEEDS_SIGN_IN
    words = _STATES[state]
    if record is not None and state is SessionState.UNCERTAIN:
        words = _COPIED if record.elsewhere else "logged in, by an older copy" if record.older_copy else words
    return f"{words}, {PLAN_USE_OFF}" if off else words


def expiry_words(record: CredentialRecord, now: datetime) -> str:
    """How long a sign-in lasts. Never the access token's own expiry: that renews itself and says nothing.

    By a clock that was set back since, no longer than when it was obtained.
    """
    if home_key(record.key).kind is CredentialKind.API_KEY:
        return record.label
    if record.tombstone is not None:
        return record.tombstone.reason
    if record.sign_in_expires_at is not None:
        return _until(record.sign_in_expires_at - max(now, record.obtained_at))
    if record.kind is CredentialKind.FORWARDED:
        return "renewed there"
    return "renews itself" if record.renewable else "cannot be renewed"


def ago_words(moment: datetime, now: datetime) -> str:
    """How long ago something was, as people say it."""
    seconds = (now - moment).total_seconds()
    if seconds < _MINUTE:
        return "just now"
    for unit, size in (("day", 24 * 60 * _MINUTE), ("h", 60 * _MINUTE), ("min", _MINUTE)):
        if seconds >= size:
            number = int(seconds // size)
            plural = "s" if unit == "day" and number > 1 else ""
            return f"{number} {unit}{plural} ago"
    return "just now"


def ending_words(record: CredentialRecord, now: datetime) -> str:
    """That a sign-in ends soon, and that nothing prolongs it but a new one."""
    who = f"Your {record.provider.label} sign-in as {record.label}"
    end = _until(record.sign_in_expires_at - now) if record.sign_in_expires_at else "ends soon"
    why = "its renewal keeps failing" if record.setback else "renewing does not prolong it"
    return f"{who} {end}, and {why}. Until then everything works; log in again to go on after that."


def clock_words(report: StatusReport) -> list[str]:
    """That this machine's clock was off, and when; nothing where it was not."""
    record = report.clock_off
    if record is None:
        return []
    minutes = round(abs(record.clock_ahead).total_seconds() / _MINUTE)
    length = f"{minutes} min" if minutes < _MINUTES_UNTIL_HOURS else f"{round(minutes / 60)} h"
    side = "ahead of" if record.clock_ahead > timedelta(0) else "behind"
    who = record.provider
    when = f"when the {who.label} sign-in was last renewed, at {record.obtained_at:%H:%M} UTC by that clock"
    return [f"This machine's clock was {length} {side} {who.vendor}'s {when}. keyswitch doctor looks again."]


def unchosen_words(status: ProviderStatus, *, choose: str = "keyswitch accounts use") -> str:
    """That accounts are there and none of them answers, and what to run: *choose*, and whom."""
    from entrypoints.words.errors import typed_name  # here: it loads the words for all errors

    first = account_names(status.accounts)[status.accounts[0].key]
    one, word = status.accounts[0], "signed in"
    if one.kind is CredentialKind.API_KEY:
        word = "stored"
    who = f"{first} is" if len(status.accounts) == 1 else f"{len(status.accounts)} accounts are"
    command = f"{choose} {status.provider} {typed_name(first)}"
    return f"{status.provider.label}: {who} {word}, and none is chosen. Run: {command}"


def status_line(status: ProviderStatus, now: datetime, *, signs: dict[bool, str] = SIGNS) -> str:
    """One provider in one line: `✅ ChatGPT: logged in (expires in 7 days)`."""
    words = state_words(status.state, status.credential)
    line = f"{signs[status.serves]} {status.provider.label}: {words}"
    if status.credential is None:
        return line
    ends = expiry_words(status.credential, now)
    return f"{line} {ends}" if status.state is SessionState.API_KEY else f"{line} ({ends})"


def status_lines(status: ProviderStatus, now: datetime, *, signs: dict[bool, str] = SIGNS) -> list[str]:
    """A provider's line, and below it, indented, the account that answers and who pays, and what a laptop lends.
    Foreign text is made safe.
    """
    first, used = untrusted_line(status_line(status, now, signs=signs)), status.credential
    if used is None or not status.serves:
        return [first]
    names = account_names(status.accounts)
    dot = " \N{MIDDLE DOT} " if signs is SIGNS else ", "
    lines = (
        [] if is_away(used) else [f"    {untrusted_line(names.get(used.key, used.label))}, {payer_words(used.payer)}"]
    )
    for record in status.accounts:
        if is_away(record) and record.active:
            plan = record.payer is Payer.PLAN and record.key == used.key
            pays = payer_words(record.payer) if plan else record.payer.label
            lines.append(f"    {untrusted_line(names[record.key])} ({pays}){dot}{record.kind.label}")
    return [first, *lines]


def redirection_words(name: str) -> str:
    """That a variable which would lead other programs to another host is ignored."""
    return f"{name} is set and ignored: only config.toml says which host is asked (keyswitch config path)."


def until_words(left: timedelta) -> str:
    """How far off something is: `in 7 days`. *left* is positive."""
    hours = left.total_seconds() / 3600
    if hours < 1:
        return _plural(max(int(hours * 60), 1), "minute")
    if hours < _HOURS_UNTIL_DAYS:
        return _plural(round(hours), "hour")
    # Rounded: a sign-in of 7 days that is an hour old still reads "7 days".
    return _plural(round(hours / 24), "day")


def _until(left: timedelta) -> str:
    return f"expires {until_words(left)}" if left > timedelta(0) else "expired"


def _plural(number: int, unit: str) -> str:
    return f"in {number} {unit}{'' if number == 1 else 's'}"
