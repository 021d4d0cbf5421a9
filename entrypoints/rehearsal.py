"""A misfortune rehearsed without a screen: sign in everywhere, let it happen, and see what becomes of a message."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Final
from uuid import uuid4

from application.use_cases.send_message import Answered, Thread
from domain.conversation import Conversation
from domain.errors import KeyswitchError
from domain.provider import Provider
from domain.switching import SwitchTo
from domain.untrusted import untrusted_line
from entrypoints.remedies import command_for
from entrypoints.tour import Stage, Step, Tour, timed

PATIENCE: Final = 8.0
"""Seconds to wait for an answer before stopping it, as a person would by Esc."""


class Rehearsal:
    """Sign-ins, then one message to each provider. Whatever comes of it is as it should be: it is what is rehearsed."""

    def __init__(self, *, stage: Stage, begin: Callable[[], None], patience: float = PATIENCE) -> None:
        self._stage = stage
        self._begin = begin
        self._patience = patience

    async def steps(self) -> AsyncIterator[Step]:
        """All of them, each when it is done."""
        async for step in Tour(stage=self._stage).sign_ins():
            yield step
        await asyncio.to_thread(self._begin)
        for provider in Provider:
            yield await timed("rehearsal", f"Ask {provider.label}", self._message(provider))

    async def _message(self, provider: Provider) -> Step:
        light = self._stage.services.light
        preset = light.situation().catalogue.default_for(provider)
        switch = await asyncio.to_thread(light.select, preset.id)
        if not isinstance(switch, SwitchTo):
            return Step("rehearsal", preset.label, 0.0, differs=(f"it cannot be selected: {type(switch).__name__}",))
        thread = Thread(Conversation(id=uuid4().hex, started=light.clock.now()))
        try:
            outcome, code = await self._outcome(thread, switch), "answered"
        except TimeoutError:
            outcome, code = f"no end of the answer in {self._patience:g} s: stopped by hand", "stopped"
        except KeyswitchError as error:
            helps = command_for(error)
            outcome, code = untrusted_line(f"{error}{f' Run: {helps}' if helps else ''}"), error.code
        kept = sum(len(turn.text) for turn in thread.conversation.turns[1:])
        details = (outcome, f"{kept} characters of the answer are kept") if kept else (outcome,)
        facts = {"provider": provider.value, "outcome": code, "message": outcome, "kept_characters": kept}
        return Step("rehearsal", f"Asked {preset.label}", 0.0, details, (), facts)

    async def _outcome(self, thread: Thread, switch: SwitchTo) -> str:
        async with asyncio.timeout(self._patience):
            async with aclosing(self._stage.services.send(thread, "Are you there?", switch.selection)) as events:
                async for event in events:
                    if isinstance(event, Answered):
                        return f"answered after {event.answer.receipt.seconds:.1f} s" if event.answer.receipt else ""
        return "the answer was empty"
