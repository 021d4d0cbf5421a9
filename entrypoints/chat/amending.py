"""The last message once more: in other words, or for another answer. What it takes the place of is kept aside."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final
from uuid import uuid4

from domain.attached.attachment import Attachment
from domain.conversation import Conversation, Role, Turn
from domain.conversations.thread import Thread
from domain.errors import UsageError
from domain.records import replace
from entrypoints.chat.chat_face import ChatFace

_SHOWN: Final = 30
"""Turns of a conversation that is shown again."""


class Amending:
    """Cuts a conversation before its last message, and sends another one in its place."""

    def __init__(
        self,
        face: ChatFace,
        thread: Callable[[], Thread | None],
        look: Callable[[], Awaitable[None]],
        attach: Callable[[tuple[Attachment, ...]], None],
        send: Callable[[str], None],
        send_parked: Callable[[str], bool],
    ) -> None:
        """*thread* hands out the conversation that goes on, None where nothing has begun.

        *look* has it take in what another window added; *send_parked* sends a message where that is parked.
        """
        self._attach = attach
        self._face = face
        self._look = look
        self._meant: Turn | None = None
        """The message that is edited in the field."""
        self._thread = thread
        self._send = send
        self._send_parked = send_parked
        self._sent: tuple[str, int, str] | None = None
        """The conversation after the last cut, how many turns were left, and what was sent in the place of the rest."""
        self._before: Conversation | None = None
        """The conversation before the last cut of this window."""
        self._aside = ""
        """What the store calls that cut; "" where it cut nothing."""

    def forget(self) -> None:
        """Another conversation is open now: what was cut off the one before it is not brought back here."""
        self._before, self._aside, self._sent = None, "", None

    async def edit(self, text: str = "") -> None:
        """`/edit`: have the last message in the field again; with *text*, send that in its place; `-` takes it back."""
        if text == "-":
            await self._bring_back()
        elif text:
            await self._replace(self._last_message(), text)
        else:
            self._meant = self._last_message()
            self._face.edit_message(self._meant.text)

    async def retry(self) -> None:
        """`/retry`: have the last message answered anew; one that was cut off and came to nothing is sent once more."""
        thread = self._thread()
        if self._sent is not None and thread is not None and not self._face.answering:
            name, count, text = self._sent
            if (thread.conversation.id, thread.conversation.count) == (name, count):
                if not self._send_parked(text):
                    self._send(text)  # its files wait already: they were given back
                return
        message = self._last_message()
        await self._replace(message, message.text)

    async def send_instead(self, text: str) -> None:
        """Send *text* in the place of the message that is edited, with its files."""
        await self._replace(self._meant or self._last_message(), text)

    async def _replace(self, message: Turn, text: str) -> None:
        """Send *text* in the place of *message*, which is the last one; that and its answer are kept aside."""
        thread = self._settled()
        await self._look()
        if self._last_message() != message:
            raise UsageError("Another window went on after that message, so nothing was changed and nothing was sent.")
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
        self._before, self._sent = before, (thread.conversation.id, thread.conversation.count, text)
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
        self._before, self._aside, self._sent = None, "", None
        await self._face.show_shortened(back)
        other = "is kept, too" if thread.saved else "is gone: nothing is saved here"
        self._face.say(f"The message that was edited is back with its answer. The other version {other}.")

    def _settled(self) -> Thread:
        if self._face.answering:
            raise UsageError("The answer still comes: Esc stops it.")
        thread = self._thread()
        if thread is None or not any(turn.role is Role.USER for turn in thread.conversation.turns):
            raise UsageError("There is no message in this conversation yet.")
        return thread

    def _last_message(self) -> Turn:
        conversation = self._settled().conversation
        return conversation.turns[_last_place(conversation)]


def _last_place(conversation: Conversation) -> int:
    """Where the last message stands among the turns that are loaded."""
    return max(place for place, turn in enumerate(conversation.turns) if turn.role is Role.USER)
