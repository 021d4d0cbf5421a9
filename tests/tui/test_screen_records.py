"""Every screen is as it was, in three sizes, dark and light; KEYSWITCH_UPDATE_PICTURES=1 records them anew."""

from __future__ import annotations

import importlib
import os
import pkgutil
import re
from collections.abc import Iterable
from difflib import unified_diff
from pathlib import Path
from typing import Any

import pytest
from textual.screen import Screen

import entrypoints.tui
from tests.support.screen_record import Record, Taken, take
from tests.support.screen_text import picture
from tests.support.screen_tour import (
    CHAT,
    LISTS,
    ONE_EACH,
    SIGN_IN,
    STOPS,
    Stop,
    Tour,
    stand_still,
    walk,
    world_of_the_tour,
)
from tests.tui.conftest import Start
from tests.tui.test_pictures import PICTURES as FOLDER

RECORDS = Path(__file__).parent / "records"

SIZES = ((100, 30), (80, 24), (50, 20))

LEAST_CONTRAST = 4.5
"""What WCAG asks of text that is not large."""

PICTURES = {
    "models": "picker",
    "palette": "palette",
    "accounts": "accounts",
    "conversations": "conversations",
    "conversations-found": "conversations-found",
    "login": "login",
    "key-refused": "key-entry",
    "client": "client-entry",
    "limit": "limit",
    "outbox": "outbox",
    "offline": "offline",
}
"""Stops of which there is a picture in the documentation, and what it is called."""

_TRIES = 4
"""On a busy machine the last paint comes a few turns of the loop later."""


class Photographer:
    """Takes each screen in *sizes*, dark and light, by as few changes of either as that takes."""

    def __init__(self, tour: Tour, sizes: tuple[tuple[int, int], ...]) -> None:
        self._tour = tour
        self._sizes = sizes
        self._light = False
        self.picture = ""
        """The screen as it was taken last, dark and in the first size."""

    async def look(self) -> dict[tuple[int, int], Record]:
        """The screen in front."""
        records = {}
        for size in self._sizes:
            await self._fit(size)
            taken = {light: await self._in_light(light) for light in (self._light, not self._light)}
            records[size] = Record(size, taken[False], taken[True])
        await self._fit(self._sizes[0])  # each stop is reached in the same one
        return records

    async def _fit(self, size: tuple[int, int]) -> None:
        if self._tour.app.size != size:
            await self._tour.pilot.resize_terminal(*size)
            await self._tour.pilot.pause()

    async def _in_light(self, light: bool) -> Taken:
        self._light = light
        self._tour.app.appearance.background(light)
        await self._tour.pilot.pause()
        if not light and self._tour.app.size == SIZES[0]:
            self.picture = picture(self._tour.app, "keyswitch")
        return take(self._tour.app)


def kept(stop: Stop) -> dict[str, str]:
    """What is recorded of it, by the beginning of its heading, which is the size."""
    path = RECORDS / f"{stop.name}.txt"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    sections = re.split(r"\n+(?=\d+x\d+, rows )", text.strip())
    return {section.partition(",")[0]: section for section in sections}


def keep(stop: Stop, texts: dict[str, str]) -> None:
    RECORDS.mkdir(exist_ok=True)
    (RECORDS / f"{stop.name}.txt").write_text("\n\n\n".join(texts.values()) + "\n", encoding="utf-8")


def difference(stop: Stop, before: dict[str, str], now: dict[str, str]) -> str:
    """What a person has to look at; "" where nothing changed."""
    pairs = ((before.get(size, "").splitlines(), text.splitlines()) for size, text in now.items())
    return "\n".join(
        line for one, other in pairs for line in unified_diff(one, other, stop.name, "now", lineterm="", n=1)
    )


async def compared(tour: Tour, stops: Iterable[Stop], sizes: tuple[tuple[int, int], ...]) -> tuple[str, list[str]]:
    """What of *stops* is not as it is recorded, and what can hardly be read; or record them."""
    photographer, different, faint = Photographer(tour, sizes), [], set[str]()
    renew = os.environ.get("KEYSWITCH_UPDATE_PICTURES") == "1"
    async for stop in walk(tour, stops):
        before, now = kept(stop), dict[str, str]()
        records: dict[tuple[int, int], Record] = {}
        for _ in range(_TRIES):
            records = await photographer.look()
            last, now = now, {f"{width}x{height}": records[width, height].text for width, height in sizes}
            if now in (last, {size: before.get(size) for size in now}):
                break
            await tour.pilot.pause(0.05)
        if renew and sizes == SIZES:
            keep(stop, now)
        elif not renew:
            different.append(difference(stop, before, now))
        if sizes == SIZES and stop.name in PICTURES:
            path = FOLDER / f"{PICTURES[stop.name]}-100x30.svg"
            if renew:
                path.write_text(photographer.picture, encoding="utf-8")
            elif not path.exists() or path.read_text(encoding="utf-8") != photographer.picture:
                different.append(f"{path.name} is another picture")
        faint |= {f"{stop.name}: {line}" for record in records.values() for line in record.faint(LEAST_CONTRAST)}
    return "\n".join(filter(None, different)), sorted(faint)


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stand_still(monkeypatch, tmp_path)


async def test_every_kind_of_screen_is_as_it_was(start: Start) -> None:
    world = world_of_the_tour()
    async with start(world) as pilot:
        different, faint = await compared(Tour(pilot, world), ONE_EACH, SIZES[:1])
    assert different == ""
    assert faint == []


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("stops", [LISTS, SIGN_IN, CHAT], ids=["lists", "sign-in", "chat"])
async def test_every_screen_is_as_it_was_in_every_size(stops: tuple[Stop, ...], start: Start) -> None:
    world = world_of_the_tour()
    async with start(world) as pilot:
        different, faint = await compared(Tour(pilot, world), stops, SIZES)
    assert different == ""
    assert faint == []


def test_the_tour_goes_to_every_screen_and_nothing_else_is_recorded() -> None:
    for module in pkgutil.walk_packages(entrypoints.tui.__path__, "entrypoints.tui."):
        importlib.import_module(module.name)
    assert {stop.kind for stop in STOPS} == set(screens(Screen))
    assert {path.stem for path in RECORDS.iterdir()} == {stop.name for stop in STOPS}


def screens(kind: type[Screen[Any]]) -> Iterable[type[Screen[Any]]]:
    """Those of ours that no other one is a kind of."""
    for one in kind.__subclasses__():
        if one.__module__.startswith("entrypoints.") and not one.__subclasses__():
            yield one
        yield from screens(one)
