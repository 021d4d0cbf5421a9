"""Money before it is spent: what a limit held back, and what a switch in mid-conversation costs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from domain.conversations.thread import Thread
from domain.errors import KeyswitchError, UsageError
from domain.records import dataclass
from domain.selection import Selection
from domain.spending.limits import Once
from entrypoints.chat.chat_face import ChatFace
from entrypoints.chat.parking.outbox_face import Crossroads, Way
from entrypoints.chat.receipts import tokens
from entrypoints.words.errors import error_sentence, next_step
from entrypoints.words.spending import BACK_TO_EDITING, HELD_BACK, KEPT, SEND_ONCE, read_anew_words, send_shorter


@dataclass(frozen=True, slots=True)
class _Held:
    """A message that a limit held back."""

    conversation: str
    """The id of the conversation that it was written in."""
    text: str
    send: Callable[[], None]
    """Sends it, as it was sent before."""


class Spending:
    """Of the conversation that is open in one window."""

    def __init__(self, face: ChatFace, thread: Callable[[], Thread]) -> None:
        self._face = face
        self._thread = thread
        self._held: _Held | None = None

    def failed(
        self, text: str, selection: Selection, error: KeyswitchError, *, kept: bool, send: Callable[[], None] | None
    ) -> None:
        """Say why *text* was not answered by *selection*, or offer its ways on where a limit held it back.

        *kept*: something of an answer came. *send* sends it as it was sent; None for what was in the field.
        """
        if isinstance(error, UsageError) and error.code == "held_back":
            self._offer(text, error, send or partial(self._face.answer, text, selection))
        else:
            self._face.show_failure(error, kept=kept)

    def _offer(self, text: str, error: UsageError, send: Callable[[], None]) -> None:
        self._held = _Held(self._thread().conversation.id, text, send)
        once = Way(SEND_ONCE, self.allow, key="s")
        back = Way(BACK_TO_EDITING, lambda: None)
        ways: tuple[Way, ...] = (back, once)
        if error.longest is not None:
            ways = (Way(send_shorter(error.longest), partial(self.allow, error.longest)), once, back)
        lines = (f"{error_sentence(error)} {KEPT}", next_step(error))
        self._face.outbox.which_way(Crossroads(HELD_BACK, lines, ways, escape=ways.index(back)), None)

    def allow(self, longest: int | None = None) -> None:
        """`/allow`: send what was held back, once; with *longest*, with an answer of so many tokens instead.

        Raises:
            UsageError: Nothing is held back in this conversation, or no answer is as short.
        """
        held, thread = self._held, self._thread()
        if held is None or held.conversation != thread.conversation.id:
            raise UsageError("No message is held back here.")
        if longest is not None and longest < 1:
            raise UsageError("It is /allow, or /allow and a number of tokens.")
        if self._face.answering:
            raise UsageError("The answer still comes: Esc stops it.")
        self._held = None
        thread.once = Once(held.text, over_limit=longest is None, longest=longest)
        held.send()

    async def tell_switch(self, selection: Selection) -> None:
        """Say what it costs to go on with *selection*, where that is worth a word."""
        conversation = self._thread().conversation
        services = await self._face.services(opened=False)
        cost = await self._face.in_thread(partial(services.switch_cost, conversation, selection))
        if cost is not None:
            thousands = round(cost.tokens, -3)  # it is an estimate
            self._face.say(read_anew_words(cost, tokens(thousands or cost.tokens), selection))
