"""What everything promises by which a sign-in reaches its person."""

from __future__ import annotations

import asyncio
import os
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from application.ports.sign_in_dialog import Newcomer, SignInDialog, SignInLink
from domain.errors import SignInUnderWay
from domain.provider import Provider
from domain.text.secret import Secret
from entrypoints.cli.sign_in import JsonDialog, PastedLines, TerminalDialog
from entrypoints.plain.sign_in_dialog import LineDialog
from tests.support.credentials import ANA, a_record
from tests.support.fake_oauth import FakeDialog

LINK = SignInLink(
    provider=Provider.CLAUDE,
    url="https://claude.example.test/authorize?state=fake-state",
    short_url="http://127.0.0.1:1455/go/K7Q2",
    redirect_uri="http://127.0.0.1:1455/callback",
    listening=True,
    seconds=300,
)
NEWCOMER = Newcomer(Provider.CLAUDE, "ben@example.test", expected=ANA)


class SignInDialogContract(ABC):
    """A whole sign-in, as the person's side of it is called."""

    @abstractmethod
    def make_dialog(self, *pastes: str) -> SignInDialog:
        """Of a person who pastes that and nothing more. The return type is the static half of the contract."""

    async def test_what_is_pasted_comes_in_its_order_and_then_nothing(self) -> None:
        dialog = self.make_dialog("first", "second")
        assert [await dialog.pasted(), await dialog.pasted()] == [Secret("first"), Secret("second")]
        await self._never_returns(dialog)

    async def test_where_nothing_is_pasted_nothing_comes(self) -> None:
        await self._never_returns(self.make_dialog())

    async def test_whatever_is_said_keeps_nobody_waiting_and_ends_no_wait(self) -> None:
        dialog = self.make_dialog()
        for pid in (4242, None):
            dialog.waits_for(SignInUnderWay(pid))
        for _ in range(2):  # once more where the client of the first link turns out to be refused
            dialog.link_ready(LINK)
        dialog.paste_refused("it is no address")
        dialog.callback_refused("it is of another sign-in")
        dialog.signed_in(a_record(), "\x1b[31mana\n")
        await self._never_returns(dialog)

    @staticmethod
    async def _never_returns(dialog: SignInDialog) -> None:
        waiting = asyncio.create_task(dialog.pasted())
        done, _ = await asyncio.wait({waiting}, timeout=0.05)
        assert not done
        waiting.cancel()


class NobodyToAskContract(SignInDialogContract):
    """Where no person can be asked, or nobody answers by decision."""

    async def test_a_newcomer_is_decided_on_by_nobody(self) -> None:
        assert await self.make_dialog().whom_to_keep(NEWCOMER) is None


class OnStandardStreams:
    """Standard input is a pipe that says what is pasted, and ends."""

    @pytest.fixture(autouse=True)
    def _input(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        with ExitStack() as self.open:
            self.monkeypatch = monkeypatch
            yield

    def put_in(self, *pastes: str) -> None:
        reading, writing = os.pipe()
        os.write(writing, "".join(f"{paste}\n" for paste in pastes).encode())
        os.close(writing)
        self.stdin = self.open.enter_context(os.fdopen(reading, encoding="utf-8"))
        self.monkeypatch.setattr("sys.stdin", self.stdin)


class TestTerminalDialog(OnStandardStreams, NobodyToAskContract):
    def make_dialog(self, *pastes: str) -> SignInDialog:
        self.put_in(*pastes)
        return TerminalDialog(pasted=PastedLines(stream=self.stdin))


class TestJsonDialog(OnStandardStreams, NobodyToAskContract):
    def make_dialog(self, *pastes: str) -> SignInDialog:
        self.put_in(*pastes)
        return JsonDialog(pasted=PastedLines(stream=self.stdin))


class TestLineDialog(OnStandardStreams, SignInDialogContract):
    def make_dialog(self, *pastes: str) -> SignInDialog:
        self.put_in(*pastes)
        return LineDialog()


class TestFakeDialog(NobodyToAskContract):
    def make_dialog(self, *pastes: str) -> SignInDialog:
        return FakeDialog(*pastes)
