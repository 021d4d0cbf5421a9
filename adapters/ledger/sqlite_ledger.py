"""The ledger as one SQLite database in the home folder."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

from adapters.ledger.entry_rows import (
    COLUMNS,
    LINE,
    WHOSE,
    decimal_from,
    entry_row,
    limit_from,
    limit_row,
    line_row,
    moment_from,
    told_from,
    told_row,
    used_from,
)
from adapters.ledger.tables import COUNTS, STATEMENTS, VERSION, missing
from adapters.sqlite.sqlite_file import Database, Form
from domain.errors import StoreDamaged, StoreError
from domain.provider_facts.payer import Payer
from domain.text.moments import moment_text
from domain.usage.entry import Entry, LimitMet, Told
from domain.usage.gauge import Moment
from domain.usage.sums import Total, Used, total

NAME: Final = "ledger.db"
_PATIENCE: Final = 1.0
"""Seconds to wait for another process: an answer waits for the ledger before it is stored."""
TAKEN_IN: Final = "earlier receipts"

# The statements are made of names and marks of these modules, and of no input.
_WHOSE: Final = ", ".join(WHOSE)
_COUNTS: Final = ", ".join(COUNTS)
_SUMS: Final = ", ".join(f"sum({name})" for name in COUNTS)
_LINES: Final = f"SELECT key, {', '.join(LINE)} FROM line"  # noqa: S608 - as above
_ADD_LINE: Final = f"INSERT INTO line ({', '.join(LINE)}) VALUES ({', '.join('?' * len(LINE))})"  # noqa: S608 - as above
_OF_LINE: Final = f"SELECT key FROM line WHERE ({', '.join(LINE)}) = ({', '.join('?' * len(LINE))})"  # noqa: S608 - as above
_ADD: Final = f"INSERT INTO entry ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"  # noqa: S608 - as above
_THERE: Final = "SELECT at, conversation FROM entry"
_USED: Final = f"SELECT line, day, decimal_sum(cost), count(*), {_SUMS} FROM entry WHERE {{}} GROUP BY day, line"  # noqa: S608 - as above
_OF_PLANS: Final = (
    f"SELECT at, {_WHOSE}, {_COUNTS} FROM entry JOIN line ON line.key = entry.line "  # noqa: S608 - as above
    "WHERE payer = ? AND day >= ? AND at >= ? ORDER BY at"
)
_ADD_LIMIT: Final = f"INSERT INTO limit_met (at, {_WHOSE}, model, resets_at, lasts) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - as above
_LIMITS: Final = f"SELECT at, {_WHOSE}, model, resets_at, lasts FROM limit_met WHERE at >= ? ORDER BY at"  # noqa: S608 - as above
_ADD_TOLD: Final = (
    f"INSERT OR REPLACE INTO told ({_WHOSE}, measure, at, allowed, remaining, resets_at) "  # noqa: S608 - as above
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_TOLD: Final = f"SELECT {_WHOSE}, measure, at, allowed, remaining, resets_at FROM told ORDER BY {_WHOSE}, measure"  # noqa: S608 - as above


class SqliteLedger:
    """What was used, in a file that no conversation is in; any thread may call, one at a time is served."""

    def __init__(self, *, home: Path, earlier: Callable[[], Iterable[Entry]]) -> None:
        """*earlier* are the answers that were kept before there was a ledger: they are taken in once."""
        self._earlier = earlier
        form = Form(version=VERSION, statements=STATEMENTS, missing=missing, clear_away=self._begin, patience=_PATIENCE)
        self._database = Database(home / NAME, form)
        self._path = str(self._database.path)

    def note(self, entry: Entry) -> None:
        """Add a row of its own, and its line where that is new."""
        with self._database.writing() as database:
            _add(database, entry)

    def note_limit(self, met: LimitMet) -> None:
        """Add a row of its own."""
        with self._database.writing() as database:
            database.execute(_ADD_LIMIT, limit_row(met))

    def note_told(self, told: Sequence[Told]) -> None:
        """Put rows in the place of earlier ones."""
        with self._database.writing() as database:
            database.executemany(_ADD_TOLD, map(told_row, told))

    def used(self, first: date, last: date) -> tuple[Used, ...]:
        """Sums by day, account, model and price."""
        return self._sums("day BETWEEN ? AND ?", first.isoformat(), last.isoformat())

    def in_conversation(self, conversation_id: str) -> Total:
        """One step into an index, and as many rows as it has answers."""
        return total(self._sums("conversation = ?", conversation_id))

    def plan_moments(self, since: datetime) -> tuple[Moment, ...]:
        """A row for each of them."""
        with self._reading() as database:
            day = since.astimezone(UTC).date().isoformat()
            rows = database.execute(_OF_PLANS, (Payer.PLAN.value, day, moment_text(since)))
            return tuple(map(moment_from, rows))

    def limits(self, since: datetime) -> tuple[LimitMet, ...]:
        """A row for each of them."""
        with self._reading() as database:
            return tuple(map(limit_from, database.execute(_LIMITS, (moment_text(since),))))

    def told(self) -> tuple[Told, ...]:
        """A row for each limit of each account."""
        with self._reading() as database:
            return tuple(map(told_from, database.execute(_TOLD)))

    def close(self) -> None:
        """Let go of the files; the next call opens them again."""
        self._database.close()

    def _sums(self, which: str, *values: str) -> tuple[Used, ...]:
        with self._reading() as database:
            lines = {key: line for key, *line in database.execute(_LINES)}
            sums = database.execute(_USED.format(which), values)
            return tuple(used_from((*lines[key], *row)) for key, *row in sums)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """The database at one moment. Rows that this program did not write are damage."""
        try:
            with self._database.reading() as database:
                yield database
        except (ValueError, TypeError, LookupError) as error:
            raise StoreDamaged(self._path, "something in it cannot be read") from error

    def _begin(self, connection: sqlite3.Connection) -> None:
        """Teach SQLite exact sums, and take in what was kept earlier."""
        connection.create_aggregate("decimal_sum", 1, _DecimalSum)  # type: ignore[arg-type]  # typeshed knows numbers alone
        done = "SELECT 1 FROM done WHERE what = ?"
        if connection.execute(done, (TAKEN_IN,)).fetchone() is not None:
            return
        try:
            earlier = tuple(self._earlier())
        except StoreError:  # told by whoever needs the conversations; the next opening tries again
            return
        with connection:
            connection.execute("BEGIN IMMEDIATE")
            if connection.execute(done, (TAKEN_IN,)).fetchone() is None:  # unless another process just did it
                there = set(connection.execute(_THERE))  # noted since, by an opening that could not take in
                for entry in earlier:
                    if (moment_text(entry.at), entry.conversation) not in there:
                        _add(connection, entry)
                connection.execute("INSERT INTO done (what) VALUES (?)", (TAKEN_IN,))


def _add(database: sqlite3.Connection, entry: Entry) -> None:
    line = line_row(entry.receipt)
    if database.execute(_OF_LINE, line).fetchone() is None:
        database.execute(_ADD_LINE, line)
    (key,) = database.execute(_OF_LINE, line).fetchone()
    database.execute(_ADD, entry_row(entry, key))


class _DecimalSum:
    """The sum of amounts that are kept as text; SQLite's own would make floats of them."""

    def __init__(self) -> None:
        self._sum: Decimal | None = None

    def step(self, text: str | None) -> None:
        """Add one amount; there is no sum as long as none came."""
        if text is not None:
            amount = decimal_from(text)
            self._sum = amount if self._sum is None else self._sum + amount

    def finalize(self) -> str | None:
        """The sum as text."""
        return None if self._sum is None else str(self._sum)
