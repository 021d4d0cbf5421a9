"""The built-in catalogue, read from `models.json`.

JSON, because it loads several times faster than TOML and `status` and `models` wait for it. Rows are not checked
here: a test checks every row of the file that is shipped.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from domain.catalogue import Catalogue
from domain.model import MAX_OUTPUT, Model, Preset, Price, ReasoningLevel, Tier
from domain.provider import Provider

if TYPE_CHECKING:
    from collections.abc import Mapping

DATA: Final = Path(__file__).with_name("models.json")


def load_catalogue() -> Catalogue:
    """All built-in models and presets, in the order of the file."""
    document: dict[str, Any] = json.loads(DATA.read_bytes())
    models = {row["id"]: _model(row) for row in document["models"]}
    presets = {row["id"]: _preset(row, models) for row in document["presets"]}
    return Catalogue(
        presets=presets,
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
