"""`/usage`: what was used, with a bar for each day, and how much of a plan that is."""

from __future__ import annotations

from contextlib import ExitStack
from typing import ClassVar

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from domain.errors import KeyswitchError
from domain.text.untrusted import untrusted
from domain.usage.period import Period
from domain.usage.sums import By
from entrypoints.chat.glyphs import Glyphs
from entrypoints.chat.usage.usage_controller import UsageController
from entrypoints.chat.usage.usage_table import Sheet, page_lines
from entrypoints.tui.screens.dialog import Dialog
from entrypoints.tui.widgets.key_hints import KeyHints
from entrypoints.words.errors import trouble
from entrypoints.words.sign_in import MANAGE_USAGE


class UsageScreen(Dialog[None]):
    """One month; other months and other sums are a key away."""

    DEFAULT_CSS = """
    UsageScreen { align: center middle; }
    UsageScreen .dialog { height: 90%; }
    UsageScreen #sums { height: 1fr; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }
    UsageScreen #lines { height: auto; }
    .ascii UsageScreen #sums { scrollbar-visibility: hidden; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss", show=False),
        Binding("left", "month(-1)", show=False),
        Binding("right", "month(1)", show=False),
        Binding("b,tab", "other_sums", show=False),
        Binding("o", "plan_page", show=False),
    ]

    def __init__(self, usage: UsageController, glyphs: Glyphs, period: Period, by: By) -> None:
        super().__init__()
        self._usage = usage
        self._glyphs = glyphs
        self._period = period
        self._by = by
        self._sheet: Sheet | None = None
        self._page = ExitStack()

    def compose(self) -> ComposeResult:
        """A title, all lines, and the keys on the last row."""
        with Vertical(classes="dialog"):
            yield Static("", classes="title", markup=False)
            with VerticalScroll(id="sums"):
                yield Static("", id="lines", markup=False)
            months = f"{self._glyphs.horizontal} month"
            keys = ["Esc back", months, "b other sums", "o what is left of the plan", f"{self._glyphs.vertical} scroll"]
            yield KeyHints(self._glyphs.dot, keys, ["Esc back", months, "b sums", "o plan page"], classes="keys")

    def on_mount(self) -> None:
        """Read what there is to show."""
        self.query_one("#sums").focus()
        self._follow()

    def on_resize(self) -> None:
        """Fit the columns anew."""
        self._draw()

    def on_unmount(self) -> None:
        """The browser has long been told."""
        self._page.close()

    def action_month(self, step: int) -> None:
        """Show the month before, or the next one."""
        self._period = self._period.month_after if step > 0 else self._period.month_before
        self._follow()

    def action_other_sums(self) -> None:
        """Show the next kind of sums."""
        kinds = list(By)
        self._by = kinds[(kinds.index(self._by) + 1) % len(kinds)]
        self._follow()

    @work(exclusive=True, group="plan_page")
    async def action_plan_page(self) -> None:
        """Open the page on which OpenAI shows what is left of a plan; where that does not work, copy its address."""
        services = await self.app.services()
        shown = self._page.enter_context(services.browser.showing(MANAGE_USAGE))
        if not shown:
            self.app.copy(MANAGE_USAGE, "The address of the page")

    def _follow(self) -> None:
        title = f"Usage{self._glyphs.dot}{self._period}{self._glyphs.dot}by {self._by}{self._glyphs.dot}days in UTC"
        self.query_one(".title", Static).update(Content(untrusted(title)))
        self._read(self._period, self._by)

    @work(thread=True, exclusive=True, group="usage")
    def _read(self, period: Period, by: By) -> None:
        try:
            sheet = self._usage.read(period, by)
        except KeyswitchError as error:
            self.app.call_from_thread(self._say, trouble(error))
            return
        self.app.call_from_thread(self._show, sheet)

    def _show(self, sheet: Sheet) -> None:
        if (sheet.period, sheet.by) == (self._period, self._by):  # a thread cannot be stopped
            self._sheet = sheet
            self._draw()

    def _draw(self) -> None:
        width = self.query_one("#lines").size.width
        if self._sheet is not None and width > 0:
            self._say("\n".join(page_lines(self._sheet, width, self._glyphs)))

    def _say(self, words: str) -> None:
        self.query_one("#lines", Static).update(Content(untrusted(words)))
