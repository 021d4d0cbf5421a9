"""The accounts screen as text: one row an account, and what is to be known of the chosen one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from rich.cells import cell_len

from application.settings import EnvKeys
from application.use_cases.status import ProviderStatus, StatusReport
from domain.accounts import account_names, tag
from domain.credential import CredentialKey, CredentialKind, CredentialRecord
from domain.event import MESSAGE_ANSWERED, Event
from domain.records import dataclass, field
from domain.renewal.freshness import renewal_at
from domain.session import SessionState, can_serve, renewed_at, state_of
from domain.store_trouble import STORE_STATES
from domain.switching import is_away
from domain.text.untrusted import untrusted_line
from entrypoints.chat.fitting import cut
from entrypoints.chat.glyphs import Glyphs
from entrypoints.chat.receipts import clock
from entrypoints.tui.checks import Check, check_line
from entrypoints.words.accounts import (
    PERMISSION_MISSING,
    PLAN_USE_OFF,
    ago_words,
    ending_words,
    expiry_words,
    state_words,
    until_words,
)
from entrypoints.words.events import event_words
from entrypoints.words.local_time import local, time_words

WIDE: Final = 74
"""Cells from which an account has a row of its own with columns; below, it has two rows."""

MOST_EVENTS: Final = 6

_PROVIDER, _STATE, _SESSION, _RENEWED, _KEY = 9, 18, 20, 14, 10
"""Widths of columns in cells, with the gap behind them."""
_LEAST_ACCOUNT: Final = 20

_SHORT_STATES: Final = {
    SessionState.RENEWING: "renewing",
    SessionState.UNCERTAIN: "in doubt",
    SessionState.DEGRADED: "renewal failed",
    SessionState.NEEDS_SIGN_IN: "session ended",
    SessionState.API_KEY: "API key",
    SessionState.BORROWED: "borrowed",
    SessionState.FORWARDED: "from laptop",
    SessionState.STORE_DAMAGED: "store damaged",
    SessionState.STORE_LOCKED: "store locked",
}
"""Where a column has room for two words; all others are logged in."""


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account, or a provider that has none."""

    status: ProviderStatus
    record: CredentialRecord | None
    name: str
    """What people call it; "" where there is no account. Foreign text made safe."""
    answers: bool = False
    """Whether the next message of this window goes by it."""


def account_rows(report: StatusReport, in_use: CredentialKey | None) -> tuple[AccountRow, ...]:
    """All accounts by provider; a provider without any has a row as well. *in_use* is the open conversation's."""
    rows: list[AccountRow] = []
    for status in report.providers:
        names = account_names(status.accounts)
        rows += [
            AccountRow(
                status, record, untrusted_line(names[record.key]), answers=record.key == (in_use or _saved(status))
            )
            for record in status.accounts
        ]
        if not status.accounts:
            rows.append(AccountRow(status, None, ""))
    return tuple(rows)


def _saved(status: ProviderStatus) -> CredentialKey | None:
    """What a conversation that begins goes by, where this one has nothing yet."""
    return status.credential.key if status.active and status.credential else None


@dataclass(frozen=True, slots=True)
class AccountTable:
    """Lays the rows out for a width."""

    glyphs: Glyphs
    at: datetime
    """Aware, in UTC."""
    key_place: str
    """Where the master key is, in a word."""
    width: int
    """In cells."""
    checks: Mapping[CredentialKey, Check] = field(default_factory=dict)
    """What providers were asked about."""
    states: Mapping[CredentialKey, SessionState] = field(default_factory=dict)
    """Of records that the store has trouble with."""

    def check_of(self, record: CredentialRecord) -> Check | None:
        """The latest check of *record*; None where an earlier sign-in was asked about, or none."""
        check = self.checks.get(record.key)
        return check if check is not None and check.is_about(record) else None

    @property
    def lines_each(self) -> int:
        """How many lines a row takes."""
        return 1 if self.width >= WIDE else 2

    @property
    def shows_renewal(self) -> bool:
        """Whether the rows have room for when a session was last renewed."""
        return self.lines_each > 1 or self._widths()[4] > 0

    def heading(self) -> str:
        """The names of the columns; "" where there are none."""
        if self.width < WIDE:
            return ""
        return self._columns("", "PROVIDER", "STATE", "ACCOUNT", "SESSION", "LAST RENEWED", "KEY IN")

    def lines(self, row: AccountRow, *, chosen: bool, first: bool) -> list[str]:
        """*row*; *first* of its provider it names it."""
        mark = self.glyphs.active if chosen else ""
        provider = row.status.provider.label if first else ""
        record = row.record
        if record is None:
            state = row.status.state if row.status.store_trouble else SessionState.NOT_LOGGED_IN
            return self._laid_out(mark, [provider, f"{self.glyphs.no} {state_words(state)}", "-", "-", "-", "-"])
        session = "-" if record.kind is CredentialKind.API_KEY else untrusted_line(expiry_words(record, self.at))
        renewal = renewed_at(record)
        renewed = "-" if renewal is None else ago_words(renewal, self.at)
        shown = self._state(record, answers=row.answers)
        return self._laid_out(mark, [provider, shown, row.name, session, renewed, self._key_in(record)])

    def _key_in(self, record: CredentialRecord) -> str:
        """Where the key to what is stored is; nothing of ours is stored of what others keep."""
        if record.key.in_environment:
            return "env"
        if record.key.by_command:
            return "command"
        if is_away(record):
            return "laptop"
        return "-" if record.kind is CredentialKind.BORROWED else self.key_place

    def _state(self, record: CredentialRecord, *, answers: bool) -> str:
        check = self.check_of(record)
        if check is not None and check.running:
            return f"{' ' * cell_len(self.glyphs.ok)} testing{self.glyphs.ellipsis}"
        state = self.states.get(record.key) or state_of(record, self.at)
        serves = can_serve(record, self.at) and state not in STORE_STATES
        if serves and not record.active and not answers:
            return f"{' ' * cell_len(self.glyphs.ok)} not in use"
        off = record.plan_use_off and state is not SessionState.NEEDS_SIGN_IN
        words = "plan use off" if off else _SHORT_STATES.get(state, "logged in")
        return f"{self.glyphs.signs[serves]} {words}"

    def _laid_out(self, mark: str, texts: Sequence[str]) -> list[str]:
        if self.width >= WIDE:
            return [self._columns(mark, *texts)]
        provider, state, name, session, renewed, _ = texts
        first = f"{_padded(mark, 2)}{_padded(provider, _PROVIDER)}{_padded(state, _STATE)}{name}"
        known = [part for part in (session, "" if renewed == "-" else f"renewed {renewed}") if part not in ("", "-")]
        second = f"    {self.glyphs.dot.join(known)}"
        return [cut(first, self.width, self.glyphs.ellipsis), cut(second, self.width, self.glyphs.ellipsis)]

    def _widths(self) -> list[int]:
        widths = [_PROVIDER, _STATE, 0, _SESSION, _RENEWED, _KEY]
        for dropped in (5, 4):  # the key's place first, then the last renewal: both are told below the table
            if self.width - 2 - sum(widths) < _LEAST_ACCOUNT:
                widths[dropped] = 0
        widths[2] = self.width - 2 - sum(widths)
        return widths

    def _columns(self, mark: str, *texts: str) -> str:
        widths = self._widths()
        shown = [
            _padded(cut(text, width - 1, self.glyphs.ellipsis), width)
            for text, width in zip(texts, widths, strict=True)
            if width
        ]
        return f"{_padded(mark, 2)}{''.join(shown)}".rstrip()


def details(row: AccountRow, report: StatusReport, table: AccountTable) -> list[str]:
    """What stands below *table* about the chosen row."""
    status, record, glyphs = row.status, row.record, table.glyphs
    if record is None:
        who = state_words(status.state) if status.store_trouble else "nobody is logged in"
        lines = [f"{status.provider.label}{glyphs.dot}{who}{glyphs.dot}l logs in"]
    else:
        head = [status.provider.label, row.name] if table.lines_each == 1 else []
        head.append(PLAN_USE_OFF if record.plan_use_off else f"pays: {record.payer.label}")
        head += ["answers now"] if row.answers and can_serve(record, report.at) else []
        head += [record.kind.label] if is_away(record) else []
        head += [] if record.active else ["u uses this account"]
        check = table.check_of(record)
        lines = [glyphs.dot.join(head), *([_test(check, record, glyphs)] if check else [])]
        lines += _about_session(record, report.at, table)
    if status.unchosen:
        lines.append(f"No account of {status.provider.label} is in use: u uses the one that is marked.")
    if status.env_key is not None:
        lines.append(f"env {status.env_key} {_env_key_words(status, report)}")
    if status.key_command is not None and not status.key_command_used:
        lines.append(f"command {status.key_command} not run: what is there comes first")
    return lines


def _test(check: Check, record: CredentialRecord, glyphs: Glyphs) -> str:
    if record.tombstone is None or check.checked is None:
        return check_line(check, glyphs)
    return f"Test at {clock(check.at)}: {glyphs.no} refused, the session has ended."  # why, is said below


def _env_key_words(status: ProviderStatus, report: StatusReport) -> str:
    if status.env_key_used:
        return "used as the fallback"
    if report.env_keys is EnvKeys.FALLBACK:
        return "present, not used: what is stored comes first"
    return f'present, ignored (auth.env_keys = "{report.env_keys}")'


def recent(events: Iterable[Event], report: StatusReport) -> list[str]:
    """The latest events, the latest first."""
    records = [record for status in report.providers for record in status.accounts]
    names = {tag(key): name for key, name in account_names(records).items()}
    told = [event for event in events if event.name != MESSAGE_ANSWERED][: -MOST_EVENTS - 1 : -1]
    return [f"{_moment(event.at, report.at)} {event_words(event, names)}" for event in told]


def _about_session(record: CredentialRecord, now: datetime, table: AccountTable) -> Sequence[str]:
    glyphs = table.glyphs
    if record.kind is CredentialKind.BORROWED:
        return ("kept and renewed by the vendor's own tool; only read here",)
    if is_away(record):
        return ("kept and renewed on your laptop; only used from here",)
    if record.kind is not CredentialKind.OAUTH:
        return ()
    off = (f"{PERMISSION_MISSING}.", "l logs in again: tick it, or use an API key") if record.plan_use_off else ()
    if record.tombstone is not None:
        ended = f"ended {ago_words(record.tombstone.at, now)}: {untrusted_line(record.tombstone.reason)}"
        return (f"{ended}{glyphs.dot}l logs in again",)
    if record.setback is not None:
        failed = f"last renewal failed: {untrusted_line(record.setback.reason)}"
        return (
            *off,
            f"{failed}{glyphs.dot}next try {time_words(record.setback.next_try)}",
        )
    renewal = renewed_at(record)
    parts = [] if renewal is None or table.shows_renewal else [f"renewed {ago_words(renewal, now)}"]
    parts.append(_renewal(record, now))
    parts += [f"scopes: {untrusted_line(' '.join(record.scopes))}"] if record.scopes else []
    return (*off, glyphs.dot.join(parts), *_ending(record, now))


def _renewal(record: CredentialRecord, now: datetime) -> str:
    if not record.renewable:
        left = record.access_expires_at - now if record.access_expires_at else None
        return (
            "cannot be renewed"
            if left is None or left <= timedelta(0)
            else f"cannot be renewed, ends {until_words(left)}"
        )
    if record.intent is not None:
        ago = ago_words(record.intent.at, now)
        if record.intent.answered:
            return f"the renewal {ago} brought nothing to renew with; the last token is tried when this one ends"
        return f"last renewal interrupted {ago}; it is tried once more"
    left = renewal_at(record) - now
    return f"renews itself {until_words(left)}" if left.total_seconds() > 0 else "due: renews itself at the next use"


def _ending(record: CredentialRecord, now: datetime) -> Sequence[str]:
    from domain.renewal.ending import due_warning
    from domain.renewal.freshness import Instant

    return (untrusted_line(ending_words(record, now)),) if due_warning(record, Instant(now)) else ()


def _moment(at: datetime, now: datetime) -> str:
    """The time of day, and the day where it is another."""
    here = local(at)
    return f"{here:%H:%M}" if here.date() == local(now).date() else f"{here:%d %b %H:%M}"


def _padded(text: str, width: int) -> str:
    return text + " " * max(width - cell_len(text), 0)
