"""What the keys do, at the foot of a dialog."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from domain.text.untrusted import untrusted
from entrypoints.chat.fitting import packed


class KeyHints(Widget):
    """A few words a key, in as many lines as that takes; none of them is broken in two."""

    DEFAULT_CSS = "KeyHints { height: auto; width: 1fr; }"

    def __init__(self, dot: str, *forms: Sequence[str], id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's own name
        """*dot* stands between two. Of several *forms* the first is shown that takes the fewest lines."""
        super().__init__(id=id, classes=classes)
        self._dot = dot
        self._forms: tuple[Sequence[str], ...] = forms

    def show(self, *forms: Sequence[str]) -> None:
        """Show other words from now on, or no line at all where there are none."""
        self._forms = forms
        self.display = any(forms)
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as *width* takes."""
        return len(self._lines(width))

    def render(self) -> Content:
        """The form for the width of the moment."""
        return Content(untrusted("\n".join(self._lines(self.size.width))))

    def _lines(self, width: int) -> list[str]:
        return min((packed(form, self._dot, width) for form in self._forms), key=len, default=[])
