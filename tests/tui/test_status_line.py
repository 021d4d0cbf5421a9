"""The one-line texts, at every width."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from domain.auth_mode import AuthMode
from domain.conversation import Receipt, Role, Turn, Usage
from domain.credential import CredentialKey, CredentialKind
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from entrypoints.chat.answer_stamp import answer_line
from entrypoints.chat.fitting import cut, ends
from entrypoints.chat.glyphs import ASCII, UNICODE
from entrypoints.chat.receipts import measures, stamp, tokens
from entrypoints.chat.status_line import header, status_line
from entrypoints.chat.window_state import window_state
from entrypoints.tui.widgets.columns import columns
from tests.support.credentials import NOON, a_session
from tests.support.tui_world import TuiWorld, selecting

RECEIPT = Receipt(
    Provider.CLAUDE, "claude-opus-4.1", "claude-opus-5-5", "Claude Opus 5.5", "ana@example.test",
    CredentialKind.OAUTH, Payer.CONSOLE, Usage(2300, 410), cost=Decimal("0.0174"), seconds=3.14,
)  # fmt: skip
TURN = Turn(Role.ASSISTANT, "Because.", NOON, receipt=RECEIPT)
WORLD = TuiWorld(a_session(Provider.CLAUDE), settings=selecting("claude-opus-4.1", AuthMode.CLAUDE))
STAND = window_state(WORLD.snapshot(), None)


@given(st.integers(1, 200), st.text(max_size=80), st.sampled_from([ASCII, UNICODE]))
def test_no_line_is_wider_than_its_place(width: int, title: str, glyphs: object) -> None:
    chosen = ASCII if glyphs is ASCII else UNICODE
    assert cell_len(header(STAND, title, chosen, width)) <= width
    assert cell_len(status_line(STAND, (TURN,), chosen, width)) <= width
    assert cell_len(answer_line(stamp(RECEIPT, chosen), measures(TURN, chosen), chosen, width)) <= width


@given(st.text("ab漢⚠", max_size=30), st.text("xy", max_size=10), st.integers(0, 60))
def test_cut_and_ends_never_overflow(left: str, right: str, width: int) -> None:
    assert cell_len(cut(left, width)) <= width
    assert cell_len(ends(left, right, width)) <= width


def test_the_status_line_says_model_account_payer_use_and_keys() -> None:
    seen = " ".join(status_line(STAND, (TURN,), UNICODE, 130).split())
    assert seen == (
        "▶ Claude Opus 4.1 · ana@example.test · pays: Console, per token ctx <1% ↑2.3k ↓410 F2 model F3 status F1 help"
    )


def test_where_it_is_narrow_model_and_payer_stay_longest() -> None:
    assert status_line(STAND, (TURN,), UNICODE, 58).startswith("▶ Claude Opus 4.1 · pays: Console")
    assert status_line(STAND, (TURN,), UNICODE, 38).startswith("▶ Claude Opus 4.1")


def test_who_was_asked_and_who_pays_stay_longer_than_what_it_measured() -> None:
    line = answer_line(stamp(RECEIPT, UNICODE), measures(TURN, UNICODE), UNICODE, 66)
    assert line.split("  ")[0] == "Claude Opus 5.5 · Claude OAuth · pays: Console, per token"
    assert line.endswith("12:00")


def test_an_account_name_from_elsewhere_stays_in_its_line() -> None:
    hostile = a_session(Provider.CLAUDE, label="ana\x1b]0;x\x07\n@evil\u202e")
    world = TuiWorld(hostile, settings=selecting("claude-opus-4.1", AuthMode.CLAUDE))
    line = status_line(window_state(world.snapshot(), None), (), UNICODE, 120)
    assert "ana @evil" in line
    assert line.isprintable()


@pytest.mark.parametrize(
    ("number", "shown"), [(0, "0"), (410, "410"), (2300, "2.3k"), (12_000, "12k"), (1_200_000, "1.2M")]
)
def test_counts_are_short(number: int, shown: str) -> None:
    assert tokens(number) == shown


def test_the_price_goes_first_and_then_the_tagline() -> None:
    assert columns(100, 20).price > 0
    assert columns(75, 20).price == 0
    assert columns(75, 20).middle > 0
    assert columns(50, 20).middle == 0


def test_a_selection_of_this_window_ends_with_its_sign_in() -> None:
    assert STAND.selection is not None
    held = STAND.selection.held
    assert not window_state(WORLD.snapshot(), held).only_here
    assert window_state(WORLD.snapshot(), replace(held, credential=CredentialKey(Provider.CLAUDE, "ben"))).only_here
    gone = replace(WORLD.snapshot(), given=replace(WORLD.snapshot().given, credentials=()))
    assert window_state(gone, held).selection is None
