"""One line to type a secret in."""

from __future__ import annotations

from textual import events
from textual.widgets import Input


class HiddenField(Input):
    """Shows a dot for each sign, gives nothing of it to a clipboard, and leaves what is pasted to its dialog."""

    def __init__(self, *, placeholder: str, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(password=True, compact=True, placeholder=placeholder, id=id)

    @property
    def selected_text(self) -> str:
        """Nothing, whatever is selected: what asks for it is about to copy it."""
        return ""

    def action_cut(self) -> None:
        """Nothing goes to the clipboard."""

    def action_copy(self) -> None:
        """Nothing goes to the clipboard."""

    def on_paste(self, event: events.Paste) -> None:
        """Do not take the first line of it alone, as other fields do: it may have several."""
        event.prevent_default()
