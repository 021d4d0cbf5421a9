"""A person who approves every sign-in at the sandbox, as a browser would."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from threading import Thread as Worker

from application.ports.sign_in_dialog import Newcomer, SignInLink, WhatToKeep
from domain.credential import CredentialRecord
from domain.errors import SignInUnderWay
from domain.provider import Provider
from domain.text.secret import Secret
from entrypoints.services import Services


class ApprovingDialog:
    """Sends the scripted browser to the link, and pastes nothing."""

    def __init__(self, approve: Callable[[str], str]) -> None:
        self._approve = approve
        self.links: list[SignInLink] = []

    def waits_for(self, other: SignInUnderWay) -> None:
        raise AssertionError(str(other))

    def link_ready(self, link: SignInLink) -> None:
        self.links.append(link)
        Worker(target=self._approve, args=(link.short_url or link.url,), daemon=True).start()

    async def pasted(self) -> Secret:
        await asyncio.Event().wait()
        raise AssertionError("an event that nobody sets was set")

    def paste_refused(self, reason: str) -> None:
        raise AssertionError(reason)

    def callback_refused(self, reason: str) -> None:
        raise AssertionError(reason)

    def signed_in(self, record: CredentialRecord, name: str) -> None:
        """Whoever comes is welcome."""

    async def whom_to_keep(self, newcomer: Newcomer) -> WhatToKeep | None:
        raise AssertionError(newcomer)


async def sign_in(services: Services, provider: Provider) -> CredentialRecord:
    """Sign in to *provider* through listener, consent page and exchange."""
    assert services.consent is not None
    dialog = ApprovingDialog(services.consent)
    return (await services.sign_in.by_browser(provider, dialog, open_browser=False, seconds=20)).record
