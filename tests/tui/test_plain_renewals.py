"""The line terminal while a line is typed: sign-ins are renewed, and what is to be said waits for the next prompt."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from adapters.catalogue.builtin import load_catalogue
from application.ports.chat_client import TextDelta
from application.renewal.warnings import Ending
from domain.auth_mode import AuthMode
from domain.errors import ConfigError, StoreLocked
from domain.provider import Provider
from entrypoints.chat.options import TuiOptions
from entrypoints.plain import plain_chat
from entrypoints.plain.line_terminal import say_lines
from entrypoints.plain.renewals import LineBackground
from entrypoints.services import Services
from entrypoints.signals import PoliteEnd
from tests.support.credentials import NOON, a_session
from tests.support.tui_world import TuiWorld, selecting

DUE = timedelta(minutes=57)
LONGEST = 30.0
"""Seconds to wait for what happens in milliseconds."""


@pytest.fixture
def world() -> TuiWorld:
    settings = selecting("claude-opus-4.1", AuthMode.CLAUDE)
    return TuiWorld(a_session(Provider.CLAUDE), settings=settings, catalogue=load_catalogue())


def background(world: TuiWorld) -> LineBackground:
    built = world.services()

    async def services() -> Services:
        return built

    return LineBackground(world.light, services, selection=lambda: world.snapshot().selection)


Typed = str | Callable[[], str]


def typing(monkeypatch: pytest.MonkeyPatch, *lines: Typed) -> None:
    """Type *lines*; a function stands for what happens while somebody thinks."""
    rest = iter(lines)

    def typed(prompt: str = "") -> str:
        print(prompt, end="", flush=True)  # noqa: T201 - as `input` does
        line = next(rest, None)
        if line is None:
            raise EOFError
        return line if isinstance(line, str) else line()

    monkeypatch.setattr("builtins.input", typed)


def run(world: TuiWorld) -> int:
    return plain_chat.run(world.services, world.light, TuiOptions(plain=True, ascii=True))


async def test_what_is_due_and_in_use_is_renewed(world: TuiWorld) -> None:
    world.clock.advance(DUE)
    watcher = background(world)
    await watcher.look()
    assert [session.record.key for session in world.oauth.renewals] == [a_session().record.key]
    assert watcher.news() == []


async def test_trouble_is_news_once_and_its_end_as_well(world: TuiWorld) -> None:
    world.clock.advance(DUE)
    world.sessions.refuse_to_load = StoreLocked("auth.json", "the keyring is locked")
    watcher = background(world)
    await watcher.look()
    await watcher.look()
    (told,) = watcher.news()
    assert told.startswith("Sign-ins are not renewed: ")
    assert "the keyring is locked" in told
    world.sessions.refuse_to_load = None
    await watcher.look()
    await watcher.look()
    assert watcher.news() == ["Sign-ins are renewed again."]


async def test_a_config_that_makes_no_sense_is_news_and_ends_nothing(world: TuiWorld) -> None:
    world.config.fail_with = ConfigError("config.toml", "line 3 makes no sense")
    watcher = background(world)
    await watcher.look()
    assert "line 3 makes no sense" in watcher.news()[0]


def test_a_sign_in_that_ends_is_told_before_the_next_prompt_and_tears_no_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ending = a_session(sign_in_expires_at=NOON + timedelta(days=2))
    world = TuiWorld(ending, settings=selecting("claude-opus-4.1", AuthMode.CLAUDE), catalogue=load_catalogue())
    asked, told = threading.Event(), threading.Event()
    tell = LineBackground.sign_in_ends

    def telling(self: LineBackground, ending: Ending) -> None:
        assert asked.wait(LONGEST), "or it would be told before the first prompt"
        tell(self, ending)
        told.set()

    monkeypatch.setattr(LineBackground, "sign_in_ends", telling)
    typed: list[str] = []

    def slowly() -> str:
        typed.append(capsys.readouterr().out)
        asked.set()
        assert told.wait(LONGEST)
        typed.append(capsys.readouterr().out)
        return "/help"

    typing(monkeypatch, slowly, "/quit")
    assert run(world) == 0
    assert typed[0].endswith("> ")
    assert typed[1] == "", "nothing is written while somebody types"
    rest = capsys.readouterr().out
    assert rest.index("/help") < rest.index("Your Claude sign-in as ana@example.test expires in 2 days")
    assert rest.rindex("> ") > rest.index("expires in 2 days")


def told_to_end(number: int) -> Callable[[], str]:
    """A signal that comes while a line is typed."""

    def arriving() -> str:
        os.kill(os.getpid(), number)
        threading.Event().wait(LONGEST)  # a handler that raises ends it
        raise AssertionError("the signal ended nothing")

    return arriving


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_at_the_prompt_ends_the_chat_with_its_number(
    world: TuiWorld, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    typing(monkeypatch, "hello", told_to_end(number))
    before = signal.getsignal(number)
    with pytest.raises(SystemExit) as ended:
        run(world)
    assert ended.value.code == 128 + number
    assert world.closed == 1
    assert signal.getsignal(number) is before


def test_ctrl_c_at_the_prompt_leaves_when_pressed_twice(
    world: TuiWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    press = told_to_end(signal.SIGINT)
    typing(monkeypatch, press, "/help", press, press)
    with pytest.raises(KeyboardInterrupt):
        run(world)
    assert capsys.readouterr().out.count("Ctrl+C again leaves; so does /quit.") == 2


def test_ctrl_c_stops_an_answer_and_ends_nothing_else(
    world: TuiWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world.chat.hold_before = TextDelta

    world.chat.on_hold = lambda: os.kill(os.getpid(), signal.SIGINT)
    typing(monkeypatch, "hello", "/quit")
    assert run(world) == 0
    assert "Stopped; what came until then is kept." in capsys.readouterr().out
    assert world.chat.closed == 1


def test_a_signal_that_comes_between_two_prompts_is_not_lost(world: TuiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    say = say_lines
    told: list[int] = []

    def said(*lines: str) -> None:
        say(*lines)
        if not told:
            told.append(signal.SIGTERM)
            os.kill(os.getpid(), signal.SIGTERM)

    typing(monkeypatch, "/quit")
    monkeypatch.setattr("entrypoints.plain.plain_chat.say_lines", said)
    with pytest.raises(SystemExit) as ended:
        run(world)
    assert ended.value.code == 128 + signal.SIGTERM


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_wait_for_a_line_whenever_it_comes(number: signal.Signals) -> None:
    never, end_of_it = os.pipe()
    sender = threading.Thread(target=os.kill, args=(os.getpid(), number))

    def waiting(end: PoliteEnd) -> None:
        with end.interrupting():
            end.until_readable(never)

    try:
        with PoliteEnd(warn=lambda _: None) as end:
            sender.start()
            with pytest.raises((SystemExit, KeyboardInterrupt)):
                waiting(end)
        assert end.received == number
    finally:
        sender.join()
        os.close(never)
        os.close(end_of_it)
