"""Renews one session after the other, and notes when each was in its place on the disk."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import Any

from adapters.files.home_files import AUTH_FILE
from domain.credential import CredentialKey
from domain.provider import Provider
from entrypoints.light import container_for, light_parts
from tests.faults.herd_member import Member


def main() -> None:
    """Renew as ordered, and say when the store was replaced and when the renewal returned."""
    member, placed = Member.of_this_process(), listen_to_renames()
    container = container_for(light_parts(Path(member.task["home"]), os.environ))
    renewal = container.renewal
    with asyncio.Runner() as runner:
        for order in member.orders():
            key = CredentialKey(Provider(order["provider"]), order["account"])
            placed.clear()
            runner.run(renewal(key, force=True))
            member.say({"placed": placed, "returned": time.monotonic_ns()})


def listen_to_renames() -> list[int]:
    """The moments at which a rename to the store's name returned, by CLOCK_MONOTONIC in nanoseconds; it grows."""
    moments: list[int] = []
    replace = os.replace

    def noted(source: Any, target: Any, **options: Any) -> None:
        replace(source, target, **options)
        if Path(target).name == AUTH_FILE:
            moments.append(time.monotonic_ns())

    vars(os).update(replace=noted)  # what pathlib calls as well
    return moments


if __name__ == "__main__":
    main()
