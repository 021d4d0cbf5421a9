"""The order of the models, wherever they are listed."""

from __future__ import annotations

from domain.event import SWITCHED, Event, recent_presets
from domain.model import Preset
from domain.provider import Provider
from entrypoints.chat.picking.model_groups import CLASSIC, MOST_RECENT, USED, Used, groups, in_order
from tests.support.credentials import NOON

SHOWN = (
    Preset("classic-gpt", "Classic", "a", Provider.CHATGPT, featured=True),
    Preset("new-gpt", "New GPT", "b", Provider.CHATGPT),
    Preset("old-gpt", "Old GPT", "c", Provider.CHATGPT),
    Preset("opus", "Opus", "d", Provider.CLAUDE),
    Preset("flash", "Flash", "e", Provider.GEMINI),
)


def titles(*able: Provider, used: Used) -> dict[str, list[str]]:
    return {group.title: [one.id for one in group.presets] for group in groups(SHOWN, able.__contains__, used)}


def test_what_is_used_comes_first_then_what_can_be_used_then_the_rest_and_the_classics_are_complete() -> None:
    used = Used(favourites=("opus", "gone"), recents=("classic-gpt", "opus", "old-gpt"))
    assert list(titles(Provider.GEMINI, used=used).items()) == [
        (USED, ["opus", "classic-gpt", "old-gpt"]),
        ("GEMINI", ["flash"]),
        ("CHATGPT", ["new-gpt"]),
        (CLASSIC, ["classic-gpt"]),
    ]


def test_a_group_without_models_has_no_heading_and_each_model_is_counted_once() -> None:
    assert list(titles(used=Used())) == ["CHATGPT", "CLAUDE", "GEMINI", CLASSIC]
    used = Used(recents=("classic-gpt",))
    assert [one.id for one in in_order(groups(SHOWN, lambda _: True, used))] == [
        "classic-gpt", "new-gpt", "old-gpt", "opus", "flash",
    ]  # fmt: skip


def test_favourites_are_all_there_and_only_the_latest_of_what_was_used() -> None:
    many = tuple(Preset(str(number), str(number), "m", Provider.CLAUDE) for number in range(20))
    names = tuple(preset.id for preset in many)
    first, *_ = groups(many, lambda _: True, Used(favourites=names[:8], recents=names))
    assert [preset.id for preset in first.presets] == list(names[: 8 + MOST_RECENT])


def test_what_was_really_selected_is_told_from_the_log() -> None:
    def event(name: str, preset: str) -> Event:
        return Event(NOON, name, 1, {"preset": preset})

    log = (event(SWITCHED, "a"), event("selection_refused", "b"), event(SWITCHED, "c"), event(SWITCHED, "a"))
    assert recent_presets(log) == ("a", "c")
