"""Trouble with the provider that is selected: what else could answer, when it is over, and the way back."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import Final

from domain.conversation import Role
from domain.credential import CredentialKey
from domain.errors import KeyswitchError, LimitReached, StoreError
from domain.outbox.offers import others
from domain.outbox.way_back import WayBack
from domain.payment import payment_words
from domain.provider import Provider
from domain.records import replace
from domain.selection import Selection
from domain.switching import SwitchTo
from entrypoints.chat.chat_face import ChatFace
from entrypoints.chat.parking.outbox_needs import ChatOfOutbox
from entrypoints.chat.parking.provider_trouble import Trouble, seconds_until_redrawn, trouble_of
from entrypoints.services import LightServices

_LONGEST_WAIT: Final = 600.0
"""Seconds: a timer stands still while the machine sleeps, and the moment it was set for passes."""


class TroubleWatch:
    """The newest trouble of one window. It asks for no money and sends no message."""

    def __init__(self, chat: ChatOfOutbox, face: ChatFace, light: LightServices) -> None:
        self._chat = chat
        self._face = face
        self._light = light
        self._looking = False
        self.trouble: Trouble | None = None
        """None where nothing is known to be wrong."""
        self.way_back: WayBack | None = None
        """None where no limit made the person go elsewhere."""

    @property
    def shown(self) -> Trouble | None:
        """What the banner tells: trouble that the next message would meet, and that the person wants to see."""
        trouble = self.trouble
        return trouble if trouble is not None and not trouble.quiet and trouble.concerns(self._selected()) else None

    @property
    def is_over(self) -> Trouble | None:
        """What was in the way and is not any more; None where nothing was."""
        return self.trouble if self.trouble is not None and self.trouble.over else None

    @property
    def ready_to_go_back(self) -> WayBack | None:
        """The way back, once its limit has ended."""
        back, conversation = self.way_back, self._chat.conversation
        if back is None or conversation is None or conversation.id != back.conversation:
            return None
        return back if self._light.clock.now() >= back.at else None

    def seconds_to_next_change(self) -> float | None:
        """Until something that is shown changes by time alone, or the next look is due; None where nothing will."""
        now, waits = self._light.clock.now(), []
        trouble = self.trouble
        if trouble is not None and trouble.concerns(self._selected()):
            if self.shown is not None:
                waits.append(seconds_until_redrawn(trouble, now))
            elif trouble.offline:
                waits.append(trouble.next_look - self._light.clock.monotonic())
            elif trouble.until is not None:
                waits.append((trouble.until - now).total_seconds())
        if self.way_back is not None and now < self.way_back.at:
            waits.append((self.way_back.at - now).total_seconds())
        return min(max(min(waits), 1.0), _LONGEST_WAIT) if waits else None

    def holds_back(self, selection: Selection) -> bool:
        """Whether a message to *selection* is known to come to nothing: it is parked and not sent."""
        trouble = self.trouble
        if trouble is None or not trouble.concerns(selection):
            return False
        return trouble.looks > 0 if trouble.offline else not self._past(trouble)

    def note(self, selection: Selection, error: KeyswitchError) -> None:
        """A message to *selection* failed with *error*, which passes."""
        now = self._light.clock.now()
        before = self.trouble
        goes_on = before is not None and before.concerns(selection) and type(before.error) is type(error)
        since = before.since if before is not None and goes_on else now
        self.trouble = trouble_of(selection, error, since, self.offers(selection.preset.provider))
        self._face.outbox.follow()

    def answered(self, selection: Selection) -> None:
        """A message to *selection* was answered: whatever was wrong there is over."""
        if self.trouble is not None and self.trouble.selection.credential.key == selection.credential.key:
            self.trouble = None
        if self.way_back is not None and self.way_back.held.is_of(selection.credential):
            self._face.begin(self._lost_way_back)
        self._face.outbox.follow()

    def offers(self, without: Provider) -> tuple[Selection, ...]:
        """What else could answer a message, best first."""
        state = self._face.window_state()
        conversation = self._chat.conversation
        if state is None:
            return ()
        turns = reversed(conversation.turns) if conversation else ()
        used = [turn.receipt.preset for turn in turns if turn.role is Role.ASSISTANT and turn.receipt is not None]
        return others(without, state.snapshot.catalogue, state.given, used)

    def wait_quietly(self) -> None:
        """Show no banner for what is wrong now."""
        if self.trouble is not None:
            self.trouble = replace(self.trouble, quiet=True)
            self._face.outbox.follow()

    def tick(self) -> bool:
        """Let time pass; whether it is time for another look at the network."""
        trouble, clock = self.trouble, self._light.clock
        if trouble is None or trouble.over:
            return False
        if trouble.offline:
            return clock.monotonic() >= trouble.next_look
        if self._past(trouble):
            self.trouble = replace(trouble, over=True)
            self._face.outbox.follow()
        return False

    async def look(self) -> None:
        """Look whether the network is back. It asks with no credential, and sends nothing that was written."""
        trouble = self.trouble
        if trouble is None or not trouble.offline or trouble.over or self._looking:
            return
        self._looking = True
        try:
            await self._look(trouble)
        finally:
            self._looking = False

    async def _look(self, trouble: Trouble) -> None:
        services = await self._face.services(opened=False)
        asked = (trouble.selection, *trouble.offers)
        reached = await self._face.wait_for(partial(services.reach, [one.credential for one in asked]))
        if self.trouble is None or self.trouble.error is not trouble.error:
            return  # something else happened meanwhile
        if trouble.selection.credential in reached:
            self.trouble = replace(self.trouble, over=True)
        else:
            able = frozenset(one.preset.id for one in trouble.offers if one.credential in reached)
            self.trouble = self.trouble.looked(able, self._light.clock.monotonic())
        self._face.outbox.follow()

    async def go_elsewhere(self, offer: Selection) -> CredentialKey | None:
        """Let the conversation go on with *offer*, to which the person agreed; what pays then, None where that came to
        nothing. What is saved stays, and at the end of a limit there is a way back.
        """
        before, trouble = self._face.window_state(), self.trouble
        switch = await self._face.in_thread(
            partial(
                self._light.auth.switch_provider,
                offer.preset.id,
                current=self._chat.holding.held,
                save=False,
                payer_agreed=True,
            )
        )
        if not isinstance(switch, SwitchTo) or switch.selection.credential.key != offer.credential.key:
            self._face.say(f"{offer.preset.label} cannot be used as it was offered. Nothing was sent.", kind="trouble")
            return None
        if trouble is not None and isinstance(trouble.error, LimitReached) and trouble.until is not None:
            name = self._chat.thread.conversation.id
            await self._keep_way_back(WayBack(trouble.selection.held, name, trouble.until))
        self._chat.switched(switch, save=False, before=before)
        return switch.selection.credential.key

    async def go_back(self) -> None:
        """Go on with what the conversation was left with at a limit: that very credential, or nothing changes."""
        back, before = self.way_back, self._face.window_state()
        if back is None:
            return
        switch = await self._face.in_thread(
            partial(self._light.auth.switch_provider, back.held.preset.id, current=back.held, save=False)
        )
        if not isinstance(switch, SwitchTo) or not back.held.is_of(switch.selection.credential):
            self._face.say(f"{back.held.means} cannot be used here any more. Nothing was changed.", kind="trouble")
            return
        self.trouble = None
        await self._lost_way_back()
        payment = payment_words(switch.selection, self._light.clock.now().date())
        self._chat.switched(replace(switch, payment=payment), save=False, before=before)
        self._face.outbox.follow()

    async def find_way_back(self) -> None:
        """Remember what the open conversation was left with in an earlier run. Raises StoreError."""
        conversation = self._chat.conversation
        if conversation is not None and (self.way_back is None or self.way_back.conversation != conversation.id):
            self.way_back = await self._face.in_thread(partial(self._light.parked().way_back, conversation.id))

    async def _keep_way_back(self, back: WayBack) -> None:
        self.way_back = back
        if self._chat.thread.saved:
            with suppress(StoreError):  # then it is known until this window closes
                await self._face.in_thread(partial(self._light.parked().keep_way_back, back))

    async def _lost_way_back(self) -> None:
        back, self.way_back = self.way_back, None
        if back is not None:
            with suppress(StoreError):
                await self._face.in_thread(partial(self._light.parked().forget_way_back, back.conversation))

    def _past(self, trouble: Trouble) -> bool:
        return trouble.until is None or self._light.clock.now() >= trouble.until

    def _selected(self) -> Selection | None:
        state = self._face.window_state()
        return state.selection if state else None
