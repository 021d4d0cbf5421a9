"""How old the facts about the models are, and what the providers' lists have to say about one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from domain.model import Lifecycle, Model
from domain.text.untrusted import untrusted_line
from entrypoints.words.local_time import local

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.catalogue import Catalogue
    from domain.model_lists.listed import ModelList

REFRESH: Final = "keyswitch models --refresh"


def age_words(catalogue: Catalogue, now: datetime) -> str:
    """How old all of it is: `Lists read today 14:02. Prices are of 2026-11-30.` and the like."""
    if not catalogue.lists:
        return f"These facts are of {catalogue.as_of}. {REFRESH} asks the providers for their lists."
    today = [one for one in catalogue.lists if _is_today(one, now)]
    words = [f"{one.whose} of {day_of(one)}" for one in catalogue.lists if one not in today]
    if today and not words:
        words = [f"lists read today {_time(today)}"]
    elif today:
        words = [*(f"{one.whose} read today {_time([one])}" for one in today), *words]
    said = "; ".join(words)
    return f"{said[0].upper()}{said[1:]}. Prices are of {catalogue.as_of}."


def short_age(catalogue: Catalogue, now: datetime) -> str:
    """The same where there is little room, by the oldest: `lists of today 14:02`, `facts of 2026-11-30`."""
    if not catalogue.lists:
        return f"facts of {catalogue.as_of}"
    oldest = min(catalogue.lists, key=_read_at)
    return f"lists of today {_time([oldest])}" if _is_today(oldest, now) else f"lists of {day_of(oldest)}"


def list_remarks(model: Model, now: datetime) -> tuple[str, ...]:
    """What the lists have to say about *model*, each a sentence; nothing about one that is retired anyway."""
    if model.lifecycle(now.date()) is Lifecycle.GONE:
        return ()
    label = untrusted_line(model.label)
    ends = (f"{label} ends on {model.ends}.",) if model.from_list and model.ends else ()
    return (*ends, *((f"{label} is {model.unlisted}.",) if model.unlisted else ()))


def _read_at(found: ModelList) -> datetime:
    return found.read_at or datetime.min.replace(tzinfo=UTC)


def _is_today(found: ModelList, now: datetime) -> bool:
    return local(_read_at(found)).date() == local(now).date()


def day_of(found: ModelList) -> str:
    """The day on which the list was read, here."""
    return local(_read_at(found)).date().isoformat()


def _time(found: Sequence[ModelList]) -> str:
    """The time of the oldest."""
    return f"{local(min(map(_read_at, found))):%H:%M}"
