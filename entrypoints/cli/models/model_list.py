"""`keyswitch models`: what can be selected, and with which sign-in."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from domain.catalogue import payer_of
from domain.model import Answering, Model, Preset, Price, title
from domain.records import dataclass
from domain.store_trouble import trouble_of
from domain.switching import NotPossible, SignInRequired, StoreUnusable, best_credential, decide, signed_in
from domain.text.untrusted import untrusted_line
from entrypoints.chat.picking.model_groups import in_order, listed
from entrypoints.cli.home import light
from entrypoints.cli.output import cells, columns, missing_sign, result, result_json, say, shows, signs, timestamp
from entrypoints.words.accounts import state_words
from entrypoints.words.model_lists import age_words, list_remarks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from application.snapshot import Snapshot
    from domain.model_lists.listed import ModelList
    from domain.provider import Provider

SCHEMA: Final = 1
"""Raised when a member changes its meaning or goes; new members may come at any time."""

_ACTIVE_MARK: Final = "▶"
_INDENT: Final = "    "
_SIGN_IN_WOULD_DO: Final = ("Login required", "Plan use is off")
"""Without, and with somebody who is signed in and did not allow use of the plan."""


@dataclass(frozen=True, slots=True)
class ModelLine:
    """One preset as it stands."""

    preset: Preset
    price: Price | None
    answering: Answering
    usable: bool
    word: str
    """The state in words: "Active", "Logged in", "Login required", or why it cannot be had."""
    active: bool
    sign_in_would_do: bool = False
    """Whether it is a sign-in alone that is missing."""
    remarks: tuple[str, ...] = ()
    """What the provider's list has to say about the model."""

    @property
    def title(self) -> str:
        """Label, tagline and price."""
        return untrusted_line(title(self.preset, self.price))


def show_models(*, as_json: bool, available: bool = False) -> int:
    """Print all models, with *available* only those that could answer now. Always exit code 0: a list is no failure."""
    services = light()
    snapshot = services.auth.snapshot()
    rows = [row for row in model_rows(snapshot, services.preferences.recents()) if row.usable or not available]
    if as_json:
        result_json(_document(rows, snapshot))
        return 0
    room = columns()
    # A terminal may show the sign of a missing sign-in in two cells.
    for line in _lines(rows, room - 1 if room else None):
        result(line)
    now = snapshot.given.now
    for line in (age_words(snapshot.catalogue, now), *snapshot.list_notices):
        for part in _folded(untrusted_line(line), room - 1, indent="") if room else [untrusted_line(line)]:
            say(part)
    if snapshot.given.troubles:
        from entrypoints.words.errors import trouble_words  # the words for all errors, where there is one

        for line in trouble_words(snapshot.given.troubles):
            say(line)
    if not rows and not snapshot.given.troubles:
        say("No model can be used yet. Sign in first: keyswitch login")
    return 0


def model_rows(snapshot: Snapshot, recents: Sequence[str] = ()) -> list[ModelLine]:
    """Every preset that is shown today, in the order of the picker; *recents* are ids, the latest first."""
    able = signed_in(snapshot.given)
    return [
        _row(preset, snapshot) for preset in in_order(listed(snapshot, snapshot.preset, able.__contains__, recents))
    ]


def _row(preset: Preset, snapshot: Snapshot) -> ModelLine:
    today = snapshot.given.now.date()
    credential = best_credential(preset.provider, snapshot.given)
    payer = payer_of(preset, credential.payer if credential else None)
    active = snapshot.preset is not None and snapshot.preset.id == preset.id
    match decide(preset, snapshot.catalogue, snapshot.given):
        case SignInRequired(plan_use_off=off):
            usable, word = False, _SIGN_IN_WOULD_DO[off]
        case StoreUnusable():
            usable, word = False, _store_word(preset.provider, snapshot)
        case NotPossible(reason=reason):
            usable, word = False, f"Not possible: {reason}"
        case _:
            usable, word = True, "Active" if active else "Logged in"
    return ModelLine(
        preset=preset,
        price=snapshot.catalogue.price(preset, today),
        answering=snapshot.catalogue.answering(preset, payer, today),
        usable=usable,
        word=word,
        active=active,
        sign_in_would_do=word in _SIGN_IN_WOULD_DO,
        remarks=list_remarks(model, snapshot.given.now) if (model := snapshot.catalogue.model_of(preset)) else (),
    )


def _store_word(provider: Provider, snapshot: Snapshot) -> str:
    trouble = trouble_of(provider, snapshot.given.troubles)
    return state_words(trouble.state).capitalize() if trouble else ""


def _lines(rows: list[ModelLine], width: int | None) -> Iterator[str]:
    """A line each row and one below it for what answers instead; more where they would not fit into *width* cells."""
    names = max((cells(_name(row)) for row in rows), default=0)
    titles = max((cells(row.title) for row in rows), default=0)
    states = max((cells(_state(row)) for row in rows), default=0)
    wide = width is None or names + titles + states + 4 <= width
    for row in rows:
        if width is None or wide:
            yield f"{_padded(_name(row), names)}  {_padded(row.title, titles)}  {_state(row)}"
        else:
            together = f"{_name(row)}  {_state(row)}"
            if cells(together) <= width:
                yield together
            else:
                yield from _folded(_name(row), width, indent="" if row.active else "  ")
                yield from _folded(_state(row), width, indent=_INDENT)
            yield from _folded(row.title, width, indent=_INDENT)
        for said in (row.answering.notice, *row.remarks):
            if said:
                notice = untrusted_line(said)
                yield from [_INDENT + notice] if width is None else _folded(notice, width, indent=_INDENT)


def _name(row: ModelLine) -> str:
    mark = _ACTIVE_MARK if shows(sys.stdout, _ACTIVE_MARK) else ">"
    return f"{mark if row.active else ' '} {untrusted_line(row.preset.id)}"


def _state(row: ModelLine) -> str:
    sign = missing_sign() if row.sign_in_would_do else signs()[row.usable]
    return f"{sign} {untrusted_line(row.word)}"


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cells(text))


def _folded(text: str, width: int, *, indent: str) -> Iterator[str]:
    """*text* in lines of at most *width* cells behind *indent*, broken between words where that is possible."""
    line = ""
    for word in text.split():
        if line and cells(f"{indent}{line} {word}") > width:
            yield indent + line
            line = ""
        line = f"{line} {word}" if line else word
        while cells(indent + line) > max(width, cells(indent) + 2):
            most = next(at for at in range(len(line), 0, -1) if cells(indent + line[:at]) <= width or at == 1)
            yield indent + line[:most]
            line = line[most:]
    if line:
        yield indent + line


def _document(rows: list[ModelLine], snapshot: Snapshot) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "active": next((row.preset.id for row in rows if row.active), None),
        "built_in_as_of": snapshot.catalogue.as_of.isoformat(),
        "lists": [_list(one) for one in snapshot.catalogue.lists],
        "notices": list(snapshot.list_notices),
        "models": [_member(row, snapshot.catalogue.model_of(row.preset)) for row in rows],
    }


def _list(found: ModelList) -> dict[str, Any]:
    return {
        "provider": found.key.provider.value,
        "of_plan": found.of_plan,
        "read_at": timestamp(found.read_at),
        "tried_at": timestamp(found.tried_at),
    }


def _member(row: ModelLine, model: Model | None) -> dict[str, Any]:
    preset, price = row.preset, row.price
    return {
        "id": preset.id,
        "label": preset.label,
        "tagline": preset.tagline,
        "title": title(preset, price),
        "provider": preset.provider.value,
        "model": preset.model,
        "aliases": list(preset.aliases),
        "level": preset.level.value if preset.level else None,
        "featured": preset.featured,
        "own": preset.own,
        "price": {"input": price.input, "output": price.output, "unit": "USD per million tokens"} if price else None,
        "answers": {"model": row.answering.model.id, "label": row.answering.model.label},
        "notice": row.answering.notice,
        "context": model.context if model else None,
        "ends": model.ends.isoformat() if model and model.ends else None,
        "from_list": model is not None and model.from_list,
        "on_plan": model.on_plan if model else None,
        "unlisted": model is not None and bool(model.unlisted),
        "usable": row.usable,
        "state": row.word,
        "active": row.active,
    }
