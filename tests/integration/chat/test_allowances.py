"""What the head of an answer tells beside the answer."""

from __future__ import annotations

from datetime import timedelta

from adapters.chat.allowances import allowances, opened
from application.ports.chat_client import Opened
from domain.usage.allowance import Allowance, Measure
from tests.support.fixed_clock import NOON

ANTHROPIC = {
    "request-id": "req_made-up",
    "anthropic-ratelimit-requests-limit": "50",
    "anthropic-ratelimit-requests-remaining": "49",
    "anthropic-ratelimit-requests-reset": "2026-11-23T12:01:00Z",
    "anthropic-ratelimit-input-tokens-remaining": "1000",
}
OPENAI = {
    "x-request-id": "req_made-up",
    "x-ratelimit-limit-tokens": "-1",
    "x-ratelimit-remaining-tokens": "0",
    "x-ratelimit-reset-tokens": "6m0s",
    "x-ratelimit-remaining-requests": "-1",
}


def test_both_vendors_ways_of_writing_it_are_read() -> None:
    requests = Allowance(Measure.REQUESTS, 50, 49, NOON + timedelta(minutes=1))
    told = Opened("req_made-up", (requests, Allowance(Measure.INPUT_TOKENS, None, 1000)))
    assert opened(ANTHROPIC, NOON) == told
    assert allowances(OPENAI, NOON) == (Allowance(Measure.TOKENS, None, 0, NOON + timedelta(minutes=6)),)


def test_what_tells_nothing_is_no_event_and_what_makes_no_sense_is_left_out() -> None:
    assert opened({"content-type": "text/event-stream"}, NOON) is None
    odd = {"anthropic-ratelimit-tokens-remaining": "9" * 5000, "x-ratelimit-remaining-requests": "many"}
    assert opened(odd, NOON) is None
    reset = {"x-ratelimit-remaining-requests": " 7 ", "x-ratelimit-reset-requests": "soon"}
    assert allowances(reset, NOON) == (Allowance(Measure.REQUESTS, None, 7),)
    found = opened({"request-id": "r" * 5000}, NOON)
    assert found is not None
    assert len(found.request_id) == 200
