"""`/usage` in the app."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest

from adapters.catalogue.builtin import load_catalogue
from domain.auth_mode import AuthMode
from domain.conversation import Rates, Receipt, Usage
from domain.credential import CredentialKind
from domain.errors import StoreDamaged
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.usage.allowance import Allowance, Measure
from domain.usage.entry import Billed, Entry, LimitMet, Told
from entrypoints.tui.screens.usage_screen import UsageScreen
from tests.support.credentials import NOON, a_session
from tests.support.memory_ledger import MemoryLedger
from tests.support.screen_text import screen_text
from tests.support.tui_world import TuiWorld, selecting
from tests.tui.conftest import Start, app_of, settled
from tests.tui.test_pictures import PICTURES, shows_the_picture
from tests.tui.test_plain import said

pytestmark = pytest.mark.slow

RATES = Rates("claude-opus-5-5", "genai-prices", Decimal(4), Decimal(20), Decimal("0.2"), Decimal(5))
PLAN = Billed(Provider.CHATGPT, "ana@example.test", CredentialKind.OAUTH, Payer.PLAN)
CONSOLE = Billed(Provider.CLAUDE, "ana@example.test", CredentialKind.OAUTH, Payer.CONSOLE)


def answer(chance: Random, billed: Billed, *, priced: bool) -> Receipt:
    model = "gpt-6.1-sol" if billed is PLAN else "claude-opus-5-5"
    usage = Usage(chance.randrange(4_000, 40_000), chance.randrange(100, 2_000), cached=chance.randrange(0, 4_000))
    cost = (usage.input * RATES.input + usage.output * RATES.output) / 1_000_000 if priced else None
    return Receipt(
        billed.provider, model, model, model, billed.account, billed.kind, billed.payer, usage, cost,
        rates=RATES if priced else None,
    )  # fmt: skip


def a_month_of_use(ledger: MemoryLedger) -> None:
    """Three weeks, a limit of the plan six days ago, and what Claude told three minutes ago."""
    chance = Random(5)
    for day in range(21):
        for number in range(0 if day in (4, 5) else chance.randrange(3, 9)):
            at = NOON - timedelta(days=day, minutes=20 * number)
            ledger.note(Entry(at, answer(chance, PLAN, priced=False)))
            ledger.note(Entry(at, answer(chance, CONSOLE, priced=number != 5)))
    ledger.note_limit(LimitMet(NOON - timedelta(days=6), PLAN, "gpt-6.1-sol"))
    left = Allowance(Measure.REQUESTS, 50, 49, NOON + timedelta(minutes=1))
    ledger.note_told([Told(CONSOLE, NOON - timedelta(minutes=3), left)])


@pytest.fixture
def world() -> TuiWorld:
    settings = selecting("gpt-5.1-medium", AuthMode.CHATGPT)
    world = TuiWorld(
        a_session(Provider.CHATGPT), a_session(Provider.CLAUDE), settings=settings, catalogue=load_catalogue()
    )
    a_month_of_use(world.ledger)
    return world


async def test_the_screen_shows_a_month_leads_to_others_and_opens_the_page_of_the_vendor(
    world: TuiWorld, start: Start
) -> None:
    async with start(world) as pilot:
        app = app_of(pilot)

        async def press(*keys: str) -> str:
            await pilot.press(*keys)
            await settled(pilot)
            return screen_text(app)

        app.chat.composer.write("/usage")
        await press("enter")
        await shows_the_picture(pilot, PICTURES / "usage-100x30.svg")
        assert "by provider" in await press("b")
        assert "Nothing was used in these days." in await press("right")
        assert "2026-11" in await press("left")
        await press("o")
        assert world.browser.opened == ["https://chatgpt.com/settings/usage"]
        world.browser.works, world.clipboard.tool = False, "xclip"
        await press("o")
        assert world.clipboard.text == "https://chatgpt.com/settings/usage"
        await press("escape")
        assert not isinstance(app.screen, UsageScreen)
        assert "plan used: about" in await press("f3")
        await press("escape")
        world.ledger.fail_with = StoreDamaged("ledger.db", "it cannot be read")
        app.chat.composer.write("/usage model")
        assert "ledger.db: it cannot be read" in await press("enter")


async def test_a_narrow_screen_has_no_line_that_is_cut(world: TuiWorld, start: Start) -> None:
    async with start(world, size=(50, 20), ascii=True) as pilot:
        app_of(pilot).chat.composer.write("/usage")
        await pilot.press("enter")
        await settled(pilot)
        await shows_the_picture(pilot, PICTURES / "usage-50x20.svg")


def test_the_plain_mode_prints_the_same_sums(
    world: TuiWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = said(world, "hi", "/usage model 2026-11", "/usage modle", monkeypatch=monkeypatch, capsys=capsys)
    assert "Usage, 2026-11 (days in UTC)" in out
    assert "\nclaude-opus-5-5 " in out
    assert "This conversation so far: 1 answer, 12 in, 5 out." in out
    assert "Did you mean model?" in out
