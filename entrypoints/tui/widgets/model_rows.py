"""What the picker lists: presets in groups, each with its sign-in state, filtered by what is typed."""

from __future__ import annotations

from collections.abc import Container

from textual.fuzzy import FuzzySearch

from domain.catalogue import payer_of
from domain.credential import CredentialKind, CredentialRecord
from domain.model import Preset
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.records import dataclass, replace
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


@dataclass(frozen=True, slots=True)
class PickerRow:
    """A preset as a row of the picker."""

    preset: Preset
    group: str
    """Under which heading it stands: a classic preset may stand under two."""
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
    """The places in the label that the filter found."""


Entry = Heading | PickerRow


def listing(stand: WindowState, glyphs: Glyphs, recents: tuple[str, ...] = ()) -> tuple[Entry, ...]:
    """Every preset that is shown today, in its groups; *recents* are ids, the latest first."""
    entries: list[Entry] = []
    for group in listed(stand.snapshot, stand.preset, stand.signed_in, recents):
        entries.append(Heading(_heading(stand, group, glyphs)))
        entries += [_row(stand, preset, group, glyphs) for preset in group.presets]
    return tuple(entries)


def filtered(entries: tuple[Entry, ...], typed: str, search: FuzzySearch) -> tuple[Entry, ...]:
    """The rows that *typed* finds, favourites on top, else the best first; everything where nothing is typed."""
    wanted = "".join(typed.split())
    if not wanted:
        return entries
    found: dict[str, tuple[bool, float, int, PickerRow]] = {}
    for place, entry in enumerate(entries):
        if isinstance(entry, PickerRow) and entry.preset.id not in found and (hit := _match(entry, wanted, search)):
            found[entry.preset.id] = (not entry.favourite, -hit[0], place, hit[1])
    return tuple(hit[-1] for hit in sorted(found.values(), key=lambda hit: hit[:3]))


def usable(entries: tuple[Entry, ...], able: Container[Provider]) -> tuple[Entry, ...]:
    """The rows of the providers in *able*, without the headings that have none then."""
    kept = [entry for entry in entries if isinstance(entry, Heading) or entry.preset.provider in able]
    following = [*kept[1:], Heading("")]
    return tuple(
        one
        for one, after in zip(kept, following, strict=True)
        if isinstance(one, PickerRow) or isinstance(after, PickerRow)
    )


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


def _row(stand: WindowState, preset: Preset, group: Group, glyphs: Glyphs) -> PickerRow:
    catalogue, today = stand.snapshot.catalogue, stand.snapshot.given.now.date()
    price, state = catalogue.price(preset, today), stand.provider_state(preset.provider)
    active = stand.preset is not None and stand.preset.id == preset.id
    able = stand.signed_in(preset.provider)
    if able:
        sign, word = glyphs.ok, "Active" if active else "Logged in"
    else:
        sign, word = glyphs.warn, _obstacle(stand, preset.provider, state)
    credential = best_credential(preset.provider, stand.given)
    payer = payer_of(preset, credential.payer if credential else None)
    answering, model = catalogue.answering(preset, payer, today), catalogue.model_of(preset)
    unlisted = model.unlisted if model and not preset.featured and answering.notice is None else ""
    return PickerRow(
        preset=preset,
        group=group.title,
        label=untrusted_line(preset.label),
        tagline=untrusted_line(unlisted or preset.tagline),
        price=str(price) if price else "",
        sign=sign,
        word=word,
        active=active,
        favourite=group.title == USED and preset.id in stand.snapshot.settings.ui.favourites,
        replaced=answering.notice is not None,
        covered=credential is not None and payer is Payer.PLAN,
    )


def _obstacle(stand: WindowState, provider: Provider, state: SessionState) -> str:
    if state in STORE_STATES:
        return state_words(state).capitalize()
    if state is SessionState.NEEDS_SIGN_IN:
        return "Session ended"
    return "Plan use is off" if stand.plan_use_off(provider) else "Login required"


def _match(row: PickerRow, wanted: str, search: FuzzySearch) -> tuple[float, PickerRow] | None:
    """How well *wanted* fits the label, else another name of the preset."""
    names = (row.preset.id, *row.preset.aliases)
    whole = _NAME if wanted.casefold() in names else 0.0
    score, places = search.match(wanted, row.label) if _could(wanted, row.label) else (0.0, ())
    if score:
        return whole + score + _LABEL, replace(row, matched=frozenset(places))
    others = (*names, row.preset.provider.label, row.tagline)
    best = max((search.match(wanted, name)[0] for name in others if _could(wanted, name)), default=0.0)
    return (whole + best, row) if best else None


def _could(wanted: str, name: str) -> bool:
    """Whether the letters of *wanted* occur in *name* in their order: cheap, and rules out most."""
    letters = iter(name.casefold())
    return all(letter in letters for letter in wanted.casefold())
