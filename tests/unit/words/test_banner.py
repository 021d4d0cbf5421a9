"""The two rows above the field: one cause, one way on that Esc is, and nothing cut where it matters."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from rich.cells import cell_len

from domain.errors import KeyswitchError, LimitReached, Offline, Overloaded, RenewalPaused
from domain.provider import Provider
from domain.selection import Selection
from domain.switching import SwitchInput, SwitchTo, decide
from entrypoints.chat.glyphs import ASCII, UNICODE
from entrypoints.chat.parking.provider_trouble import Trouble, banner, seconds_until_redrawn, trouble_of
from entrypoints.words.parked import number_parked
from tests.support.credentials import NOON, a_record
from tests.support.small_catalogue import a_catalogue


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(os.environ, "TZ", "UTC")
    time.tzset()
    yield
    time.tzset()


def selection(provider: Provider) -> Selection:
    catalogue = a_catalogue()
    switch = decide(catalogue.default_for(provider), catalogue, SwitchInput((a_record(provider),), NOON))
    assert isinstance(switch, SwitchTo)
    return switch.selection


def trouble(error: KeyswitchError) -> Trouble:
    return trouble_of(selection(Provider.CHATGPT), error, NOON, (selection(Provider.CLAUDE),))


TROUBLES = {
    "limit": trouble(LimitReached(Provider.CHATGPT, resets_at=NOON + timedelta(hours=2, minutes=51))),
    "limit far off": trouble(LimitReached(Provider.CHATGPT, resets_at=NOON + timedelta(days=6))),
    "no reset": trouble(LimitReached(Provider.CHATGPT)),
    "busy": trouble(Overloaded(Provider.CHATGPT, retry_after=30, retry_at=NOON + timedelta(seconds=30))),
    "paused": trouble(RenewalPaused(Provider.CHATGPT, "timeout", seconds=9)),
    "nobody looked": trouble(Offline(Provider.CHATGPT, "no route")),
    "all offline": trouble(Offline(Provider.CHATGPT, "no route")).looked(frozenset(), 0.0),
    "one offline": trouble(Offline(Provider.CHATGPT, "no route")).looked(frozenset({"claude-opus-5-5"}), 0.0),
}


def test_at_100_columns_it_says_what_is_wrong_until_when_and_which_keys_lead_on() -> None:
    rows = {name: banner(one, "1 parked", NOON, 0.0, UNICODE, 98) for name, one in TROUBLES.items()}
    assert rows == {
        "limit": [
            "⚠️ ChatGPT plan limit reached, resets 14:51 (2 h 51 min). Message parked.",
            "   F5 send with Claude Opus 5.5 (Console, per token: asks) · Enter after 14:51 sends · Esc edit",
        ],
        "limit far off": [
            "⚠️ ChatGPT plan limit reached, resets Sun 29 Nov 12:00 (6 days). Message parked.",
            "   F5 send with Claude Opus 5.5 (Console, per token: asks) · Enter after 12:00 sends · Esc edit",
        ],
        "no reset": [
            "⚠️ ChatGPT plan limit reached, no reset named. Message parked.",
            "   F5 send with Claude Opus 5.5 (Console, per token: asks) · Enter tries again · Esc edit",
        ],
        "busy": [
            "⚠️ ChatGPT is overloaded, asks to wait 30 s. Message parked.",
            "   F5 send with Claude Opus 5.5 (Console, per token: asks) · Enter after 12:00 sends · Esc edit",
        ],
        "paused": [
            "⚠️ Renewing the ChatGPT session failed (timeout). It is kept; next try in 9 s. Message parked.",
            "   F5 send with Claude Opus 5.5 (Console, per token: asks) · Enter tries again · Esc edit",
        ],
        "nobody looked": [
            "⚠️ Offline: ChatGPT cannot be reached since 12:00. Looking…",
            "   F6 look now · Esc wait quietly · Enter parks (1 parked) · reading, searching and writing go on",
        ],
        "all offline": [
            "⚠️ Offline: no provider can be reached since 12:00. Next look in 5 s.",
            "   F6 look now · Esc wait quietly · Enter parks (1 parked) · reading, searching and writing go on",
        ],
        "one offline": [
            "⚠️ Offline: ChatGPT cannot be reached since 12:00. Next look in 5 s.",
            "   F5 send with Claude Opus 5.5 (Console, per token: asks) · F6 look now · Esc wait quietly",
        ],
    }


def test_at_every_width_each_row_fits_and_esc_is_in_view() -> None:
    wrong = [
        (name, width, row)
        for glyphs in (UNICODE, ASCII)
        for name, one in TROUBLES.items()
        for width in range(38, 140)
        for row in banner(one, "12 parked here, 14 in all", NOON, 0.0, glyphs, width)
        if cell_len(row) > width or (row.startswith("   ") and "Esc " not in row)
    ]
    assert not wrong


def test_looks_grow_apart_up_to_a_minute_and_the_banner_is_redrawn_once_a_second_at_most() -> None:
    one, pauses = TROUBLES["nobody looked"], []
    for _ in range(6):
        one = one.looked(frozenset(), 100.0)
        pauses.append(one.next_look - 100.0)
    assert pauses == [5, 10, 20, 40, 60, 60]
    every = {name: seconds_until_redrawn(one, NOON + timedelta(seconds=7)) for name, one in TROUBLES.items()}
    assert every == {
        "limit": 53.0,
        "limit far off": 53.0,
        "no reset": 60.0,
        "busy": 23.0,
        "paused": 60.0,
        "nobody looked": 1.0,
        "all offline": 1.0,
        "one offline": 1.0,
    }


def test_one_number_says_how_many_are_parked_in_words_where_some_are_elsewhere() -> None:
    assert [number_parked(*counts) for counts in ((1, 1), (3, 4), (0, 2))] == [
        "1 parked", "3 parked here, 4 in all", "2 parked elsewhere",
    ]  # fmt: skip
