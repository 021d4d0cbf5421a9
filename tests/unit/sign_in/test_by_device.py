"""Signing in with the browser on another machine."""

from __future__ import annotations

import asyncio
import threading

import pytest

from adapters.system.worker_thread import WorkerThread
from application.ports.oauth_client import DevicePoll
from application.ports.sign_in_dialog import Newcomer, WhatToKeep
from domain.errors import (
    KeyswitchError,
    NoClient,
    Offline,
    OtherAccount,
    Overloaded,
    SignInDeclined,
    SignInError,
    SignInTimedOut,
    StoreNotWritable,
)
from domain.provider import Provider
from domain.session import Session
from entrypoints.words.sign_in import after_sign_in
from tests.support.credentials import a_record, a_session
from tests.support.error_codes import with_code
from tests.support.fake_oauth import FakeDialog
from tests.support.world import World

CLAUDE = Provider.CLAUDE
PENDING, SLOW_DOWN = DevicePoll.PENDING, DevicePoll.SLOW_DOWN


async def sign_in(world: World, *answers: DevicePoll | Exception | str, seconds: float = 600) -> FakeDialog:
    world.oauth.device_answers = list(answers)
    dialog = FakeDialog()
    await world.sign_in.by_device(CLAUDE, dialog, seconds=seconds)
    return dialog


async def test_the_code_and_the_page_are_shown_and_the_session_is_stored_and_selected() -> None:
    world = World()
    dialog = await sign_in(world, PENDING, PENDING, "ana")
    (code,) = dialog.codes
    assert (code.user_code, code.page) == ("WDJB-MJHT", "https://claude.example.test/device")
    assert code.seconds == 600
    assert isinstance(world.sessions.load(a_record().key), Session)
    assert world.config.read().model == "claude-opus-5-5"
    assert world.events.names == ["switched", "signed_in"]
    assert world.browser.opened == [], "the browser is on another machine"
    assert world.turns.taken == 0


async def test_polls_keep_the_interval_and_each_slow_down_adds_five_seconds_for_good() -> None:
    world = World()
    await sign_in(world, PENDING, SLOW_DOWN, PENDING, SLOW_DOWN, "ana")
    assert world.clock.slept == [5.0, 5.0, 10.0, 10.0, 15.0]


async def test_what_decides_nothing_is_asked_again_less_often() -> None:
    world = World()
    await sign_in(world, Offline(CLAUDE, "no route"), Overloaded(CLAUDE), PENDING, "ana")
    assert world.clock.slept == [5.0, 10.0, 20.0, 20.0]


async def test_the_pause_does_not_grow_without_end() -> None:
    world = World()
    await sign_in(world, *[Offline(CLAUDE, "no route")] * 6, "ana")
    assert max(world.clock.slept) == 60.0


async def test_a_server_that_asks_for_an_endless_pause_is_still_asked() -> None:
    world = World()
    world.oauth.device_interval = 1e9
    await sign_in(world, PENDING, "ana")
    assert world.clock.slept == [60.0, 60.0]


async def test_the_last_poll_is_at_the_end_of_the_time_however_long_the_pause() -> None:
    world = World()
    await sign_in(world, Overloaded(CLAUDE, retry_after=3600), "ana", seconds=100)
    assert world.clock.slept == [5.0, 95.0]


async def test_a_session_that_is_granted_to_nobody_is_waited_for_and_revoked() -> None:
    world = World()
    world.sign_in._by_device._uninterrupted = WorkerThread()  # as in the program
    polled, answered = threading.Event(), threading.Event()

    def answer_later() -> None:
        polled.set()
        answered.wait(10)

    world.oauth.before_answer = answer_later
    world.oauth.device_answers = ["ana"]
    waiting = asyncio.create_task(world.sign_in.by_device(CLAUDE, FakeDialog(), seconds=600))
    await asyncio.to_thread(polled.wait, 10)
    waiting.cancel()
    await asyncio.wait([waiting], timeout=0)
    answered.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.get_running_loop().shutdown_default_executor()
    assert [session.record.key.account for session in world.oauth.revoked] == ["ana"]
    assert world.sessions.records() == ()


async def test_a_session_that_is_given_up_while_its_owner_is_asked_is_revoked() -> None:
    world = World(a_session(account="ana"))
    world.oauth.device_answers = ["ben"]
    asked = asyncio.Event()

    class Asking(FakeDialog):
        async def whom_to_keep(self, newcomer: Newcomer) -> WhatToKeep | None:
            asked.set()
            return await super().whom_to_keep(newcomer)

    waiting = asyncio.create_task(world.sign_in.by_device(CLAUDE, Asking(undecided=True), seconds=600))
    await asked.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert [session.record.key.account for session in world.oauth.revoked] == ["ben"]


async def test_fewer_scopes_than_asked_for_are_told() -> None:
    world = World()
    world.oauth.withheld = ("email",)
    world.oauth.device_answers = ["ana"]
    done = await world.sign_in.by_device(CLAUDE, FakeDialog(), seconds=600)
    assert done.not_granted == ("email",)
    assert after_sign_in(done.record, done.not_granted)[0] == "Claude granted less than was asked for. Missing: email."


async def test_a_wait_that_the_provider_names_is_kept() -> None:
    world = World()
    await sign_in(world, Overloaded(CLAUDE, retry_after=90), "ana")
    assert world.clock.slept == [5.0, 90.0]


async def test_where_the_provider_could_not_be_asked_to_the_end_that_is_the_reason() -> None:
    with pytest.raises(Offline):
        await sign_in(World(), PENDING, Offline(CLAUDE, "no route"))


@pytest.mark.parametrize(
    "error",
    [
        SignInDeclined(CLAUDE, "it was declined (access_denied)"),
        SignInTimedOut(CLAUDE, "the code was not used in time"),
        SignInError(CLAUDE, "the provider refused the request"),
    ],
    ids=["declined", "expired", "refused"],
)
async def test_any_other_answer_ends_it_and_changes_nothing(error: KeyswitchError) -> None:
    world = World(a_session())
    with pytest.raises(type(error)):
        await sign_in(world, PENDING, error)
    assert world.oauth.polls == 2
    assert world.sessions.load(a_record().key) == a_session()
    assert world.events.names == ["sign_in_failed"]


@pytest.mark.parametrize("seconds", [60, 6000], ids=["the person's limit", "the code's own"])
async def test_it_ends_with_the_shorter_of_the_two_times(seconds: float) -> None:
    world = World()
    with pytest.raises(SignInTimedOut):
        await sign_in(world, PENDING, seconds=seconds)
    assert sum(world.clock.slept) <= min(seconds, 600)


async def test_a_server_that_offers_none_says_so_before_anything_is_shown() -> None:
    world = World()
    world.oauth.without_device = {CLAUDE}
    with pytest.raises(SignInError, check=with_code("device_not_offered")):
        await sign_in(world, "ana")
    world.oauth.without_client = {CLAUDE}
    with pytest.raises(NoClient):
        await sign_in(world, "ana")
    assert world.oauth.polls == 0


async def test_another_account_than_the_expected_one_replaces_nothing() -> None:
    world = World(a_session(account="ana"))
    with pytest.raises(OtherAccount):
        await sign_in(world, "ben")
    assert [record.key.account for record in world.sessions.records()] == ["ana"]


async def test_a_session_that_cannot_be_stored_is_no_success() -> None:
    world = World()
    world.sessions.refuse_to_write = StoreNotWritable("auth.json", "no space left on device")
    with pytest.raises(StoreNotWritable):
        await sign_in(world, "ana")
    assert world.events.names == ["sign_in_failed"]


async def test_it_waits_for_a_sign_in_of_another_window() -> None:
    world = World()
    world.turns.held = 2
    assert (await sign_in(world, "ana")).waited_for == [4242]
