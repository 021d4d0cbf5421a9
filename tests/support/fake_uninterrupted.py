"""Work that runs to its end in the loop of whoever asks for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def uninterrupted(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """The result of *work*, which goes on in this loop where the caller is cancelled."""
    return await asyncio.shield(work())
