from __future__ import annotations

from domain.errors import UsageError


class FakeEditor:
    """Adds something to each text, or fails."""

    def __init__(self, *, appending: str = "", failing: bool = False) -> None:
        self.appending = appending
        self.failing = failing
        self.given: list[str] = []

    def edit(self, text: str) -> str:
        """Write down what it was given."""
        self.given.append(text)
        if self.failing:
            raise UsageError("The fake editor failed. Your text stays as it was.")
        return text + self.appending

    def clear_away(self) -> None:
        """It never leaves anything."""
