"""What browsers are answered while a sign-in is under way: the short link, the callback, the page at the end."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from socket import gethostname
from typing import Final

from adapters.oauth.callback import QueryUnusable, callback_parameters
from adapters.sign_in import pages
from adapters.sign_in.connection import Request
from adapters.sign_in.held_address import Held
from adapters.sign_in.pages import Reply
from adapters.sign_in.peer import Address, Caller
from application.ports.sign_in_listener import PortTaken, SignInPage
from domain.errors import LinkOpenedTwice
from domain.provider import Provider
from domain.text.secret import Secret

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
"""A sign-in takes so many different callbacks with the right state; more than one is odd already."""

_ANOTHER_SIGN_IN: Final = "a browser brought an answer that does not belong to this sign-in"
_MALFORMED: Final = "a browser brought an answer that no provider writes (a repeated parameter, or too much of them)"
_TOO_MANY: Final = f"browsers brought more than {_MOST_ANSWERS} different answers"
_STRANGER: Final = "another user of this machine tried to take part in this sign-in, and was turned away"


@dataclass(eq=False, slots=True)
class _Answer:
    """A callback that carries the right state. It may come several times; its browser is told the same each time."""

    parameters: Mapping[str, str]
    word: Secret
    """The address at which its browser waits ends with this word."""
    outcome: asyncio.Future[SignInPage] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def settle(self, page: SignInPage) -> None:
        if not self.outcome.done():
            self.outcome.set_result(page)


class Attempt:
    """An open listener. It knows one sign-in, answers its browser, and turns everybody else away.

    Belongs to one event loop.
    """

    def __init__(self, provider: Provider, held: Held, *, caller: Callable[[Address, Address], Caller]) -> None:
        self._provider = provider
        self._held = held
        self._caller = caller
        self._short = _word()
        self._target: str | None = None
        self._visitor: Secret | None = None
        """The browser that opened the short link first knows this word."""
        self._shared = asyncio.Event()
        """It is set once a second browser has opened the short link."""
        self._state: Secret | None = None
        self._seen: list[_Answer] = []
        self._answers: asyncio.Queue[Mapping[str, str]] = asyncio.Queue()
        self._refusals: asyncio.Queue[str] = asyncio.Queue()
        self._refused: set[str] = set()
        self._final: SignInPage | None = None
        self._on_their_way = 0
        """Browsers that were sent to the last page, and have not fetched it."""
        self._all_shown = asyncio.Event()

    # What the sign-in asks for

    @property
    def redirect_uri(self) -> str:
        return self._held.redirect_uri

    @property
    def taken(self) -> PortTaken | None:
        return self._held.taken

    def forward_to(self, url: str, *, state: Secret) -> str:
        self._target, self._state = url, state
        return f"{self._held.origin}{SHORT_PATH}{self._short.reveal()}"

    async def callback(self) -> Mapping[str, str]:
        answer = asyncio.ensure_future(self._answers.get())
        shared = asyncio.ensure_future(self._shared.wait())
        try:
            await asyncio.wait({answer, shared}, return_when=asyncio.FIRST_COMPLETED)
            self.ensure_unshared()
            return answer.result()
        finally:
            answer.cancel()
            shared.cancel()

    def ensure_unshared(self) -> None:
        if self._shared.is_set():
            raise LinkOpenedTwice(self._provider)

    async def refused(self) -> str:
        return await self._refusals.get()

    def refuse(self, callback: Mapping[str, str], page: SignInPage) -> None:
        for answer in self._seen:
            if answer.parameters == callback:
                answer.settle(page)

    async def show(self, content: SignInPage) -> None:
        """Settle what every browser is told, and give those that were sent to the last page the time to fetch it."""
        await self._settle(content, LONGEST_GOODBYE)

    async def end(self, *, within: float) -> None:
        """Tell whoever still waits that nothing comes any more."""
        await self._settle(pages.ENDED, within)

    # What a browser asks for

    async def answer(self, request: Request) -> Reply:
        """Let through what a browser sends here by a link or a redirect: GET, with our own name in `Host`.

        Another name means that some page made its own host name point at this machine (DNS rebinding).
        """
        if request.header("host").lower() not in self._held.names:
            return pages.page(pages.NOTHING_HERE, status=421)
        if request.method != "GET":
            return pages.page(pages.NOTHING_HERE, status=405)
        before, slash, word = request.path.rpartition("/")
        if before + slash == SHORT_PATH:
            return self._forward(request, word)
        if before + slash == END_PATH:
            return await self._finish(request, word)
        if request.path == self._held.rule.path:
            return self._receive(request)
        return pages.page(pages.NOTHING_HERE, status=404)

    def _forward(self, request: Request, word: str) -> Reply:
        """Answer the short link. It is good for one browser. A second one ends the sign-in, because the first
        may be that of somebody who read the link elsewhere, and who knows the state of the sign-in now.
        """
        if self._target is None or not self._short.matches(word):
            return pages.page(pages.NOTHING_HERE, status=404)
        if _is_guess(request):
            return pages.page(pages.NOTHING_HERE, status=503)
        if self._turns_away(request):
            return pages.page(pages.STRANGER, status=403)
        if self._visitor is not None and not self._visitor.matches(request.cookie(_COOKIE)):
            if self._final is not None:
                return pages.page(pages.ENDED, status=410)
            self._shared.set()
            return pages.page(pages.USED, status=410)
        self._visitor = self._visitor or _word()
        # Not "strict": that cookie is not sent again by a browser that comes from the file it was started with
        kept = f"{_COOKIE}={self._visitor.reveal()}; Path={SHORT_PATH}{word}; HttpOnly; SameSite=lax"
        return pages.sent_to(self._target, status=302, cookie=kept)

    def _receive(self, request: Request) -> Reply:
        """Answer the callback. Only one with the right state changes anything; a repeated one is told the same.

        The browser is sent on at once, so that the code leaves its address bar and history.
        """
        try:
            parameters = callback_parameters(request.query)
        except QueryUnusable:
            return self._refusal(_MALFORMED)
        if self._state is None or not self._state.matches(parameters.get("state", "")):
            return self._refusal(_ANOTHER_SIGN_IN)
        if self._turns_away(request):
            return pages.page(pages.STRANGER, status=403)
        answer = self._known(parameters)
        if answer is None:
            return self._refusal(_TOO_MANY)
        self._on_their_way += 1
        self._all_shown.clear()
        return pages.sent_to(f"{END_PATH}{answer.word.reveal()}", status=303)

    async def _finish(self, request: Request, word: str) -> Reply:
        """Answer the last page. It waits until the outcome is known: a success is shown once it is saved."""
        answer = next((answer for answer in self._seen if answer.word.matches(word)), None)
        if answer is None:
            return pages.page(pages.NOTHING_HERE, status=404)
        if self._turns_away(request):
            return pages.page(pages.STRANGER, status=403)
        try:
            async with asyncio.timeout(LONGEST_PATIENCE):
                content = await asyncio.shield(answer.outcome)
        except TimeoutError:
            return pages.page(pages.WORKING, status=202)
        self._on_their_way = max(0, self._on_their_way - 1)
        if not self._on_their_way:
            self._all_shown.set()
        return pages.page(content, computer=gethostname())

    def _known(self, parameters: Mapping[str, str]) -> _Answer | None:
        """The answer with *parameters*: the one that came before, or a new one; None if there are too many already."""
        known = next((answer for answer in self._seen if answer.parameters == parameters), None)
        if known is not None or len(self._seen) >= _MOST_ANSWERS:
            return known
        new = _Answer(parameters, _word())
        self._seen.append(new)
        if self._final is None:
            self._answers.put_nowait(parameters)
        else:
            new.settle(self._final)
        return new

    def _refusal(self, reason: str) -> Reply:
        self._tell(reason)
        return pages.page(pages.NOT_OURS, status=400)

    def _turns_away(self, request: Request) -> bool:
        """Whether *request* comes from another user of this machine, or from somebody who hung up.

        It is asked only where a word or the state was right: a guess is not worth the cost of looking this up.
        """
        found = self._caller(request.peer, request.here)
        if found is Caller.STRANGER:
            self._tell(_STRANGER)
        return found is not Caller.WELCOME

    def _tell(self, reason: str) -> None:
        """Tell the person of *reason*, once, however often a page knocks."""
        if self._state is not None and self._final is None and reason not in self._refused:
            self._refused.add(reason)
            self._refusals.put_nowait(reason)

    async def _settle(self, content: SignInPage, seconds: float) -> None:
        self._final = self._final or content
        for answer in self._seen:
            answer.settle(self._final)
        if self._on_their_way:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._all_shown.wait()
            self._on_their_way = 0


def _is_guess(request: Request) -> bool:
    """Whether a browser asks for what its person may want next (Fetch, `Sec-Purpose`), and would come twice."""
    return "prefetch" in (request.header("sec-purpose") or request.header("purpose"))


def _word() -> Secret:
    return Secret("".join(secrets.choice(_ALPHABET) for _ in range(_WORD_LENGTH)))
