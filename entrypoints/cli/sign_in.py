"""The person in front of a sign-in, reached by standard streams."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from typing import Self, TextIO

from application.ports.sign_in_dialog import DeviceCode, Newcomer, SignInLink, WhatToKeep
from domain.credential import CredentialRecord
from domain.errors import SignInUnderWay
from domain.text.durations import duration_words
from domain.text.secret import Secret
from entrypoints.cli.output import may_ask, result_json, say
from entrypoints.unseen_input import LARGEST, pastes, unseen
from entrypoints.words.sign_in import newcomer_choices, newcomer_words, port_taken


class PastedLines:
    """What comes on standard input, read beside the loop. Its end is no answer: the sign-in goes on.

    In the context a terminal does not show it.
    """

    def __init__(self, *, stream: TextIO | None) -> None:
        self._descriptor = _readable(stream)
        self._hidden = unseen(self._descriptor)
        self._is_terminal = False
        self._lines: asyncio.Queue[Secret] = asyncio.Queue()
        self._loop: asyncio.AbstractEventLoop | None = None

    def __enter__(self) -> Self:
        self._is_terminal = self._hidden.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._hidden.__exit__(None, None, None)

    async def next(self) -> Secret:
        """The next line that is not blank; waits for ever where none comes."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            # A daemon, on the bare descriptor: a read that waits must keep neither the loop nor the exit waiting.
            threading.Thread(target=self._read, name="keyswitch-paste", daemon=True).start()
        return await self._lines.get()

    def _read(self) -> None:
        if self._descriptor is None or self._loop is None:
            return
        for line in pastes(self._descriptor) if self._is_terminal else _lines(self._descriptor):
            try:
                self._loop.call_soon_threadsafe(self._lines.put_nowait, Secret(line))
            except RuntimeError:  # the loop is closed: the sign-in is over
                return


class TerminalDialog:
    """Says on standard error where to go, and takes what is pasted."""

    def __init__(self, *, pasted: PastedLines) -> None:
        self._pasted = pasted

    def waits_for(self, other: SignInUnderWay) -> None:
        """Say once that another sign-in goes first."""
        say(f"{other} This one begins when that has ended. Ctrl+C cancels.")

    def link_ready(self, link: SignInLink) -> None:
        """Both addresses, each alone on a line that nothing wraps or frames."""
        say(f"Continue with {link.provider.label}. {link.provider.facts.before_sign_in}")
        for line in port_taken(link):
            say(line)
        say("Approve in your browser; if none opened, or it shows no sign-in page, open this address:")
        if link.short_url:
            say(link.short_url)
            say("or in full, for a browser on another machine:")
        say(link.url)
        if not link.listening:
            say("Then paste here, unseen, the address that the browser ends on, or the code that the page shows.")
        elif sys.stdin is not None and sys.stdin.isatty():
            say("Browser on another machine? Paste here, unseen, the address that it ends on.")
        say(f"Waiting for {duration_words(link.seconds)}. Nothing changes before you approve. Ctrl+C cancels.")

    def code_ready(self, code: DeviceCode) -> None:
        """Page and code, each alone on a line. Whoever is asked to type in a code that they did not ask for says no."""
        say(f"Continue with {code.provider.label}. {code.provider.facts.before_sign_in}")
        say("On any telephone or computer, open this page:")
        say(code.page)
        say("and type in this code, which nobody else needs to know:")
        say(code.user_code)
        say(f"Waiting for {duration_words(code.seconds)}. Nothing changes before you approve. Ctrl+C cancels.")

    async def pasted(self) -> Secret:
        """The next line of standard input."""
        return await self._pasted.next()

    def paste_refused(self, reason: str) -> None:
        """Why it did not help."""
        say(f"That does not finish the sign-in: {reason}. Still waiting.")

    def callback_refused(self, reason: str) -> None:
        """Why a browser's answer did not help."""
        say(f"Refused: {reason}. Still waiting.")

    def signed_in(self, record: CredentialRecord, name: str) -> None:
        """Who came, and what to do where that is somebody else."""
        say(who_came(record, name))

    async def whom_to_keep(self, newcomer: Newcomer) -> WhatToKeep | None:
        """A question with numbered answers; None without a terminal."""
        if not may_ask():
            return None
        choices = newcomer_choices(newcomer)
        for line in newcomer_words(newcomer):
            say(line)
        for number, words in enumerate(choices.values(), 1):
            say(f"  {number}  {words}")
        answers = {Secret(number): choice for number, choice in zip("123", choices, strict=True)}  # as what is pasted
        while True:
            say("Type 1, 2, 3 and press Enter:")
            answer = await self._pasted.next()
            if answer in answers:
                return answers[answer]


class JsonDialog:
    """The same for programs: one object a line."""

    def __init__(self, *, pasted: PastedLines) -> None:
        self._pasted = pasted

    def waits_for(self, other: SignInUnderWay) -> None:
        """Said on standard error: `authorize` stays the first line, and may come late."""
        say(str(other))

    def link_ready(self, link: SignInLink) -> None:
        """`authorize`, the first line; once more where the client of the first one turns out to be refused."""
        result_json(
            {
                "event": "authorize",
                "provider": link.provider.value,
                "url": link.url,
                "short_url": link.short_url,
                "redirect_uri": link.redirect_uri,
                "listening": link.listening,
                "port_taken": None if link.taken is None else asdict(link.taken),
                "seconds": link.seconds,
            }
        )

    def code_ready(self, code: DeviceCode) -> None:
        """`device_code`, the first line."""
        result_json(
            {
                "event": "device_code",
                "provider": code.provider.value,
                "user_code": code.user_code,
                "verification_uri": code.page,
                "verification_uri_complete": code.page_with_code,
                "seconds": code.seconds,
            }
        )

    async def pasted(self) -> Secret:
        """The next line of standard input."""
        return await self._pasted.next()

    def paste_refused(self, reason: str) -> None:
        """`paste_refused`: the sign-in goes on waiting."""
        result_json({"event": "paste_refused", "reason": reason})

    def callback_refused(self, reason: str) -> None:
        """`callback_refused`: the sign-in goes on waiting."""
        result_json({"event": "callback_refused", "reason": reason})

    def signed_in(self, record: CredentialRecord, name: str) -> None:
        """Said on standard error: `signed_in` is the last line."""
        say(who_came(record, name))

    async def whom_to_keep(self, newcomer: Newcomer) -> None:
        """Nobody is there: the sign-in fails, and its last line says what to run instead."""


def who_came(record: CredentialRecord, name: str) -> str:
    """Who signed in, before the account is used."""
    return f"{record.provider.label} signed in {name}. Not you? Run: keyswitch logout {record.provider}"


def _readable(stream: TextIO | None) -> int | None:
    """The descriptor to read pasted lines from; None where reading would fail or stop the program."""
    if stream is None or stream.closed:
        return None
    with suppress(OSError, ValueError):
        descriptor = stream.fileno()
        in_background = stream.isatty() and os.name == "posix" and os.tcgetpgrp(descriptor) != os.getpgrp()
        return None if in_background else descriptor  # a terminal stops a background job that reads
    return None


def _lines(descriptor: int) -> Iterator[str]:
    rest = b""
    while True:
        try:
            block = os.read(descriptor, 4096)
        except OSError:
            return
        *whole, rest = (rest + block).split(b"\n")
        whole = whole if block else [rest]
        yield from filter(None, (line.decode(errors="replace").strip() for line in whole))
        if not block:
            return
        rest = rest[:LARGEST]
