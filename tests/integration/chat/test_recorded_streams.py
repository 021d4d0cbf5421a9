"""What the adapter makes of each vendor's events, however the network cuts them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.ports.chat_client import ChatEvent, Done, ReasoningDelta, TextDelta
from domain.conversation import StopReason, Usage
from domain.errors import AnswerUnreadable, BrokenStream, Refused
from domain.provider import Provider
from tests.support.credentials import a_session
from tests.support.mock_chat_network import (
    Network,
    answer_of,
    chat_over,
    end_of,
    question,
    sse,
    stream_of,
    text_of,
    thoughts_of,
)
from tests.support.recorded_answers import (
    GEMINI_COUNTS,
    RECORDED,
    anthropic_end,
    anthropic_start,
    anthropic_text,
    gemini_chunk,
    openai_end,
    openai_text,
)

EVERY_PROVIDER = pytest.mark.parametrize("provider", Provider)


async def answered(provider: Provider, *chunks: bytes) -> list[ChatEvent]:
    client = chat_over(Network(stream_of(*chunks)))
    try:
        return await answer_of(client, question(provider), a_session(provider))
    finally:
        await client.aclose()


@EVERY_PROVIDER
async def test_an_answer_is_its_text_its_thoughts_its_end_and_its_counts(provider: Provider) -> None:
    recorded = RECORDED[provider]

    events = await answered(provider, recorded.body)

    assert text_of(events) == recorded.text
    assert thoughts_of(events) == recorded.thoughts
    assert end_of(events) == Done(recorded.stop, recorded.usage, recorded.model)


@pytest.mark.slow
@EVERY_PROVIDER
@given(data=st.data())
async def test_where_the_network_cuts_the_stream_changes_nothing(provider: Provider, data: st.DataObject) -> None:
    body = RECORDED[provider].body
    cuts = sorted(data.draw(st.sets(st.integers(1, len(body) - 1), max_size=40)))
    edges = [0, *cuts, len(body)]

    events = await answered(provider, *(body[start:end] for start, end in pairwise(edges)))

    assert events == await answered(provider, body)


@EVERY_PROVIDER
async def test_a_stream_that_arrives_byte_by_byte_is_the_same(provider: Provider) -> None:
    body = RECORDED[provider].body

    assert await answered(provider, *(bytes([byte]) for byte in body)) == await answered(provider, body)


@EVERY_PROVIDER
@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
async def test_every_line_end_of_the_format_is_understood(provider: Provider, line_end: bytes) -> None:
    body = RECORDED[provider].body.replace(b"\r\n", b"\n").replace(b"\n", line_end)

    assert text_of(await answered(provider, body)) == RECORDED[provider].text


@EVERY_PROVIDER
async def test_what_is_no_event_is_passed_over(provider: Provider) -> None:
    body, noises = RECORDED[provider].body, (
        b": a comment\n\n", b"\xff\xfe% not an event\n\n", b"unknown: field\n\n", b"data:\n\n",
        b"id: 7\nretry: 5\n\n",
    )  # fmt: skip
    answers = {noise: await answered(provider, noise, body, noise) for noise in noises}
    assert answers == dict.fromkeys(noises, await answered(provider, body))


@EVERY_PROVIDER
async def test_a_byte_order_mark_hides_no_event(provider: Provider) -> None:
    body = RECORDED[provider].body

    assert await answered(provider, b"\xef\xbb\xbf" + body) == await answered(provider, body)


@EVERY_PROVIDER
async def test_text_is_utf_8_whatever_the_header_says(provider: Provider) -> None:
    recorded = RECORDED[provider]
    client = chat_over(Network(stream_of(recorded.body, content_type="text/event-stream; charset=iso-8859-1")))

    assert text_of(await answer_of(client, question(provider), a_session(provider))) == recorded.text


@EVERY_PROVIDER
@given(data=st.data())
async def test_an_answer_without_its_end_is_broken_and_what_came_was_given_out(
    provider: Provider, data: st.DataObject
) -> None:
    recorded = RECORDED[provider]
    last = recorded.body.rstrip().rindex(b"data:")
    seen: list[ChatEvent] = []

    with pytest.raises(BrokenStream):
        await collect(seen, provider, recorded.body[: data.draw(st.integers(0, last))])

    assert recorded.text.startswith(text_of(seen))
    assert not any(isinstance(event, Done) for event in seen)


async def collect(seen: list[ChatEvent], provider: Provider, *chunks: bytes) -> None:
    async for event in chat_over(Network(stream_of(*chunks))).stream(question(provider), a_session(provider)):
        seen.append(event)  # noqa: PERF401 - what came before an error has to be kept


STOPS: list[tuple[Provider, bytes, StopReason]] = [
    (Provider.CHATGPT, sse(openai_text("a"), openai_end()), StopReason.END),
    (Provider.CHATGPT, sse(openai_text("a"), {**openai_end(), "type": "response.done"}), StopReason.END),
    (Provider.CHATGPT, sse(openai_text("a"), openai_end(), "[DONE]"), StopReason.END),
    (
        Provider.CHATGPT,
        sse(openai_text("a"), openai_end("incomplete", incomplete_details={"reason": "max_output_tokens"})),
        StopReason.LENGTH,
    ),
    (
        Provider.CHATGPT,
        sse(openai_text("a"), openai_end("incomplete", incomplete_details={"reason": "content_filter"})),
        StopReason.FILTERED,
    ),
    (Provider.CHATGPT, sse(openai_text("a"), openai_end("incomplete")), StopReason.OTHER),
    (
        Provider.CHATGPT,
        sse({"type": "response.refusal.delta", "output_index": 0, "delta": "No."}, openai_end()),
        StopReason.REFUSED,
    ),
    (Provider.CLAUDE, sse(anthropic_start(), *anthropic_end()), StopReason.END),
    (Provider.CLAUDE, sse(anthropic_text("a"), *anthropic_end("stop_sequence")), StopReason.END),
    (Provider.CLAUDE, sse(anthropic_start(), *anthropic_end("max_tokens")), StopReason.LENGTH),
    (Provider.CLAUDE, sse(anthropic_start(), *anthropic_end("model_context_window_exceeded")), StopReason.CONTEXT),
    (Provider.CLAUDE, sse(anthropic_start(), *anthropic_end("refusal")), StopReason.REFUSED),
    (Provider.CLAUDE, sse(anthropic_start(), *anthropic_end("pause_turn")), StopReason.PAUSED),
    (Provider.CLAUDE, sse(anthropic_start(), *anthropic_end(None)), StopReason.END),
    (Provider.CLAUDE, sse(anthropic_start(), *anthropic_end("of_a_later_year")), StopReason.OTHER),
    (
        Provider.CLAUDE,
        sse(anthropic_start(), {"type": "message_delta", "delta": {"stop_reason": "refusal"}}, *anthropic_end(None)),
        StopReason.REFUSED,
    ),
    (Provider.GEMINI, sse(gemini_chunk("a", finish="STOP")), StopReason.END),
    (Provider.GEMINI, sse(gemini_chunk("a", finish="MAX_TOKENS")), StopReason.LENGTH),
    *(
        (Provider.GEMINI, sse(gemini_chunk(finish=reason)), StopReason.FILTERED)
        for reason in ("SAFETY", "RECITATION", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR", "IMAGE_SAFETY")
    ),
    *(
        (Provider.GEMINI, sse(gemini_chunk(finish=reason)), StopReason.MALFORMED)
        for reason in ("MALFORMED_RESPONSE", "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL")
    ),
    (Provider.GEMINI, sse(gemini_chunk(finish="REASON_OF_A_LATER_YEAR")), StopReason.OTHER),
]


async def test_why_a_model_stopped_is_told() -> None:
    told = [(provider, body, end_of(await answered(provider, body)).stop) for provider, body, _ in STOPS]
    assert told == STOPS


UNREADABLE: list[tuple[Provider, bytes]] = [
    *((provider, b'data: {"half": \n\n') for provider in Provider),
    *((provider, b'data: ["a", "list"]\n\n') for provider in Provider),
    *((provider, b"data: " + b"[" * 5000 + b"\n\n") for provider in Provider),
    (Provider.CHATGPT, sse({"delta": "no type"})),
    (Provider.CHATGPT, sse({**openai_text("a"), "delta": 7})),
    (Provider.CLAUDE, sse({"type": "content_block_delta", "delta": {"type": "text_delta", "text": ["a"]}})),
    (Provider.GEMINI, sse({"candidates": {"content": 1}})),
    (Provider.GEMINI, sse({"candidates": [{"content": {"parts": [{"text": 1}]}}]})),
]


async def test_an_event_of_the_wrong_shape_is_unreadable(subtests: pytest.Subtests) -> None:
    for provider, body in UNREADABLE:
        with subtests.test(f"{provider}: {body[:80]!r}"), pytest.raises(AnswerUnreadable):
            await answered(provider, body)


COUNTS: list[tuple[Provider, bytes, Usage]] = [
    (Provider.CHATGPT, sse(openai_end(usage=None)), Usage()),
    (Provider.CHATGPT, sse(openai_end(usage="much")), Usage()),
    (Provider.CHATGPT, sse(openai_end(usage={"input_tokens": -3, "output_tokens": "5"})), Usage()),
    (Provider.CHATGPT, sse(openai_end(usage={"input_tokens": 3, "output_tokens": True})), Usage(input=3)),
    (Provider.CLAUDE, sse(*anthropic_end()), Usage(output=30, reasoning=11)),
    (
        Provider.CLAUDE,
        sse(anthropic_start(), {"type": "message_delta", "delta": {}, "usage": {"output_tokens": 3}}, *anthropic_end()),
        Usage(input=40, output=30, cached=15, reasoning=11, written=5),
    ),
    (
        Provider.CLAUDE,
        sse(anthropic_start(), {"type": "message_delta", "delta": {}, "usage": {"input_tokens": 25}}, *anthropic_end()),
        Usage(input=45, output=30, cached=15, reasoning=11, written=5),
    ),
    (
        Provider.CLAUDE,
        sse(
            anthropic_start(), {"type": "message_delta", "delta": {}, "usage": {"input_tokens": None}}, *anthropic_end()
        ),
        Usage(input=40, output=30, cached=15, reasoning=11, written=5),
    ),
    (Provider.GEMINI, sse({"candidates": [{"finishReason": "STOP"}]}), Usage()),
    (
        Provider.GEMINI,
        sse(gemini_chunk("a", GEMINI_COUNTS), {"candidates": [{"finishReason": "STOP"}], "usageMetadata": {}}),
        Usage(input=40, output=30, cached=8, reasoning=11),
    ),
    (
        Provider.GEMINI,
        sse(gemini_chunk("a", finish="STOP"), {"usageMetadata": {"promptTokenCount": 40, **GEMINI_COUNTS}}),
        Usage(input=40, output=30, cached=8, reasoning=11),
    ),
    (
        Provider.GEMINI,
        sse(
            gemini_chunk("a", {"candidatesTokenCount": 5}),
            gemini_chunk("b", {"candidatesTokenCount": 9}, finish="STOP"),
        ),
        Usage(input=40, output=9),
    ),
]


def openai_counts(**details: object) -> dict[str, object]:
    return openai_end(usage={"input_tokens": 90, "output_tokens": 5, "input_tokens_details": details})


def anthropic_counts(**usage: object) -> tuple[dict[str, object], ...]:
    message = {"content": [], "usage": {"input_tokens": 50, **usage}}
    return {"type": "message_start", "message": message}, *anthropic_end()


CACHES: list[tuple[Provider, bytes, Usage]] = [
    (Provider.CHATGPT, sse(openai_counts(cached_tokens=8, cache_write_tokens=30)), Usage(90, 5, cached=8, written=30)),
    (
        Provider.CHATGPT,
        sse(
            openai_counts(
                cache_write_tokens=30, cache_write_tokens_details={"ttl_30m_tokens": 10, "ttl_12h_tokens": 20}
            )
        ),
        Usage(90, 5, written=10, written_long=20),
    ),
    (Provider.CLAUDE, sse(*anthropic_counts(cache_creation_input_tokens=7)), Usage(57, 30, reasoning=11, written=7)),
    (
        Provider.CLAUDE,
        sse(
            *anthropic_counts(
                cache_creation_input_tokens=7,
                cache_creation={"ephemeral_5m_input_tokens": 3, "ephemeral_1h_input_tokens": 4},
            )
        ),
        Usage(57, 30, reasoning=11, written=3, written_long=4),
    ),
    (
        Provider.CLAUDE,
        sse(*anthropic_counts(cache_creation={"ephemeral_1h_input_tokens": 4}, cache_read_input_tokens=6)),
        Usage(60, 30, cached=6, reasoning=11, written_long=4),
    ),
    (
        Provider.GEMINI,
        sse(gemini_chunk("a", {**GEMINI_COUNTS, "toolUsePromptTokenCount": 3}, finish="STOP")),
        Usage(43, 30, cached=8, reasoning=11),
    ),
]


async def test_what_a_cache_gave_and_took_is_counted_by_how_long_it_is_kept() -> None:
    counted = [(provider, body, end_of(await answered(provider, body)).usage) for provider, body, _ in CACHES]
    assert counted == CACHES


TARIFFS: list[tuple[Provider, bytes, str]] = [
    (Provider.CHATGPT, sse(openai_end(service_tier="default")), ""),
    (Provider.CHATGPT, sse(openai_end(service_tier=None)), ""),
    (Provider.CHATGPT, sse(openai_end(service_tier="flex")), "service tier flex"),
    (
        Provider.CHATGPT,
        sse({"type": "response.created", "response": {"service_tier": "auto"}}, openai_end(service_tier="default")),
        "",
    ),
    (
        Provider.CLAUDE,
        sse(*anthropic_counts(service_tier="standard", speed="standard", inference_geo="global")),
        "",
    ),
    (
        Provider.CLAUDE,
        sse(*anthropic_counts(service_tier="priority", speed="fast", inference_geo="us")),
        "service tier priority, speed fast, inference geo us",
    ),
    (Provider.GEMINI, sse({**gemini_chunk("a", finish="STOP"), "usageMetadata": {"serviceTier": "standard"}}), ""),
    (
        Provider.GEMINI,
        sse({**gemini_chunk("a", finish="STOP"), "usageMetadata": {"serviceTier": "FLEX" * 100}}),
        "service tier " + "FLEX" * 10,
    ),
    (
        Provider.GEMINI,
        sse({**gemini_chunk("a", finish="STOP"), "usageMetadata": {"trafficType": "ON_DEMAND_PRIORITY"}}),
        "traffic type ON_DEMAND_PRIORITY",
    ),
]


async def test_what_is_not_billed_by_the_standard_list_is_told() -> None:
    told = [(provider, body, end_of(await answered(provider, body)).unpriced) for provider, body, _ in TARIFFS]
    assert told == TARIFFS


async def test_counts_are_cumulative_and_odd_ones_cost_no_answer() -> None:
    counted = [(provider, body, end_of(await answered(provider, body)).usage) for provider, body, _ in COUNTS]
    assert counted == COUNTS


async def test_text_that_openai_sends_without_deltas_is_taken_from_the_finished_item() -> None:
    item = {"type": "message", "content": [{"type": "output_text", "text": "Short."}, {"type": "refusal"}]}
    done = {"type": "response.output_item.done", "output_index": 0, "item": item}

    assert text_of(await answered(Provider.CHATGPT, sse(done, openai_end()))) == "Short."


async def test_two_messages_in_one_answer_are_two_paragraphs() -> None:
    body = sse(openai_text("First", 0), openai_text(".", 0), openai_text("Second.", 1), openai_end())

    assert text_of(await answered(Provider.CHATGPT, body)) == "First.\n\nSecond."


async def test_two_parts_of_a_reasoning_summary_are_two_paragraphs() -> None:
    parts = [
        {"type": "response.reasoning_summary_text.delta", "output_index": 0, "summary_index": index, "delta": delta}
        for index, delta in [(0, "One"), (0, "."), (1, "Two.")]
    ]

    assert thoughts_of(await answered(Provider.CHATGPT, sse(*parts, openai_end()))) == "One.\n\nTwo."


async def test_a_prompt_that_gemini_blocks_is_refused_with_its_reason() -> None:
    body = sse({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "usageMetadata": {"promptTokenCount": 4}})

    with pytest.raises(Refused, match="PROHIBITED_CONTENT"):
        await answered(Provider.GEMINI, body)


async def test_thoughts_of_gemini_are_no_text_and_come_in_their_place() -> None:
    parts = [{"text": "Hm.", "thought": True}, {"text": "Yes."}, {"text": ""}, {"inlineData": {}}]
    body = sse({"candidates": [{"content": {"parts": parts}, "finishReason": "STOP"}]})

    assert (await answered(Provider.GEMINI, body))[:-1] == [ReasoningDelta("Hm."), TextDelta("Yes.")]
