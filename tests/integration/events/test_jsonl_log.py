from __future__ import annotations

import json
import os
import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from stat import S_IMODE
from typing import Any, cast

import pytest

from adapters.events import jsonl_log
from adapters.events.jsonl_log import LIMIT, NAME, OLDER, JsonlEventLog
from domain.provider import Provider
from domain.text.secret import Secret
from tests.support.fixed_clock import NOON, FixedClock
from tests.support.vendor_values import MARKED

REPO = Path(__file__).parents[3]


@pytest.fixture
def log(tmp_path: Path) -> JsonlEventLog:
    return JsonlEventLog(home=tmp_path, clock=FixedClock())


def facts(log: JsonlEventLog) -> list[dict[str, Any]]:
    return [dict(event.facts) for event in log.tail(1000).events]


def names(log: JsonlEventLog, count: int) -> list[str]:
    return [event.name for event in log.tail(count).events]


def test_an_event_is_a_line_of_json_that_only_its_owner_reads(log: JsonlEventLog, tmp_path: Path) -> None:
    log.record("switched", provider="claude", seconds=0.25, tries=2, saved=True, previous=None)
    (line,) = (tmp_path / NAME).read_text().splitlines()
    assert json.loads(line) == {
        "at": "2026-11-23T12:00:00.000+00:00",
        "event": "switched",
        "pid": os.getpid(),
        "facts": {"provider": "claude", "seconds": 0.25, "tries": 2, "saved": True, "previous": None},
    }
    assert S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600


def test_a_line_end_in_a_fact_does_not_end_the_line(log: JsonlEventLog, tmp_path: Path) -> None:
    log.record("failed", reason='a\nb\u2028c"\x1b[31m')
    assert (tmp_path / NAME).read_bytes().count(b"\n") == 1
    assert b"\x1b" not in (tmp_path / NAME).read_bytes()
    assert facts(log) == [{"reason": 'a\nb\u2028c"\x1b[31m'}]


def test_a_long_text_is_cut(log: JsonlEventLog) -> None:
    log.record("failed", reason="no " * 100)
    (only,) = facts(log)
    assert len(only["reason"]) == 200
    assert only["reason"].endswith("…")


LOOK_SECRET = (
    *MARKED,
    "eyJmYWtlIjp0cnVlfQ.eyJmYWtlIjp0cnVlfQ.ZmFrZQ",
    "Authorization: Bearer fake-access-1",
    "http://127.0.0.1:1455/callback?code=fake",
    "http://127.0.0.1/?x=1&state=fake",
    "http://127.0.0.1/#access_token=fake",
    "f" * 48,
)


def test_what_looks_like_a_secret_is_not_written(log: JsonlEventLog, tmp_path: Path) -> None:
    for secret in LOOK_SECRET:
        log.record("failed", reason=f"because of {secret} it failed", **{secret: 1})
    assert facts(log) == [{"reason": "(looks like a secret)", "(looks like a secret)": 1}] * len(LOOK_SECRET)
    written = (tmp_path / NAME).read_text()
    assert [secret for secret in LOOK_SECRET if secret in written] == []


@pytest.mark.parametrize(
    "harmless",
    [
        "claude-opus-4-1-20250805",
        "ana@example.test",
        "5b1f2c1e-0d57-4a77-9d5e-6f2f6d8d6a10",
        "the provider answered 401",
        "/home/ana/.code/auth.json",
    ],
)
def test_names_and_sentences_are_written(log: JsonlEventLog, harmless: str) -> None:
    log.record("failed", reason=harmless)
    assert facts(log) == [{"reason": harmless}]


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (Secret("fake-access-1"), "(Secret)"),
        (b"fake", "(bytes)"),
        (["fake"], "(list)"),
        ({"token": "fake"}, "(dict)"),
        (ValueError("fake"), "(ValueError)"),
        (float("nan"), "nan"),
        (10**5000, "(int)"),
        (Provider.CLAUDE, "claude"),
    ],
    ids=["secret", "bytes", "list", "dict", "error", "nan", "huge", "enum"],
)
def test_only_plain_values_are_written(log: JsonlEventLog, value: object, kept: str) -> None:
    log.record("odd", value=cast("str", value))
    assert facts(log) == [{"value": kept}]


def test_an_event_may_be_a_member_of_an_enum(log: JsonlEventLog) -> None:
    class Event(StrEnum):
        SWITCHED = "switched"

    log.record(Event.SWITCHED)
    assert names(log, 1) == ["switched"]


# Never a failure


def test_a_log_that_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    log = JsonlEventLog(home=tmp_path / "missing", clock=FixedClock())
    log.record("switched")
    assert names(log, 5) == []
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_place_of_the_log_is_no_failure(log: JsonlEventLog, tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    log.record("switched")
    assert names(log, 5) == []


def test_a_link_in_the_place_of_the_log_is_not_followed(log: JsonlEventLog, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("")
    (tmp_path / NAME).symlink_to(target)
    log.record("switched")
    assert target.read_text() == ""


def test_lines_that_are_no_events_are_left_out(log: JsonlEventLog, tmp_path: Path) -> None:
    log.record("first")
    with (tmp_path / NAME).open("ab") as file:
        file.write(b'{"event": "cut off\n\xff\xfe\n[1]\n{"event": 5}\n\n' + b"[" * 50_000 + b"\n")
        for at in ('"noon"', '"2026-11-23T12:00:00"', '"0001-01-01T00:00:00+14:00"', "5", "null"):
            file.write(f'{{"at": {at}, "event": "timeless", "facts": {{}}}}\n'.encode())
    log.record("last")
    assert names(log, 10) == ["first", "last"]


def test_what_is_read_has_its_time_process_and_plain_facts(log: JsonlEventLog, tmp_path: Path) -> None:
    log.record("renewed", provider="claude", generation=2)
    with (tmp_path / NAME).open("a") as file:
        file.write('{"at": "2026-11-23T14:00:00+02:00", "event": "odd", "pid": "x", "facts": {"a": [1], "b": 2}}\n')
    renewed, odd = log.tail(5).events
    assert (renewed.at, renewed.pid, renewed.provider) == (NOON, os.getpid(), "claude")
    assert (odd.at, odd.pid, dict(odd.facts)) == (NOON, None, {"b": 2})


def test_a_pipe_or_a_link_in_the_place_of_the_log_counts_as_empty(log: JsonlEventLog, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / NAME)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text('{"at": "2026-11-23T12:00:00+00:00", "event": "foreign", "facts": {}}\n')
    (tmp_path / OLDER).symlink_to(elsewhere)
    assert names(log, 5) == []


# Size


@pytest.mark.slow
def test_a_full_log_becomes_the_older_one(log: JsonlEventLog, tmp_path: Path) -> None:
    log.record("first")
    (tmp_path / OLDER).write_text("what was there before goes\n")
    with (tmp_path / NAME).open("ab") as file:
        file.write(b"\n" * LIMIT)
    log.record("the last of the old")
    log.record("the first of the new")
    assert names(log, 10) == ["first", "the last of the old", "the first of the new"]
    assert (tmp_path / NAME).stat().st_size < 200
    assert {S_IMODE(path.stat().st_mode) for path in (tmp_path / NAME, tmp_path / "events.lock")} == {0o600}


@pytest.mark.slow
def test_while_another_process_makes_room_events_are_written_all_the_same(log: JsonlEventLog, tmp_path: Path) -> None:
    from adapters.files.locks import exclusive

    (tmp_path / NAME).write_bytes(b"\n" * (LIMIT + 1))
    with exclusive(tmp_path / "events.lock", timeout=1):
        log.record("meanwhile")
    assert not (tmp_path / OLDER).exists()
    assert names(log, 1) == ["meanwhile"]


@pytest.mark.parametrize("count", [0, 1, 7, 299, 300, 500])
def test_the_last_events_come_oldest_first(log: JsonlEventLog, count: int) -> None:
    for number in range(300):
        log.record("counted", number=number)
    tail = log.tail(count)
    assert [event.facts["number"] for event in tail.events] == list(range(300))[300 - min(count, 300) :]
    assert tail.complete is (count >= 300)


def test_lines_longer_than_a_block_are_put_together(log: JsonlEventLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonl_log, "_BLOCK", 7)
    for number in range(5):
        log.record("counted", number=number)
    assert [fact["number"] for fact in facts(log)] == list(range(5))


def test_the_tail_reads_no_more_than_it_needs(log: JsonlEventLog, tmp_path: Path) -> None:
    """What lies before is a hole of 16 GiB."""
    with (tmp_path / NAME).open("wb") as file:
        file.truncate(2**34)
        file.seek(0, os.SEEK_END)
        file.write(b'\n{"at": "2026-11-23T12:00:00+00:00", "event": "last", "facts": {}}\n')
    assert names(log, 1) == ["last"]
    assert names(log, 2) == ["last"]


def test_processes_do_not_mix_their_lines(log: JsonlEventLog, tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from adapters.events.jsonl_log import JsonlEventLog\n"
        "from adapters.system.clock import SystemClock\n"
        "log = JsonlEventLog(home=Path(sys.argv[1]), clock=SystemClock())\n"
        "for number in range(200): log.record('counted', number=number, filler='x y ' * 40)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    running = [subprocess.Popen(command, cwd=REPO) for _ in range(3)]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    by_process: dict[int | None, list[object]] = {}
    for event in log.tail(1000).events:
        by_process.setdefault(event.pid, []).append(event.facts["number"])
    assert list(by_process.values()) == [list(range(200))] * 3
