"""Messages that could not be sent: they wait here, each for one Enter, and at nobody else's expense."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import uuid4

from application.ports.parking.outbox import InOutbox
from domain.attached.attachment import Attachment
from domain.credential import CredentialKey
from domain.errors import KeyswitchError, UsageError
from domain.outbox.parked import Parked, ParkedState, is_over_at, is_parked_for
from domain.records import replace
from domain.selection import Held, Selection
from domain.switching import NotPossible, PayerChanges, SignInRequired, StoreUnusable, SwitchTo, decide
from entrypoints.chat.chat_face import ChatFace, NoCredential, Work
from entrypoints.chat.parking.outbox_face import Way
from entrypoints.chat.parking.outbox_needs import ChatOfOutbox, Exchange
from entrypoints.chat.parking.trouble_watch import TroubleWatch
from entrypoints.chat.parking.ways_to_send import numbered, refused, signed_out
from entrypoints.services import LightServices
from entrypoints.words.errors import error_sentence
from entrypoints.words.parked import TAKEN_ELSEWHERE, other_payer, sent_twice


class OutboxController:
    """The outbox as one window has it."""

    def __init__(self, chat: ChatOfOutbox, face: ChatFace, light: LightServices) -> None:
        self._chat = chat
        self._face = face
        self._light = light
        self.watch = TroubleWatch(chat, face, light)
        self._found = InOutbox()
        self._stamp: object = None
        self._dropped: Parked | None = None
        self.sending: Parked | None = None
        """The message of the outbox that is on its way."""

    # What is parked.

    @property
    def here(self) -> tuple[Parked, ...]:
        """What is parked in the open conversation and not on its way, oldest first."""
        conversation = self._chat.conversation
        name, begun = (conversation.id, bool(conversation.count)) if conversation else ("", False)
        return tuple(
            message
            for message in self._found.messages
            if message.is_of(name, begun=begun) and message.state is not ParkedState.SENDING
        )

    @property
    def listed(self) -> tuple[Parked, ...]:
        """All that is parked, this conversation's first: `/outbox send 1` is the first of it."""
        mine, sending = self.here, self.sending
        rest = (one for one in self._found.messages if one not in mine and (not sending or one.id != sending.id))
        return (*mine, *rest)

    @property
    def unreadable(self) -> tuple[str, ...]:
        """Where messages are that cannot be read."""
        return self._found.unreadable

    def begin(self) -> None:
        """Read for the first time what is parked."""
        self._begin(self.refresh)

    def poll(self) -> None:
        """Read again where another window parked, took or removed something."""
        if self._light.parked().stamp() != self._stamp:
            self._begin(self.refresh)

    async def refresh(self) -> None:
        """Read what is parked. Raises StoreError where the disk fails."""
        parked = self._light.parked()
        self._stamp = parked.stamp()
        self._found = await self._face.in_thread(parked.look)
        await self.watch.find_way_back()
        self._face.outbox.follow()

    # How a message comes in.

    def holds_back(self, text: str, selection: Selection) -> bool:
        """Whether *text* is parked at once, because it is known that *selection* cannot answer now."""
        trouble = self.watch.trouble
        if trouble is None or not self.watch.holds_back(selection):
            return False
        files = self._chat.attaching.take()
        self._begin(partial(self._park_from_field, text, files, selection.held, trouble.error))
        return True

    def park_signed_out(self, text: str, needed: SignInRequired) -> None:
        """Park *text*, and offer the sign-in that it needs."""
        files = self._chat.attaching.take()

        async def park() -> None:
            await self._park_from_field(text, files, needed.held or self._chat.holding.held, needed.error)
            self._offer_sign_in(needed)

        self._begin(park)

    def ended(self, exchange: Exchange) -> bool:
        """An exchange is over. Returns whether its text is in the outbox now, or was answered."""
        message, self.sending = self.sending, None
        failure = exchange.failure
        parked = failure is not None and is_parked_for(failure) and not exchange.kept
        self._begin(partial(self._ended, exchange, message, parked=parked))
        return exchange.kept or parked or message is not None

    async def _ended(self, exchange: Exchange, message: Parked | None, *, parked: bool) -> None:
        failure, selection = exchange.failure, exchange.selection
        if exchange.kept:
            await self._conversation_begun(message)
        elif parked and failure is not None:
            again = await self._park(message or self._new(exchange.text, exchange.files, selection.held), failure)
            self._after_failure(selection, failure, again)
            return
        elif message is not None:
            await self._keep(message)
        if failure is not None:
            send = partial(self.send, message, agreed=selection.credential.key) if message else None
            self._chat.spending.failed(exchange.text, selection, failure, kept=exchange.kept, send=send)
        elif exchange.kept:
            self.watch.answered(selection)

    def _after_failure(self, selection: Selection, failure: KeyswitchError, message: Parked) -> None:
        if isinstance(failure, NoCredential):
            self._face.read_again()
            self._ask_how(failure, message)
        else:
            self.watch.note(selection, failure)
            self._face.outbox.tell(failure)

    async def _park_from_field(
        self, text: str, files: tuple[Attachment, ...], held: Held | None, error: KeyswitchError
    ) -> None:
        await self._park(self._new(text, files, held), error)
        self._face.outbox.parked(text)

    def _new(self, text: str, files: tuple[Attachment, ...], held: Held | None) -> Parked:
        conversation = self._chat.thread.conversation
        begun, now = bool(conversation.count), self._light.clock.now()
        return Parked(uuid4().hex, conversation.id, begun, text, now, held, files=files)

    async def _park(self, message: Parked, error: KeyswitchError) -> Parked:
        message = replace(message, cause=error.code, until=is_over_at(error))
        await self._keep(message)
        return message

    async def _keep(self, message: Parked) -> None:
        parked = self._light.parked()
        problem = await self._face.in_thread(partial(parked.park, message, saved=self._chat.thread.saved))
        if problem is not None:
            self._face.say(f"{error_sentence(problem)} The message is kept until you leave.", kind="trouble")
        await self.refresh()

    async def _conversation_begun(self, sent: Parked | None) -> None:
        """Something of this conversation is kept now: what was parked before it began belongs to it from now on."""
        parked, name = self._light.parked(), self._chat.thread.conversation.id
        if sent is not None:
            await self._face.in_thread(partial(parked.forget, sent.id))
        for message in self._found.messages:
            mine = message.conversation in (name, sent.conversation if sent else name)
            if mine and not message.begun and await self._face.in_thread(partial(parked.take, message.id)):
                await self._keep(replace(message, conversation=name, begun=True))
        await self.refresh()

    async def _forget(self, message: Parked) -> None:
        parked = self._light.parked()
        await self._face.in_thread(partial(parked.forget, message.id))
        await self.refresh()

    # How it goes out: by the person alone.

    def send_next(self) -> None:
        """Enter on an empty field: send the oldest message of this conversation; one in doubt comes last."""
        waiting = sorted(self.here, key=lambda message: message.state is ParkedState.DOUBTFUL)
        if waiting:
            self.send(waiting[0])

    def send_same(self, text: str) -> bool:
        """Send what is parked here and says *text*; False where there is no such message."""
        same = [message for message in self.here if message.text == text]
        if same:
            self.send(same[-1])
        return bool(same)

    def send(self, message: Parked, *, agreed: CredentialKey | None = None, again: bool = False) -> None:
        """Send *message* with what is selected. *agreed* may pay for it, whoever it was parked for.

        With *again* it is sent although it may have been sent before.
        """
        self._begin(partial(self._send, message, agreed=agreed, again=again))

    async def _send(self, message: Parked, *, agreed: CredentialKey | None = None, again: bool = False) -> None:
        if self._face.answering:
            self._face.say("Still answering: Esc stops it. The message stays parked.")
            return
        if message.id not in {one.id for one in self.here}:
            self._face.say("It belongs to another conversation, and is sent from there.", kind="trouble")
            return
        snapshot = await self._face.in_thread(partial(self._light.auth.snapshot, held=self._chat.holding.credential))
        state = self._chat.holding.window_state(snapshot)
        selection = state.selection
        if selection is None:
            obstacle = state.obstacle()
            if isinstance(obstacle, SignInRequired):
                self._offer_sign_in(obstacle)
            else:
                self._chat.overcome(obstacle)
        elif message.state is ParkedState.DOUBTFUL and not again:
            go = partial(self.send, message, agreed=agreed, again=True)
            self._face.outbox.agree("It may have been sent", sent_twice(message), "Send it again", go)
        elif not message.is_paid_by(selection.credential) and selection.credential.key != agreed:
            go = partial(self.send, message, agreed=selection.credential.key, again=again)
            self._ask_payer(message, selection, go)
        else:
            await self._take_and_send(message, selection)

    async def _take_and_send(self, message: Parked, selection: Selection) -> None:
        parked = self._light.parked()
        if not await self._face.in_thread(partial(parked.take, message.id)):
            self._face.say(TAKEN_ELSEWHERE, kind="trouble")
            await self.refresh()
            return
        self.sending = message
        await self.refresh()
        self._chat.attaching.tell_left_out(selection, message.files)
        self._face.answer(message.text, selection)

    def send_or_open(self, message: Parked) -> None:
        """Send *message* where its conversation is open; else open that, from where one Enter sends it."""
        if message.id in {one.id for one in self.here}:
            self.send(message)
        else:
            self._begin(partial(self._open, message))

    async def _open(self, message: Parked) -> None:
        try:
            if message.begun:
                await self._chat.kept.open(message.conversation)
        except UsageError:
            self._face.say("The conversation of that message is gone; it can be sent in a new one.")
            message = replace(message, begun=False)
            await self._keep(message)
        if not message.begun:
            self._chat.begin_anew()
        self._face.outbox.follow()

    def send_with(self, message: Parked, offer: Selection) -> None:
        """Send *message* with another model, whose payer is asked about first."""

        async def go_elsewhere() -> None:
            paying = await self.watch.go_elsewhere(offer)
            if paying is not None:
                await self._send(message, agreed=paying)

        go = partial(self._begin, go_elsewhere)
        if message.is_paid_by(offer.credential) and message.held is not None:
            go()
        else:
            self._ask_payer(message, offer, go)

    def send_with_model(self, message: Parked, name: str) -> None:
        """Send *message* with the model called *name*. Raises UnknownName where there is none."""
        state = self._face.window_state()
        if state is None:
            return
        preset = state.snapshot.catalogue.resolve(name)
        match decide(preset, state.snapshot.catalogue, state.given, payer_agreed=True):
            case SwitchTo(selection) | PayerChanges(selection):
                self.send_with(message, selection)
            case SignInRequired() as needed:
                self._offer_sign_in(needed)
            case StoreUnusable(error=error):
                self._face.fail(error)
            case NotPossible(reason=reason):
                self._face.say(f"{preset.label} cannot be used here: {reason}. Nothing was sent.", kind="trouble")

    def send_elsewhere(self) -> None:
        """F5: send the oldest message with what is offered."""
        trouble, waiting = self.watch.trouble, self.here
        if trouble is not None and trouble.offer is not None and waiting:
            self.send_with(waiting[0], trouble.offer)

    def go_back(self) -> bool:
        """F6: go back to what was left at a limit that has ended; whether there was such a thing."""
        if ready := self.watch.ready_to_go_back is not None:
            self._begin(self.watch.go_back)
        return ready

    def escape(self) -> bool:
        """Esc where no answer comes: whether it meant the banner. Nobody can say when the network is back, so that is
        waited for quietly; what waits for a moment is edited.
        """
        trouble = self.watch.shown
        if trouble is not None and trouble.offline:
            self.watch.wait_quietly()
        elif trouble is not None and self.here:
            self.edit(self.here[-1])
        else:
            return False
        return True

    def _ask_payer(self, message: Parked, selection: Selection, go: Callable[[], None]) -> None:
        lines = other_payer(message, selection, self._light.clock.now().date())
        self._face.outbox.agree("Who pays changes", lines, f"Send with {selection.preset.label}", go)

    def _offer_sign_in(self, needed: SignInRequired) -> None:
        sign_in, enter_key = (
            partial(begin, needed.provider, then_select=needed.preset.id, save=needed.held is None)
            for begin in (self._chat.open_sign_in, self._chat.keys.open)
        )
        show_usable = partial(self._face.show_models, usable_only=True)
        crossroads = signed_out(needed, self._face.outbox.again, sign_in, enter_key, show_usable)
        self._face.outbox.which_way(crossroads, needed.provider)

    def _ask_how(self, failure: NoCredential, message: Parked) -> None:
        # Whoever signs in as the account of the conversation goes on with it, also where its provider names nobody.
        send = partial(self.send, message, agreed=message.held.credential if message.held else None)
        provider = failure.provider
        instead = [
            Way(f"Send with {offer.preset.label} instead", partial(self.send_with, message, offer))
            for offer in self.watch.offers(provider)[:1]
        ]
        sign_in = partial(self._chat.open_sign_in, provider, after=send)
        enter_key, edit = partial(self._chat.keys.open, provider), partial(self.edit, message)
        self._face.outbox.which_way(refused(failure, sign_in, enter_key, instead, edit), provider)

    # What else can be done with it.

    def show(self) -> None:
        """`/outbox`: show what is parked, as it is now."""

        async def show() -> None:
            await self.refresh()
            self._face.outbox.show()

        self._begin(show)

    def send_numbered(self, number: str, model: str = "") -> None:
        """`/outbox send 1`: send that message, with another *model* where one is named."""
        if model:
            self.send_with_model(numbered(self.listed, number), model)
        else:
            self.send_or_open(numbered(self.listed, number))

    def edit_numbered(self, number: str) -> None:
        """`/outbox edit 1`: take that message into the field. Raises UsageError where there is none."""
        self.edit(numbered(self.listed, number))

    def drop_numbered(self, number: str) -> None:
        """`/outbox drop 1`: remove that message. Raises UsageError where there is none."""
        self.drop(numbered(self.listed, number))

    def edit(self, message: Parked) -> None:
        """Take *message* out of the outbox, and into the field."""

        def edited() -> None:
            self._face.outbox.to_field(message.text)
            self._chat.attaching.give_back(message.files)

        self._begin(partial(self._remove, message, then=edited))

    def drop(self, message: Parked) -> None:
        """Remove *message*; `undo` brings it back."""

        def dropped() -> None:
            self._dropped = message
            self._face.outbox.dropped()

        self._begin(partial(self._remove, message, then=dropped))

    def undo(self) -> None:
        """Bring back what was dropped last."""
        message, self._dropped = self._dropped, None
        if message is None:
            self._face.tell("Nothing was dropped.")
        else:
            self._begin(partial(self._keep, message))

    async def _remove(self, message: Parked, *, then: Callable[[], None]) -> None:
        parked = self._light.parked()
        if await self._face.in_thread(partial(parked.take, message.id)):
            await self._forget(message)
            then()
        else:
            self._face.tell(TAKEN_ELSEWHERE, kind="trouble")
            await self.refresh()

    def _begin(self, work: Work) -> None:
        async def told() -> None:
            try:
                await work()
            except KeyswitchError as error:
                self._face.fail(error)

        self._face.begin(told)
