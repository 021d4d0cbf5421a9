"""How long an answer asks to wait."""

from __future__ import annotations

from datetime import UTC, datetime

from adapters.http.retry_after import LONGEST_WAIT, retry_after

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)

ROWS: dict[str, float | None] = {
    "7": 7, " 7 ": 7, "0": 0, "1.5": 1.5, "999999999": LONGEST_WAIT, "soon": None, "-5": None, "": None, "nan": None,
    "inf": None, "9" * 400: None, "Mon, 23 Nov 2026 12:00:30 GMT": 30, "Mon, 23 Nov 2026 13:00:30 +0100": 30,
    "Mon, 23 Nov 2026 11:00:00 GMT": 0, "Mon, 23 Nov 2026 12:00:30": 30, "Mon, 23 Nov 2026 12:00:30 -0000": 30,
}  # fmt: skip


def test_the_wait_is_read_as_seconds_and_as_a_date() -> None:
    read = {text: retry_after({"retry-after": text}, NOW) for text in ROWS}

    assert read == ROWS
    assert retry_after({}, NOW) is None


def test_a_wait_in_milliseconds_is_the_more_exact_one() -> None:
    assert retry_after({"retry-after-ms": "250", "retry-after": "1"}, NOW) == 0.25
    assert retry_after({"retry-after-ms": "soon", "retry-after": "1"}, NOW) == 1


def test_no_wait_is_longer_than_what_the_caller_has_time_for() -> None:
    texts = ("7200", "Mon, 23 Nov 2026 14:00:00 GMT")

    assert [retry_after({"retry-after": text}, NOW, longest=60) for text in texts] == [60, 60]
    assert retry_after({"retry-after-ms": "7200000"}, NOW, longest=60) == 60
