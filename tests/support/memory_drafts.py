from __future__ import annotations

from domain.text.vendor_secrets import holds_secret
from domain.text.written import Written


class MemoryDrafts:
    """Drafts that are only remembered, in a list that several windows may share."""

    def __init__(self, left: list[Written] | None = None) -> None:
        self.left = [] if left is None else left
        """What windows left that are gone, the latest last."""
        self.kept: Written | None = None
        self._taken = False

    def take(self) -> Written | None:
        """The place that was left last."""
        self._taken = True
        self.kept = self.left.pop() if self.left else None
        return self.kept

    def keep(self, written: Written) -> bool:
        """As an adapter keeps it."""
        fit = bool(written.text.strip()) and len(written.text) <= 1 << 20 and not holds_secret(written.text)
        if self._taken:
            self.kept = written if fit else None
        return self._taken and fit

    def let_go(self) -> None:
        """Leave what is kept to the next one."""
        if self.kept is not None:
            self.left.append(self.kept)
        self.kept, self._taken = None, False
