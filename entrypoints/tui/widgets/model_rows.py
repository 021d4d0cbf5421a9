"""What the picker lists: presets in groups, each with its sign-in state, filtered by what is typed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from textual.fuzzy import FuzzySearch

from domain.catalogue import payer_of
from domain.credential import CredentialKind, CredentialRecord
from domain.model import Preset
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.records import dataclass
from domain.session import SessionState
from domain.store_trouble import STORE_STATES
from domain.switching import best_credential, is_away
from domain.text.untrusted import untrusted_line
from entrypoints.chat.glyphs import Glyphs
from entrypoints.chat.picking.model_groups import USED, Group, listed
from entrypoints.chat.window_state import WindowState
from entrypoints.words.accounts import PLAN_USE_OFF, expiry_words, state_words

_LABEL, _NAME = 1000.0, 2000.0
"""What a match in the label, and a whole name, count beyond any other match."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The line above a group."""

    text: str


class Listed(NamedTuple):
    """A preset at its place in the list."""

    preset: Preset
    group: str
    """Under which heading it stands: a classic preset may stand under two."""
    matched: frozenset[int] = frozenset()
    """The places in the label that the filter found."""


@dataclass(frozen=True, slots=True)
class PickerRow:
    """A preset as a row of the picker."""

    preset: Preset
    group: str
    label: str
    tagline: str
    price: str
    sign: str
    word: str
    active: bool
    favourite: bool = False
    replaced: bool = False
    """Whether another model answers."""
    covered: bool = False
    """Whether a plan pays, so that the price is not charged."""
    matched: frozenset[int] = frozenset()


class ModelList:
    """Headings and presets. What a row says is worked out when it is asked for first: of thousands, few are seen."""

    def __init__(self, entries: Sequence[Heading | Listed], maker: RowMaker) -> None:
        self._entries = entries
        self._maker = maker
        self._rows: dict[int, PickerRow] = {}
        self.places = [place for place, entry in enumerate(entries) if isinstance(entry, Listed)]
        """Where presets stand, between the headings."""

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, place: int) -> Heading | PickerRow:
        entry = self._entries[place]
        if isinstance(entry, Heading):
            return entry
        if place not in self._rows:
            self._rows[place] = self._maker.row(entry)
        return self._rows[place]

    @cached_property
    def longest_label(self) -> int:
        """How many letters the longest one has, or fewer that are shown of it."""
        return max((len(one.preset.label) for one in self._listed()), default=0)

    @cached_property
    def number(self) -> int:
        """How many presets there are, each counted once."""
        return len({one.preset.id for one in self._listed()})

    def place_of(self, wanted: PickerRow | None) -> int:
        """Where *wanted* stands, in its own group if it can be; without one, where the active preset does.

        Where that is not in the list it is the first place, and -1 where there is none.
        """
        name = wanted.preset.id if wanted else self._maker.active
        found = [(place, one) for place, one in zip(self.places, self._listed(), strict=True) if one.preset.id == name]
        of_group = [place for place, one in found if wanted is not None and one.group == wanted.group]
        return (of_group or [place for place, _ in found] or self.places or [-1])[0]

    def usable(self) -> ModelList:
        """The presets that can be used now, without the headings that have none then."""
        able = self._maker.able
        kept = [one for one in self._entries if isinstance(one, Heading) or one.preset.provider in able]
        following = [*kept[1:], Heading("")]
        pairs = zip(kept, following, strict=True)
        return ModelList(
            [one for one, after in pairs if isinstance(one, Listed) or isinstance(after, Listed)], self._maker
        )

    def found(self, typed: str, search: FuzzySearch) -> ModelList:
        """The presets that *typed* finds, favourites on top, else the best first; all of it where nothing is typed."""
        wanted = "".join(typed.split())
        if not wanted:
            return self
        found: dict[str, tuple[bool, float, int, Listed]] = {}
        for place, one in enumerate(self._listed()):
            if one.preset.id not in found and (hit := _match(one, wanted, search)):
                found[one.preset.id] = (not self._maker.is_favourite(one), -hit[0], place, hit[1])
        return ModelList([hit[-1] for hit in sorted(found.values(), key=lambda hit: hit[:3])], self._maker)

    def _listed(self) -> list[Listed]:
        return [one for one in self._entries if isinstance(one, Listed)]


class RowMaker:
    """Works out what rows say while things stand as they do. What those of a provider have in common is found once."""

    def __init__(self, stand: WindowState, glyphs: Glyphs) -> None:
        self._stand = stand
        self._glyphs = glyphs
        credentials = {provider: best_credential(provider, stand.given) for provider in Provider}
        self._payers = {provider: one.payer if one else None for provider, one in credentials.items()}
        self.able = {provider for provider in Provider if stand.signed_in(provider)}
        self._obstacles = {provider: _obstacle(stand, provider) for provider in Provider}
        self.active = stand.preset.id if stand.preset else ""

    def row(self, one: Listed) -> PickerRow:
        """What stands in the row of *one*."""
        preset, snapshot = one.preset, self._stand.snapshot
        catalogue, today = snapshot.catalogue, snapshot.given.now.date()
        price, is_active, able = catalogue.price(preset, today), preset.id == self.active, preset.provider in self.able
        payer = self._payers[preset.provider]
        answering = catalogue.answering(preset, payer_of(preset, payer), today)
        model = catalogue.model_of(preset)
        unlisted = model.unlisted if model and not preset.featured and answering.notice is None else ""
        return PickerRow(
            preset=preset,
            group=one.group,
            label=untrusted_line(preset.label),
            tagline=untrusted_line(unlisted or preset.tagline),
            price=str(price) if price else "",
            sign=self._glyphs.ok if able else self._glyphs.warn,
            word=("Active" if is_active else "Logged in") if able else self._obstacles[preset.provider],
            active=is_active,
            favourite=self.is_favourite(one),
            replaced=answering.notice is not None,
            covered=payer is Payer.PLAN,
            matched=one.matched,
        )

    def is_favourite(self, one: Listed) -> bool:
        """Whether *one* is a favourite, and stands among them."""
        return one.group == USED and one.preset.id in self._stand.snapshot.settings.ui.favourites


def listing(stand: WindowState, glyphs: Glyphs, recents: tuple[str, ...] = ()) -> ModelList:
    """Every preset that is shown today, in its groups; *recents* are ids, the latest first."""
    entries: list[Heading | Listed] = []
    for group in listed(stand.snapshot, stand.preset, stand.signed_in, recents):
        entries.append(Heading(_heading(stand, group, glyphs)))
        entries += [Listed(preset, group.title) for preset in group.presets]
    return ModelList(entries, RowMaker(stand, glyphs))


def _heading(stand: WindowState, group: Group, glyphs: Glyphs) -> str:
    provider = group.provider
    if provider is None:
        return group.title
    credential = best_credential(provider, stand.given)
    off = [PLAN_USE_OFF] if stand.plan_use_off(provider) else []
    if credential is not None:
        return glyphs.dot.join([group.title, *_whose(stand, credential), *off])
    state = stand.provider_state(provider)
    if off:
        return glyphs.dot.join([group.title, "logged in", *off])
    if state in STORE_STATES:
        return glyphs.dot.join([group.title, state_words(state)])
    shown = state if state is SessionState.NEEDS_SIGN_IN else SessionState.NOT_LOGGED_IN
    return glyphs.dot.join([group.title, state_words(shown), "Ctrl+L logs in, Ctrl+K takes an API key"])


def _whose(stand: WindowState, credential: CredentialRecord) -> list[str]:
    """Whose sign-in it is, and how long it lasts; a key has a label, and no end that is known."""
    is_key = credential.kind is CredentialKind.API_KEY
    lasts = "API key" if is_key else expiry_words(credential, stand.snapshot.given.now)
    lasts = credential.kind.label if is_away(credential) else lasts
    return [untrusted_line(credential.label), untrusted_line(lasts)]


def _obstacle(stand: WindowState, provider: Provider) -> str:
    state = stand.provider_state(provider)
    if state in STORE_STATES:
        return state_words(state).capitalize()
    if state is SessionState.NEEDS_SIGN_IN:
        return "Session ended"
    return "Plan use is off" if stand.plan_use_off(provider) else "Login required"


def _match(one: Listed, wanted: str, search: FuzzySearch) -> tuple[float, Listed] | None:
    """How well *wanted* fits the label, else another name of the preset."""
    preset = one.preset
    names = (preset.id, *preset.aliases)
    whole = _NAME if wanted.casefold() in names else 0.0
    label = untrusted_line(preset.label) if _could(wanted, preset.label) else ""
    score, places = search.match(wanted, label) if label else (0.0, ())
    if score:
        return whole + score + _LABEL, one._replace(matched=frozenset(places))
    others = (*names, preset.provider.label, preset.tagline)
    best = max((search.match(wanted, name)[0] for name in others if _could(wanted, name)), default=0.0)
    return (whole + best, one) if best else None


def _could(wanted: str, name: str) -> bool:
    """Whether the letters of *wanted* occur in *name* in their order: cheap, and rules out most."""
    letters = iter(name.casefold())
    return all(letter in letters for letter in wanted.casefold())
