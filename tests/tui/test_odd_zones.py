"""Moments where the person is, whatever TZ says."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from entrypoints.words.local_time import local

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def test_every_zone_gives_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        for zone in ("UTC+24", "UTC-24:59", "XXX+167:59:59", "nonsense", "", ":/etc/passwd", "A" * 300, "Europe/Paris"):
            monkeypatch.setenv("TZ", zone)
            time.tzset()
            assert local(NOON) == NOON, zone
            for end in (datetime(9999, 12, 31, 23, 59, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC)):
                assert local(end) == end, zone
    finally:
        monkeypatch.undo()
        time.tzset()
