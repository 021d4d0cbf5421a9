"""How the app speaks with its terminal on Linux and macOS: Textual's driver, and what it does not do.

- What was pasted presses no keys (`pastes`).
- Nobody waits for a terminal that takes nothing (`screen_writer`).
- Where the terminal is gone, the app is told. Textual's driver would read its end for ever.
- It starts once. SIGCONT would start Textual's a second time, which then takes the raw mode for the person's own.
- Keys wait until something takes them. Textual drops what is typed before the first frame.
- The terminal is asked for its background, and its answer presses no keys (`terminal_replies`).
- Nothing that a terminal may send, or say of its size, ends the app.

This is the only file that builds on private parts of Textual. They may change with any version, so the version is
pinned exactly, and tests/tui/test_terminal_driver.py tests what is assumed here.
"""

from __future__ import annotations

import os
import re
import select
import signal
import sys
import termios
import tty
from codecs import getincrementaldecoder
from collections.abc import Iterable
from contextlib import suppress
from threading import Event, Lock
from typing import Any, Final

from textual import constants, events
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size
from textual.message import Message

from domain.text.untrusted import Shown, untrusted_line
from entrypoints.tui.pastes import Pasted, PasteSplitter
from entrypoints.tui.screen_writer import ScreenWriter
from entrypoints.tui.terminal_replies import QUESTION, Replies

LARGEST: Final = Size(1000, 500)
"""Columns and rows. A terminal may say anything of its size, and each cell takes memory."""

_USUAL: Final = Size(80, 25)
"""Where the terminal does not know its size."""

_PATIENCE: Final = 0.5
"""Seconds for what waits to be written, and as many for what gives the screen back."""

_READ: Final = 4096

_KEEP_NAME: Final = "\x1b[22;0t"
_NAME_BACK: Final = "\x1b[23;0t"
"""Have the terminal put the names of its window aside, and take them back (xterm's window operations)."""

_LONE_HALF: Final = re.compile("[\ud800-\udfff]")
"""Of a character in UTF-16: no text that could be stored or sent."""


class TerminalDriver(LinuxDriver):
    """Holds the terminal from `start_application_mode` to `stop_application_mode`."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        """*debug* is ignored: Textual's parser would write down all that is typed."""
        super().__init__(app, debug=False, mouse=mouse, size=size)
        self._file = sys.__stdout__  # a terminal, as the app was started; standard error may be a file
        self._size = size or self._get_terminal_size()  # Textual would believe COLUMNS
        self._screen: ScreenWriter | None = None
        self._started = self._set_aside = self._left = False
        self._wake, waker = os.pipe()
        os.set_blocking(self._wake, False)
        os.set_blocking(waker, False)
        self.exit_event = _WakingEvent(waker)
        self._parser = XTermParser()
        self._replies = Replies(self._tell_background, key_seconds=constants.ESCAPE_DELAY)
        self._name = untrusted_line("")
        """What the window is to be called; "" where that is left alone."""
        self._named = False
        """Whether it is called so now."""
        self._early: list[events.Key | events.Paste] | None = [] if getattr(app, "keys_wait", False) else None
        """What came before the app takes keys; None once it does."""
        self._in_order = Lock()

    # The screen.

    def write(self, data: str) -> None:
        """Have *data* written, soon or never. Never blocks."""
        if self._screen is not None:
            self._screen.write(data)

    def name_window(self, name: Shown) -> None:
        """Call the terminal's window *name*, until the terminal is given back."""
        self._name = name
        if not self._started:
            return
        if not self._named:
            self.write(_KEEP_NAME)
        self._named = True
        self.write(f"\x1b]0;{name}\a")

    @property
    def uses_mouse(self) -> bool:
        """Whether the app takes what the mouse does."""
        return self._mouse

    def use_mouse(self, on: bool) -> None:
        """Take what the mouse does, or leave it to the terminal, which can select and copy."""
        if on:
            self._mouse = True
            self._enable_mouse_support()
        else:
            self._disable_mouse_support()
            self._mouse = False

    def _redraw(self) -> None:
        self._app.call_later(self._app.refresh)

    def _get_terminal_size(self) -> tuple[int, int]:
        """What the terminal says, within reason."""
        try:
            size = Size(*os.get_terminal_size(self.fileno))
        except OSError:
            size = Size(0, 0)
        return _within_reason(size if size.area else _USUAL)

    # Beginning and end.

    def start_application_mode(self) -> None:
        """Take the terminal, once."""
        if self._started or self._left:
            return
        assert sys.__stdout__ is not None  # noqa: S101 - a terminal, or there would be no app
        self._screen = ScreenWriter(
            sys.__stdout__.fileno(),
            encoding=sys.__stdout__.encoding,
            caught_up=self._redraw,
            gone=self._tell_that_it_is_gone,
        )
        self._screen.start()
        early = getattr(self._app, "early_terminal", None)
        found = early.hand_over() if early is not None else None
        super().start_application_mode()  # type: ignore[no-untyped-call] # Textual's
        self.attrs_before = found or self.attrs_before
        if self._writer_thread is None:  # in the background, where nothing may be drawn
            self._give_up_writer()
            return
        self._writer_thread.stop()  # nothing is written by it, see `write`
        self._writer_thread = None
        self._started, self._set_aside = True, False
        self.write(QUESTION)
        if self._name:
            self.name_window(self._name)

    def stop_application_mode(self) -> None:
        """Give the terminal back as it was found; harmless where that is done."""
        if not self._started or self._screen is None:
            return
        self._started = False
        if self._named:
            self._named = False
            self.write(_NAME_BACK)
        self._screen.hurry(_PATIENCE)
        super().stop_application_mode()

    def suspend_application_mode(self) -> None:
        """Give the terminal back for a while."""
        self._set_aside = self._started
        super().suspend_application_mode()

    def close(self) -> None:
        """Wait, not for long, until all is written."""
        self._give_up_writer()

    def give_back(self) -> None:
        """Give the terminal back for good, from any thread, whatever the others do."""
        self._left = True
        self.stop_application_mode()
        self.close()

    def _give_up_writer(self) -> None:
        screen, self._screen = self._screen, None
        if screen is not None:
            screen.end(_PATIENCE)

    def _sigcont_application(self, *_: object) -> None:
        """Somebody stopped the program, and now it goes on."""
        if self._started:
            self._be_raw_again()
            self._redraw()
        elif self._set_aside:
            super()._sigcont_application()
            self._redraw()

    def _be_raw_again(self) -> None:
        """A shell may have set the terminal for itself meanwhile."""
        with suppress(termios.error):
            mode = termios.tcgetattr(self.fileno)
            mode[tty.LFLAG] = self._patch_lflag(mode[tty.LFLAG])
            mode[tty.IFLAG] = self._patch_iflag(mode[tty.IFLAG])
            termios.tcsetattr(self.fileno, termios.TCSANOW, mode)

    # What comes in.

    def _run_input_thread(self) -> None:
        """Textual's would print the error with its text."""
        try:
            self.run_input_thread()
        except Exception as error:  # noqa: BLE001 - told as the bug that it is, where all others are
            self._loop.call_soon_threadsafe(self._app._handle_exception, error)  # noqa: SLF001

    def run_input_thread(self) -> None:
        """Read until `exit_event` is set, or the terminal is gone."""
        pastes = PasteSplitter(key_seconds=constants.ESCAPE_DELAY)
        decode = getincrementaldecoder("utf-8")("replace").decode
        while not self.exit_event.is_set():
            ready = select.select([self.fileno, self._wake], [], [], self._patience(pastes))[0]
            if self._wake in ready:
                with suppress(BlockingIOError):
                    os.read(self._wake, _READ)
            elif ready:
                data = _read(self.fileno)
                if not data:
                    self._tell_that_it_is_gone()
                    return
                self._take(pastes.feed(decode(data)))
            else:
                self._take(pastes.give_up())
                self._press_all(self._replies.give_up())
                self._no_more_keys()

    def process_message(self, message: Message) -> None:
        """As in the base class, with sizes within reason, and without halves of characters."""
        if isinstance(message, events.Key) and _LONE_HALF.search(message.character or ""):
            return
        if isinstance(message, events.Resize):
            size = _within_reason(message.size)
            if size != message.size:
                message = events.Resize(size, size)
        with self._in_order:
            if self._early is None or not isinstance(message, events.Key | events.Paste):
                super().process_message(message)
            elif isinstance(message, events.Key) and message.key == "ctrl+c":
                os.kill(os.getpid(), signal.SIGINT)
            else:
                self._early.append(message)

    def take_keys(self) -> None:
        """The app takes keys from now on: those that came, then those that come."""
        with self._in_order:
            early, self._early = self._early or [], None
            for message in early:
                super().process_message(message)

    def _patience(self, pastes: PasteSplitter) -> float | None:
        held = [patience for patience in (pastes.patience, self._replies.patience) if patience is not None]
        if held:
            return min(held)
        return None if self._parser._timeout_time is None else constants.ESCAPE_DELAY  # noqa: SLF001

    def _take(self, pieces: Iterable[str | Pasted]) -> None:
        for piece in pieces:
            if isinstance(piece, Pasted):
                self._no_more_keys()
                self.process_message(events.Paste(piece.text))
                continue
            self._press_all(self._replies.feed(piece))

    def _press_all(self, keys: str) -> None:
        for character in keys:  # one by one, so that what cannot be read takes nothing else with it
            self._press(self._parser.feed(character))

    def _no_more_keys(self) -> None:
        """The key that the parser waits for the rest of is whole."""
        if self._parser._timeout_time is not None:  # noqa: SLF001
            self._parser._timeout_time = 0.0  # noqa: SLF001
            self._press(self._parser.tick())

    def _press(self, messages: Iterable[Message]) -> None:
        try:
            for message in messages:
                self.process_message(message)
        except (ArithmeticError, ValueError):  # a sequence with a number that means nothing
            self._parser = XTermParser()

    def _tell_background(self, light: bool) -> None:
        appearance = getattr(self._app, "appearance", None)
        if appearance is not None:
            with suppress(RuntimeError):  # the app is over
                self._loop.call_soon_threadsafe(appearance.background, light)

    def _tell_that_it_is_gone(self) -> None:
        told = getattr(self._app, "terminal_gone", self._app.exit)
        with suppress(RuntimeError):  # the app is over
            self._loop.call_soon_threadsafe(told)


class _WakingEvent(Event):
    """Wakes whoever reads the other end of the pipe."""

    def __init__(self, waker: int) -> None:
        super().__init__()
        self._waker = waker

    def set(self) -> None:
        super().set()
        with suppress(BlockingIOError):  # it is full of calls already
            os.write(self._waker, b"\0")


def driver_of(app: App[Any]) -> TerminalDriver | None:
    """Return the driver of *app*, where it is this one."""
    driver = app._driver  # noqa: SLF001
    return driver if isinstance(driver, TerminalDriver) else None


def give_back(app: App[Any]) -> None:
    """Give the terminal of *app* back for good, from any thread."""
    driver = driver_of(app)
    if driver is not None:
        driver.give_back()


def _read(descriptor: int) -> bytes:
    """What there is to read; nothing where the terminal is gone."""
    try:
        return os.read(descriptor, _READ)
    except OSError:
        return b""


def _within_reason(size: Size) -> Size:
    return Size(min(max(size.width, 1), LARGEST.width), min(max(size.height, 1), LARGEST.height))
