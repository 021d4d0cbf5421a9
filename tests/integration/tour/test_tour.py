"""The tour believes the providers' logs and nothing else: what they saw wrong makes its steps differ."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from adapters.sandbox.request_log import LoggedRequest
from adapters.sandbox.scripted_browser import approve
from entrypoints.sandboxed import OpenSandbox, open_sandbox, sandbox_misfortune
from entrypoints.tour import Stage, Step, Tour

pytestmark = pytest.mark.slow


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[OpenSandbox]:
    with open_sandbox(tmp_path / "home", os.environ, chunk_delay=0) as sandbox:
        yield sandbox


def stage(opened: OpenSandbox, *, browser: Callable[[str], str] = approve, **misread: Any) -> Stage:
    """The stage of the demo; *misread* replaces members of the chat requests in its log."""

    def requests() -> tuple[LoggedRequest, ...]:
        return tuple(replace(seen, **misread) if seen.kind == "chat" else seen for seen in opened.requests())

    return Stage(
        services=opened.services(),
        approve=browser,
        requests=requests,
        end_sessions=sandbox_misfortune("ended-session", opened).begin,
    )


async def steps(set_up: Stage) -> list[Step]:
    done = [step async for step in Tour(stage=set_up).steps()]
    await set_up.services.close()
    return done


async def test_every_step_comes_out_as_it_should(opened: OpenSandbox) -> None:
    assert [step for step in await steps(stage(opened)) if not step.ok] == []


@pytest.mark.parametrize(
    ("misread", "word"),
    [
        ({"own_live_token": False}, "live token of its own"),
        ({"foreign_token": True}, "token of another provider"),
        ({"wire_model": "another"}, "wire model"),
        ({"provider": "nobody"}, "provider"),
        ({"status": 400}, "status"),
    ],
)
async def test_what_a_provider_saw_wrong_makes_each_message_differ(
    opened: OpenSandbox, misread: dict[str, Any], word: str
) -> None:
    messages = [step for step in await steps(stage(opened, **misread)) if step.kind == "message"]
    assert len(messages) == 13
    assert all(any(word in line for line in step.differs) for step in messages)


async def test_a_foreign_token_anywhere_is_named_at_the_end(opened: OpenSandbox) -> None:
    last = (await steps(stage(opened, foreign_token=True)))[-1]
    assert any("carried another provider's token" in line for line in last.differs)


async def test_a_declined_sign_in_fails_what_needs_it_and_stops_nothing(opened: OpenSandbox) -> None:
    done = await steps(stage(opened, browser=partial(approve, decline=True)))
    assert {step.ok for step in done if step.kind in {"sign_in", "message", "handoff", "retired_model"}} == {False}
    assert sum(step.kind == "message" for step in done) == 13
    assert {step.ok for step in done if step.kind == "wrong_key"} == {True}


async def test_a_browser_that_breaks_is_named(opened: OpenSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("entrypoints.tour.SIGN_IN_SECONDS", 1.0)

    def broken(url: str) -> str:
        raise ConnectionError(url)

    set_up = stage(opened, browser=broken)
    first = await anext(aiter(Tour(stage=set_up).sign_ins()))
    await set_up.services.close()
    assert "in the browser: ConnectionError" in first.differs
