"""When `status` says that its sign-in ends within three days and cannot be renewed, over every state."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain.credential import Setback, Tombstone
from domain.provider import Provider
from domain.session import OwnCredential
from entrypoints.cli.status_report import usable_exit
from entrypoints.exit_code import ExitCode
from tests.support.credentials import NOON, a_session, an_api_key, an_intent
from tests.support.world import World

TWO_DAYS, FIVE_DAYS = NOON + timedelta(days=2), NOON + timedelta(days=5)
OLD = NOON - timedelta(days=5)


def session(provider: Provider = Provider.CLAUDE, **changes: Any) -> OwnCredential:
    return a_session(provider, **changes)


STATES: dict[str, tuple[list[OwnCredential], ExitCode | None]] = {
    "nobody": ([], None),
    "no end is known": ([session()], ExitCode.OK),
    "ends in five days": ([session(sign_in_expires_at=FIVE_DAYS)], ExitCode.OK),
    "ends in five days, and nothing renews it": (
        [session(sign_in_expires_at=FIVE_DAYS, access_expires_at=FIVE_DAYS, renewable=False)],
        ExitCode.OK,
    ),
    "ends in two days, renewed just now": ([session(sign_in_expires_at=TWO_DAYS)], ExitCode.ENDS_SOON),
    "ends in two days, long not renewed": ([session(sign_in_expires_at=TWO_DAYS, obtained_at=OLD)], ExitCode.OK),
    "ends in two days, renewing fails": (
        [session(sign_in_expires_at=TWO_DAYS, obtained_at=OLD, setback=Setback("busy", 3, TWO_DAYS))],
        ExitCode.ENDS_SOON,
    ),
    "ends in two days, no refresh token": (
        [session(sign_in_expires_at=TWO_DAYS, access_expires_at=TWO_DAYS, renewable=False)],
        ExitCode.ENDS_SOON,
    ),
    "an access token alone": ([session(renewable=False)], ExitCode.ENDS_SOON),
    "an access token alone, which is over": (
        [session(renewable=False, obtained_at=OLD, access_expires_at=OLD + timedelta(hours=1))],
        None,
    ),
    "ended by its provider": ([session(sign_in_expires_at=TWO_DAYS, tombstone=Tombstone("revoked", NOON))], None),
    "its known end is past": ([session(sign_in_expires_at=OLD)], ExitCode.OK),  # it is still tried
    "a renewal is under way": ([session(intent=an_intent())], ExitCode.OK),
    "plan use is off": ([session(Provider.CHATGPT, sign_in_expires_at=TWO_DAYS, plan_scope="plan")], None),
    "a key": ([an_api_key()], ExitCode.OK),
    "a key beside a session that ends": (
        [session(Provider.CHATGPT, sign_in_expires_at=TWO_DAYS), an_api_key(Provider.GEMINI)],
        ExitCode.OK,
    ),
    "two that both end": (
        [session(Provider.CHATGPT, sign_in_expires_at=TWO_DAYS), session(sign_in_expires_at=TWO_DAYS)],
        ExitCode.ENDS_SOON,
    ),
}
"""With nothing selected, all that is signed in counts; None: nothing can be used, which has a code of its own."""


def test_each_state_has_its_exit_code() -> None:
    found = {}
    for name, (credentials, _) in STATES.items():
        report = World(*credentials).status()
        found[name] = usable_exit(report) if report.usable else None
    assert found == {name: wanted for name, (_, wanted) in STATES.items()}


def test_only_the_active_provider_counts_where_one_is() -> None:
    ending = session(Provider.CHATGPT, sign_in_expires_at=TWO_DAYS)
    world = World(ending, an_api_key(Provider.GEMINI), model="gemini-3.8-flash")
    assert usable_exit(world.status()) is ExitCode.OK
    assert (
        usable_exit(World(ending, an_api_key(Provider.GEMINI), model="gpt-5.1-medium").status()) is ExitCode.ENDS_SOON
    )
