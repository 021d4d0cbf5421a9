"""What all dialogs have in common."""

from __future__ import annotations

from contextlib import suppress

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, ScreenResultType
from textual.widget import Widget
from textual.worker import WorkerCancelled

from domain.text.untrusted import untrusted_line
from entrypoints.tui.repaint import erase_leftovers
from entrypoints.tui.window import Window


class Dialog(ModalScreen[ScreenResultType]):
    """A dialog that closes once, and closes nothing else.

    Keys that were pressed before it was gone still arrive; Textual would take the screen below it away for the second
    one, or end the app where there is none.
    """

    app: Window

    def on_screen_resume(self) -> None:
        """It is in front, for the first time or again."""
        erase_leftovers(self.app)

    def tell_more(self, scrolled: Widget) -> None:
        """Say from now on, at the lower border, how many lines of *scrolled* follow below what is in view."""

        def told() -> None:
            self.say_more(scrolled.max_scroll_y - round(scrolled.scroll_y))

        def drawn() -> None:
            self.call_after_refresh(told)

        for changing in ("scroll_y", "virtual_size", "container_size"):
            self.watch(scrolled, changing, drawn, init=False)
        drawn()

    def say_more(self, more: int, where: str = "below") -> None:
        """Say it; nothing where no *more* follow."""
        self.query_one(".dialog").border_subtitle = untrusted_line(f"{more} more {where}") if more > 0 else ""

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close with *result*; does nothing unless it is on top."""
        return super().dismiss(result) if self.is_active else AwaitComplete()

    async def end_work(self, group: str) -> None:
        """Cancel the workers of *group* and wait until they have let go, for example of the turn to sign in."""
        for worker in self.workers.cancel_group(self, group):
            with suppress(WorkerCancelled):
                await worker.wait()
