"""What the picker lists: presets by provider, each with its sign-in state, filtered by what is typed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from textual.fuzzy import FuzzySearch

from domain.catalogue import payer_of
from domain.model import Preset
from domain.provider import Provider
from domain.session import SessionState
from domain.store_trouble import STORE_STATES
from domain.switching import best_credential
from domain.text.untrusted import untrusted_line
from entrypoints.chat.glyphs import Glyphs
from entrypoints.chat.window_state import WindowState
from entrypoints.words.accounts import PLAN_USE_OFF, expiry_words, state_words


@dataclass(frozen=True, slots=True)
class Heading:
    """The line above a provider's models."""

    text: str


@dataclass(frozen=True, slots=True)
class PickerRow:
    """A preset as a row of the picker."""

    preset: Preset
    label: str
    tagline: str
    price: str
    sign: str
    word: str
    active: bool
    helper: str
    """What to run first; empty where it can be selected."""
    matched: frozenset[int] = frozenset()
    """The places in the label that the filter found."""


Entry = Heading | PickerRow


def listing(stand: WindowState, glyphs: Glyphs) -> tuple[Entry, ...]:
    """Every preset that is shown today, under its provider: the classic ones of all three first, so that they fit."""
    shown = stand.snapshot.catalogue.shown(stand.snapshot.given.now.date())
    first = [preset for preset in shown if preset.featured or preset.own]
    more = [preset for preset in shown if not (preset.featured or preset.own)]
    entries: list[Entry] = []
    for provider in Provider:
        entries.append(Heading(_heading(stand, provider, glyphs)))
        entries += _rows(stand, provider, first, glyphs)
    for provider in Provider:
        rows = _rows(stand, provider, more, glyphs)
        entries += [Heading(f"{provider.label.upper()}, MORE MODELS"), *rows] if rows else []
    return tuple(entries)


def filtered(entries: tuple[Entry, ...], typed: str, search: FuzzySearch) -> tuple[Entry, ...]:
    """The rows that *typed* finds, best first; everything where nothing is typed."""
    wanted = "".join(typed.split())
    if not wanted:
        return entries
    found: list[tuple[float, int, PickerRow]] = []
    for place, entry in enumerate(entries):
        if isinstance(entry, PickerRow) and (hit := _match(entry, wanted, search)) is not None:
            found.append((-hit[0], place, hit[1]))
    return tuple(row for _, _, row in sorted(found, key=lambda hit: hit[:2]))


def detail(stand: WindowState, row: PickerRow) -> tuple[str, str]:
    """Two lines about a row: how to use it or who pays, and who really answers."""
    preset, snapshot = row.preset, stand.snapshot
    credential = best_credential(preset.provider, stand.given)
    payer = payer_of(preset, credential.payer if credential else None)
    answering = snapshot.catalogue.answering(preset, payer, snapshot.given.now.date())
    here = "" if stand.provider_state(preset.provider) in STORE_STATES else " Enter logs in right here."
    first = f"Pays: {payer.label}." if not row.helper else f"{row.helper}.{here}"
    variable = snapshot.env_keys_present.get(preset.provider)
    if variable and not (credential and credential.key.in_environment):
        first = f"{first} {variable} is set and NOT used."
    return first, untrusted_line(answering.notice or row.tagline)


def _heading(stand: WindowState, provider: Provider, glyphs: Glyphs) -> str:
    now = stand.snapshot.given.now
    credential = best_credential(provider, stand.given)
    name = provider.label.upper()
    off = [PLAN_USE_OFF] if stand.plan_use_off(provider) else []
    if credential is None:
        state = stand.provider_state(provider)
        shown = state if state in (SessionState.NEEDS_SIGN_IN, *STORE_STATES) else SessionState.NOT_LOGGED_IN
        return glyphs.dot.join([name, *(["logged in", *off] if off else [state_words(shown)])])
    parts = [untrusted_line(credential.label), untrusted_line(expiry_words(credential, now)), *off]
    return glyphs.dot.join([name, *parts])


def _rows(stand: WindowState, provider: Provider, presets: Iterable[Preset], glyphs: Glyphs) -> list[PickerRow]:
    state = stand.provider_state(provider)
    return [_row(stand, preset, state, glyphs) for preset in presets if preset.provider is provider]


def _row(stand: WindowState, preset: Preset, state: SessionState, glyphs: Glyphs) -> PickerRow:
    price = stand.snapshot.catalogue.price(preset, stand.snapshot.given.now.date())
    active = stand.preset is not None and stand.preset.id == preset.id
    able = stand.signed_in(preset.provider)
    if able:
        sign, word = glyphs.ok, "Active" if active else "Logged in"
    else:
        sign, word = glyphs.warn, _obstacle(stand, preset.provider, state)
    return PickerRow(
        preset=preset,
        label=untrusted_line(preset.label),
        tagline=untrusted_line(preset.tagline),
        price=str(price) if price else "",
        sign=sign,
        word=word,
        active=active,
        helper="" if able else _helper(stand, preset.provider, state),
    )


def _helper(stand: WindowState, provider: Provider, state: SessionState) -> str:
    if state in STORE_STATES:
        return "Run /doctor first"
    by_key = " --api-key" if stand.way_in(provider, "") else ""
    return f"Run /login --provider={provider}{by_key} first"


def _obstacle(stand: WindowState, provider: Provider, state: SessionState) -> str:
    if state in STORE_STATES:
        return state_words(state).capitalize()
    if state is SessionState.NEEDS_SIGN_IN:
        return "Session ended"
    return "Plan use is off" if stand.plan_use_off(provider) else "Login required"


def _match(row: PickerRow, wanted: str, search: FuzzySearch) -> tuple[float, PickerRow] | None:
    """How well *wanted* fits the label, else another name of the preset."""
    score, places = search.match(wanted, row.label) if _could(wanted, row.label) else (0.0, ())
    if score:
        return score + 1000.0, replace(row, matched=frozenset(places))
    others = (row.preset.id, *row.preset.aliases, row.preset.provider.label, row.tagline)
    best = max((search.match(wanted, name)[0] for name in others if _could(wanted, name)), default=0.0)
    return (best, row) if best else None


def _could(wanted: str, name: str) -> bool:
    """Whether the letters of *wanted* occur in *name* in their order: cheap, and rules out most."""
    letters = iter(name.casefold())
    return all(letter in letters for letter in wanted.casefold())
