"""What a person does with accounts: choose one, sign in again or one more, sign out, renew."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable
from functools import partial
from typing import TYPE_CHECKING

from application.ports.oauth_client import Revocation
from application.sign_in.keep import Whose
from application.use_cases.sign_out import SignedOut
from domain.accounts import account_names, find_account, sign_ins, tag
from domain.credential import CredentialKey, CredentialRecord
from domain.errors import KeyswitchError, PayerChange, ProviderError, SessionEnded, SignInNeeded, StoreBusy
from domain.provider import FIRST, Provider
from domain.text.untrusted import untrusted, untrusted_line
from entrypoints.chat import slash
from entrypoints.tui.checks import Checks
from entrypoints.tui.screens import sign_in_needed
from entrypoints.tui.screens.accounts_screen import AccountsScreen, AccountWish, Wish
from entrypoints.tui.screens.login_words import clipboard_words
from entrypoints.words.errors import error_sentence
from entrypoints.words.shared import behind_words
from entrypoints.words.trouble import trouble

if TYPE_CHECKING:
    from entrypoints.tui.app import KeyswitchApp

_REVOCATIONS = {
    Revocation.CONFIRMED: "and the provider confirmed the end of the session",
    Revocation.UNCONFIRMED: "but the provider did not confirm; end the session in your account there to be sure",
    Revocation.UNREADABLE: "but its tokens could not be read to end it at the provider; end it in your account there",
    Revocation.ELSEWHERE: "and goes on in the place that this was a copy of",
    Revocation.WITHHELD: "but not at the provider: that would end your newer sign-in as well",
    Revocation.NOT_OFFERED: "and the provider offers no way to end it sooner",
}


class AccountFlows:
    """Behind the accounts screen and the commands that do the same. Nothing typed is touched by any of them."""

    def __init__(self, app: KeyswitchApp) -> None:
        self._app = app
        self.checks = Checks(app, tell=lambda words: self._tell(words, kind="trouble"), changed=self._redraw)

    def wished(self, wish: AccountWish) -> None:
        """A key was pressed on the accounts screen."""
        match wish:
            case AccountWish(Wish.COPY):
                self._run(self._copy())
            case AccountWish(Wish.LOG_IN, provider, key):
                self._app.flows.log_in(provider, whose=Whose(key) if key and self._is_sign_in(key) else Whose())
            case AccountWish(Wish.ADD, provider):
                self._app.flows.log_in(provider, whose=Whose(further=True))
            case AccountWish(_, provider, None):
                self._tell(f"Nobody is logged in to {provider.label} yet; l logs in.")
            case AccountWish(Wish.USE, provider, key) if key:
                self._run(self._use(provider, tag(key)))
            case AccountWish(Wish.LOG_OUT, provider, key):
                self._ask_to_log_out(provider, key)
            case AccountWish(Wish.RENEW, provider, key) if key:
                self._app.unlocking.first(partial(self._begin_renewal, key, wish.name))
            case AccountWish(Wish.TEST, _, key) if key:
                self._app.unlocking.first(partial(self.checks.begin, key))

    def command(self, command: slash.AskSignIn | slash.AskSignOut | slash.UseAccount) -> None:
        """`/login`, `/logout`, `/accounts use`."""
        match command:
            case slash.AskSignIn():
                self._log_in(command)
            case slash.AskSignOut():
                self._log_out_by_name(command)
            case slash.UseAccount(provider, name):
                self._run(self._use(provider, name))

    def _log_in(self, command: slash.AskSignIn) -> None:
        if not command.account:
            self._app.flows.log_in(command.provider, whose=Whose(further=command.add))
            return
        provider = command.provider or FIRST
        record = self._named(provider, command.account, keys=False)
        if record is not None:
            self._app.flows.log_in(provider, whose=Whose(record.key))

    def _log_out_by_name(self, command: slash.AskSignOut) -> None:
        stand = self._app.window_state
        provider = command.provider or (stand.preset.provider if stand and stand.preset else None)
        if provider is None:
            self._tell("Which provider? Run /logout chatgpt, /logout claude or /logout gemini", kind="trouble")
            return
        if not command.account:
            self._ask_to_log_out(provider, None)
            return
        record = self._named(provider, command.account)
        if record is not None:
            self._ask_to_log_out(provider, record.key)

    async def _use(self, provider: Provider, name: str, *, agreed: bool = False) -> None:
        held = self._app.holding.held
        try:
            services = await self._app.services()
            chosen = await asyncio.to_thread(services.choose_account, provider, name, current=held, payer_agreed=agreed)
        except PayerChange as change:
            self._ask_payer(change, provider, name)
            return
        except KeyswitchError as error:
            self._tell(trouble(error), kind="trouble")
            return
        verb = "now uses" if chosen.changed else "already uses"
        self._tell(f"{provider.label} {verb} {untrusted_line(chosen.name)} (pays: {chosen.record.payer.label}).")
        if chosen.behind:
            self._tell(untrusted_line(behind_words(chosen)))
        await self._app.flows.go_on_as(chosen.record)
        self._app.read_again()

    def _ask_payer(self, change: PayerChange, provider: Provider, name: str) -> None:
        def answered(answer: str | None) -> None:
            if answer == sign_in_needed.AGREE:
                self._run(self._use(provider, name, agreed=True))

        question = sign_in_needed.who_pays((str(change), "Nothing has changed yet."), "Use the key", self._app.glyphs)
        self._app.push_screen(question, answered)

    def _begin_renewal(self, key: CredentialKey, name: str) -> None:
        self._run(self._renew(key, name))

    async def _renew(self, key: CredentialKey, name: str) -> None:
        try:
            services = await self._app.services()
            await services.renewal(key, force=True)
        except (SessionEnded, SignInNeeded) as error:
            self._tell(error_sentence(error), "l logs in again.", kind="trouble")
        except (ProviderError, StoreBusy) as error:
            self._tell(error_sentence(error), "r tries again.", kind="trouble")
        except KeyswitchError as error:
            self._tell(trouble(error), kind="trouble")
        else:
            self._tell(f"{self._app.glyphs.ok} {key.provider.label} session of {name} renewed.")
        self._app.read_again()

    async def _copy(self) -> None:
        from entrypoints.cli.status_report import status_document

        try:
            report, track = await asyncio.to_thread(lambda: (self._app.light.status(), self._app.light.track_record()))
        except KeyswitchError as error:
            self._tell(trouble(error), kind="trouble")
            return
        self._app.copy_to_clipboard(untrusted(json.dumps(status_document(report, track), indent=2)))
        self._tell(clipboard_words("Status as JSON"))

    def _ask_to_log_out(self, provider: Provider, key: CredentialKey | None) -> None:
        mine = [record for record in self._stored() if record.provider is provider]
        names = account_names(mine)
        keys = {tag(record.key): record.key for record in mine if key in (None, record.key)}
        shown = {value: untrusted_line(names[one]) for value, one in keys.items()}

        def answered(answer: str | None) -> None:
            if answer == sign_in_needed.AGREE:
                self._run(self._log_out(provider, key))
            elif answer in keys:
                self._run(self._log_out(provider, keys[answer]))

        self._app.push_screen(sign_in_needed.sign_out(provider, shown, self._app.glyphs), answered)

    async def _log_out(self, provider: Provider, key: CredentialKey | None) -> None:
        try:
            services = await self._app.services()
            gone = await services.sign_out(provider, account=key)
        except KeyswitchError as error:
            self._tell(trouble(error), kind="trouble")
            return
        self._tell(*(map(_farewell, gone) if gone else [f"Nobody was logged in to {provider.label}."]))
        self._app.read_again()

    def _named(self, provider: Provider, name: str, *, keys: bool = True) -> CredentialRecord | None:
        try:
            return find_account(name, provider, self._stored(), keys=keys)
        except KeyswitchError as error:
            self._tell(trouble(error), kind="trouble")
            return None

    def _stored(self) -> tuple[CredentialRecord, ...]:
        stand = self._app.window_state
        return stand.snapshot.credentials if stand else ()

    def _is_sign_in(self, key: CredentialKey) -> bool:
        return any(record.key == key for record in sign_ins(self._stored(), key.provider))

    def _tell(self, *lines: str, kind: str = "info") -> None:
        """Say it on the accounts screen where that is in front, else in the conversation."""
        if isinstance(self._app.screen, AccountsScreen):
            self._app.screen.tell(*lines, kind=kind)
        else:
            self._app.say(*lines, kind=kind)

    def _redraw(self) -> None:
        for screen in self._app.screen_stack:
            if isinstance(screen, AccountsScreen):
                screen.redraw()

    def _run(self, work: Awaitable[None]) -> None:
        self._app.run_worker(work, group="accounts", exclusive=False)


def _farewell(gone: SignedOut) -> str:
    who = untrusted_line(gone.record.label)
    return f"Logged out of {gone.record.provider.label} ({who}) here, {_REVOCATIONS[gone.revocation]}."
