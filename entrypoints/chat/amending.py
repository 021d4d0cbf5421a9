"""The last message once more: in other words, or for another answer. What it takes the place of is kept aside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final
from uuid import uuid4

from application.use_cases.send_message import Thread
from domain.attached.attachment import Attachment
from domain.conversation import Conversation, Role
from domain.errors import UsageError
from entrypoints.chat.chat_face import ChatFace

_SHOWN: Final = 30
"""Turns of a conversation that is shown again."""


class Amending:
    """Cuts a conversation before its last message, and sends another one in its place."""

    def __init__(
        self,
        face: ChatFace,
        thread: Callable[[], Thread | None],
        attach: Callable[[tuple[Attachment, ...]], None],
        send: Callable[[str], None],
    ) -> None:
        """*thread* hands out the conversation that goes on, None where nothing has begun."""
        self._attach = attach
        self._face = face
        self._thread = thread
        self._send = send
        self._before: Conversation | None = None
        """The conversation before the last cut of this window."""
        self._aside = ""
        """What the store calls that cut; "" where it cut nothing."""

    def forget(self) -> None:
        """Another conversation is open now: what was cut off the one before it is not brought back here."""
        self._before, self._aside = None, ""

    async def edit(self, text: str = "") -> None:
        """`/edit`: have the last message in the field again; with *text*, send that in its place; `-` takes it back."""
        if text == "-":
            await self._bring_back()
        elif text:
            await self.send_instead(text)
        else:
            self._face.edit_message(self._last_message(self._settled()))

    async def retry(self) -> None:
        """`/retry`: have the last message answered anew."""
        await self.send_instead(self._last_message(self._settled()))

    async def send_instead(self, text: str) -> None:
        """Send *text* in the place of the last message, with its files; that one and its answer are kept aside."""
        thread = self._settled()
        state = self._face.window_state()
        if state is None or state.selection is None:
            raise UsageError("No model can answer now, so your message stands as it was. /model shows them all.")
        before = thread.conversation
        place = _last_place(before)
        self._aside = ""
        if place + before.earlier == 0:
            thread.conversation = replace(before, id=uuid4().hex, turns=())
        else:
            if thread.saved:
                services = await self._face.services(opened=False)
                cut = partial(services.conversations.cut, before.id, after_turn=before.earlier + place)
                self._aside = await self._face.in_thread(cut)
            thread.conversation = replace(before, turns=before.turns[:place])
        self._before = before
        self._attach(before.turns[place].attachments)
        await self._face.show_shortened(thread.conversation)
        self._face.say("The message before and its answer are kept aside. /edit - brings them back.")
        self._send(text)

    async def _bring_back(self) -> None:
        thread, before = self._settled(), self._before
        if before is None:
            raise UsageError("There is nothing to bring back: no message was edited in this window.")
        back = before
        if self._aside:
            services = await self._face.services(opened=False)
            name = await self._face.in_thread(partial(services.conversations.restore, self._aside))
            loaded = await self._face.in_thread(partial(services.conversations.load, name, turns=_SHOWN))
            back = loaded or before
        thread.conversation = back
        self._before, self._aside = None, ""
        await self._face.show_shortened(back)
        self._face.say("The message that was edited is back with its answer. The other version is kept, too.")

    def _settled(self) -> Thread:
        if self._face.answering:
            raise UsageError("The answer still comes: Esc stops it.")
        thread = self._thread()
        if thread is None or not any(turn.role is Role.USER for turn in thread.conversation.turns):
            raise UsageError("There is no message in this conversation yet.")
        return thread

    def _last_message(self, thread: Thread) -> str:
        return thread.conversation.turns[_last_place(thread.conversation)].text


def _last_place(conversation: Conversation) -> int:
    """Where the last message stands among the turns that are loaded."""
    return max(place for place, turn in enumerate(conversation.turns) if turn.role is Role.USER)
