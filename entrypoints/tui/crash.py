"""What is said after a crash: where it happened, and what was typed and not sent."""

from __future__ import annotations

from rich.text import Text

from domain.text.untrusted import untrusted
from entrypoints.crash_report import headline, told


def crash_text(error: BaseException, draft: str) -> Text:
    """What Textual shows in place of its own report, which has the local variables of every frame in it."""
    lines = [headline(error), *(f"  {line}" for line in told(error))]
    if draft.strip():
        lines += ["", "Your text, not sent:", draft]
    return Text(untrusted("\n".join(lines)))
