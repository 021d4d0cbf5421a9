"""`/status`, `/login --status`, F3: who is signed in, who pays, what lies in the environment."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from application.use_cases.status import ProviderStatus, StatusReport
from domain.provider import Provider
from domain.untrusted import untrusted_line
from entrypoints.tui.dialog import Dialog
from entrypoints.tui.glyphs import Glyphs
from entrypoints.wording import key_lines, other_programs, status_line


class Wish(Enum):
    """What to do with an account."""

    LOG_IN = "log in"
    LOG_OUT = "log out"
    RENEW = "renew"


@dataclass(frozen=True, slots=True)
class AccountWish:
    """What was asked for on this screen."""

    wish: Wish
    provider: Provider


class StatusScreen(Dialog[AccountWish | None]):
    """One block a provider; one of them is chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f3,q", "back", show=False),
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("l", "wish('LOG_IN')", show=False),
        Binding("o", "wish('LOG_OUT')", show=False),
        Binding("r", "wish('RENEW')", show=False),
    ]

    def __init__(self, glyphs: Glyphs, report: StatusReport | None = None) -> None:
        super().__init__()
        self._glyphs = glyphs
        self._report = report
        self._at = 0

    def compose(self) -> ComposeResult:
        """The report, and the keys on the last row."""
        with Vertical(classes="dialog status"):
            yield Static(Content(f"Accounts{self._glyphs.dot}/login --status"), classes="title")
            with VerticalScroll(classes="text", can_focus=False):
                yield Static("", id="report", markup=False)
            yield Static(
                Content(
                    self._glyphs.dot.join(
                        ["Esc back", f"{self._glyphs.vertical} choose", "l log in", "o log out", "r renew now"]
                    )
                ),
                classes="keys",
            )

    def on_mount(self) -> None:
        """Show what is known."""
        self._draw()

    def follow(self, report: StatusReport) -> None:
        """Show a newer report."""
        first = self._report is None
        self._report = report
        if first:
            self._at = next((place for place, status in enumerate(report.providers) if status.active), 0)
        if self.is_mounted:
            self._draw()

    def action_move(self, by: int) -> None:
        """Choose another provider."""
        if self._report is not None:
            self._at = (self._at + by) % len(self._report.providers)
            self._draw()

    def action_wish(self, name: str) -> None:
        """Do something with the chosen provider."""
        if self._report is not None:
            self.dismiss(AccountWish(Wish[name], self._report.providers[self._at].provider))

    def action_back(self) -> None:
        """Nothing."""
        self.dismiss(None)

    def _draw(self) -> None:
        if self._report is None:
            self.query_one("#report", Static).update(Content(f"Reading sign-ins{self._glyphs.ellipsis}"))
            return
        lines: list[Content] = []
        for place, status in enumerate(self._report.providers):
            lines += self._provider(status, self._report, chosen=place == self._at)
        lines += [Content(line) for line in key_lines(self._report.key, self._report.key_wanted)]
        remarks = (*other_programs(self._report), *self._report.notices)
        lines += [Content(untrusted_line(remark)) for remark in remarks]
        self.query_one("#report", Static).update(Content("\n").join(lines))

    def _provider(self, status: ProviderStatus, report: StatusReport, *, chosen: bool) -> list[Content]:
        mark = self._glyphs.active if chosen else " " * len(self._glyphs.active)
        words = untrusted_line(status_line(status, report.at, signs=self._glyphs.signs))
        head = Content(f"{mark} {words}")
        lines = [head.stylize("bold") if chosen else head]
        lines += [Content(f"     {line}").stylize("dim") for line in _about(status, self._glyphs)]
        return [*lines, Content("")]


def _about(status: ProviderStatus, glyphs: Glyphs) -> list[str]:
    """What stands below a provider's line."""
    lines = []
    if status.credential is not None:
        record = status.credential
        parts = [untrusted_line(record.label), f"pays: {record.payer.label}"]
        parts += ["answers now"] if status.active and status.signed_in else []
        parts += [f"{len(status.accounts)} accounts"] if len(status.accounts) > 1 else []
        lines.append(glyphs.dot.join(parts))
        if record.setback is not None:
            lines.append(f"last renewal failed: {untrusted_line(record.setback.reason)}")
    elif not status.env_key_used:
        lines.append(f"Run /login --provider={status.provider}")
    if status.env_key is not None:
        used = "used as the fallback" if status.env_key_used else "present, ignored (auth.env_keys)"
        lines.append(f"env {status.env_key} {used}")
    return lines
