"""One line to type in, in which nothing hides."""

from __future__ import annotations

from textual.widgets import Input

from domain.text.untrusted import untrusted


class Field(Input):
    """An `Input` that takes only what it can show: whatever is typed, pasted or set passes the filter first."""

    def validate_value(self, value: str) -> str:
        """*value* as it is shown; blanks at its end are kept, for more may be typed."""
        return untrusted(value).replace("\n", " ")
