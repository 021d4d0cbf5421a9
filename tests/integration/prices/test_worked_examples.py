"""What each vendor's counts cost, from the bytes of its answer to the receipt: examples worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from domain.conversation import Receipt
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from entrypoints.chat.receipts import receipt_document, receipt_line
from tests.support.billed import CATALOGUE, Billed
from tests.support.credentials import a_session, an_api_key
from tests.support.mock_chat_network import Network, chat_over, sse, stream_of

TENTH_OF_A_MILLI_CENT: Final = Decimal("0.000001")
"""A ten-thousandth of a cent."""


def openai(model: str, total: int, out: int, *, cached: int = 0, written: int = 0, **more: object) -> bytes:
    details = {"cached_tokens": cached, "cache_write_tokens": written}
    usage = {"input_tokens": total, "input_tokens_details": details, "output_tokens": out}
    text = {"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": "Yes."}
    response = {"model": model, "status": "completed", "service_tier": "default", "output": [], "usage": usage, **more}
    return sse(text, {"type": "response.completed", "response": response})


def claude(
    model: str, plain: int, out: int, *, read: int = 0, minutes: int = 0, hour: int = 0, **more: object
) -> bytes:
    """The split of what was written is told at the start, and the rest is told again at the end."""
    counts = {
        "input_tokens": plain,
        "cache_creation_input_tokens": minutes + hour,
        "cache_read_input_tokens": read,
        "output_tokens": 1,
    }
    split = {"ephemeral_5m_input_tokens": minutes, "ephemeral_1h_input_tokens": hour}
    usage = {**counts, "cache_creation": split, "service_tier": "standard", **more}
    return sse(
        {"type": "message_start", "message": {"model": model, "content": [], "usage": usage}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Yes."}},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {**counts, "output_tokens": out}},
        {"type": "message_stop"},
    )


def gemini(model: str, total: int, out: int, thoughts: int = 0, *, cached: int = 0, **more: object) -> bytes:
    usage = {
        "promptTokenCount": total,
        "candidatesTokenCount": out,
        "thoughtsTokenCount": thoughts,
        "cachedContentTokenCount": cached,
        **more,
    }
    candidate = {"content": {"role": "model", "parts": [{"text": "Yes."}]}, "finishReason": "STOP"}
    return sse({"candidates": [candidate], "usageMetadata": usage, "modelVersion": model})


NOVEMBER, DECEMBER, NEW_YEARS_EVE, NEW_YEAR = "2026-11-30", "2026-12-01", "2026-12-31", "2027-01-01"
EXAMPLES: Final = [
    # asked for, on the day, answered, dollars
    ("gpt-6.2-sol", NOVEMBER, openai("gpt-6.2-sol", 40_000, 500, cached=38_000), "0.012800"),
    ("gpt-6.1-sol", NOVEMBER, openai("gpt-6.1-sol", 50_000, 800, written=49_000), "0.132500"),
    ("gpt-6.1-sol", NOVEMBER, openai("gpt-6.1-sol", 272_000, 1_000), "0.554000"),
    ("gpt-6.1-sol", NOVEMBER, openai("gpt-6.1-sol", 272_001, 1_000), "1.103004"),
    ("gpt-6.1-sol", NOVEMBER, openai("gpt-6.1-sol", 400_000, 2_000, cached=390_000), "0.148000"),
    ("gpt-6.2-astra", NOVEMBER, openai("gpt-6.2-astra", 300_000, 1_000), "4.860000"),
    ("gpt-5.5", NOVEMBER, openai("gpt-5.5", 100_000, 2_000, cached=60_000, written=20_000), "0.290000"),
    ("opus", NOVEMBER, claude("claude-opus-5-5", 50, 600, read=40_000, minutes=1_500), "0.027700"),
    ("opus", NOVEMBER, claude("claude-opus-5-5", 100, 200, hour=10_000), "0.084400"),
    ("haiku", NOVEMBER, claude("claude-haiku-5-5", 150_000, 1_000), "0.077500"),
    ("haiku", NOVEMBER, claude("claude-haiku-5-5", 20, 300, read=99_000, minutes=2_000), "0.006960"),
    ("gemini-4-argon", NOVEMBER, gemini("gemini-4-argon", 20_000, 400, 1_600, cached=16_000), "0.029600"),
    ("gemini-4-argon", DECEMBER, gemini("gemini-4-argon", 20_000, 400, 1_600, cached=16_000), "0.059200"),
    ("gemini-3.8-flash", NEW_YEARS_EVE, gemini("gemini-3.8-flash", 10_000, 500, 300), "0.010500"),
    ("gemini-3.8-flash", NEW_YEAR, gemini("gemini-3.8-flash", 10_000, 500, 300), "0.021000"),
    (
        "gemini-3.1-pro-preview",
        NOVEMBER,
        gemini("gemini-3.1-pro-preview", 250_000, 1_000, 2_000, cached=50_000),
        "0.874000",
    ),
    ("gemini/gemini-3-pro-preview", DECEMBER, gemini("gemini-3.8-flash", 12_000, 600), "0.011250"),
    ("gemini-4-neon", NOVEMBER, gemini("gemini-4-neon", 30_000, 200, 800), "0.105000"),
]


async def receipt_of(asked: str, day: str, body: bytes) -> Receipt:
    client = chat_over(Network(stream_of(body)))
    billed = Billed(client, an_api_key(CATALOGUE.resolve(asked).provider))
    billed.world.clock.set_wall(datetime.fromisoformat(f"{day}T23:59:00").replace(tzinfo=UTC))
    try:
        return await billed.ask("Well?", asked)
    finally:
        await client.aclose()


async def test_every_worked_example_comes_to_its_dollars() -> None:
    wrong = []
    for asked, day, body, dollars in EXAMPLES:
        cost = (await receipt_of(asked, day, body)).cost
        if cost is None or abs(cost - Decimal(dollars)) >= TENTH_OF_A_MILLI_CENT:
            wrong.append((asked, day, dollars, cost))
    assert not wrong


async def test_what_cannot_be_billed_rightly_has_no_dollars_and_says_why() -> None:
    unknown = [
        ("chatgpt/gpt-99", openai("gpt-99", 10, 5), "price unknown"),
        ("gpt-6.2-sol", openai("gpt-99", 10, 5), "price unknown"),
        ("gpt-6.2-sol", openai("gpt-6.2-sol", 10, 5, usage=None), "price unknown"),
        ("gpt-6.2-sol", openai("gpt-6.2-sol", 10, 0), "price unknown"),
        ("gpt-6.2-sol", openai("gpt-6.2-sol", 10, 5, service_tier="flex\x1b]"), "price unknown (service tier flex)"),
        ("gemini/gemini-3-pro-preview", gemini("", 10, 5), "price unknown"),
        ("opus", claude("claude-opus-5-5", 10, 5, speed="fast"), "price unknown (speed fast)"),
        ("opus", claude("claude-opus-5-5", 10, 5, inference_geo="us"), "price unknown (inference geo us)"),
        ("gemini-3.8-flash", gemini("gemini-3.8-flash", 10, 5, serviceTier="priority"), "price unknown (service tier"),
    ]
    for asked, body, words in unknown:
        receipt = await receipt_of(asked, NOVEMBER, body)
        assert (receipt.cost, receipt.rates) == (None, None), words
        assert words in receipt_line(receipt)
        assert receipt_document(receipt)["cost"] == "unknown"


async def test_where_another_model_answers_it_is_named_and_its_price_counts() -> None:
    gone = await receipt_of("gemini/gemini-3-pro-preview", DECEMBER, gemini("gemini-3.8-flash", 12_000, 600))
    assert gone.model == "gemini-3-pro-preview"
    assert "$0.0113, answered by gemini-3.8-flash" in receipt_line(gone)
    dated = await receipt_of("opus", NOVEMBER, claude("claude-opus-5-5-20260915", 50, 600))
    assert receipt_line(dated).endswith("50 in, 600 out, $0.0122")


async def test_a_plan_shows_no_dollars_at_all() -> None:
    plan = a_session(Provider.CHATGPT, api_base="https://api.chatgpt.example.test")
    client = chat_over(Network(stream_of(openai("gpt-6.1-sol", 40_000, 500, cached=38_000))))
    receipt = await Billed(client, plan).ask("Well?", "gpt-6.1-sol")
    await client.aclose()
    assert (receipt.payer, receipt.cost, receipt.price_unknown) == (Payer.PLAN, None, False)
    assert receipt_line(receipt).endswith("40000 in, 500 out (38k from cache)")
    assert receipt_document(receipt)["cost"] == "plan"


async def test_a_receipt_says_what_it_was_computed_from_and_rounds_nothing() -> None:
    tiny = await receipt_of("haiku", NOVEMBER, claude("claude-haiku-5-5", 3, 2, read=10))
    assert tiny.cost == Decimal("0.0000014")
    assert ", under $0.0001" in receipt_line(tiny)
    document = receipt_document(tiny)
    assert (document["cost_usd"], document["cost"], document["answered"]) == (1.4e-06, "computed", "claude-haiku-5-5")
    assert document["rates"] == {
        "model": "claude-haiku-5-5", "source": document["rates"]["source"], "input": 0.1, "output": 0.5,
        "cached": 0.01, "written": 0.125, "written_long": 0.2, "unit": "USD per million tokens",
    }  # fmt: skip
