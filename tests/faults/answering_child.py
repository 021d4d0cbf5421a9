"""Processes that receive a long answer each, for a test that kills them: forked from one that has imported everything.

`python -m tests.faults.answering_child HOME...` prints the id of a process for each home. Each writes the number of
each piece of the answer, and when it was received, to `pieces` in its home.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Final

from adapters.conversations.sqlite_store import SqliteConversations
from adapters.prices.list_prices import ListPrices
from application.ports.chat_client import ChatEvent, ChatRequest, TextDelta
from application.spending.bill_exchange import BillExchange
from application.use_cases.past import Past
from application.use_cases.record_exchange import RecordExchange
from application.use_cases.send_message import SendMessage
from domain.conversation import Conversation, Origin
from domain.conversations.thread import Thread
from domain.session import Credential
from tests.support.credentials import NOON, a_session
from tests.support.world import World

EVERY: Final = 0.03
"""Seconds between two pieces of an answer."""
LONGEST: Final = 60.0
"""Seconds after which an answer ends that nobody killed."""


class LongAnswers:
    """A provider that gives numbers for an answer."""

    async def stream(self, _: ChatRequest, __: Credential) -> AsyncGenerator[ChatEvent, None]:
        number = 0
        ends = time.monotonic() + LONGEST
        while time.monotonic() < ends:
            number += 1
            yield TextDelta(f"{number} ")
            await asyncio.sleep(EVERY)

    async def check(self, _: Credential) -> bool:
        return True


async def receive(home: Path) -> None:
    """Ask, and note each piece of the answer when it is there."""
    world, store = World(a_session()), SqliteConversations(home=home)
    world.select("opus", payer_agreed=True)
    selection = world.snapshot().selection
    assert selection is not None
    send = SendMessage(
        chat=LongAnswers(),
        credentials=world.credentials,
        conversations=store,
        past=Past(store),
        bills=BillExchange(
            limits=world.config.limits,
            ledger=world.ledger,
            promises=world.promises,
            prices=ListPrices(models={}),
            clock=world.clock,
        ),
        clock=world.clock,
        records=RecordExchange(ledger=world.ledger, clock=world.clock, events=world.events),
    )
    thread = Thread(Conversation("c1", NOON, origin=Origin.APP))
    with (home / "pieces").open("a", buffering=1) as pieces:
        async for event in send(thread, "Count, please.", selection):
            if isinstance(event, TextDelta):
                pieces.write(f"{event.text}{time.monotonic()}\n")


def main() -> None:
    """Fork, and wait for all."""
    for home in sys.argv[1:]:
        child = os.fork()
        if child == 0:
            asyncio.run(receive(Path(home)))
            os._exit(0)
        print(child, flush=True)  # noqa: T201 - for the test
    for _ in sys.argv[1:]:
        os.wait()


if __name__ == "__main__":
    main()
