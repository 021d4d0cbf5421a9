"""A misfortune rehearsed without a screen: sign in everywhere, let it happen, and see what it looks like."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Final
from uuid import uuid4

from application.use_cases.send_message import Answered
from domain.conversation import Conversation, StopReason, Turn
from domain.conversations.thread import Thread
from domain.errors import KeyswitchError
from domain.provider import Provider
from domain.records import dataclass
from domain.selection import Selection
from domain.switching import SignInRequired, SwitchTo
from domain.text.untrusted import untrusted_line
from entrypoints.cli.commands.logout import sentence as signed_out_words
from entrypoints.tour import ScriptedPerson, Stage, Step, Tour, timed
from entrypoints.words.accounts import PLAN_USE_OFF
from entrypoints.words.answer_endings import ending_sentence
from entrypoints.words.errors import command_for, error_sentence

PATIENCE: Final = 8.0
"""Seconds to wait for an end before stopping it, as a person would by Esc."""

_DOING: Final = {"ask": "Ask {}", "sign_in": "Sign in to {}", "sign_out": "Sign out of {}"}


@dataclass(frozen=True, slots=True)
class Misfortune:
    """What goes wrong, and what a person does to meet it."""

    begin: Callable[[], None]
    """Lets it happen. Blocking."""
    approve: Callable[[str], str]
    """What the person then does in the browser. Blocking."""
    acts: tuple[str, ...]
    """ask, sign_in or sign_out, in order, at each of `providers`."""
    providers: tuple[Provider, ...]

    @property
    def hint(self) -> str:
        """What to do on screen to meet it; empty where any message will do."""
        commands = {"sign_in": "/login --provider={}", "sign_out": "/logout {}"}
        lines = [commands[act].format(self.providers[0]) for act in self.acts if act in commands]
        return f"Type {' and then '.join(lines)} to meet it" if lines else ""


class Rehearsal:
    """Sign-ins, then the misfortune. Whatever comes of it is as it should be: it is what is rehearsed."""

    def __init__(self, *, stage: Stage, misfortune: Misfortune, patience: float = PATIENCE) -> None:
        self._stage = stage
        self._services = stage.services
        self._misfortune = misfortune
        self._patience = patience

    async def steps(self) -> AsyncIterator[Step]:
        """All of them, each when it is done."""
        async for step in Tour(stage=self._stage).sign_ins():
            yield step
        await asyncio.to_thread(self._misfortune.begin)
        for act in self._misfortune.acts:
            doing = [self._acted(act, provider) for provider in self._misfortune.providers]
            if act == "sign_in":  # one at a time, as for people
                for done in doing:
                    yield await done
            else:
                for step in await asyncio.gather(*doing):
                    yield step

    async def _acted(self, act: str, provider: Provider) -> Step:
        return await timed("rehearsal", _DOING[act].format(provider.label), self._act(act, provider))

    async def _act(self, act: str, provider: Provider) -> Step:
        match act:
            case "sign_in":
                return await self._step(act, provider, self._sign_in(provider))
            case "sign_out":
                return await self._step(act, provider, self._sign_out(provider))
            case _:
                return await self._message(provider)

    async def _step(self, act: str, provider: Provider, doing: Awaitable[tuple[str, str]]) -> Step:
        outcome, words = await self._ended(doing)
        facts = {"provider": provider.value, "act": act, "outcome": outcome, "message": words}
        return Step("rehearsal", _DOING[act].format(provider.label), 0.0, (words,), (), facts)

    async def _ended(self, doing: Awaitable[tuple[str, str]]) -> tuple[str, str]:
        """A stable code of how *doing* ended, and the words that the command line would say."""
        try:
            async with asyncio.timeout(self._patience):
                return await doing
        except TimeoutError:
            return "stopped", f"no end of it in {self._patience:g} s: stopped by hand"
        except KeyswitchError as error:
            helps = command_for(error)
            return error.code, f"{error_sentence(error)} Run: {helps}" if helps else error_sentence(error)

    async def _message(self, provider: Provider) -> Step:
        light = self._services.light
        preset = light.auth.snapshot().catalogue.default_for(provider)
        switch = await asyncio.to_thread(light.auth.switch_provider, preset.id, save=False)
        if isinstance(switch, SignInRequired):
            return await self._step("ask", provider, _refused(switch.error))
        if not isinstance(switch, SwitchTo):
            return Step("rehearsal", preset.label, 0.0, differs=(f"it cannot be selected: {type(switch).__name__}",))
        thread = Thread(Conversation(id=uuid4().hex, started=light.clock.now()))
        outcome, words = await self._ended(self._answer(thread, switch.selection))
        kept = sum(len(turn.text) for turn in thread.conversation.turns[1:])
        details = (words, f"{kept} characters of the answer are kept") if kept else (words,)
        facts = {
            "provider": provider.value, "act": "ask", "outcome": outcome, "message": words, "kept_characters": kept,
        }  # fmt: skip
        return Step("rehearsal", f"Asked {preset.label}", 0.0, details, (), facts)

    async def _answer(self, thread: Thread, selection: Selection) -> tuple[str, str]:
        async with aclosing(self._services.send(thread, "Are you there?", selection)) as events:
            async for event in events:
                if isinstance(event, Answered):
                    return _how_it_ended(event.answer)
        raise AssertionError("a stream without an error ends with the answer")

    async def _sign_in(self, provider: Provider) -> tuple[str, str]:
        person = ScriptedPerson(self._misfortune.approve)
        done = await self._services.sign_in.by_browser(provider, person, open_browser=False, seconds=self._patience)
        off = f", but {PLAN_USE_OFF}" if done.record.plan_use_off else ""
        return "signed_in", untrusted_line(f"Signed in to {provider.label} as {done.name}{off}.")

    async def _sign_out(self, provider: Provider) -> tuple[str, str]:
        gone = await self._services.sign_out(provider)
        words = [untrusted_line(signed_out_words(one, asked=True)) for one in gone]
        return "signed_out", " ".join(words) or "Nobody was signed in."


async def _refused(error: KeyswitchError) -> tuple[str, str]:
    raise error


def _how_it_ended(answer: Turn) -> tuple[str, str]:
    stop = answer.stop or StopReason.END
    if ending := ending_sentence(answer):
        return stop.value, ending
    seconds = answer.receipt.seconds if answer.receipt else 0.0
    return "answered", f"answered after {seconds:.1f} s"
