"""What came of a copy. Nobody knows whether a terminal passed it on, so nothing promises that."""

from __future__ import annotations


def copied_words(what: str, *, tool: str | None, sent: bool) -> str:
    """One sentence: *tool* has *what*, or it was *sent* to the terminal, or nothing could be done."""
    if tool is not None:
        return f"{what} copied with {tool}."
    if sent:
        return f"{what} sent to your terminal; tmux needs set-clipboard on."
    return f"{what} not copied: too much for this terminal, and no wl-copy, xclip, xsel or pbcopy works here."
