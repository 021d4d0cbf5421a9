"""What can be told from the event log."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.use_cases.track_record import MOST_EVENTS, MOST_FAILURES
from domain.accounts import tag
from domain.event import WINDOW, Event, failure_share
from entrypoints.words.events import event_words
from tests.support.credentials import NOON, a_record
from tests.support.world import World

ANA = tag(a_record().key)


def an_event(name: str, *, at: datetime = NOON, **facts: str) -> Event:
    return Event(at, name, 1, {"provider": "claude", "account": ANA, **facts})


GOOD = (an_event("renewed"), an_event("renewal_unsaved"), an_event("message_answered", kind="oauth"))
BAD = (
    an_event("session_ended", reason="invalid_grant"),
    an_event("message_failed", kind="oauth", reason="auth_rejected"),
)
NOT_COUNTED = (
    an_event("signed_in"),
    an_event("sign_in_failed", reason="sign_in_declined"),
    an_event("renewal_failed", reason="Offline"),
    an_event("message_failed", kind="oauth", reason="offline"),
    an_event("message_failed", kind="oauth", reason="session_ended"),
    an_event("message_failed", kind="api_key", reason="auth_rejected"),
    an_event("message_answered", kind="api_key"),
    an_event("switched"),
)


def test_without_an_attempt_there_is_no_share() -> None:
    share = failure_share((), NOON)
    assert (share.attempts, share.failed, share.share) == (0, 0, None)


def test_the_share_is_of_what_providers_refused_of_all_that_they_judged() -> None:
    share = failure_share((*GOOD, *GOOD, *GOOD, *BAD), NOON)
    assert (share.attempts, share.failed, share.share) == (11, 2, 2 / 11)


def test_what_judged_no_session_does_not_count() -> None:
    assert failure_share(NOT_COUNTED, NOON).attempts == 0
    assert failure_share((*GOOD, *NOT_COUNTED), NOON).attempts == len(GOOD)


def test_what_lies_before_the_window_does_not_count() -> None:
    edge = an_event("renewed", at=NOON - WINDOW)
    before = an_event("session_ended", at=NOON - WINDOW - timedelta(milliseconds=1))
    share = failure_share((before, edge), NOON)
    assert (share.since, share.attempts, share.failed) == (NOON - WINDOW, 1, 0)


def test_where_the_log_does_not_reach_back_the_time_looked_at_is_said() -> None:
    first = an_event("renewed", at=NOON - timedelta(days=2))
    assert failure_share((first, *GOOD), NOON, complete=False).since == first.at
    assert failure_share((first, *GOOD), NOON, complete=True).since == NOON - WINDOW


@given(st.lists(st.sampled_from([*GOOD, *BAD, *NOT_COUNTED])))
def test_the_share_lies_between_none_and_all(events: list[Event]) -> None:
    share = failure_share(events, NOON)
    assert share.attempts == sum(event in GOOD + BAD for event in events)
    assert share.failed == sum(event in BAD for event in events)
    assert share.share is None or 0 <= share.share <= 1


def test_the_track_record_tells_who_renewed_last_and_what_failed_lately() -> None:
    world = World()
    for number in range(MOST_FAILURES + 5):
        world.events.record("renewed", provider="claude", account=ANA, generation=number)
        world.events.record("sign_in_failed", provider="gemini", reason=str(number))
    track = world.track_record()
    assert track.renewals[ANA].facts["generation"] == MOST_FAILURES + 4
    assert [event.facts["reason"] for event in track.failures] == [str(n) for n in range(MOST_FAILURES + 4, 4, -1)]
    assert track.authentications.attempts == MOST_FAILURES + 5


def test_the_track_record_looks_at_the_end_of_the_log_only() -> None:
    world = World()
    world.events.record("session_ended", provider="claude", account=ANA, reason="long ago")
    world.clock.advance(timedelta(hours=1))
    for _ in range(MOST_EVENTS):
        world.events.record("renewed", provider="claude", account=ANA)
    track = world.track_record()
    assert (track.authentications.attempts, track.authentications.failed) == (MOST_EVENTS, 0)
    assert track.authentications.since == NOON + timedelta(hours=1)


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (an_event("signed_in"), "logged in to Claude (ana)"),
        (an_event("renewed"), "renewed Claude (ana)"),
        (an_event("session_ended", reason="invalid_grant"), "Claude session ended: invalid grant (ana)"),
        (an_event("switched", preset="claude-opus-4.1"), "switched to claude-opus-4.1 (ana)"),
        (an_event("of_a_newer_version"), "of a newer version (ana)"),
        (an_event("selection_refused", preset="gpt", reason="not_possible"), "gpt not selected: not possible (ana)"),
        (Event(NOON, "signed_out", None, {}), "logged out of ?"),
        (Event(NOON, "sign_in_failed", None, {"provider": "\x1b[31mx"}), "x login failed: no reason given"),
    ],
)  # fmt: skip
def test_an_event_is_said_in_a_few_words(event: Event, words: str) -> None:
    assert event_words(event, {ANA: "ana"}) == words


def test_an_ended_session_is_not_said_to_have_ended_because_it_ended() -> None:
    assert event_words(an_event("session_ended", reason="session_ended"), {}) == "Claude session ended"
    assert event_words(an_event("session_ended", reason="refresh_interrupted"), {}) == (
        "Claude session ended: refresh interrupted"
    )
