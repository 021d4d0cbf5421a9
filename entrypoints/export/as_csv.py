"""Tables for spreadsheets, which take some cells for formulas: those are made harmless."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Final

from domain.text.untrusted import untrusted_line

_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a cell begins with that a spreadsheet would carry out; some take the wide forms of the signs as well."""


def csv_text(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """One line for the *head* and one each for *rows* (RFC 4180, with the line ends of this system's text)."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(map(_harmless, head))
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return out.getvalue()


def _harmless(cell: object) -> str:
    """*cell* as text that may be shown; a quote before it makes text of what would be a formula."""
    text = "" if cell is None else untrusted_line(str(cell))
    return f"'{text}" if text.startswith(_FORMULAS) else text
