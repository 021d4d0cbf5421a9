"""What goes on while a line is typed: sign-ins are renewed. What is to be said of it waits for the next prompt."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from application.renewal.background import TICK
from application.renewal.warnings import Ending
from domain.credential import CredentialKey
from domain.errors import KeyswitchError
from domain.selection import Selection
from entrypoints.services import LightServices, ServicesReady
from entrypoints.words.accounts import ending_words
from entrypoints.words.errors import AGAIN_BY_ITSELF, trouble


class LineBackground:
    """The line terminal as `BackgroundRenewal` knows it."""

    def __init__(
        self, light: LightServices, services: ServicesReady, *, selection: Callable[[], Selection | None]
    ) -> None:
        """*selection* reads what the next message would use; it is called in a thread."""
        self._light = light
        self._services = services
        self._selection = selection
        self._in_use: CredentialKey | None = None
        self._trouble = ""
        self._news: deque[str] = deque()

    async def go_on(self) -> None:
        """Look now and every now and then, until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(TICK)

    async def look(self) -> None:
        """Look once; whatever fails is news, and the next look tries again."""
        try:
            selection = await asyncio.to_thread(self._selection)
            self._in_use = selection.credential.key if selection else None
            services = await self._services()
            await services.background.look(self)
            self._news.extend(services.store_news())
        except KeyswitchError as error:
            self.renewal_trouble(error)

    def news(self) -> list[str]:
        """What has come up since the last call, for the thread that prints."""
        found = []
        while self._news:
            found.append(self._news.popleft())
        return found

    def in_use(self) -> CredentialKey | None:
        """The credential that the next message would use."""
        return self._in_use

    def renewal_trouble(self, error: KeyswitchError | None) -> None:
        """Say it once, and once more when it is over."""
        before, self._trouble = self._trouble, "" if error is None else trouble(error, again=AGAIN_BY_ITSELF)
        if self._trouble and self._trouble != before:
            self._news.append(f"Sign-ins are not renewed: {self._trouble}")
        elif before and not self._trouble:
            self._news.append("Sign-ins are renewed again.")

    def sign_in_ends(self, ending: Ending) -> None:
        """Say it before the next prompt."""
        self._news.append(ending_words(ending.record, self._light.clock.now()))
