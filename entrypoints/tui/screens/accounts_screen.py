"""`/accounts`, `/status`, `/login --status`, F3: who is signed in, which account answers, and what happened lately."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import ClassVar, Final

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.widgets import Static

from application.use_cases.status import StatusReport
from domain.credential import CredentialKey
from domain.event import Event
from domain.provider import Provider
from domain.records import dataclass
from domain.text.untrusted import untrusted, untrusted_line
from domain.usage.entry import Billed
from domain.usage.gauge import Gauge
from entrypoints.chat.chat_face import NOTE_KINDS
from entrypoints.chat.fitting import cut
from entrypoints.chat.glyphs import Glyphs
from entrypoints.tui.checks import Check
from entrypoints.tui.screens.account_rows import AccountRow, AccountTable, account_rows, details, recent
from entrypoints.tui.screens.dialog import Dialog
from entrypoints.tui.widgets.key_hints import KeyHints
from entrypoints.words.accounts import clock_words, redirection_words, status_line
from entrypoints.words.earlier_programs import other_programs
from entrypoints.words.errors import error_sentence
from entrypoints.words.master_key import key_lines
from entrypoints.words.usage import plan_share_words

LOWEST: Final = 18
"""Rows below which the table says alone what the lines above it say as well."""


class Wish(Enum):
    """What to do with an account."""

    USE = "use"
    LOG_IN = "log in"
    ADD = "add"
    LOG_OUT = "log out"
    RENEW = "renew"
    TEST = "test"
    COPY = "copy"


@dataclass(frozen=True, slots=True)
class AccountWish:
    """What was asked for on this screen."""

    wish: Wish
    provider: Provider
    account: CredentialKey | None
    """The chosen account; None where the provider has none."""
    name: str
    """What people call it."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """What the screen shows."""

    report: StatusReport
    history: tuple[Event, ...]
    """Oldest first."""
    trouble: str
    """What keeps sign-ins from being renewed at all; "" where nothing does."""
    in_use: CredentialKey | None = None
    """The credential that the open conversation goes by."""
    gauges: tuple[Gauge, ...] = ()
    """How much of plans is used, as far as that is known."""


class AccountsScreen(Dialog[None]):
    """A table of accounts, one of them chosen; below it what is known of that one, and what happened lately."""

    class Wished(Message):
        """A key was pressed that does something with the chosen account."""

        def __init__(self, wish: AccountWish) -> None:
            super().__init__()
            self.wish = wish

    class Shown(Message):
        """The screen is in front, and wants to know how things stand."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f3,q", "back", show=False),
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("u,enter", "wish('USE')", show=False),
        Binding("l", "wish('LOG_IN')", show=False),
        Binding("a", "wish('ADD')", show=False),
        Binding("o", "wish('LOG_OUT')", show=False),
        Binding("r", "wish('RENEW')", show=False),
        Binding("t", "wish('TEST')", show=False),
        Binding("j", "wish('COPY')", show=False),
    ]

    def __init__(self, glyphs: Glyphs, checks: Mapping[CredentialKey, Check]) -> None:
        """*checks* may change; `redraw` shows it."""
        super().__init__()
        self._glyphs = glyphs
        self._checks = checks
        self._accounts: Accounts | None = None
        self._rows: tuple[AccountRow, ...] = ()
        self._at = 0

    def compose(self) -> ComposeResult:
        """Table, details, history, and the keys on the last row."""
        with Vertical(classes="dialog status"):
            yield Static(Content(untrusted(f"Accounts{self._glyphs.dot}/login --status")), classes="title")
            yield Static("", id="lines", markup=False)
            yield Static("", id="columns", markup=False)
            with VerticalScroll(id="table", can_focus=False):
                yield Static("", id="report", markup=False)
            yield Static("", id="said", markup=False)
            with VerticalScroll(id="more", can_focus=False):
                yield Static("", id="details", markup=False)
                yield Static("", id="recent", markup=False)
            yield KeyHints(self._glyphs.dot, *self._keys(), classes="keys")

    def on_mount(self) -> None:
        """Show what is known."""
        self.tell_more(self.query_one("#more"))
        self._draw()

    def on_screen_resume(self) -> None:
        """A dialog over this screen may have changed everything."""
        self.post_message(self.Shown())

    def on_resize(self, event: events.Resize) -> None:
        """The columns depend on the width."""
        self.call_after_refresh(self._draw)

    def follow(self, accounts: Accounts) -> None:
        """Show a newer state; the chosen account stays chosen."""
        before = self._rows[self._at] if self._rows else None
        self._accounts, self._rows = accounts, account_rows(accounts.report, accounts.in_use)
        self._at = min(range(len(self._rows)), key=lambda place: (_distance(self._rows[place], before), place))
        if self.is_mounted:
            self._draw()

    def redraw(self) -> None:
        """Show that a check began or ended."""
        if self.is_mounted:
            self._draw()

    def tell(self, *lines: str, kind: str = "info") -> None:
        """Say what came of a wish, until the next one; *kind* is one of `NOTE_KINDS`."""
        said = self.query_one("#said", Static)
        said.set_class(NOTE_KINDS[kind].is_trouble, "trouble")
        said.update(Content(untrusted_line(" ".join(lines))))
        said.display = any(lines)

    def action_move(self, by: int) -> None:
        """Choose the account *by* places away."""
        if self._rows:
            self._at = (self._at + by) % len(self._rows)
            self.tell()
            self._draw()

    def action_page(self, by: int) -> None:
        """Read further up or down below the table, where it does not fit."""
        more = self.query_one("#more", VerticalScroll)
        (more.scroll_page_up if by < 0 else more.scroll_page_down)(animate=False)

    def action_wish(self, name: str) -> None:
        """Do something with the chosen account."""
        if self._rows:
            row = self._rows[self._at]
            self.tell()
            key = row.record.key if row.record else None
            self.post_message(self.Wished(AccountWish(Wish[name], row.status.provider, key, row.name)))

    def action_back(self) -> None:
        """Close the screen and change nothing."""
        self.dismiss(None)

    def _draw(self) -> None:
        if self._accounts is None:
            self._put("report", [f"Reading sign-ins{self._glyphs.ellipsis}"])
            return
        report = self._accounts.report
        place = report.key.place.value if report.key else "-"
        width = self.query_one("#table").scrollable_content_region.width
        states = {one.key: one.state for one in report.troubles if one.key is not None}
        table = AccountTable(self._glyphs, report.at, place, width, self._checks, states)
        shown = report.providers if self.app.size.height >= LOWEST else ()
        spoken = (status_line(one, report.at, signs=self._glyphs.signs) for one in shown)
        self._put("lines", [cut(untrusted_line(line), table.width, self._glyphs.ellipsis) for line in spoken])
        self._put("columns", [table.heading()])
        self._draw_rows(table)
        damage = [f"{self._glyphs.warn} {error_sentence(one.error)}" for one in report.troubles]
        trouble = [
            *damage,
            *([f"{self._glyphs.warn} Not renewed: {self._accounts.trouble}"] if self._accounts.trouble else []),
        ]
        remarks = map(
            untrusted_line,
            (
                *clock_words(report),
                *other_programs(report),
                *map(redirection_words, report.redirections),
                *report.notices,
            ),
        )
        notices = [*key_lines(report.key, report.key_wanted), *remarks]
        self._put("details", [*trouble, *details(self._rows[self._at], report, table), *self._plan(), *notices])
        lines = recent(self._accounts.history, report)
        self._put("recent", [cut(line, table.width, self._glyphs.ellipsis) for line in lines])

    def _plan(self) -> list[str]:
        """How much of the chosen account's plan is used, in a line; none where nothing is known."""
        record, accounts = self._rows[self._at].record, self._accounts
        if record is None or accounts is None:
            return []
        billed = Billed.of_record(record)
        words = [plan_share_words(gauge) for gauge in accounts.gauges if gauge.billed == billed]
        return [f"{one}{self._glyphs.dot}/usage says more" for one in words if one]

    def _keys(self) -> tuple[list[str], list[str]]:
        """What the keys do; that arrows move goes without saying where it would take a line more."""
        keys = ["Esc back", "u use", "l log in", "a add", "o log out", "r renew", "t test", "j JSON"]
        return [keys[0], f"{self._glyphs.vertical} move", *keys[1:]], keys

    def _draw_rows(self, table: AccountTable) -> None:
        drawn: list[Content] = []
        for place, row in enumerate(self._rows):
            first = place == 0 or self._rows[place - 1].status.provider is not row.status.provider
            chosen = place == self._at
            lines = [Content(untrusted(line)) for line in table.lines(row, chosen=chosen, first=first)]
            drawn += [line.stylize("bold") for line in lines] if chosen else lines
        self.query_one("#report", Static).update(Content("\n").join(drawn))
        self.call_after_refresh(self._into_view, self._at * table.lines_each, table.lines_each)

    def _into_view(self, top: int, lines: int) -> None:
        """Scroll the table to the chosen row, once its new content has been laid out."""
        region = Region(0, top, 1, lines)
        self.query_one("#table", VerticalScroll).scroll_to_region(region, animate=False, force=True, immediate=True)

    def _put(self, part: str, lines: list[str]) -> None:
        shown = [line for line in lines if line]
        widget = self.query_one(f"#{part}", Static)
        widget.update(Content(untrusted("\n".join(shown))))
        widget.display = bool(shown)


def _distance(row: AccountRow, before: AccountRow | None) -> int:
    """How far *row* is from what was chosen *before*; at first, from what answers now."""
    if before is None:
        return 0 if row.answers else 1
    if row.status.provider is not before.status.provider:
        return 2
    same = row.record is not None and before.record is not None and row.record.key == before.record.key
    return 0 if same else 1
