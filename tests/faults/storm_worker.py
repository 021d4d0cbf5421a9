"""One of the processes of a storm: asks for all sessions at the moment at which everybody does."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from domain.credential import CredentialKey
from domain.errors import KeyswitchError
from domain.provider import Provider
from domain.session import Session
from entrypoints.light import container_for, light_parts
from tests.faults.herd_member import Member
from tests.faults.wrong_coordinators import Coordinator, coordinator
from tests.support.shifted_clock import ShiftedClock


def main() -> None:
    """Ask in each round, and say what was handed out and when."""
    member, clock = Member.of_this_process(), ShiftedClock()
    parts = replace(light_parts(Path(member.task["home"]), os.environ), clock=clock)
    renewal = coordinator(member.task["coordinator"], container_for(parts))
    with asyncio.Runner() as runner:
        runner.run(ask(renewal, member.task["sessions"]))  # fresh as yet: a window that has been in use for a while
        for order in member.orders():
            clock.offset = timedelta(seconds=order["offset"])
            member.wait_at_gate()
            member.say(runner.run(ask(renewal, order["sessions"])))


async def ask(renewal: Coordinator, sessions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What became of each of *sessions*, all asked for at once."""
    return list(await asyncio.gather(*(_one(renewal, **session) for session in sessions)))


async def _one(renewal: Coordinator, *, provider: str, account: str, rejected: int | None) -> dict[str, Any]:
    outcome: dict[str, Any] = {"provider": provider}
    try:
        credential = await renewal(CredentialKey(Provider(provider), account), rejected=rejected)
        assert isinstance(credential, Session)
        outcome |= {"generation": credential.record.generation, "token": credential.access_token.fingerprint}
    except KeyswitchError as error:
        outcome["error"] = f"{error.code}: {error}"
    return outcome | {"at": time.monotonic_ns()}


if __name__ == "__main__":
    main()
