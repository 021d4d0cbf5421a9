"""The messages that were sent before, for Up, Down and Ctrl+R; whoever walks them gets the draft back."""

from __future__ import annotations

from collections.abc import Iterable

from domain.text.written import Written
from entrypoints.tui.writing.folds import is_big


class Recall:
    """The history of one field, oldest first, each message once. No command is in it: recalled, it would not run."""

    def __init__(self) -> None:
        self._sent: dict[str, Written] = {}
        self._walk: list[Written] = []
        self._place: int | None = None
        self._draft = Written("")

    @property
    def newest_first(self) -> tuple[Written, ...]:
        """All that was sent."""
        return tuple(reversed(self._sent.values()))

    def add(self, sent: Written) -> None:
        """*sent* went out just now."""
        self._sent.pop(sent.text, None)
        self._sent[sent.text] = sent

    def add_earlier(self, texts: Iterable[str]) -> None:
        """*texts*, oldest first, went out before all that is known. A big one is folded whole."""
        before = {text: Written(text, ((0, len(text)),) if is_big(text) else ()) for text in texts if text.strip()}
        self._sent = {**{text: one for text, one in before.items() if text not in self._sent}, **self._sent}

    def known(self, text: str) -> Written:
        """*text* as it was written when it went out."""
        return self._sent.get(text, Written(text))

    def older(self, shown: Written) -> Written | None:
        """The message before the one that is shown; None where there is none. *shown* is kept if it is the draft."""
        if self._place is None:
            if not self._sent:
                return None
            self._draft, self._walk = shown, list(self._sent.values())
            self._place = len(self._walk)
        self._place = max(self._place - 1, 0)
        return self._walk[self._place]

    def newer(self) -> Written | None:
        """The message after the one that is shown, in the end the draft; None where no message is shown."""
        if self._place is None:
            return None
        self._place += 1
        if self._place < len(self._walk):
            return self._walk[self._place]
        self._place = None
        return self._draft

    def draft(self, shown: Written) -> Written:
        """What is being written, where *shown* is in the field: that, unless it is a message of the history."""
        return shown if self._place is None else self._draft

    def stay(self) -> None:
        """What is shown is the draft from now on."""
        self._place = None


def matching(messages: Iterable[Written], words: str) -> tuple[Written, ...]:
    """Those of *messages* in which each of *words* stands somewhere, whatever its case; in their order."""
    wanted = words.casefold().split()
    return tuple(one for one in messages if all(word in one.text.casefold() for word in wanted))
