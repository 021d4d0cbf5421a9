"""`/usage`: what was used, what it cost, and how much of a plan that is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from domain.conversation import Conversation
from domain.errors import StoreError, UsageError
from domain.text.suggestion import nearest
from domain.usage.gauge import Gauge
from domain.usage.period import Period, month_named, month_of
from domain.usage.sums import By, Total
from entrypoints.chat.chat_face import ChatFace
from entrypoints.services import LightServices

if TYPE_CHECKING:
    from entrypoints.chat.usage.usage_table import Sheet


class UsageController:
    """Reads the ledger for one window."""

    def __init__(self, face: ChatFace, light: LightServices, conversation: Callable[[], Conversation | None]) -> None:
        self._face = face
        self._light = light
        self._conversation = conversation

    def show(self, words: list[str]) -> None:
        """Show a month, the current one if none is named, in one of the ways of `By`. Raises UsageError."""
        by, period = By.DAY, month_of(self._light.clock.now().date())
        for word in words:
            named = month_named(word)
            if named is None and word not in list(By):
                near = nearest(word, list(By))
                hint = f" Did you mean {near}?" if near else ""
                raise UsageError(f"It is /usage [{'|'.join(By)}] [YYYY-MM].{hint}")
            by, period = (by, named) if named else (By(word), period)
        self._face.show_usage(period, by)

    def gauges(self) -> tuple[Gauge, ...]:
        """How much of plans is used; nothing where the ledger cannot be read, which `/usage` says."""
        try:
            return self._light.usage().plans().gauges
        except StoreError:
            return ()

    def read(self, period: Period, by: By) -> Sheet:
        """What there is to show; waits for the disk. Raises StoreError."""
        from entrypoints.chat.usage.usage_table import Sheet

        usage, open_one = self._light.usage(), self._conversation()
        used = usage.used(period.first, period.last)
        return Sheet(period, by, used, usage.plans(), usage.in_conversation(open_one.id) if open_one else Total())
