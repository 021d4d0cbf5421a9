"""The files that go along with the next message, above the field."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import Static

from domain.attached.attachment import Attachment
from domain.attached.intake import share
from domain.text.untrusted import untrusted, untrusted_line
from entrypoints.chat.fitting import packed
from entrypoints.tui.window import Window
from entrypoints.words.attachments import brief

_KEYS = "Backspace at the start of the field takes out the last"


class AttachedRow(Static):
    """Nothing where nothing is attached."""

    app: Window
    DEFAULT_CSS = "AttachedRow { height: auto; max-height: 4; display: none; padding: 0 1; color: $text-primary; }"

    def __init__(self) -> None:
        super().__init__("", id="attached", markup=False)
        self._files: Sequence[Attachment] = ()

    def show(self, files: Sequence[Attachment]) -> None:
        """Name each of *files* with its size."""
        self._files = files
        self._draw()

    def on_resize(self) -> None:
        """The lines are made for the width."""
        self._draw()

    def _draw(self) -> None:
        room = self.app.size.width - 2
        ellipsis = self.app.glyphs.ellipsis
        names = [untrusted_line(brief(file, room, ellipsis)) for file in self._files]
        self.display = bool(names)
        parts = filter(None, [*names, self._share(), _KEYS])
        self.update(Content(untrusted("\n".join(packed(parts, "  ", room)))))

    def _share(self) -> str:
        """How much of what the selected model takes that is."""
        state = self.app.window_state
        if state is None or state.selection is None:
            return ""
        return share(self._files, state.selection.credential)
