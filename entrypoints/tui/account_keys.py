"""What the keys of the accounts screen do."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import Final

from application.sign_in.keep import Whose
from domain.accounts import sign_ins, tag
from domain.credential import CredentialKey, CredentialKind
from domain.errors import KeyswitchError, ProviderError, SessionEnded, SignInNeeded, StoreBusy
from domain.forwarding.only_there import only_there
from entrypoints.chat.chat_face import Work
from entrypoints.tui.app_face import AppFace
from entrypoints.tui.checks import Checks
from entrypoints.tui.screens.accounts_screen import AccountsScreen, AccountWish, Wish
from entrypoints.tui.window import Window, begin_in
from entrypoints.words.errors import error_sentence

_AWAY: Final = CredentialKind.FORWARDED


class AccountKeys:
    """Carries out what was wished for on the accounts screen. Nothing typed is touched by any of it."""

    def __init__(self, window: Window, face: AppFace) -> None:
        self._window = window
        self._face = face
        self.checks = Checks(window, tell=lambda words: face.tell(words, kind="trouble"), changed=self._redraw)

    def wished(self, wish: AccountWish) -> None:
        """A key was pressed on the accounts screen."""
        chat = self._window.controller
        match wish:
            case AccountWish(Wish.LOG_IN | Wish.LOG_OUT | Wish.RENEW, provider, key) if key and key.kind is _AWAY:
                verb = {Wish.LOG_IN: "login", Wish.LOG_OUT: "logout"}.get(wish.wish, "refresh")
                self._face.fail(only_there(provider, f"keyswitch {verb} {provider}"))
            case AccountWish(Wish.COPY):
                self._run(self._copy)
            case AccountWish(Wish.LOG_IN, provider, key):
                whose = Whose(key) if key and self._is_sign_in(key) else Whose()
                chat.open_sign_in(provider, whose=whose)
            case AccountWish(Wish.ADD, provider):
                chat.open_sign_in(provider, whose=Whose(further=True))
            case AccountWish(_, provider, None):
                self._face.tell(f"Nobody is logged in to {provider.label} yet; l logs in.")
            case AccountWish(Wish.USE, provider, key) if key:
                chat.use_account(provider, tag(key))
            case AccountWish(Wish.LOG_OUT, provider, key):
                chat.ask_to_sign_out(provider, key)
            case AccountWish(Wish.RENEW, _, key) if key:
                self._window.with_key(partial(self._begin_renewal, key, wish.name))
            case AccountWish(Wish.TEST, _, key) if key:
                self._window.with_key(partial(self.checks.begin, key))

    def _begin_renewal(self, key: CredentialKey, name: str) -> None:
        self._run(partial(self._renew, key, name))

    async def _renew(self, key: CredentialKey, name: str) -> None:
        try:
            services = await self._window.services()
            await services.renewal(key, force=True)
        except (SessionEnded, SignInNeeded) as error:
            self._face.tell(error_sentence(error), "l logs in again.", kind="trouble")
        except (ProviderError, StoreBusy) as error:
            self._face.tell(error_sentence(error), "r tries again.", kind="trouble")
        except KeyswitchError as error:
            self._face.fail(error)
        else:
            self._face.tell(f"{self._window.glyphs.ok} {key.provider.label} session of {name} renewed.")
        self._window.read_again()

    async def _copy(self) -> None:
        from entrypoints.cli.status_document import status_document

        light = self._window.light
        try:
            report, track = await asyncio.to_thread(lambda: (light.auth.status(), light.track_record()))
        except KeyswitchError as error:
            self._face.fail(error)
            return
        document = json.dumps(status_document(report, track), indent=2)
        self._window.copy(document, "Status as JSON", self._face.tell)

    def _is_sign_in(self, key: CredentialKey) -> bool:
        state = self._window.window_state
        stored = state.snapshot.credentials if state else ()
        return any(record.key == key for record in sign_ins(stored, key.provider))

    def _redraw(self) -> None:
        for screen in self._window.screen_stack:
            if isinstance(screen, AccountsScreen):
                screen.redraw()

    def _run(self, work: Work) -> None:
        begin_in(self._window, work, group="accounts")
