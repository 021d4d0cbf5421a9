"""The catalogue as the providers' own lists have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.model import Model, Preset
from domain.model_lists.listed import FACTS_LAST, ListedModel, ModelList
from domain.records import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from domain.catalogue import Catalogue


def with_lists(catalogue: Catalogue, lists: Iterable[ModelList]) -> Catalogue:
    """*catalogue* as the providers' lists have it: ends and windows from there, models that it does not know, and a
    mark on those that a list does not have. What a list does not say stays as it is.
    """
    read = tuple(one for one in lists if one.read_at is not None)
    if not read:
        return catalogue
    models, presets = dict(catalogue.models), dict(catalogue.presets)
    for one in read:
        listed = {model.id: model for model in one.models}
        for known in catalogue.models.values():
            if known.provider is one.key.provider:
                models[known.id] = _told(known, listed, one)
        for model in one.models:
            if model.id not in catalogue.models and not catalogue.has_name(model.id):
                models[model.id] = _stranger(model, one)
                presets[model.id] = _preset(model, one, catalogue.as_of)
    return replace(catalogue, models=models, presets=presets, lists=read)


def _told(known: Model, listed: Mapping[str, ListedModel], source: ModelList) -> Model:
    model = listed.get(known.id)
    if model is None or model.missing_since is not None:
        return replace(known, unlisted=_unlisted(source, model), on_plan=False if source.of_plan else None)
    return replace(
        known,
        context=model.context or known.context,
        ends=model.ends or known.ends,
        on_plan=True if source.of_plan else None,
    )


def _stranger(model: ListedModel, source: ModelList) -> Model:
    missed = model.missing_since is not None
    return Model(
        id=model.id,
        provider=source.key.provider,
        label=model.label,
        context=model.context,
        ends=model.ends,
        on_plan=not missed if source.of_plan else None,
        unlisted=_unlisted(source, model) if missed else "",
        from_list=True,
    )


def _preset(model: ListedModel, source: ModelList, as_of: date) -> Preset:
    """A model that was made before the built-in list is not new; that list left it out."""
    if model.missing_since is not None:
        tagline = f"no longer in {source.whose}"
    else:
        is_new = model.created is None or model.created >= as_of - FACTS_LAST
        tagline = f"new, from {source.whose}" if is_new else f"from {source.whose}"
    return Preset(model.id, model.label, model.id, source.key.provider, tagline)


def _unlisted(source: ModelList, model: ListedModel | None) -> str:
    """The rest of a sentence about a model that the list does not have."""
    day = source.read_at.date() if source.read_at else None
    if model is not None and model.missing_since is not None:
        return f"no longer in {source.whose} since {model.missing_since}"
    return f"not in {source.whose} of {day}"
