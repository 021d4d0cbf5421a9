"""Sums of what was used as a table with a bar a row, in as many columns as fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from textwrap import wrap
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.progress_bar import ProgressBar

from application.use_cases.read_usage import PlanUse
from domain.text.untrusted import untrusted_line
from domain.usage.period import Period
from domain.usage.sums import By, Total, Used, grouped, total
from entrypoints.chat.fitting import cut
from entrypoints.chat.glyphs import ASCII, Glyphs
from entrypoints.words.money import dollars
from entrypoints.words.usage import NOTHING, count_words, plan_lines, remarks

_GAP: Final = 2
_NAME: Final = 10
"""Cells that a name gets at least: a day."""
_BAR: Final = (6, 30)
"""Cells of the longest bar, at least and at most."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What there is to show of some days."""

    period: Period
    by: By
    used: tuple[Used, ...]
    plans: PlanUse
    conversation: Total
    """What the open conversation used so far, whenever that was."""


def sheet_lines(sheet: Sheet, width: int, glyphs: Glyphs) -> Iterator[str]:
    """All that a sheet says, in *width* cells, with the sums at its end: there a terminal stops."""
    rows = _rows(sheet)
    if rows:
        yield from table_lines(rows, sheet.by, width, glyphs)
        yield ""
    yield from _around(sheet)


def page_lines(sheet: Sheet, width: int, glyphs: Glyphs) -> Iterator[str]:
    """The same for a page that is read from its top: what matters now comes first, and of the days the latest."""
    rows, everything = _rows(sheet), total(sheet.used)
    if rows:
        yield from wrap(f"{_counts(everything)}.", width)
    for line in _around(sheet):
        yield from wrap(line, width, subsequent_indent="  ") or ("",)
    if rows:
        yield ""
        ordered = dict(reversed(rows.items())) if sheet.by is By.DAY else rows
        yield from table_lines(ordered, sheet.by, width, glyphs)


def _rows(sheet: Sheet) -> dict[str, Total]:
    rows = grouped(sheet.used, sheet.by)
    return with_quiet_days(rows) if rows and sheet.by is By.DAY else rows


def _around(sheet: Sheet) -> Iterator[str]:
    """What is said besides the table."""
    everything = total(sheet.used)
    yield from remarks(everything) if everything.requests else (NOTHING,)
    if sheet.conversation.requests:
        yield f"This conversation so far: {_used_words(sheet.conversation)}."
    plans = list(plan_lines(sheet.plans))
    if plans:
        yield from ("", *plans)


def table_lines(rows: Mapping[str, Total], by: By, width: int, glyphs: Glyphs) -> Iterator[str]:
    """A head, a line for each of *rows* with a bar, and the sum. What matters least gives way where it is narrow."""
    everything = sum(rows.values(), Total())
    names = [untrusted_line(name) for name in (by.value, *rows, "all")]
    columns = _columns([*rows.values(), everything])
    while columns and _NAME + sum(_GAP + _width(column) for _, column in columns) > width:
        columns.remove(max(columns, key=lambda each: each[0]))
    taken = sum(_GAP + _width(column) for _, column in columns)
    room = min(max(map(cell_len, names)), max(width - taken - _GAP - _BAR[0], _NAME))
    bars = _bars(list(rows.values()), min(width - taken - room - _GAP, _BAR[1]), glyphs)
    for number, name in enumerate(names):
        shown = cut(name, room, glyphs.ellipsis)
        cells = [shown + " " * (room - cell_len(shown))]
        cells += [f"{column[number]:>{_width(column)}}" for _, column in columns]
        yield (" " * _GAP).join([*cells, bars[number]]).rstrip()


def with_quiet_days(rows: Mapping[str, Total]) -> dict[str, Total]:
    """*rows* by day, with the days between them on which nothing was used."""
    days = [date.fromisoformat(name) for name in rows]
    between = (min(days) + timedelta(days=number) for number in range((max(days) - min(days)).days + 1))
    return {day.isoformat(): rows.get(day.isoformat(), Total()) for day in between}


def _columns(totals: Sequence[Total]) -> list[tuple[int, list[str]]]:
    """The columns with their heads; the number says which gives way first."""
    columns = [
        (1, ["answers", *(str(one.requests) for one in totals)]),
        (3, ["in", *(count_words(one.usage.input) for one in totals)]),
        (4, ["out", *(count_words(one.usage.output) for one in totals)]),
        (5, ["cached", *(_cached(one) for one in totals)]),
        (0, ["dollars", *(_dollars(one) for one in totals)]),
    ]
    if any(one.on_plan for one in totals):
        columns.append((2, ["by plan", *(str(one.on_plan or "") for one in totals)]))
    if any(one.unknown for one in totals):
        columns.append((2, ["no price", *(str(one.unknown or "") for one in totals)]))
    return columns


def _bars(totals: Sequence[Total], width: int, glyphs: Glyphs) -> list[str]:
    """A bar for each row, and what it shows above them; nothing where there is no room."""
    if width < _BAR[0]:
        return [""] * (len(totals) + 2)
    paid = any(one.dollars for one in totals)
    values = [float(one.dollars) if paid else one.usage.input + one.usage.output for one in totals]
    return ["" if paid else "tokens", *(bar(value, max(values), width, glyphs) for value in values), ""]


def bar(value: float, most: float, width: int, glyphs: Glyphs) -> str:
    """*value* as a bar, of which *most* takes *width* cells."""
    console = Console(color_system=None, width=max(width, 1), legacy_windows=False, no_color=True)
    options = console.options
    options.encoding = "ascii" if glyphs is ASCII else "utf-8"
    drawn = console.render(ProgressBar(total=most or 1, completed=value, width=width), options)
    return "".join(segment.text for segment in drawn).rstrip()


def _width(column: Sequence[str]) -> int:
    return max(map(len, column))


def _cached(one: Total) -> str:
    return "" if one.cached_share is None else f"{round(100 * one.cached_share)} %"


def _dollars(one: Total) -> str:
    """Nothing where all is paid by a plan, or has no known price: that is not the same as no dollars."""
    return dollars(one.dollars) if one.requests > one.on_plan + one.unknown else ""


def _used_words(used: Total) -> str:
    return ", ".join([_counts(used), *filter(None, (_dollars(used),))])


def _counts(used: Total) -> str:
    answers = "1 answer" if used.requests == 1 else f"{used.requests} answers"
    cached = f" ({_cached(used)} from cache)" if used.usage.cached else ""
    return f"{answers}, {count_words(used.usage.input)} in{cached}, {count_words(used.usage.output)} out"
