"""The built-in catalogue, read from `models.json`.

JSON, because it loads several times faster than TOML and `status` and `models` wait for it. Rows are not checked
here: a test checks every row of the file that is shipped.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from domain.catalogue import Catalogue
from domain.model import MAX_OUTPUT, Model, Preset, Price, ReasoningLevel, Tier
from domain.provider import Provider

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

DATA: Final = Path(__file__).with_name("models.json")


_Row = Mapping[str, Any]
_Made = TypeVar("_Made", Model, Preset)


class _Rows(Mapping[str, _Made]):
    """Rows by their ids, of which each becomes a model or a preset when somebody asks for it: few commands need all."""

    def __init__(self, rows: Iterable[_Row], make: Callable[[_Row], _Made]) -> None:
        self._rows = {row["id"]: row for row in rows}
        self._make: Callable[[_Row], _Made] = make
        self._made: dict[str, _Made] = {}

    def __getitem__(self, name: str) -> _Made:
        made = self._made.get(name)
        if made is None:
            made = self._made[name] = self._make(self._rows[name])
        return made

    def __contains__(self, name: object) -> bool:
        return name in self._rows

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)


def load_catalogue() -> Catalogue:
    """All built-in models and presets, in the order of the file."""
    document: dict[str, Any] = json.loads(DATA.read_bytes())
    models = _Rows(document["models"], _model)
    return Catalogue(
        presets=_Rows(document["presets"], lambda row: _preset(row, models)),
        models=models,
        default={Provider(provider): preset for provider, preset in document["defaults"].items()},
        as_of=date.fromisoformat(document["as_of"]),
    )


def _model(row: Mapping[str, Any]) -> Model:
    ends, left_plans = row.get("ends"), row.get("left_plans")
    return Model(
        id=row["id"],
        provider=Provider(row["provider"]),
        label=row["label"],
        prices=tuple(map(_price, row["prices"])),
        context=row["context"],
        output=row.get("output", MAX_OUTPUT),
        plan_context=row.get("plan_context"),
        levels=tuple(ReasoningLevel(level) for level in row.get("levels", ())),
        left_plans=date.fromisoformat(left_plans) if left_plans else None,
        ends=date.fromisoformat(ends) if ends else None,
        successor=row.get("successor"),
        plan_successor=row.get("plan_successor"),
    )


def _price(row: Mapping[str, Any]) -> Price:
    begins, tier = row.get("from"), row.get("tier")
    return Price(
        input=row["input"],
        output=row["output"],
        valid_from=date.fromisoformat(begins) if begins else None,
        cached=row.get("cached"),
        written=row.get("written"),
        written_long=row.get("written_1h"),
        tier=Tier(tier["above"], _price(tier)) if tier else None,
    )


def _preset(row: Mapping[str, Any], models: Mapping[str, Model]) -> Preset:
    model = models[row["model"]]
    level = row.get("level")
    return Preset(
        id=row["id"],
        label=row.get("label", model.label),
        model=model.id,
        provider=model.provider,
        tagline=row.get("tagline", ""),
        family=row.get("family", ""),
        level=ReasoningLevel(level) if level else None,
        aliases=tuple(row.get("aliases", ())),
        featured=row.get("featured", False),
    )
