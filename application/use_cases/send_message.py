"""Send what a person wrote to the selected model, and stream the answer."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from application.credentials import RequestCredentials
from application.ports.chat_client import ChatClient, ChatEvent, ChatRequest, Done, ReasoningDelta, TextDelta
from application.ports.clock import Clock
from application.ports.conversation_store import ConversationStore
from application.ports.event_log import EventLog
from domain.accounts import tag
from domain.attached.attachment import Attachment
from domain.attached.intake import left_out, sent
from domain.conversation import Conversation, Receipt, Role, StopReason, Turn, TurnState, Usage, cost
from domain.errors import KeyswitchError, UsageError
from domain.event import MESSAGE_ANSWERED
from domain.selection import Held, Selection

_TITLE_LENGTH: Final = 60
"""Characters of the first message that name a conversation."""


@dataclass(slots=True)
class Thread:
    """The conversation that goes on: it grows also when an answer is stopped or breaks off."""

    conversation: Conversation
    saved: bool = True
    """Whether its turns are stored as they come."""
    held: Held | None = None
    """What it goes on with: the last choice, which may be later than the answer that is on its way."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The exchange is over, and both of its turns are in the thread."""

    answer: Turn


SendEvent = TextDelta | ReasoningDelta | Answered


@dataclass(slots=True)
class _Draft:
    """The answer as far as it has come."""

    text: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    usage: Usage = field(default_factory=Usage)
    stop: StopReason | None = None

    def take(self, event: ChatEvent) -> None:
        match event:
            case TextDelta(text):
                self.text.append(text)
            case ReasoningDelta(text):
                self.reasoning.append(text)
            case Done(stop, usage):
                self.stop, self.usage = stop, usage

    @property
    def begun(self) -> bool:
        return bool(self.text) or self.stop is not None


class SendMessage:
    """Makes one exchange with the selected model, by the selected credential and no other."""

    def __init__(
        self,
        *,
        chat: ChatClient,
        credentials: RequestCredentials,
        conversations: ConversationStore,
        clock: Clock,
        events: EventLog,
    ) -> None:
        self._chat = chat
        self._credentials = credentials
        self._conversations = conversations
        self._clock = clock
        self._events = events

    async def __call__(
        self, thread: Thread, text: str, selection: Selection, files: Sequence[Attachment] = ()
    ) -> AsyncGenerator[SendEvent, None]:
        """Stream the answer to *text* and *files*; the last event is `Answered`.

        Files of earlier turns that the model does not take stay here, each with a note in its place.

        Closing the generator stops the answer; what came until then is kept as a stopped turn.
        A failure before anything came leaves the thread as it was.

        Raises:
            UsageError: The model takes no such file; nothing was sent.
            SignInNeeded, SessionEnded, AuthRejected, PlanUseOff: As `RequestCredentials.stream` says.
            ProviderError: As the provider failed; what came before a broken stream is kept.
            StoreError: The session store or the conversation store cannot be used.
        """
        thread.held = selection.held
        asked = Turn(Role.USER, text, self._clock.now(), attachments=tuple(files))
        started = self._clock.monotonic()
        model = selection.answering.model
        for file, why in left_out((asked,), model, selection.credential):
            raise UsageError(f"{file.name} cannot be sent: {why}.")
        turns = (*thread.conversation.turns, asked)
        request = ChatRequest(selection.answering, sent(turns, model, selection.credential))
        draft, ending = _Draft(), TurnState.STOPPED
        try:
            answer = self._credentials.stream(
                partial(self._chat.stream, request),
                selection.credential,
                purpose=selection.preset.line,
                held=selection.held,
            )
            async with aclosing(answer) as events:
                async for event in events:
                    draft.take(event)
                    if isinstance(event, TextDelta | ReasoningDelta):
                        yield event
            ending = TurnState.COMPLETE
        except KeyswitchError as error:
            ending = TurnState.BROKEN
            self._note("message_failed", selection, reason=error.code)
            raise
        finally:
            if draft.begun:
                self._note(MESSAGE_ANSWERED, selection, ending=ending.value)
                seconds = self._clock.monotonic() - started
                self._keep(thread, asked, self._turn(draft, ending, self._receipt(draft, selection, seconds)))
        if draft.begun:
            yield Answered(thread.conversation.turns[-1])

    def _note(self, event: str, selection: Selection, **facts: str) -> None:
        record = selection.credential
        self._events.record(
            event, provider=record.provider.value, account=tag(record.key), kind=record.kind.value, **facts
        )

    def _turn(self, draft: _Draft, state: TurnState, receipt: Receipt) -> Turn:
        return Turn(
            role=Role.ASSISTANT,
            text="".join(draft.text),
            at=self._clock.now(),
            state=state,
            reasoning="".join(draft.reasoning),
            receipt=receipt,
            stop=draft.stop,
        )

    def _receipt(self, draft: _Draft, selection: Selection, seconds: float) -> Receipt:
        record, model = selection.credential, selection.answering.model
        return Receipt(
            provider=record.provider,
            preset=selection.preset.id,
            model=model.id,
            label=model.label,
            account=record.label,
            kind=record.kind,
            payer=record.payer,
            usage=draft.usage,
            cost=cost(draft.usage, model.price(self._clock.now().date()), record.payer),
            seconds=seconds,
        )

    def _keep(self, thread: Thread, asked: Turn, answer: Turn) -> None:
        before = thread.conversation
        named = " ".join(asked.text.split()) or " ".join(map(str, asked.attachments))
        title = before.title or named[:_TITLE_LENGTH]
        thread.conversation = replace(before, title=title, turns=(*before.turns, asked, answer), held=thread.held)
        if not thread.saved:
            return
        if not before.turns:
            self._conversations.begin(thread.conversation)
        else:
            self._conversations.append(before.id, asked)
            self._conversations.append(before.id, answer)
            if thread.held is not None and thread.held != before.held:
                self._conversations.hold(before.id, thread.held)
