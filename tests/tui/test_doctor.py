"""`/doctor`: the same lines as on the command line."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from domain.finding import Area, ok, problem
from entrypoints.chat.options import TuiOptions
from entrypoints.plain import plain_chat
from tests.support.fake_probe import FakeProbe
from tests.support.screen_text import screen_text
from tests.support.tui_world import TuiWorld
from tests.tui.conftest import Start, settled

FINDINGS = (ok(Area.STORE, "2 sign-ins"), problem(Area.CLOCK, "7 min behind [red]\x1b[31mauth.example.test", "set it"))


@pytest.fixture
def world() -> TuiWorld:
    found = TuiWorld()
    found.probes.append(FakeProbe(Area.STORE, FINDINGS))
    return found


async def test_the_findings_stand_in_the_conversation(start: Start, world: TuiWorld) -> None:
    async with start(world) as pilot:
        await pilot.press(*"/doctor", "enter")
        await settled(pilot)
        seen = screen_text(pilot.app)

    assert "ok      store        2 sign-ins" in seen
    assert "problem clock        7 min behind [red]auth.example.test" in seen
    assert "fix: set it" in seen
    assert "1 problem. Nothing was changed." in seen


def test_line_by_line_as_well(
    world: TuiWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed: Iterator[str] = iter(["/doctor", "/quit"])
    monkeypatch.setattr("builtins.input", lambda _="": next(typed))

    plain_chat.run(world.services, world.light, TuiOptions(plain=True, ascii=True))

    out = capsys.readouterr().out
    assert "[ok] ok      store        2 sign-ins\n" in out
    assert "[x] problem clock        7 min behind [red]auth.example.test\n     fix: set it\n1 problem." in out
