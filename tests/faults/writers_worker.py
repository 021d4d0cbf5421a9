"""One of several processes that change the same home in every way there is, and say what they did and when."""

from __future__ import annotations

import asyncio
import json
import os
import random
import select
import sys
import time
import tomllib
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, cast

from adapters.files.home_files import AUTH_FILE
from adapters.session_store import store_file
from adapters.session_store.auth_file import read_document
from application.ports.sign_in_dialog import Newcomer, WhatToKeep
from application.settings import EnvKeys
from application.sign_in.keep import Whose
from domain.credential import CredentialKey, CredentialKind
from domain.errors import KeyswitchError, SignInNeeded, SignInUnderWay
from domain.provider import Provider
from domain.switching import SwitchTo
from entrypoints.light import container_for, light_parts
from tests.faults.herd_member import Member
from tests.support.credentials import an_api_key
from tests.support.oauth_peer import signed_in

PEOPLE: Final = ("ana@example.test", "ben@example.test", "cleo@example.test")
CHANGING: Final = (Provider.CLAUDE, Provider.GEMINI)
"""Where people sign in and out; the ChatGPT sessions are only renewed, and must all be there in the end."""

Deed = dict[str, Any]
"""What was done: `what` register, the `value` written there (None: removed), `began` and `ended` in nanoseconds."""


class Writer:
    """Does one thing after the other, as chance has it."""

    def __init__(self, home: Path, number: int, seed: str) -> None:
        self._parts = container_for(light_parts(home, os.environ))
        self._number = number
        self._chances = random.Random(seed)
        self._count = 0
        self._ways: dict[Callable[[], Awaitable[Deed | None]], int] = {
            self._switch: 34,
            self._config: 20,
            self._key: 16,
            self._renew: 12,
            self._choose: 6,
            self._look: 6,
            self._sign_in: 3,
            self._sign_out: 3,
        }
        """To how often of a hundred times."""

    async def work(self, operations: int) -> list[Deed]:
        """Do so many things."""
        deeds = []
        for way in self._chances.choices(list(self._ways), list(self._ways.values()), k=operations):
            self._count += 1
            began = time.monotonic_ns()
            try:
                deed = await way()
            except KeyswitchError as error:
                deed = {"what": "failed", "value": f"{error.code}: {error}"}
            if deed is not None:
                deeds.append({"began": began, "ended": time.monotonic_ns(), **deed})
        return deeds

    async def _switch(self) -> Deed:
        model = self._chances.choice(("gpt", "gpt-6.1-sol", "gpt-5"))
        switch = await asyncio.to_thread(self._parts.auth.switch_provider, model)
        if not isinstance(switch, SwitchTo):
            return {"what": "failed", "value": "a switch to ChatGPT, where nobody had signed out"}
        return {"what": "model", "value": switch.selection.preset.id}

    async def _config(self) -> Deed:
        policy = self._chances.choice(list(EnvKeys))
        config = self._parts.config
        await asyncio.to_thread(config.set, ("auth", "env_keys"), policy.value, lambda _: None)
        return {"what": "env_keys", "value": policy.value}

    async def _key(self) -> Deed:
        provider, value = self._chances.choice(list(Provider)), f"sk-fake-{self._number}-{self._count:06}"
        made = an_api_key(provider, value)  # in one place for all writers, as an earlier keyswitch stored them
        record = replace(made.record, session_id=value)
        await asyncio.to_thread(self._parts.sessions.save, replace(made, record=record), activate=True)
        return {"what": str(record.key), "value": record.session_id}

    async def _renew(self) -> Deed | None:
        key = self._chances.choice(self._oauth_keys())
        try:
            session = await self._parts.renewal(key, force=True)
        except SignInNeeded:
            return None  # signed out meanwhile
        return {"what": "renewed", "value": session.record.session_id, "generation": session.record.generation}

    async def _choose(self) -> None:
        records = [record for record in self._parts.sessions.records() if record.kind is CredentialKind.OAUTH]
        await asyncio.to_thread(self._parts.sessions.activate, self._chances.choice(records).key)

    async def _look(self) -> Deed | None:
        report = await asyncio.to_thread(self._parts.auth.status)
        if report.providers[0].signed_in:
            return None
        return {"what": "failed", "value": "ChatGPT was not signed in, where nobody had signed out"}

    async def _sign_in(self) -> Deed:
        provider, person = self._chances.choice(CHANGING), self._chances.choice(PEOPLE)
        keep = self._parts.keep
        with await self._turn():
            expected = await asyncio.to_thread(keep.expected, provider, Whose(further=True))
            session = await signed_in(self._parts.oauth, provider, account=person)
            began = time.monotonic_ns()
            kept = await keep(session, expected, _beside)
            deed = {"what": str(session.record.key), "value": session.record.session_id, "began": began}
            deed["ended"] = time.monotonic_ns()
            await keep.end_superseded(kept, session)
            return deed

    async def _turn(self) -> AbstractContextManager[Any]:
        """One sign-in at a time, as every window has it."""
        waiting: Any = self._parts.await_turn
        return cast("AbstractContextManager[Any]", await waiting(Provider.CLAUDE, _Silent(), seconds=60, anybody=False))

    async def _sign_out(self) -> Deed | None:
        keys = [key for key in self._oauth_keys() if key.provider in CHANGING]
        if not keys:
            return None
        key = self._chances.choice(keys)
        gone = await self._parts.sign_out(key.provider, account=key)
        return {"what": str(key), "value": None} if gone else None

    def _oauth_keys(self) -> list[CredentialKey]:
        records = self._parts.sessions.records()
        return [record.key for record in records if record.kind is CredentialKind.OAUTH]


class _Silent:
    """Nobody is told what is waited for."""

    def waits_for(self, other: SignInUnderWay) -> None:
        pass


async def _beside(_newcomer: Newcomer) -> WhatToKeep:
    return WhatToKeep.BESIDE


def watch(home: Path) -> list[dict[str, Any]]:
    """Read the files until there is something to hear; every state of the store that was seen, and when."""
    seen: list[dict[str, Any]] = []
    last = b""
    while not select.select([sys.stdin], [], [], 0)[0]:
        tomllib.loads((home / "config.toml").read_text("utf-8"))
        began = time.monotonic_ns()
        content = (home / AUTH_FILE).read_bytes()
        if content == last:
            continue
        last = content
        json.loads(content)
        document = read_document(home / AUTH_FILE)
        ended = time.monotonic_ns()  # what was read last is looked at, and may be a later state
        assert not document.damaged, document.damaged
        records = {str(record.key): [record.session_id, record.generation] for record in document.records}
        seen.append({"began": began, "ended": ended, "records": records})
    return seen


def forget_the_lock() -> None:
    """Let this process write the store without waiting for others, to show that the model finds that."""
    vars(store_file).update(exclusive=lambda *_, **__: nullcontext())


def main() -> None:
    """Write or watch, as told."""
    member = Member.of_this_process()
    home = Path(member.task["home"])
    if member.task["careless"]:
        forget_the_lock()
    for order in member.orders():
        if order == "watch":
            member.say("at the gate")
            member.say(watch(home))
        elif order != "stop":
            writer = Writer(home, member.number, order["seed"])
            member.wait_at_gate()
            member.say(asyncio.run(writer.work(order["operations"])))


if __name__ == "__main__":
    main()
