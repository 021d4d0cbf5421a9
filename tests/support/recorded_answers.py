"""One answer in each vendor's words, with all that a vendor may put between: pings, thoughts, unknown events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from domain.conversation import StopReason, Usage
from domain.provider import Provider
from tests.support.mock_chat_network import sse


@dataclass(frozen=True, slots=True)
class Recorded:
    """The bytes of an answer and what they mean."""

    body: bytes
    text: str
    thoughts: str
    usage: Usage
    model: str
    stop: StopReason = StopReason.END


TEXT: Final = "Grüße, 世界 — 🦊!\nEnd."
PIECES: Final = ("Grüße, ", "世界 —", " 🦊!\n", "End.")
THOUGHTS: Final = "Ein Gruß."


def openai_text(delta: str, output: int = 1) -> dict[str, Any]:
    """A piece of text of the Responses API."""
    return {"type": "response.output_text.delta", "item_id": "msg_1", "output_index": output, "content_index": 0,
            "delta": delta, "logprobs": []}  # fmt: skip


def openai_end(kind: str = "completed", **response: Any) -> dict[str, Any]:
    """The last event of the Responses API."""
    usage = {
        "input_tokens": 40,
        "input_tokens_details": {"cached_tokens": 8, "cache_write_tokens": 0},
        "output_tokens": 30,
        "output_tokens_details": {"reasoning_tokens": 11},
        "total_tokens": 70,
    }
    body: dict[str, Any] = {
        "id": "resp_1",
        "model": "gpt",
        "status": kind,
        "output": [],
        "usage": usage,
        "error": None,
        "incomplete_details": None,
    }
    return {"type": f"response.{kind}", "sequence_number": 99, "response": {**body, **response}}


def anthropic_text(text: str) -> dict[str, Any]:
    """A piece of text of the Messages API."""
    return {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": text}}


def anthropic_start() -> dict[str, Any]:
    """The first event of the Messages API."""
    usage = {"input_tokens": 20, "cache_creation_input_tokens": 5, "cache_read_input_tokens": 15, "output_tokens": 1}
    return {
        "type": "message_start",
        "message": {"id": "msg_1", "model": "claude", "role": "assistant", "content": [], "usage": usage},
    }


def anthropic_end(stop: str | None = "end_turn") -> tuple[dict[str, Any], dict[str, Any]]:
    """The last two events of the Messages API."""
    usage = {"output_tokens": 30, "output_tokens_details": {"thinking_tokens": 11}}
    delta = {"stop_reason": stop, "stop_sequence": None}
    return {"type": "message_delta", "delta": delta, "usage": usage}, {"type": "message_stop"}


def gemini_chunk(
    text: str = "", usage: Mapping[str, int] | None = None, *, thought: bool = False, finish: str | None = None
) -> dict[str, Any]:
    """A chunk of streamGenerateContent."""
    part = {"text": text, "thought": True} if thought else {"text": text}
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": [part]}, "index": 0}
    if finish is not None:
        candidate["finishReason"] = finish
    counts = {"promptTokenCount": 40, **(usage or {})}
    return {"candidates": [candidate], "usageMetadata": counts, "modelVersion": "gemini", "responseId": "r"}


GEMINI_COUNTS: Final = {"cachedContentTokenCount": 8, "candidatesTokenCount": 19, "thoughtsTokenCount": 11}

_OPENAI: Final = (
    {"type": "response.created", "response": {"id": "resp_1", "status": "in_progress"}},
    {"type": "response.output_item.added", "output_index": 0, "item": {"type": "reasoning", "summary": []}},
    {"type": "response.reasoning_summary_text.delta", "output_index": 0, "summary_index": 0, "delta": "Ein "},
    {"type": "response.reasoning_summary_text.delta", "output_index": 0, "summary_index": 0, "delta": "Gruß."},
    {"type": "response.output_item.done", "output_index": 0, "item": {"type": "reasoning", "summary": []}},
    {"type": "response.of_a_later_year", "delta": {"not": "text"}},
    *map(openai_text, PIECES),
    {"type": "response.output_text.done", "output_index": 1, "content_index": 0, "text": TEXT},
    {"type": "response.output_item.done", "output_index": 1,
     "item": {"type": "message", "content": [{"type": "output_text", "text": TEXT}]}},
    openai_end(),
)  # fmt: skip

_ANTHROPIC: Final = (
    anthropic_start(),
    {"type": "ping"},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": THOUGHTS}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "ZmFrZQ=="}},
    {"type": "content_block_stop", "index": 0},
    {"type": "content_block_start", "index": 1, "content_block": {"type": "text", "text": ""}},
    anthropic_text(PIECES[0]),
    {"type": "ping"},
    *map(anthropic_text, PIECES[1:]),
    {"type": "content_block_stop", "index": 1},
    {"type": "event_of_a_later_year", "delta": 7},
    *anthropic_end(),
)

_GEMINI: Final = (
    gemini_chunk(THOUGHTS, {"thoughtsTokenCount": 11}, thought=True),
    gemini_chunk(PIECES[0]),
    gemini_chunk(PIECES[1], {"candidatesTokenCount": 4}),
    gemini_chunk(PIECES[2]),
    gemini_chunk(PIECES[3], GEMINI_COUNTS, finish="STOP"),
)

_USAGE: Final = Usage(input=40, output=30, cached=8, reasoning=11)

RECORDED: Final = {
    Provider.CHATGPT: Recorded(sse(*_OPENAI), TEXT, THOUGHTS, _USAGE, model="gpt"),
    Provider.CLAUDE: Recorded(
        sse(*_ANTHROPIC), TEXT, THOUGHTS, Usage(input=40, output=30, cached=15, reasoning=11, written=5), model="claude"
    ),
    Provider.GEMINI: Recorded(sse(*_GEMINI, end="\r\n"), TEXT, THOUGHTS, _USAGE, model="gemini"),
}
