"""The conversation as it is read: a long answer, hostile ones, and conversations of any length."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePath
from time import perf_counter, process_time
from typing import ClassVar

from textual.app import App, ComposeResult

from domain.conversation import Role, Turn
from entrypoints.chat.glyphs import UNICODE
from entrypoints.tui.transcript.growth import prepare
from entrypoints.tui.transcript.live import LiveAnswer
from entrypoints.tui.transcript.loading import place_of
from entrypoints.tui.transcript.messages import Answer
from entrypoints.tui.transcript.transcript import Transcript
from entrypoints.tui.transcript.turn_window import TurnsInMemory, TurnSource
from tests.benchmarks.measuring import ROOT, Row

LINEAR_BAR = 1.5
WAIT_BAR = 100.0
OPENING_BAR = 1.1
MEMORY_BAR = 10.0

_SECTION = (
    "## Part {0}\n\nSome *words* about `it`, and a line that is long enough to be wrapped once.\n\n- one\n- two\n\n"
    "```py\nx = {0}\n```\n\n| a | b |\n|---|---|\n| {0} | c |\n\n"
)
_BOMBS = {
    "1,000 list items": "- an item\n" * 1000,
    "5,000 headings": "# a heading\n" * 5000,
    "3,000 fences": "```\nx\n```\n" * 3000,
    "2 MB of text": "Words that go on and on. " * 80_000,
}


class _Window(App[None]):
    CSS_PATH: ClassVar[str | PurePath | list[str | PurePath] | None] = ROOT / "entrypoints/tui/screens/chat_screen.tcss"

    def __init__(self, source: TurnSource) -> None:
        super().__init__()
        self.transcript = Transcript(UNICODE, source)

    def compose(self) -> ComposeResult:
        yield self.transcript


@dataclass
class _Waits:
    """How long the loop let a key wait that could come at any moment."""

    worst: float = 0.0
    all: list[float] = field(default_factory=list)

    async def watch(self) -> None:
        while True:
            started = perf_counter()
            await asyncio.sleep(0.01)
            self.all.append((perf_counter() - started - 0.01) * 1e3)
            self.worst = max(self.worst, self.all[-1])


@asynccontextmanager
async def _shown(source: TurnSource) -> AsyncIterator[Transcript]:
    app = _Window(source)
    async with app.run_test(size=(100, 30)):
        prepare()  # as the app does once its services are there
        yield app.transcript


async def _answered(text: str, step: int, pause: float) -> tuple[list[float], _Waits]:
    """CPU seconds of each eighth of *text*, which comes *step* characters at a time."""
    waits, costs = _Waits(), []
    async with _shown(TurnsInMemory(())) as transcript:
        entry = Answer(place_of(0), "a model", UNICODE)
        transcript.put_below([entry])
        live = LiveAnswer(transcript, entry, transcript)
        await live.write("begin\n\n")
        await asyncio.sleep(0.3)
        watching = asyncio.create_task(waits.watch())
        for eighth in range(8):
            part = text[len(text) * eighth // 8 : len(text) * (eighth + 1) // 8]
            started = process_time()
            for at in range(0, len(part), step):
                await live.write(part[at : at + step])
                await asyncio.sleep(pause)
            while entry.behind:  # noqa: ASYNC110 - what is measured sets no event
                await asyncio.sleep(0.01)
            costs.append(process_time() - started)
        watching.cancel()
    return costs, waits


class _MadeUp:
    """Turns that are made when they are asked for."""

    def __init__(self, number: int) -> None:
        self._number = number

    def count(self) -> int:
        return self._number

    def turns(self, first: int, end: int) -> Sequence[Turn]:
        text = _SECTION.format(1) * 4
        at = datetime(2026, 11, 30, tzinfo=UTC)
        return [Turn(Role.ASSISTANT if one % 2 else Role.USER, text, at) for one in range(first, end)]


async def _opened(turns: int) -> float:
    async with _shown(_MadeUp(turns)) as transcript:
        started = process_time()
        await transcript.restore()
        await asyncio.sleep(0.1)
        return process_time() - started


async def _held(loads: int) -> tuple[float, float]:
    """MiB for each 80 turns that are loaded, and how many lines there are at last."""
    async with _shown(_MadeUp(1000)) as transcript:
        await transcript.restore()
        gc.collect()
        before = _resident()
        for _ in range(loads):
            await transcript._loading.more(above=True)
        gc.collect()
        return (_resident() - before) * 80 / (20 * loads), transcript.virtual_size.height


def _resident() -> float:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * 4096 / 2**20


def transcript_rows(_: Path) -> Iterator[Row]:
    """Each as a ratio, or as the longest time for which a key waited."""
    text = "".join(_SECTION.format(number) for number in range(600))
    costs, waits = asyncio.run(_answered(text, 800, 0.1))
    ratio = costs[-1] / costs[0]
    yield Row(
        f"answer of {len(text) // 1000} kB, last eighth to first",
        f"{costs[-1]:.2f} s", f"{costs[0]:.2f} s", f"≤ {LINEAR_BAR} x", ratio <= LINEAR_BAR, ratio,
    )  # fmt: skip
    _costs, waits = asyncio.run(_answered("word " * 2000, 10, 0.01))
    p95 = sorted(waits.all)[int(len(waits.all) * 0.95)]
    yield Row(
        "typing while 200 tokens a second come", f"p95 {p95:.0f} ms", f"worst {waits.worst:.0f} ms", "p95 ≤ 50 ms",
        p95 <= WAIT_BAR / 2,
    )  # fmt: skip
    for name, bomb in _BOMBS.items():
        costs, waits = asyncio.run(_answered(bomb, len(bomb), 0.0))
        yield Row(
            f"{name}: longest wait of a key", f"{waits.worst:.0f} ms", f"{sum(costs):.1f} s of CPU",
            f"≤ {WAIT_BAR:.0f} ms", waits.worst <= WAIT_BAR,
        )  # fmt: skip
    yield from _long_conversations()


def _long_conversations() -> Iterator[Row]:
    asyncio.run(_opened(20))
    few = min(asyncio.run(_opened(20)) for _ in range(3))
    for many in (10_000, 1_000_000):
        taken = min(asyncio.run(_opened(many)) for _ in range(3))
        yield Row(
            f"opening a conversation of {many:,} turns", f"{taken:.3f} s of CPU", f"{few:.3f} s with 20",
            f"≤ {OPENING_BAR} x", taken / few <= OPENING_BAR, taken / few,
        )  # fmt: skip
    held, lines = asyncio.run(_held(4))
    yield Row("memory of 80 turns more", f"{held:.1f} MiB", f"{lines} lines", f"≤ {MEMORY_BAR:.0f} MiB", held <= 10)
