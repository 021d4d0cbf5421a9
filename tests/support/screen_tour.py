"""A tour of every screen, dialog and state that the app shows; whoever adds one adds a `Stop`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest
from textual.events import Paste
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, TextArea

from adapters.catalogue.builtin import load_catalogue
from application.ports.chat_client import ChatEvent, Done, ReasoningDelta, TextDelta
from application.ports.oauth_client import DevicePoll
from domain.auth_mode import AuthMode
from domain.conversation import StopReason, Usage
from domain.errors import AuthRejected, LimitReached, Offline, SessionEnded
from domain.outbox.parked import Parked
from domain.provider import Provider
from entrypoints.tui.app import KeyswitchApp
from entrypoints.tui.entries import Entries
from entrypoints.tui.screens.accounts_screen import AccountsScreen
from entrypoints.tui.screens.chat_screen import ChatScreen
from entrypoints.tui.screens.client_dialog import ClientDialog
from entrypoints.tui.screens.conversations_screen import ConversationsScreen
from entrypoints.tui.screens.device_dialog import DeviceDialog
from entrypoints.tui.screens.guide_screen import GuideScreen
from entrypoints.tui.screens.help_screen import HelpScreen
from entrypoints.tui.screens.history_search import HistorySearch
from entrypoints.tui.screens.key_dialog import KeyDialog
from entrypoints.tui.screens.login_dialog import LoginDialog
from entrypoints.tui.screens.outbox_screen import OutboxScreen
from entrypoints.tui.screens.palette import Palette
from entrypoints.tui.screens.passphrase_dialog import PassphraseDialog
from entrypoints.tui.screens.picker import Picker
from entrypoints.tui.screens.question import Question
from entrypoints.tui.screens.usage_screen import UsageScreen
from entrypoints.tui.widgets.waiting_rows import WaitingRows
from tests.support.credentials import NOON, a_session
from tests.support.fake_oauth import callback_of
from tests.support.kept import keep
from tests.support.tui_world import TuiWorld, selecting

MARKDOWN: Final = (
    "# Title\n\n- one\n- two\n\n> quoted\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n---\n\n```python\nx = 'code'\n```\n\n"
    "[a link](https://example.test) and `code`\n"
)

FILES: Final = ("parser.py", "notes.md", "src/deep/tokens.py")
"""What lies in the folder that the app was started in."""

NEVER: Final = 3600.0
"""Seconds: what would change by itself does not, while a test runs."""


class Tour:
    """One run of the app, from stop to stop."""

    def __init__(self, pilot: Pilot[int], world: TuiWorld) -> None:
        assert isinstance(pilot.app, KeyswitchApp)
        self.pilot, self.world, self.app = pilot, world, pilot.app

    async def shown(self) -> None:
        """Wait for what ends by itself; a sign-in waits for a person."""
        for _ in range(3):
            await self.pilot.pause()
        for field in self.app.screen.query(Input):
            field.cursor_blink = False
        for area in self.app.screen.query(TextArea):
            area.cursor_blink = False

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.shown()

    async def send(self, text: str, *answer: ChatEvent | BaseException) -> None:
        """Send *text*, a message or a command; *answer* is what comes of the former."""
        if answer:
            self.world.chat.answers = [answer]
        self.app.chat.composer.write(text)
        await self.press("enter")

    async def left(self) -> None:
        """Go back to the conversation, with an empty field."""
        for _ in range(4):
            if self.app.screen is self.app.chat:
                break
            await self.press("escape")
        composer = self.app.chat.composer
        if not composer.has_focus:
            await self.press("escape")  # from the choice of a block
        composer.clear()
        composer.border_subtitle = ""
        self.app.clear_notifications()
        await self.pilot.pause()


_TIMES: Final = (
    "screens.chat_screen.TICK_SECONDS",
    "screens.login_dialog.TICK_SECONDS",
    "screens.device_dialog.TICK_SECONDS",
    "writing.draft.PAUSE",
    "hints.HINT_SECONDS",
    "app.HINT_SECONDS",
)

Way = Callable[[Tour], Awaitable[None]]


@dataclass(frozen=True)
class Stop:
    """What is to be seen, and how one gets there from the conversation with an empty field."""

    name: str
    kind: type[Screen[Any]]
    """The class of the screen in front."""
    way: tuple[str, ...] | str | Way
    """Keys; or a message or command; or what else it takes."""
    leave: Way = Tour.left


# Ways that take more than a few keys.


async def _renaming(tour: Tour) -> None:
    await tour.press("f4")
    await tour.press("down", "ctrl+r")


async def _device_code(tour: Tour) -> None:
    await tour.send("/login claude")
    await tour.press("d")


async def _somebody_else(tour: Tour) -> None:
    await tour.send("/login claude")
    tour.world.listener.callbacks.put_nowait(callback_of("carla"))
    while not isinstance(tour.app.screen, Question):
        await tour.pilot.pause()
    await tour.shown()


async def _refused_key(tour: Tour) -> None:
    await tour.send("/login --provider=claude --api-key")
    await tour.press(*"sk-ant-fake-0000", "enter")


async def _client(tour: Tour) -> None:
    tour.app.push_screen(Entries(tour.app).client(Provider.GEMINI))
    await tour.shown()


async def _guide(tour: Tour) -> None:
    await _client(tour)
    await tour.press("f1")


async def _passphrase(tour: Tour) -> None:
    tour.world.keys.seal_with("made-up")
    tour.app.with_key(lambda: None)
    await tour.shown()


async def _unlocked(tour: Tour) -> None:
    tour.world.keys.unlocked = True
    await tour.left()


async def _pasted(tour: Tour) -> None:
    tour.app.chat.composer.write("Explain ")
    tour.app.chat.composer.post_message(Paste("line\n" * 40))
    await tour.shown()


async def _conversation(tour: Tour) -> None:
    thought, said = ReasoningDelta("First I look."), TextDelta(MARKDOWN)
    await tour.send("Why does this recurse?", thought, said, Done(StopReason.END, Usage(1900, 220)))
    await tour.send("/modle")


async def _answering(tour: Tour) -> None:
    tour.world.chat.hold_before = Done
    await tour.send("And the second?", TextDelta("Almost. With"), Done(StopReason.END, Usage(10, 5)))
    await tour.send("Then the third")


async def _answered(tour: Tour) -> None:
    await tour.press("up")  # what was queued is taken back
    tour.world.chat.go_on.set()
    tour.world.chat.hold_before = None
    await tour.left()


async def _editing(tour: Tour) -> None:
    await tour.send("/edit")


async def _not_edited(tour: Tour) -> None:
    await tour.press("escape")
    await tour.left()


async def _attached(tour: Tour) -> None:
    await tour.send("/attach parser.py")


async def _taken_out(tour: Tour) -> None:
    await tour.press("backspace")
    await tour.left()


async def _at_a_limit(tour: Tour) -> None:
    await tour.send("How so?", LimitReached(Provider.CHATGPT, resets_at=NOON + timedelta(hours=2, minutes=51)))


async def _outbox(tour: Tour) -> None:
    elsewhere = Parked("d" * 32, "another", True, "Summarise the minutes.", NOON - timedelta(days=1), None, "offline")
    tour.world.outbox.park(elsewhere)
    await tour.send("/outbox")


async def _offline(tour: Tour) -> None:
    tour.world.reach.out_of_reach = set(Provider)
    await tour.send("/model claude-haiku-4.5")
    await tour.send("And how?", Offline(Provider.CLAUDE, "no route to host"))
    tour.app.chat.query_one(WaitingRows).tick()
    await tour.shown()


async def _session_ended(tour: Tour) -> None:
    tour.world.reach.out_of_reach = set()
    await tour.press("f6")
    await tour.send("/outbox drop 1")
    await tour.send("/outbox drop 1")
    await tour.send("Once more?", SessionEnded(Provider.CLAUDE, "invalid_grant"))


LISTS: Final = (
    Stop("welcome", ChatScreen, ()),
    Stop("help", HelpScreen, ("f1",)),
    Stop("models", Picker, ("f2",)),
    Stop("models-filtered", Picker, ("f2", *"opus")),
    Stop("login-needed", Question, "/model gemini-3-pro"),
    Stop("accounts", AccountsScreen, ("f3",)),
    Stop("logout", Question, "/logout claude"),
    Stop("conversations", ConversationsScreen, ("f4",)),
    Stop("conversations-found", ConversationsScreen, ("f4", *"base")),
    Stop("conversation-renamed", ConversationsScreen, _renaming),
    Stop("export", Question, ("f4", "ctrl+e")),
    Stop("palette", Palette, ("ctrl+p",)),
    Stop("earlier-messages", HistorySearch, ("ctrl+r",)),
    Stop("outbox-empty", OutboxScreen, "/outbox"),
    Stop("usage", UsageScreen, "/usage"),
)
"""Over the welcome of an empty conversation, so that what they lie over stays the same."""

SIGN_IN: Final = (
    Stop("login", LoginDialog, "/login gemini"),
    Stop("device-code", DeviceDialog, _device_code),
    Stop("another-account", Question, _somebody_else),
    Stop("key", KeyDialog, "/login --api-key --provider=claude"),
    Stop("key-refused", KeyDialog, _refused_key),
    Stop("client", ClientDialog, _client),
    Stop("client-guide", GuideScreen, _guide),
    Stop("passphrase", PassphraseDialog, _passphrase, _unlocked),
)
"""Over the same."""

CHAT: Final = (
    Stop("commands", ChatScreen, ("/",)),
    Stop("files", ChatScreen, ("@",)),
    Stop("attached", ChatScreen, _attached, _taken_out),
    Stop("folded-paste", ChatScreen, _pasted),
    Stop("asked-to-quit", ChatScreen, ("ctrl+c",)),
    Stop("conversation", ChatScreen, _conversation),
    Stop("thoughts", ChatScreen, ("ctrl+t",)),
    Stop("block", ChatScreen, ("alt+up",)),
    Stop("answering", ChatScreen, _answering, _answered),
    Stop("editing", ChatScreen, _editing, _not_edited),
    Stop("limit", ChatScreen, _at_a_limit),
    Stop("payer-changes", Question, ("f5",)),
    Stop("outbox", OutboxScreen, _outbox),
    Stop("offline", ChatScreen, _offline),
    Stop("session-ended", Question, _session_ended),
)
"""In this order: some begin with what the one before left."""

STOPS: Final = (*LISTS, *SIGN_IN, *CHAT)

ONE_EACH: Final = tuple(one for at, one in enumerate(STOPS) if one.kind not in {before.kind for before in STOPS[:at]})
"""The first of each kind of screen."""


def world_of_the_tour() -> TuiWorld:
    """Signed in to two of three, with conversations that were kept."""
    chatgpt = a_session(Provider.CHATGPT, sign_in_expires_at=NOON + timedelta(days=7))
    settings = selecting("gpt-5.1-medium", AuthMode.CHATGPT)
    world = TuiWorld(chatgpt, a_session(Provider.CLAUDE), settings=settings, catalogue=load_catalogue())
    world.environment.hold(Provider.CLAUDE)
    world.oauth.offers_device, world.oauth.device_answers = True, [DevicePoll.PENDING]
    world.clock.slow = True
    world.chat.checks[Provider.CLAUDE] = [AuthRejected(Provider.CLAUDE)]
    keep(world.conversations)
    return world


def stand_still(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let nothing on the screen depend on time or on the folder that the tests run in."""
    for name in _TIMES:
        monkeypatch.setattr(f"entrypoints.tui.{name}", NEVER)
    monkeypatch.setattr("entrypoints.chat.controller.uuid4", lambda: UUID(int=0xDCA1EA32 << 96))
    for path in FILES:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("def expr(): ...\n")
    monkeypatch.chdir(folder)


async def walk(tour: Tour, stops: Iterable[Stop] = STOPS) -> AsyncIterator[Stop]:
    """Each of *stops*, while it is in front."""
    for stop in stops:
        match stop.way:
            case str():
                await tour.send(stop.way)
            case tuple():
                await tour.press(*stop.way)
            case _:
                await stop.way(tour)
        assert type(tour.app.screen) is stop.kind, stop.name
        yield stop
        await stop.leave(tour)
