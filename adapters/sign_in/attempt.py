"""One sign-in as the browser meets it: the short link, the callback, the page at the end."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from socket import gethostname
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from adapters.oauth.callback import QueryUnusable, callback_parameters
from adapters.sign_in import pages
from application.ports.sign_in_listener import SignInPage
from domain.secret import Secret

LONGEST_PATIENCE: Final = 90.0
"""Seconds that a browser is kept waiting for the outcome: the exchange of the code may take 30, saving some more."""

LONGEST_GOODBYE: Final = 2.0
"""Seconds to let the browser fetch the last page."""

END_PATH: Final = "/signed-in/"
"""Where the browser ends up, so that neither its address bar nor its history keeps the code. A random word
follows, so that no other page or program asks for what is meant for this browser."""

SHORT_PATH: Final = "/go/"
_COOKIE: Final = "keyswitch"
_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_WORD_LENGTH: Final = 8
"""Some 40 bits: nobody else on this machine finds an address by trying."""

_MOST_ANSWERS: Final = 8
"""Different callbacks with the right state; more than one is odd already."""


class Attempt:
    """What is known of the attempt, and who waits for what. Belongs to one event loop."""

    def __init__(self, *, origin: str) -> None:
        self._origin = origin
        self._short, self._end = _word(), _word()
        self._target: str | None = None
        self._visitor: Secret | None = None
        """Known to the browser that opened the short link first."""
        self._state: Secret | None = None
        self._seen: list[Mapping[str, str]] = []
        self._answers: asyncio.Queue[Mapping[str, str]] = asyncio.Queue()
        self._outcome: asyncio.Future[SignInPage] = asyncio.get_running_loop().create_future()
        self._sent_to_end = 0
        self._shown = 0
        self._all_shown = asyncio.Event()

    def forward_to(self, url: str, *, state: Secret) -> str:
        self._target, self._state = url, state
        return f"{self._origin}{SHORT_PATH}{self._short.reveal()}"

    async def callback(self) -> Mapping[str, str]:
        return await self._answers.get()

    async def show(self, content: SignInPage) -> None:
        """Settle what every browser is told, and give those that were sent to the last page the time to fetch it."""
        self._settle(content)
        if self._shown >= self._sent_to_end:
            return
        try:
            async with asyncio.timeout(LONGEST_GOODBYE):
                await self._all_shown.wait()
        except TimeoutError:
            return

    def end(self) -> None:
        """Tell whoever still waits that nothing comes any more."""
        self._settle(pages.ENDED)

    async def forward(self, request: Request) -> Response:
        """The short link. It is good for one browser: whoever reads it off a screen or a list of processes and comes
        second does not learn the address, and with it the state, of somebody else's sign-in.
        """
        if self._target is None or not self._short.matches(request.path_params["word"]):
            return pages.page(pages.NOTHING_HERE, status=404)
        if self._visitor is not None and not self._visitor.matches(request.cookies.get(_COOKIE, "")):
            return pages.page(pages.USED, status=410)
        self._visitor = self._visitor or _word()
        answer = pages.sent_to(self._target, status=302)
        path = f"{SHORT_PATH}{self._short.reveal()}"
        answer.set_cookie(_COOKIE, self._visitor.reveal(), path=path, httponly=True, samesite="strict")
        return answer

    async def receive(self, request: Request) -> Response:
        """The callback. Only one with the right state changes anything; a repeated one is told the same.

        The browser is sent on at once, so that the code leaves its address bar and history.
        """
        try:
            parameters = callback_parameters(request.scope["query_string"].decode("ascii"))
        except (QueryUnusable, UnicodeDecodeError):
            return pages.page(pages.NOT_OURS, status=400)
        if self._state is None or not self._state.matches(parameters.get("state", "")):
            return pages.page(pages.NOT_OURS, status=400)
        if parameters not in self._seen and len(self._seen) < _MOST_ANSWERS and not self._outcome.done():
            self._seen.append(parameters)
            self._answers.put_nowait(parameters)
        self._sent_to_end += 1
        self._all_shown.clear()
        return pages.sent_to(f"{END_PATH}{self._end.reveal()}", status=303)

    async def finish(self, request: Request) -> Response:
        """The page at the end. It comes when the outcome is known: a success is shown once it is saved."""
        if not self._end.matches(request.path_params["word"]):
            return pages.page(pages.NOTHING_HERE, status=404)
        try:
            async with asyncio.timeout(LONGEST_PATIENCE):
                content = await asyncio.shield(self._outcome)
        except TimeoutError:
            return pages.page(pages.WORKING, status=202)
        self._shown += 1
        if self._shown >= self._sent_to_end:
            self._all_shown.set()
        return pages.page(content, computer=gethostname())

    def _settle(self, content: SignInPage) -> None:
        if not self._outcome.done():
            self._outcome.set_result(content)


def _word() -> Secret:
    return Secret("".join(secrets.choice(_ALPHABET) for _ in range(_WORD_LENGTH)))
