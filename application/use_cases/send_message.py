"""Send what a person wrote to the selected model, and stream the answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from application.credentials import RequestCredentials
from application.ports.chat_client import ChatClient, ChatEvent, ChatRequest, Done, Opened, ReasoningDelta, TextDelta
from application.ports.clock import Clock
from application.ports.conversation_store import ConversationStore
from application.spending.bill_exchange import BillExchange
from application.use_cases.kept_exchange import KeptExchange
from application.use_cases.past import Joined, LeftOut, Past, room_of
from application.use_cases.receipts import Asked
from application.use_cases.record_exchange import RecordExchange
from domain.attached.attachment import Attachment
from domain.attached.intake import left_out, sent
from domain.conversation import Origin, Role, Turn, TurnState
from domain.conversations.context import Fit
from domain.conversations.thread import Thread
from domain.errors import KeyswitchError, UsageError
from domain.selection import Selection
from domain.usage.entry import Entry

_TITLE_LENGTH: Final = 60
"""Characters of the first message that name a conversation."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The exchange is over, and both of its turns are in the thread."""

    answer: Turn


SendEvent = Joined | LeftOut | TextDelta | ReasoningDelta | Answered
"""The first two come before anything is sent."""


@dataclass(slots=True)
class _Draft:
    """The answer as far as it has come."""

    text: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    opened: Opened = field(default_factory=lambda: Opened(""))
    done: Done | None = None

    def take(self, event: ChatEvent) -> None:
        match event:
            case TextDelta(text):
                self.text.append(text)
            case ReasoningDelta(text):
                self.reasoning.append(text)
            case Opened():
                self.opened = event
            case Done():
                self.done = event

    @property
    def begun(self) -> bool:
        return bool(self.text) or self.done is not None


class SendMessage:
    """Makes one exchange with the selected model, by the selected credential and no other."""

    def __init__(
        self,
        *,
        chat: ChatClient,
        credentials: RequestCredentials,
        conversations: ConversationStore,
        past: Past,
        bills: BillExchange,
        clock: Clock,
        records: RecordExchange,
    ) -> None:
        self._chat = chat
        self._credentials = credentials
        self._conversations = conversations
        self._past = past
        self._bills = bills
        self._clock = clock
        self._records = records

    async def __call__(
        self, thread: Thread, text: str, selection: Selection, files: Sequence[Attachment] = ()
    ) -> AsyncGenerator[SendEvent, None]:
        """Stream the answer to *text* and *files*; the last event is `Answered`.

        Files of earlier turns that the model does not take stay here, each with a note in its place.

        Closing the generator stops the answer; what came until then is kept as a stopped turn.
        A failure before anything came leaves the thread as it was.

        Raises:
            UsageError: The model takes no such file, or the message could pass a limit of spending (`held_back`);
                nothing was sent.
            SignInNeeded, SessionEnded, AuthRejected, PlanUseOff: As `RequestCredentials.stream` says.
            ProviderError: As the provider failed; what came before a broken stream is kept.
            StoreError: The session store or the conversation store cannot be used.
        """
        thread.held = selection.held
        asked = Turn(Role.USER, text, self._clock.now(), attachments=tuple(files))
        _require_sendable(asked, selection)
        if (joined := await self._joined(thread)) is not None:
            yield joined
        turns, fit = await self._that_fit(thread, asked, selection)
        if fit.left_out:
            yield LeftOut(fit)
        turns = sent((*turns, asked), selection.answering.model, selection.credential)
        request, promise = await self._promised(thread, turns, selection)
        draft, ending, failure = _Draft(), TurnState.STOPPED, None
        ask = Asked(selection, self._clock.now().date(), self._clock.monotonic())
        if selection.credential.payer.per_token:
            # While the provider thinks, in a thread: it must be there once the answer is.
            asyncio.get_running_loop().run_in_executor(None, self._bills.load)
        kept = self._begin(thread, asked, self._answer(draft, TurnState.BROKEN, ask))
        try:
            async with aclosing(self._stream(request, selection)) as events:
                async for event in events:
                    draft.take(event)
                    if isinstance(event, TextDelta | ReasoningDelta):
                        kept.grow(event)
                        yield event
            ending = TurnState.COMPLETE
        except KeyswitchError as error:
            ending, failure = TurnState.BROKEN, error
            self._records.failed(selection, error)
            raise
        finally:
            thread.busy = False
            if draft.begun:
                self._end(thread, kept, self._answer(draft, ending, ask), ask.selection, draft.opened)
            else:
                kept.withdraw()
            self._bills.settle(promise, thread.conversation.turns[-1].receipt if draft.begun else None, failure)
        if draft.begun:
            yield Answered(thread.conversation.turns[-1])

    async def _promised(self, thread: Thread, turns: tuple[Turn, ...], selection: Selection) -> tuple[ChatRequest, str]:
        """The request of *turns*, and the promise of what it may cost."""
        once = thread.terms_of(turns[-1].text)
        longest = once.longest if once else None
        request = ChatRequest(selection.answering, turns, max_output=longest, goes_on=_goes_on(thread))
        promise = partial(self._bills.promise, request, selection, thread.conversation.id, once)
        return request, await asyncio.to_thread(promise)

    def _stream(self, request: ChatRequest, selection: Selection) -> AsyncGenerator[ChatEvent, None]:
        """The answer to *request* by the credential of *selection*."""
        stream = partial(self._chat.stream, request)
        purpose, held = selection.preset.line, selection.held
        return self._credentials.stream(stream, selection.credential, purpose=purpose, held=held)

    async def _joined(self, thread: Thread) -> Joined | None:
        """What another process made of the conversation; the thread goes on with that."""
        if not thread.saved or not thread.conversation.turns:
            return None
        stamp = self._conversations.stamp()
        if stamp == thread.stamp:
            return None
        joined = await asyncio.to_thread(self._past.joined, thread.conversation)
        thread.stamp = stamp
        if joined is not None:
            thread.conversation = joined.conversation
        return joined

    async def _that_fit(self, thread: Thread, asked: Turn, selection: Selection) -> tuple[tuple[Turn, ...], Fit]:
        look = partial(self._past.that_fit, thread.conversation, asked, room_of(selection))
        return await asyncio.to_thread(look) if thread.conversation.earlier else look()

    def _begin(self, thread: Thread, asked: Turn, coming: Turn) -> KeptExchange:
        """The exchange as it is stored while it goes on."""
        before = thread.conversation
        named = " ".join(asked.text.split()) or " ".join(map(str, asked.attachments))
        titled = replace(before, title=before.title or named[:_TITLE_LENGTH])
        if not before.count:
            titled = replace(titled, held=thread.held)
        thread.busy = True
        return KeptExchange(self._conversations if thread.saved else None, titled, asked, coming)

    def _answer(self, draft: _Draft, state: TurnState, asked: Asked) -> Turn:
        now = self._clock.monotonic()
        return Turn(
            role=Role.ASSISTANT,
            text="".join(draft.text),
            at=self._clock.now(),
            state=state,
            reasoning="".join(draft.reasoning),
            receipt=self._bills.receipt(asked, draft.done, now),
            stop=draft.done.stop if draft.done else None,
        )

    def _end(self, thread: Thread, kept: KeptExchange, answer: Turn, selection: Selection, opened: Opened) -> None:
        """The bill comes first: once the answer is stored as over, the ledger takes it for one that it knows."""
        before = thread.conversation
        if answer.receipt is not None:
            entry = Entry(answer.at, answer.receipt, before.id, opened.request_id, answer.state)
            self._records.answered(selection, entry, opened.allowances)
        turns = (*before.turns, kept.asked, answer)
        thread.conversation = replace(before, title=kept.title, turns=turns, held=thread.held)
        thread.answers += 1
        kept.end(answer, thread.held)


def _goes_on(thread: Thread) -> bool:
    """Whether what is sent now will be sent again soon: not where one question is asked by a command.

    Writing to a cache costs a quarter more than plain input, and reading from it saves nine tenths at least: it pays
    where one of three goes on within the five minutes that it is kept. Who went on with `ask` once is likely to.
    """
    conversation = thread.conversation
    return conversation.origin is not Origin.ASK or (thread.saved and conversation.count > 0)


def _require_sendable(asked: Turn, selection: Selection) -> None:
    """Raises UsageError where the model takes no such file as *asked* brings."""
    for file, why in left_out((asked,), selection.answering.model, selection.credential):
        raise UsageError(f"{file.name} cannot be sent: {why}.")
