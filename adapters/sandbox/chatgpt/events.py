"""The streaming events of OpenAI's Responses API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from adapters.sandbox.answers import ModelAnswer, sse
from adapters.sandbox.chatgpt.errors import failed_response_error
from adapters.sandbox.faults import Fault

_REFUSAL: Final = "I'm sorry, but I can't help with that."
_CREATED_AT: Final = 1_795_000_000


class _Events:
    """Collects events and numbers them."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    def add(self, kind: str, **payload: object) -> None:
        data = {"type": kind, "sequence_number": len(self.sent), **payload}
        self.sent.append(sse(data, event=kind))


def events(
    response_id: str, body: Mapping[str, object], answer: ModelAnswer, *, plan: bool, fault: Fault | None
) -> list[bytes]:
    """Every event of one answer, in order."""
    out = _Events()
    out.add("response.created", response=_response(response_id, body, "in_progress"))
    out.add("response.in_progress", response=_response(response_id, body, "in_progress"))
    if fault is not None and fault.action == "blocked_prompt":
        failed = _response(response_id, body, "failed")
        failed["error"] = {"code": "invalid_prompt", "message": "Your prompt was flagged as violating our policy."}
        out.add("response.failed", response=failed)
        return out.sent
    index = 0
    output: list[dict[str, object]] = []
    if _wants_summary(body):
        output.append(_add_reasoning(out, answer, response_id))
        index = 1
    refused = fault is not None and fault.action == "refusal"
    output.append(_add_message(out, answer, response_id, index, refused=refused))
    short = fault is not None and fault.action == "cut_short"
    completed = _response(response_id, body, "incomplete" if short else "completed")
    if short:
        completed["incomplete_details"] = {"reason": "max_output_tokens"}
    completed["output"] = [] if plan else output  # seen with plan tokens: clients must collect the deltas
    completed["usage"] = _usage(answer)
    out.add("response.incomplete" if short else "response.completed", response=completed)
    return out.sent


def whole_response(response_id: str, body: Mapping[str, object], answer: ModelAnswer) -> dict[str, object]:
    """The answer to a request without `stream`."""
    part: dict[str, object] = {"type": "output_text", "text": answer.text, "annotations": [], "logprobs": []}
    message = _message(f"msg_{response_id[5:]}", "completed", [part])
    return {**_response(response_id, body, "completed"), "output": [message], "usage": _usage(answer)}


def error_event(fault: Fault) -> bytes:
    """How the stream ends when something breaks on OpenAI's side."""
    data = {
        "type": "response.failed",
        "sequence_number": fault.after,
        "response": {
            "id": "resp_fake",
            "object": "response",
            "status": "failed",
            "output": [],
            "error": failed_response_error(fault.reason),
        },
    }
    return sse(data, event="response.failed")


def _add_reasoning(out: _Events, answer: ModelAnswer, response_id: str) -> dict[str, object]:
    item_id = f"rs_{response_id[5:]}"
    where = {"item_id": item_id, "output_index": 0, "summary_index": 0}
    part = {"type": "summary_text", "text": answer.thought}
    item: dict[str, object] = {"id": item_id, "type": "reasoning", "summary": [part]}
    out.add("response.output_item.added", output_index=0, item={**item, "summary": []})
    out.add("response.reasoning_summary_part.added", **where, part={**part, "text": ""})
    out.add("response.reasoning_summary_text.delta", **where, delta=answer.thought)
    out.add("response.reasoning_summary_text.done", **where, text=answer.thought)
    out.add("response.reasoning_summary_part.done", **where, part=part)
    out.add("response.output_item.done", output_index=0, item=item)
    return item


def _add_message(
    out: _Events, answer: ModelAnswer, response_id: str, index: int, *, refused: bool
) -> dict[str, object]:
    item_id = f"msg_{response_id[5:]}"
    where = {"item_id": item_id, "output_index": index, "content_index": 0}
    out.add("response.output_item.added", output_index=index, item=_message(item_id, "in_progress", []))
    if refused:
        part: dict[str, object] = {"type": "refusal", "refusal": _REFUSAL}
        out.add("response.content_part.added", **where, part={**part, "refusal": ""})
        out.add("response.refusal.delta", **where, delta=_REFUSAL)
        out.add("response.refusal.done", **where, refusal=_REFUSAL)
    else:
        part = {"type": "output_text", "text": answer.text, "annotations": [], "logprobs": []}
        out.add("response.content_part.added", **where, part={**part, "text": ""})
        for piece in answer.pieces:
            out.add("response.output_text.delta", **where, delta=piece, logprobs=[])
        out.add("response.output_text.done", **where, text=answer.text, logprobs=[])
    out.add("response.content_part.done", **where, part=part)
    item = _message(item_id, "completed", [part])
    out.add("response.output_item.done", output_index=index, item=item)
    return item


def _message(item_id: str, status: str, content: list[dict[str, object]]) -> dict[str, object]:
    return {"id": item_id, "type": "message", "status": status, "role": "assistant", "content": content}


def _response(response_id: str, body: Mapping[str, object], status: str) -> dict[str, object]:
    return {
        "id": response_id,
        "object": "response",
        "created_at": _CREATED_AT,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "instructions": body.get("instructions"),
        "metadata": {},
        "model": body.get("model"),
        "output": [],
        "parallel_tool_calls": True,
        "reasoning": body.get("reasoning") or {"effort": None, "summary": None},
        "service_tier": "auto" if status == "in_progress" else "default",
        "store": bool(body.get("store", True)),
        "temperature": None,
        "tool_choice": "auto",
        "tools": [],
        "top_p": None,
        "usage": None,
    }


def _usage(answer: ModelAnswer) -> dict[str, object]:
    counts = answer.counts
    return {
        "input_tokens": counts.prompt,
        "input_tokens_details": {"cached_tokens": counts.read, "cache_write_tokens": counts.written},
        "output_tokens": counts.output,
        "output_tokens_details": {"reasoning_tokens": counts.thoughts},
        "total_tokens": counts.prompt + counts.output,
    }


def _wants_summary(body: Mapping[str, object]) -> bool:
    reasoning = body.get("reasoning")
    return isinstance(reasoning, dict) and reasoning.get("summary") is not None
