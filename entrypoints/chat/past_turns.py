"""What a window says of earlier turns: those that do not fit the model, and those that came from another window."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from application.use_cases.past import Joined, LeftOut, room_of
from domain.conversation import Role, Turn
from domain.conversations.thread import Thread
from domain.errors import KeyswitchError
from domain.records import replace
from domain.selection import Selection
from entrypoints.chat.chat_face import ChatFace
from entrypoints.services import Services
from entrypoints.words.past import IN_A_CHAT, past_line


class PastTurns:
    """Of the conversation that is open in one window."""

    def __init__(self, face: ChatFace, thread: Callable[[], Thread | None]) -> None:
        self._face = face
        self._thread = thread
        self._services: Services | None = None
        self._unseen: Joined | None = None
        """What was said to have come at the last moment, and is to be shown as soon as no answer comes."""
        self._looked_at: tuple[str, str] | None = None
        """The conversation and the model of which it is known whether they fit, or is about to be."""
        self._told: tuple[str, str] | None = None
        """Those of which it was said that they do not."""

    def say(self, event: Joined | LeftOut, selection: Selection) -> None:
        """Say what comes of earlier turns; of those that are left out once for each model."""
        thread, model = self._thread(), selection.answering.model
        if isinstance(event, LeftOut) and thread is not None:
            told, self._told = self._told, (thread.conversation.id, model.id)
            if told == self._told:
                return
        if isinstance(event, Joined):
            self._unseen = event
        self._face.say(past_line(event, model.label, IN_A_CHAT))

    def poll(self) -> None:
        """Look where somebody wrote to the store, and say once what a model leaves out; a timer calls this."""
        thread, state = self._at_rest(), self._face.window_state()
        if thread is None:
            return
        if self._services is None or thread.stamp != self._services.conversations.stamp():
            self._face.begin(self.look, replacing="look")
        selection = state.selection if state is not None else None
        if thread.conversation.earlier and selection is not None:
            looked_at = thread.conversation.id, selection.answering.model.id
            if looked_at != self._looked_at:
                self._looked_at = looked_at
                self._face.begin(partial(self._foretell, thread, selection), replacing="foretell")

    async def _foretell(self, thread: Thread, selection: Selection) -> None:
        """Say what the next message would leave out."""
        services = await self._loaded()
        nothing = Turn(Role.USER, "", thread.conversation.started)
        look = partial(services.past.fit, thread.conversation, nothing, room_of(selection))
        with suppress(KeyswitchError):  # the message itself will say so
            fit = await self._face.in_thread(look)
            if fit.left_out:
                self.say(LeftOut(fit), selection)

    async def look(self) -> None:
        """Show what another window added since the last look, and say so. Where nothing was, it waits for nothing."""
        thread = self._at_rest()
        if thread is None:
            return
        if (unseen := self._unseen) is not None:
            self._unseen = None
            await self._face.show_joined(replace(unseen, conversation=thread.conversation))
        services = await self._loaded()
        stamp = services.conversations.stamp()
        if stamp == thread.stamp:
            return
        before = thread.conversation
        try:
            joined = await self._face.in_thread(partial(services.past.joined, before))
        except KeyswitchError:
            return  # the next message says so
        if thread.busy or thread.conversation is not before:
            return
        thread.stamp = stamp
        if joined is None:
            return
        thread.conversation = joined.conversation
        await self._face.show_joined(joined)
        self._face.say(past_line(joined, "", ""))

    def _at_rest(self) -> Thread | None:
        thread = self._thread()
        if thread is None or not thread.saved or thread.busy or not thread.conversation.turns:
            return None
        return thread

    async def _loaded(self) -> Services:
        if self._services is None:
            self._services = await self._face.services(opened=False)
        return self._services
