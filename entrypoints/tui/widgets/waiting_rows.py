"""The rows between conversation and field: why messages wait and until when, or how many are parked."""

from __future__ import annotations

from typing import Final

from rich.cells import cell_len
from textual.content import Content
from textual.geometry import Size
from textual.timer import Timer
from textual.widget import Widget

from application.ports.clock import Clock
from domain.outbox.parked import Parked, ParkedState
from domain.text.untrusted import untrusted
from entrypoints.chat.fitting import cut
from entrypoints.chat.glyphs import Glyphs
from entrypoints.chat.parking.outbox import OutboxController
from entrypoints.chat.parking.provider_trouble import banner
from entrypoints.tui.window import begin_in
from entrypoints.words.parked import MAY_HAVE_BEEN_SENT, excerpt, number_parked, over_words

_SHORTEST_EXCERPT: Final = 12
"""Cells below which the beginning of a message says nothing."""


class WaitingRows(Widget):
    """A banner of two rows, or one row, or none. They have their own place, and cover nothing.

    A timer runs only where something that is shown changes by time alone, or a look at the network is due.
    """

    DEFAULT_CSS = "WaitingRows { height: auto; width: 1fr; display: none; }"

    def __init__(self, outbox: OutboxController, clock: Clock, glyphs: Glyphs) -> None:
        super().__init__(id="waiting")
        self._outbox = outbox
        self._clock = clock
        self._glyphs = glyphs
        self._timer: Timer | None = None

    def on_mount(self) -> None:
        """Read what is parked once the first frame is drawn."""
        self.call_after_refresh(self._outbox.begin)

    def follow(self) -> None:
        """Draw what there is to say now."""
        self.display = bool(self._rows(self.app.size.width))
        self.set_class(self._outbox.watch.shown is not None, "trouble")
        if self.display:
            self.refresh(layout=True)
        if self._timer is not None:
            self._timer.stop()
        seconds = self._outbox.watch.seconds_to_next_change()
        self._timer = None if seconds is None else self.set_timer(seconds, self.tick)

    def tick(self) -> None:
        """Time passed: look at the network where that is due."""
        if self._outbox.watch.tick():
            self.look()
        self.follow()

    def look(self) -> None:
        """Look now whether the network is back."""
        begin_in(self, self._outbox.watch.look, group="look")

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many rows as there is something to say."""
        return len(self._rows(width))

    def render(self) -> Content:
        """The rows for the width of the moment."""
        return Content(untrusted("\n".join(self._rows(self.size.width))))

    def _rows(self, width: int) -> list[str]:
        trouble, here = self._outbox.watch.shown, self._outbox.here
        if trouble is not None and (here or trouble.offline):
            parked = number_parked(len(here), len(self._outbox.listed)) if here else ""
            return banner(trouble, parked, self._clock.now(), self._clock.monotonic(), self._glyphs, width)
        row = self._row(here, width)
        return [row] if row else []

    def _row(self, here: tuple[Parked, ...], width: int) -> str:
        """What is over, what is parked and how it is sent; the beginning of the message where there is room."""
        watch, dot = self._outbox.watch, self._glyphs.dot
        back, over = watch.ready_to_go_back, watch.is_over
        parts = [over_words(over.error)] if over and here and not back else []
        if back is not None:
            parts = [over_words(back.error), f"F6 goes back to {back.held.preset.label}"]
        waiting = [message for message in here if message.state is ParkedState.WAITING]
        keys = []
        if waiting:
            parts.append(number_parked(len(here), len(self._outbox.listed)))
            keys = ["Enter on the empty field sends it", "/outbox"]
        elif here:
            parts.append(f"{len(here)} {MAY_HAVE_BEEN_SENT}")
            keys = ["/outbox"]
        left = dot.join(parts)
        for form in (keys, [key.replace(" on the empty field", "") for key in keys], keys[-1:], []):
            right = dot.join(form)
            room = width - cell_len(left) - cell_len(dot + right if right else "")
            if room < 0:
                continue
            text = excerpt(here[0]) if here else ""
            shown = (
                f': "{cut(text, room - 4, self._glyphs.ellipsis)}"' if here and room - 4 >= _SHORTEST_EXCERPT else ""
            )
            return dot.join(filter(None, (f"{left}{shown}", right)))
        return cut(left, width, self._glyphs.ellipsis)
