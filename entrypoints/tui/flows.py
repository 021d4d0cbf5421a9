"""What a person sets off that is more than one screen: switch and sign in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING

from application.sign_in.finish import SignedIn
from application.sign_in.keep import ANYBODY, Whose
from domain.credential import CredentialKey, CredentialKind, CredentialRecord
from domain.errors import KeyswitchError
from domain.provider import Provider
from domain.selection import Selection
from domain.switching import NotPossible, PayerChanges, SignInRequired, StoreUnusable, SwitchTo
from entrypoints.tui.screens import sign_in_needed
from entrypoints.tui.screens.login_dialog import LoginDialog
from entrypoints.tui.screens.login_words import not_used_yet, plan_off, signed_in_line
from entrypoints.tui.screens.picker import Picked, PickerResult, SignInFirst
from entrypoints.tui.screens.question import Question
from entrypoints.tui.screens.sign_in_needed import NoCredential
from entrypoints.words.trouble import trouble

if TYPE_CHECKING:
    from entrypoints.chat.window_state import WindowState
    from entrypoints.tui.app import KeyswitchApp


class Flows:
    """Sequences of use cases and dialogs. Nothing typed is touched by any of them."""

    def __init__(self, app: KeyswitchApp) -> None:
        self._app = app
        self._before: str | None = None

    def select(self, name: str, *, save: bool = True, payer_agreed: bool = False) -> None:
        """Select a model by name; `-` is the one before."""
        if name == "-":
            if self._before is None:
                self._say("There is no model before this one yet. /model shows them all.", kind="trouble")
                return
            name = self._before
        self._run(self._select(name, save=save, payer_agreed=payer_agreed), "select")

    async def select_at_start(self, name: str) -> bool:
        """The model of the command line, for this run; whether it is selected."""
        return await self._select(name, save=False)

    def log_in(
        self,
        provider: Provider | None,
        *,
        whose: Whose = ANYBODY,
        then_select: str | None = None,
        save: bool = True,
    ) -> None:
        """Open the sign-in dialog; *then_select* is the selection that waits for it."""
        stand = self._app.window_state
        dialog = LoginDialog(
            self._app.services,
            self._app.glyphs,
            provider=provider,
            whose=whose,
            staying_on=stand.preset.label if stand and stand.selection and stand.preset else None,
            signed_in=self._after_sign_in(then_select, save=save),
        )
        self._app.push_screen(dialog)

    def picked(self, result: PickerResult) -> None:
        """The picker was closed."""
        match result:
            case Picked(name, save):
                self.select(name, save=save)
            case SignInFirst(provider):
                self.log_in(provider)
            case None:
                pass

    def not_sent(self, error: NoCredential) -> None:
        """A message needs a sign-in first; its text is back in the field."""
        question = sign_in_needed.sign_in_to_send(
            error, current=None, draft_lines=self._app.draft_lines, glyphs=self._app.glyphs
        )
        self._ask_to_sign_in(question, error.provider, None, save=True)

    def sign_in_first(self, switch: SignInRequired, *, save: bool = True) -> None:
        """Nothing at hand answers for a model: offer to sign in, and select it then."""
        stand = self._app.window_state
        current = stand.preset if stand and stand.selection else None
        question = sign_in_needed.sign_in_needed(
            switch,
            current=current.label if current else None,
            draft_lines=self._app.draft_lines,
            glyphs=self._app.glyphs,
        )
        self._ask_to_sign_in(question, switch.provider, switch.preset.id, save=save)

    def overcome(self, obstacle: SignInRequired | PayerChanges | StoreUnusable | NotPossible) -> None:
        """Nothing that is selected can answer a message: offer what would, or say what is in the way."""
        match obstacle:
            case SignInRequired():
                self.sign_in_first(obstacle, save=obstacle.held is None)
            case PayerChanges():
                self._ask_payer(obstacle, save=True)
            case NotPossible(preset, reason):
                self._say(f"{preset.label} cannot be used here: {reason}. Your text is kept.", kind="trouble")
            case StoreUnusable(error=error):
                self._say(trouble(error, kept="Your message was not sent."), kind="trouble")

    def _ask_to_sign_in(self, question: Question, provider: Provider, pending: str | None, *, save: bool) -> None:
        def answered(answer: str | None) -> None:
            if answer == sign_in_needed.LOG_IN:
                self.log_in(provider, then_select=pending, save=save)
            elif answer == sign_in_needed.USABLE:
                self._app.open_picker(usable_only=True)

        self._app.push_screen(question, answered)

    async def _select(self, name: str, *, save: bool, payer_agreed: bool = False) -> bool:
        """Whether it is selected now; where it is not, a dialog or a line says why."""
        stand, held = self._app.window_state, self._app.holding.held
        try:
            switch = await asyncio.to_thread(
                self._app.light.select, name, current=held, save=save, payer_agreed=payer_agreed
            )
        except KeyswitchError as error:
            self._say(trouble(error), kind="trouble")
            return False
        match switch:
            case SwitchTo(selection):
                self._switched(selection, switch.lines, save=save, before=stand)
            case SignInRequired():
                self.sign_in_first(switch, save=save)
            case PayerChanges():
                self._ask_payer(switch, save=save)
            case StoreUnusable(error=out_of_reach):
                self._say(trouble(out_of_reach), kind="trouble")
            case NotPossible(preset, reason):
                self._say(f"{preset.label} cannot be used here: {reason}. Nothing was changed.", kind="trouble")
        return isinstance(switch, SwitchTo)

    def _switched(
        self, selection: Selection, lines: tuple[str, ...], *, save: bool, before: WindowState | None
    ) -> None:
        """*before* is how things stood when it began: the app may have read the new selection already."""
        if before is not None and before.preset is not None and before.preset.id != selection.preset.id:
            self._before = before.preset.id
        back = () if self._before is None else ("/model - goes back.",)
        here = () if save else ("For this conversation only.",)
        self._say(lines[0], *lines[1:], *((" ".join([*here, *back]),) if here or back else ()))
        self._app.selected(selection, save=save)
        if selection.credential.kind is CredentialKind.OAUTH:
            self._run(self._renew_beside(selection.credential.key), "renew_beside")

    def _ask_payer(self, switch: PayerChanges, *, save: bool) -> None:
        def answered(answer: str | None) -> None:
            if answer == sign_in_needed.AGREE:
                self.select(switch.selection.preset.id, save=save, payer_agreed=True)

        self._app.push_screen(
            sign_in_needed.payer_changes(switch, self._app.glyphs, self._app.light.clock.now().date()), answered
        )

    def _after_sign_in(self, pending: str | None, *, save: bool) -> Callable[[SignedIn], Coroutine[None, None, None]]:
        before = self._app.window_state

        async def signed_in(result: SignedIn) -> None:
            self._say(*filter(None, (signed_in_line(result, self._app.glyphs), not_used_yet(result), plan_off(result))))
            held = self._app.holding.held
            if self._app.holding.regain(result.record) and held is not None and pending in (None, held.preset.id):
                pass  # the conversation goes on as before
            elif pending is not None:
                await self._select(pending, save=save)
            elif result.selected is not None:
                self._switched(result.selected.selection, result.selected.lines, save=True, before=before)
            elif result.record.active and held is not None and held.credential.kind is result.record.kind:
                await self.go_on_as(result.record)
            self._app.read_again()

        return signed_in

    async def go_on_as(self, record: CredentialRecord) -> None:
        """Let the open conversation go on with the account of *record*, which was chosen in this window."""
        snapshot = await asyncio.to_thread(self._app.light.snapshot)
        switch = self._app.holding.moved_to(record, snapshot)
        if switch is not None:
            self._say(*switch.remarks)
            self._app.selected(switch.selection, save=True)

    async def _renew_beside(self, key: CredentialKey) -> None:
        """Begin what the first message would wait for. Trouble is said by that message, if it lasts until then."""
        try:
            services = await self._app.services()
            await services.renewal(key)
        except KeyswitchError:
            return

    def _say(self, *lines: str, kind: str = "info") -> None:
        self._app.say(*lines, kind=kind)

    def _run(self, work: Awaitable[object], group: str) -> None:
        self._app.run_worker(work, group=group, exclusive=True)
