from __future__ import annotations

Fact = str | int | float | bool | None


class RecordingEvents:
    """An event log that a test can read."""

    def __init__(self) -> None:
        self.recorded: list[tuple[str, dict[str, Fact]]] = []

    def record(self, event: str, **facts: Fact) -> None:
        """Keep *event* for the test."""
        self.recorded.append((event, dict(facts)))

    @property
    def names(self) -> list[str]:
        """What was recorded, in order."""
        return [event for event, _ in self.recorded]

    def facts(self, event: str) -> list[dict[str, Fact]]:
        """The facts of every *event*, in order."""
        return [facts for name, facts in self.recorded if name == event]
