"""A desktop's clipboard in memory."""

from __future__ import annotations


class FakeClipboard:
    """Holds what was put there last, where *tool* names a program that works."""

    def __init__(self, tool: str | None = None) -> None:
        self.tool = tool
        self.text = ""

    def put(self, text: str) -> str | None:
        """Keep *text*, if there is a program to do it."""
        if self.tool is not None:
            self.text = text
        return self.tool
