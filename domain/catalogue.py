"""Finding a preset by what a person typed, and the model that answers for it."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date
from functools import cache, cached_property
from typing import TYPE_CHECKING, Final

from domain.errors import UnknownName
from domain.model import Answering, Lifecycle, Model, Preset, Price, successors
from domain.names import parse_provider
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.records import dataclass, replace
from domain.text.suggestion import nearer, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from domain.model_lists.listed import ModelList

_NEAR_MISS: Final = 0.85
"""Two ids that differ by a letter or two in some twenty are this close."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The presets by their ids, in the order they are listed, and the models behind them."""

    presets: Mapping[str, Preset]
    models: Mapping[str, Model]
    default: Mapping[Provider, str]
    """The preset that a first sign-in selects."""
    as_of: date = date.min
    """The day on which what is built in was right."""
    lists: tuple[ModelList, ...] = ()
    """The providers' own lists that were read and are part of it."""

    @cached_property
    def _names(self) -> Mapping[str, str]:
        """The ids of presets by all that they may be called; what is asked for by its id does without."""
        names: dict[str, str] = {}
        for preset in self.presets.values():
            names.setdefault(preset.id.casefold(), preset.id)
        for preset in self.presets.values():
            for alias in preset.aliases:
                names.setdefault(alias.casefold(), preset.id)
        for preset in self.presets.values():
            names.setdefault(_squeezed(preset.label), preset.id)
            names.setdefault(preset.model.casefold(), preset.id)
        return names

    def resolve(self, name: str) -> Preset:
        """The preset that *name* means: exact id, then alias, then label, then `provider/model`.

        An unknown id whose prefix tells the provider is taken as that provider's model, unless it
        looks like a slip in a known name.

        Raises:
            UnknownName: Nothing is called so; it carries the nearest name.
        """
        typed = name.strip()
        found = self._called(typed)
        if found is not None:
            return self.presets[found]
        if "/" in typed:
            return self._addressed(typed)
        provider = provider_of(typed)
        suggestion = nearest(typed, self._names, closeness=_NEAR_MISS)
        if provider is None or (suggestion is not None and not _other_version(typed, suggestion)):
            raise _unknown(name, self._spelled(suggestion) if suggestion else self._suggested(typed))
        return _bare(typed, provider)

    def surest(self, name: str, preset: Preset, payer: Payer) -> Preset:
        """The preset that *name* means at that payer's expense, where it resolved to *preset*.

        An alias names the best of a line, and no model in particular. Where it is not known that a plan has that one,
        it is the one that a first sign-in brings, which plans are known to have.
        """
        model = self.model_of(preset)
        if payer is not Payer.PLAN or preset.own or model is None or model.on_plan:
            return preset
        by_alias = name.strip().casefold() in (alias.casefold() for alias in preset.aliases)
        return self.default_for(preset.provider) if by_alias else preset

    def owner(self, model: str) -> Provider | None:
        """Whose *model* is: by its name or its address, else by its prefix; None where neither tells."""
        typed = model.strip()
        found = self._called(typed)
        if found is not None:
            return self.presets[found].provider
        with suppress(UnknownName):
            return self._addressed(typed).provider if "/" in typed else provider_of(typed)
        return provider_of(typed)

    def has_name(self, name: str) -> bool:
        """Whether a preset is called so."""
        return name.casefold() in self._names

    def model_of(self, preset: Preset) -> Model | None:
        """What is known of a preset's model. One of another provider is a namesake: its token must not go along."""
        model = self.models.get(preset.model)
        return model if model is not None and model.provider is preset.provider else None

    def answering(self, preset: Preset, payer: Payer, on: date) -> Answering:
        """Who answers for *preset* on that day (UTC), and the line that says so if it is another."""
        known = self.model_of(preset)
        if known is None:
            stranger = Model(id=preset.model, provider=preset.provider, label=preset.label)
            return Answering(stranger, preset.level)
        model = known if preset.verbatim else successors(known, self.models, payer, on)
        notice = None if model is known else _notice(preset, known, model, payer, on)
        return Answering(model, model.nearest_level(preset.level), notice)

    def price(self, preset: Preset, on: date) -> Price | None:
        """The list price that a preset is shown with: its own model's, as long as it is known."""
        model = self.model_of(preset)
        return model.price(on) if model else None

    def shown(self, on: date) -> tuple[Preset, ...]:
        """What the picker lists on that day: everything but models that are gone and were never featured."""
        return tuple(
            preset for preset in self.presets.values() if preset.featured or preset.own or self._live(preset, on)
        )

    def default_for(self, provider: Provider) -> Preset:
        """The preset that a first sign-in at *provider* selects."""
        return self.presets[self.default[provider]]

    def _called(self, typed: str) -> str | None:
        """The id of the preset that is called so."""
        if typed in self.presets:
            return typed
        return self._names.get(typed.casefold()) or self._names.get(_squeezed(typed))

    def _live(self, preset: Preset, on: date) -> bool:
        model = self.model_of(preset)
        return model is None or model.lifecycle(on) is not Lifecycle.GONE

    def _addressed(self, typed: str) -> Preset:
        where, _, model = typed.partition("/")
        try:
            provider = parse_provider(where)
        except UnknownName as error:
            raise _unknown(typed, error.suggestion and f"{error.suggestion}/{model}") from error
        if not model:
            raise _unknown(typed, self.default[provider])
        known = self._names.get(model.casefold()) or self._names.get(_squeezed(model))
        if known is None or self.presets[known].provider is not provider:
            return _bare(model, provider)
        preset = self.presets[known]
        # An id of the wire, addressed to its provider, is taken at its word: also when the model is leaving.
        return _bare(model, provider) if model == preset.model != preset.id else preset

    def _suggested(self, typed: str) -> str | None:
        """The nearest name; where a provider's or a vendor's is nearer, the model that a first sign-in there brings."""
        who = {name.casefold(): provider for provider in Provider for name in (provider.label, provider.vendor)}
        model, near = nearest(typed, self._names), nearest(typed, who)
        if near is not None and (model is None or nearer(typed, near, model)):
            return self.default[who[near]]
        return self._spelled(model) if model else None

    def _spelled(self, name: str) -> str:
        """A squeezed label is no name to suggest: the id of its preset is."""
        preset = self.presets[self._names[name]]
        return name if name in (preset.id, preset.model, *preset.aliases) else preset.id


def provider_of(model_id: str) -> Provider | None:
    """The provider that the prefix of a model id tells, or None."""
    folded = model_id.casefold()
    return next((provider for provider, prefix in _prefixes() if prefix.match(folded)), None)


@cache
def _prefixes() -> tuple[tuple[Provider, re.Pattern[str]], ...]:
    return tuple((provider, re.compile(provider.facts.models)) for provider in Provider)


def payer_of(preset: Preset, payer: Payer | None) -> Payer:
    """Who would pay for *preset* where nothing is signed in yet."""
    return payer or preset.provider.facts.payer


def merged(catalogue: Catalogue, own: Iterable[Preset]) -> Catalogue:
    """*catalogue* with the user's presets: a known id is overridden in its place, a new one comes last."""
    presets = {**catalogue.presets, **{preset.id: preset for preset in own}}
    return replace(catalogue, presets=presets)


def _unknown(name: str, suggestion: str | None) -> UnknownName:
    return UnknownName("unknown_model", name, suggestion=suggestion)


def _bare(model: str, provider: Provider) -> Preset:
    return Preset(id=f"{provider}/{model}", label=model, model=model, provider=provider, verbatim=True)


def _squeezed(label: str) -> str:
    return "".join(label.casefold().replace("_", " ").replace("-", " ").split())


def _other_version(typed: str, known: str) -> bool:
    """Whether the two differ in digits alone: then *typed* is more likely a newer model than a slip."""
    return re.sub(r"[\d.-]+", "", typed.casefold()) == re.sub(r"[\d.-]+", "", known.casefold())


def _notice(preset: Preset, own: Model, answers: Model, payer: Payer, on: date) -> str:
    price = answers.price(on)
    cost = "paid by the plan" if payer is Payer.PLAN else str(price) if price else "price unknown"
    why = {
        Lifecycle.GONE: f"{preset.label} was retired on {own.ends}",
        Lifecycle.LEAVING: f"{preset.label} leaves on {own.ends}",
        Lifecycle.CURRENT: f"{preset.label} has left ChatGPT plans",
    }
    return f"{why[own.lifecycle(on)]}: {answers.label} answers, {cost}"
