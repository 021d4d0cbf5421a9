"""The list of models behind the picker: only what is looked at is worked out."""

from __future__ import annotations

import pytest
from textual.fuzzy import FuzzySearch

from domain.auth_mode import AuthMode
from domain.catalogue import Catalogue, merged
from domain.model import Preset
from domain.provider import Provider
from entrypoints.chat.glyphs import UNICODE
from entrypoints.chat.picking.model_groups import USED
from entrypoints.chat.window_state import window_state
from entrypoints.tui.widgets.model_rows import Heading, Listed, ModelList, PickerRow, RowMaker, listing
from tests.support.credentials import a_session
from tests.support.small_catalogue import a_catalogue
from tests.support.tui_world import selecting
from tests.support.world import World


def many(number: int) -> Catalogue:
    own = (Preset(f"own-{one}", f"Own {one}", f"m{one}", list(Provider)[one % 3], own=True) for one in range(number))
    return merged(a_catalogue(), tuple(own))


def a_list(number: int = 3000) -> ModelList:
    settings = selecting("own-7", AuthMode.CLAUDE)
    world = World(a_session(Provider.CLAUDE), settings=settings, catalogue=many(number))
    return listing(window_state(world.snapshot(), None), UNICODE, ("own-8", "own-7"))


def row_at(models: ModelList, place: int) -> PickerRow:
    row = models[place]
    assert isinstance(row, PickerRow)
    return row


def test_of_thousands_only_what_is_asked_for_is_worked_out(monkeypatch: pytest.MonkeyPatch) -> None:
    models = a_list()
    made: list[str] = []
    work_out = RowMaker.row

    def noted(maker: RowMaker, one: Listed) -> PickerRow:
        made.append(one.preset.id)
        return work_out(maker, one)

    monkeypatch.setattr(RowMaker, "row", noted)
    shown = models.usable().found("own 29", FuzzySearch())
    assert len(shown) > 100
    assert [row_at(shown, place).preset.id for place in (0, 1, 0)] == [*made, made[0]]
    assert len(made) == 2


def test_a_list_knows_where_its_active_and_its_wanted_presets_stand() -> None:
    models = a_list()
    at = models.place_of(None)
    assert (row_at(models, at).preset.id, row_at(models, at).group) == ("own-7", USED)
    last = row_at(models, len(models) - 1)
    assert row_at(models, models.place_of(last)) == last
    assert models.found("own 8", FuzzySearch()).place_of(row_at(models, at)) == 0
    assert models.found("nothing is called so", FuzzySearch()).place_of(None) == -1


def test_what_can_be_used_has_only_the_headings_of_what_it_has() -> None:
    usable = a_list(9).usable()
    rows = [usable[place] for place in range(len(usable))]
    assert {row.preset.provider for row in rows if isinstance(row, PickerRow)} == {Provider.CLAUDE}
    assert [row.text.partition(" ·")[0] for row in rows if isinstance(row, Heading)][:2] == [USED, "CLAUDE"]
