"""Ten turns at each vendor: what our receipts add up to, and what the sandbox has billed by arithmetic of its own."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from adapters.ledger.sqlite_ledger import SqliteLedger
from adapters.sandbox.billing import price_list
from adapters.sandbox.billing.till import InvoiceLine
from adapters.sandbox.models import CLAUDE_MODELS, GEMINI_MODELS, OPENAI_MODELS
from adapters.sandbox.server import Sandbox
from adapters.sandbox.settings import SandboxSettings
from domain.conversation import Origin, Receipt
from domain.credential import CredentialKind
from domain.provider import Provider
from domain.usage.entry import Entry
from domain.usage.invoice import Kind, invoice
from domain.usage.sums import total
from tests.support.billed import Billed
from tests.support.chat_peer import ChatPeer
from tests.support.credentials import NOON

TURNS: Final = 10
DOCUMENT: Final = "A rule of the house. " * 1_000
"""Some 5,000 tokens that the first message brings along."""
MODELS: Final = {Provider.CHATGPT: "gpt-6.2-sol", Provider.CLAUDE: "opus", Provider.GEMINI: "gemini-4-argon"}
PICODOLLARS: Final = 10**12
TEN_THOUSANDTH_OF_A_CENT: Final = Decimal("0.000001")


async def conversation(
    sandbox: Sandbox, provider: Provider, origin: Origin = Origin.APP, turns: int = TURNS
) -> list[Receipt]:
    return [entry.receipt for entry in await noted(sandbox, provider, origin, turns)]


async def noted(sandbox: Sandbox, provider: Provider, origin: Origin, turns: int) -> list[Entry]:
    """What the ledger is given of a conversation."""
    peer = ChatPeer(sandbox)
    billed = Billed(peer.client, peer.credential(provider, CredentialKind.API_KEY), origin)
    texts = [DOCUMENT, *(f"And in the matter of number {number}?" for number in range(1, turns))]
    try:
        for text in texts:
            await billed.ask(text, MODELS[provider])
    finally:
        await peer.client.aclose()
    return billed.entries


def invoiced(sandbox: Sandbox, provider: Provider) -> Decimal:
    return Decimal(sum(line.picodollars for line in sandbox.invoice(provider))) / PICODOLLARS


async def ten_turns(sandbox: Sandbox, provider: Provider) -> tuple[Decimal, list[Receipt]]:
    """What they cost, which is what the vendor billed."""
    receipts = await conversation(sandbox, provider)
    costs = [receipt.cost for receipt in receipts if receipt.cost is not None]
    assert len(costs) == TURNS == len(sandbox.invoice(provider))
    assert abs(sum(costs) - invoiced(sandbox, provider)) < TEN_THOUSANDTH_OF_A_CENT
    return sum(costs, Decimal(0)), receipts


def quantities(lines: Sequence[InvoiceLine]) -> dict[str, int]:
    """Of each kind of tokens, as many as the sandbox has billed."""
    counts = [line.counts for line in lines]
    parts = {
        Kind.INPUT: sum(one.prompt - one.read - one.written - one.written_long for one in counts),
        Kind.CACHED: sum(one.read for one in counts),
        Kind.WRITTEN: sum(one.written for one in counts),
        Kind.WRITTEN_LONG: sum(one.written_long for one in counts),
        Kind.OUTPUT: sum(one.output for one in counts),
    }
    return {kind: number for kind, number in parts.items() if number}


async def test_ten_turns_cost_what_each_vendor_bills_line_by_line_in_the_ledger(tmp_path: Path) -> None:
    with (
        Sandbox(settings=SandboxSettings(clock=NOON.timestamp)) as sandbox,
        closing(SqliteLedger(home=tmp_path, earlier=tuple)) as ledger,
    ):
        for provider in Provider:
            entries = await noted(sandbox, provider, Origin.APP, TURNS)
            for entry in entries:
                ledger.note(entry)
            first, *later = (entry.receipt.usage for entry in entries)
            assert not first.cached
            assert all(usage.cached > 4_000 for usage in later)
            mine = [used for used in ledger.used(NOON.date(), NOON.date()) if used.billed.provider is provider]
            assert total(mine).requests == TURNS == len(sandbox.invoice(provider))
            assert abs(total(mine).computed - invoiced(sandbox, provider)) < TEN_THOUSANDTH_OF_A_CENT
            lines = invoice(mine)
            assert {line.kind: line.quantity for line in lines} == quantities(sandbox.invoice(provider))
            assert sum(line.amount or 0 for line in lines) == total(mine).computed


@pytest.mark.slow
async def test_a_cache_saves_most_of_what_ten_turns_cost() -> None:
    saved = {}
    for provider in Provider:
        cost = {}
        for caches in (True, False):
            settings = SandboxSettings(prompt_caches=caches, clock=NOON.timestamp)
            with Sandbox(settings=settings) as sandbox:
                cost[caches], receipts = await ten_turns(sandbox, provider)
            assert any(receipt.usage.cached for receipt in receipts) is caches
        saved[provider] = 1 - cost[True] / cost[False]
    assert all(share > Decimal("0.75") for share in saved.values()), saved


async def test_one_question_by_a_command_writes_no_cache_at_claude_and_going_on_does() -> None:
    with Sandbox(settings=SandboxSettings(clock=NOON.timestamp)) as sandbox:
        first, second, third = await conversation(sandbox, Provider.CLAUDE, Origin.ASK, turns=3)
    assert (first.usage.written, first.usage.cached) == (0, 0)
    assert second.usage.written > 5_000
    assert third.usage.cached > 5_000


def test_the_sandbox_has_a_price_for_every_model_that_it_serves() -> None:
    served = {*OPENAI_MODELS, *CLAUDE_MODELS, *GEMINI_MODELS}
    served -= {"claude-mythos-5-1", "claude-mythos-5"}  # no price of theirs is published
    assert served <= price_list.OPENAI.keys() | price_list.CLAUDE.keys() | price_list.GEMINI.keys()
