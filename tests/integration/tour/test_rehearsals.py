"""Each misfortune ends in the words that the real thing would get."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from adapters.sandbox.scenarios import SCENARIOS
from domain.provider import Provider
from entrypoints.rehearsal import Rehearsal
from entrypoints.sandboxed import open_sandbox, sandbox_misfortune
from entrypoints.tour import Stage, Step

pytestmark = pytest.mark.slow

ENDED = ("session_ended", "keyswitch login {provider}")
BUSY = ("overloaded", "has trouble answering right now")

OUTCOMES: dict[str, Sequence[tuple[str, str]]] = {
    "expired-session": [("answered", "answered after")] * 3,
    "ended-session": [ENDED] * 3,
    "reused-token": [("session_ended", "refresh_token_reused"), ENDED, ENDED],
    "admin-policy": [ENDED] * 3,
    "lost-answer": [("refresh_interrupted", "was interrupted")] * 2 + [("answered", "answered after")],
    "renewal-outage": [("overloaded", "It asks to wait 60 s.")] * 3,
    "client-refused": [("client_refused", "The session is kept. Run: keyswitch config check")] * 3,
    "limit": [("limit_reached", "limit is reached")] * 3,
    "busy": [("answered", "answered after 1.")] * 3,
    "overloaded": [("answered", "answered after")] * 3,
    "no-credit": [
        ("credit_used_up", "has used up its credit"), ("credit_used_up", "Whoever pays for the Claude Console"),
        ("spend_limit", "the project is at its spend cap"),
    ],
    "region": [("refused", "refused the request")] * 3,
    "outage": [BUSY] * 3,
    "broken-server": [BUSY] * 3,
    "offline": [("offline", "cannot be reached: 127.0.0.1 refused the connection.")] * 3,
    "slow": [("stopped", "stopped by hand")] * 3,
    "hang": [("stopped", "stopped by hand")] * 3,
    "cut-stream": [("broken_stream", "broke off: the connection was cut.")] * 3,
    "stream-error": [BUSY] * 3,
    "garbage": [("answer_unreadable", "cannot read")] * 3,
    "portal": [("offline", "sign-in page of a network")] * 3,
    "refusal": [("refused", "The model declined")] * 2 + [("filtered", "The provider filtered")],
    "blocked": [
        ("refused", "was flagged as violating"), ("refused", "the model declined"), ("refused", "prompt was blocked"),
    ],
    "cut-short": [("length", "the limit of its length")] * 3,
    "declined": [("sign_in_declined", "it was declined (access_denied). Nothing was changed.")] * 3,
    "plan-scope-refused": [
        ("signed_in", "as ana@example.test, but plan use is off"), ("plan_use_off", "Sign in again and tick it"),
    ],
    "scope-refused": [("sign_in_failed", "use of the Gemini API was not allowed")],
    "wrong-account": [("other_account", "ben@example.test signed in where ana@example.test was expected")] * 2,
    "sign-in-outage": [BUSY] * 3,
    "sign-out-unconfirmed": [("signed_out", "did not confirm that the session is over")] * 3,
    "new-models": [("answered", "answered after")] * 3,
    "odd-lists": [("answered", "answered after")] * 3,
}  # fmt: skip
"""By scenario: code and words at each of its providers, in order."""

PATIENCE = {"slow": 0.3, "hang": 0.3}
"""Seconds to wait, where the end of it is to stop waiting."""

KEEPS_SOME = {"cut-stream", "stream-error", "garbage", "cut-short", "refusal"}
"""After these some of the answer is there, and kept."""


def test_each_scenario_is_here() -> None:
    assert OUTCOMES.keys() == SCENARIOS.keys()


@pytest.mark.parametrize("name", SCENARIOS)
async def test_a_misfortune_ends_in_its_message(name: str, tmp_path: Path) -> None:
    steps = await rehearsed(name, tmp_path)

    met = [step for step in steps if step.kind == "rehearsal"]
    assert [step.facts["provider"] for step in met] == [*SCENARIOS[name].providers] * len(SCENARIOS[name].acts)
    assert [step.facts["outcome"] for step in met] == [code for code, _ in OUTCOMES[name]]
    for step, (_, words) in zip(met, OUTCOMES[name], strict=True):
        assert words.format(provider=step.facts["provider"]) in step.facts["message"]
        assert ".." not in step.facts["message"]
        assert (step.facts.get("kept_characters", 0) > 0) is (name in KEEPS_SOME or step.facts["outcome"] == "answered")
    assert all(step.ok for step in steps)


async def test_what_there_is_to_do_on_screen_is_said(tmp_path: Path) -> None:
    with open_sandbox(tmp_path / "home", os.environ) as opened:
        hints = {
            name: sandbox_misfortune(name, opened).hint for name in ("limit", "wrong-account", "sign-out-unconfirmed")
        }

    assert hints == {
        "limit": "",
        "wrong-account": "Type /login --provider=claude to meet it",
        "sign-out-unconfirmed": "Type /logout chatgpt to meet it",
    }


async def rehearsed(name: str, folder: Path) -> list[Step]:
    with open_sandbox(folder / "home", os.environ, chunk_delay=0) as opened:
        misfortune = sandbox_misfortune(name, opened)
        stage = Stage(
            services=opened.services(),
            approve=opened.approve,
            requests=opened.requests,
            end_sessions=sandbox_misfortune("ended-session", opened).begin,
        )
        rehearsal = Rehearsal(stage=stage, misfortune=misfortune, patience=PATIENCE.get(name, 30.0))
        steps = [step async for step in rehearsal.steps()]
        await stage.services.close()
    assert [step.kind for step in steps[:3]] == ["sign_in"] * len(Provider)
    return steps
