"""A sign-in on a line terminal."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable

from application.ports.sign_in_dialog import Newcomer, SignInLink, WhatToKeep
from domain.credential import CredentialRecord
from domain.errors import SignInUnderWay
from domain.text.secret import Secret
from entrypoints.plain.line_terminal import say_lines
from entrypoints.unseen_input import Typed
from entrypoints.words.sign_in import newcomer_choices, newcomer_words, port_taken, who_came


class LineDialog:
    """The bare link on a line of its own, and whatever is pasted after it."""

    def __init__(self, consent: Callable[[str], str] | None = None, *, hidden: bool = False) -> None:
        """*hidden* says that standard input is an `unseen` terminal."""
        self._consent = consent
        self._typed = Typed(sys.stdin.fileno()) if hidden else None
        self._url = ""

    def waits_for(self, other: SignInUnderWay) -> None:
        """Say that another sign-in goes first."""
        say_lines(f"{other} This one begins when that has ended. Ctrl+C cancels.")

    def link_ready(self, link: SignInLink) -> None:
        """Print the link, and how to come back from it."""
        self._url = link.url
        say_lines(f"Continue with {link.provider.label}. {link.provider.facts.before_sign_in}", *port_taken(link))
        say_lines("We opened your browser. If nothing happened, open this link:", link.short_url or link.url)
        say_lines("Or paste the address that the browser ends on, which stays hidden, and press Enter. Ctrl+C cancels.")
        if self._consent is not None:
            say_lines("Here in the sandbox, a and Enter approves.")

    async def pasted(self) -> Secret:
        """What was pasted, or what the sandbox's page showed once it was approved; see `SignInDialog`."""
        while True:
            line = await self._line()
            if self._consent is None or not line.matches("a"):
                return line
            ended_on = await asyncio.to_thread(self._consent, self._url)
            if "://" not in ended_on:
                return Secret(ended_on)

    async def _line(self) -> Secret:
        """The next line; never returns after the end of input."""
        loop = asyncio.get_running_loop()
        line: asyncio.Future[Secret] = loop.create_future()

        def readable() -> None:
            text = sys.stdin.readline() if self._typed is None else self._typed.read()
            if not line.done() and (text or self._typed is None or self._typed.ended):
                line.set_result(Secret(text))

        loop.add_reader(sys.stdin, readable)
        try:
            text = await line
        finally:
            loop.remove_reader(sys.stdin)
        if not text:
            await asyncio.Event().wait()
        return text.stripped()

    def paste_refused(self, reason: str) -> None:
        """Say why, and keep waiting."""
        say_lines(f"{reason[:1].upper()}{reason[1:]}. Still waiting.")

    def callback_refused(self, reason: str) -> None:
        """Say why a browser's answer did not help, and keep waiting."""
        say_lines(f"Refused: {reason}. Still waiting.")

    def signed_in(self, record: CredentialRecord, name: str) -> None:
        """Who came, and what to do where that is somebody else."""
        say_lines(who_came(record, name))

    async def whom_to_keep(self, newcomer: Newcomer) -> WhatToKeep:
        """Ask by number until one of them is typed."""
        choices = newcomer_choices(newcomer)
        answers = {Secret(number): choice for number, choice in zip("123", choices, strict=True)}  # as what is pasted
        say_lines(*newcomer_words(newcomer), *(f"{number} {words}" for number, words in enumerate(choices.values(), 1)))
        while True:
            say_lines("Type 1, 2 or 3 and press Enter.")
            answer = await self._line()
            if answer in answers:
                return answers[answer]
