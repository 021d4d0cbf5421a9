"""What a person would see."""

from __future__ import annotations

import io

from rich.console import Console
from textual.app import App


def screen_text(app: App[int]) -> str:
    """The screen as lines of text, dialogs over what they cover."""
    return _recorded(app).export_text()


def picture(app: App[int], title: str) -> str:
    """The screen as an SVG that is the same in every run."""
    return _recorded(app).export_svg(title=title, unique_id="keyswitch")


def _recorded(app: App[int]) -> Console:
    width, height = app.size
    console = Console(
        width=width, height=height, file=io.StringIO(), force_terminal=True, color_system="truecolor", record=True,
        legacy_windows=False, safe_box=False,
    )  # fmt: skip
    console.print(app.screen._compositor.render_update(full=True, screen_stack=app._background_screens))
    return console
