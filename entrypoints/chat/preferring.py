"""What a person likes: favourites among the models."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from application.use_cases.preferences import Preferences
from entrypoints.chat.chat_face import ChatFace


class Preferring:
    """Keeps it, and has it shown."""

    def __init__(
        self, face: ChatFace, preferences: Preferences, begin: Callable[[Coroutine[Any, Any, object]], None]
    ) -> None:
        """*begin* runs a coroutine, and tells where it fails."""
        self._face = face
        self._preferences = preferences
        self._begin = begin

    def turn_favourite(self, preset: str) -> None:
        """Mark the model *preset* as a favourite, or take the mark away."""
        self._begin(self._turn_favourite(preset))

    async def _turn_favourite(self, preset: str) -> None:
        await self._face.in_thread(partial(self._preferences.turn_favourite, preset))
        self._face.read_again()
