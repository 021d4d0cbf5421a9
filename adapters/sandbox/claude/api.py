"""Anthropic's Messages API and model list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

from starlette.responses import JSONResponse, Response

from adapters.sandbox.answers import ModelAnswer, Question, compose, sse, stream
from adapters.sandbox.claude.errors import BETA, anthropic_error, stream_error
from adapters.sandbox.endpoint import Call, ErrorAnswer, Refused, World
from adapters.sandbox.faults import Fault
from adapters.sandbox.files import NoSuchFile, SentFile, sent_file
from adapters.sandbox.models import CLAUDE_MODELS, CLAUDE_RETIRED, ClaudeModel

OLD_VERSION: Final = "2023-06-01"
NEW_VERSION: Final = "2026-10-21"
EFFORTS: Final = ("low", "medium", "high", "xhigh", "max")
LARGEST_BODY: Final = 32 * 1024 * 1024
"""Anthropic: the Messages API takes 32 MB."""
LARGEST_IMAGE: Final = 5 * 1024 * 1024
"""Of its Base64."""
_FILE_TYPES: Final = {
    "image": ("image/png", "image/jpeg", "image/gif", "image/webp"),
    "document": ("application/pdf",),
}
LARGEST_PAGE: Final = 1000
LEAST_BUDGET: Final = 1024
_SAMPLING: Final = ("temperature", "top_p", "top_k")


class MessagesApi:
    """What is asked of `api.anthropic.com`."""

    def __init__(self, *, world: World) -> None:
        self._world = world

    async def models(self, call: Call) -> Response:
        """`GET /v1/models`, with paging by `after_id`."""
        _authorize(call)
        listed = [*map(_listed, CLAUDE_MODELS.values()), *map(_retired, CLAUDE_RETIRED)]
        after = call.query.get("after_id")
        ids = [entry["id"] for entry in listed]
        start = ids.index(after) + 1 if after in ids else 0
        limit = call.query.get("limit", "20")
        if not limit.isascii() or not limit.isdigit() or not 1 <= int(limit) <= LARGEST_PAGE:
            raise Refused(_invalid("limit: must be between 1 and 1000"))
        page = listed[start : start + int(limit)]
        return JSONResponse(
            {
                "data": page,
                "has_more": start + len(page) < len(listed),
                "first_id": page[0]["id"] if page else None,
                "last_id": page[-1]["id"] if page else None,
            }
        )

    async def messages(self, call: Call) -> Response:
        """The answer to `POST /v1/messages`."""
        body = call.fields
        name = body.get("model")
        call.wire_model = name if isinstance(name, str) else None
        _authorize(call)
        if len(call.body) > LARGEST_BODY:
            raise Refused(anthropic_error(413, "request_too_large", "Request exceeds the maximum size"))
        if not body:
            raise Refused(_invalid("The request body is not valid JSON"))
        model = _model(name)
        version = call.request.headers["anthropic-version"]
        _check_limits(body, version)
        _check_blocks(body, version)
        _check_thinking(body, model)
        system = _text_of(body.get("system"))
        question = Question("Claude", model.id, _effort(body, model), _turns(body), system, list(_files(body)))
        answer = compose(question, call, partial(self._world.till.claude, call.credential, model.id, body))
        message_id = f"msg_{self._world.mint.hex(24)}"
        headers = {"request-id": "req_fake", "anthropic-ratelimit-requests-remaining": "49"}
        thinking = _shows_thinking(body)
        if not body.get("stream"):
            return JSONResponse(_message(message_id, model, answer, thinking=thinking), headers=headers)
        all_events = _events(message_id, model, answer, thinking=thinking, fault=call.fault)
        return stream(call, self._world, all_events, error_event=_error_event, headers=headers)


def _authorize(call: Call) -> None:
    headers = call.request.headers
    version = headers.get("anthropic-version")
    if version not in (OLD_VERSION, NEW_VERSION):
        raise Refused(_invalid(f"anthropic-version: {version or 'header is required'}"))
    bearer = headers.get("authorization", "").lower().startswith("bearer ")
    if bearer and "x-api-key" in headers:
        raise Refused(_unauthenticated("Send either Authorization or x-api-key, not both"))
    if call.api_key is not None:
        return  # as x-api-key, or as bearer, which is how Anthropic's own SDK has sent it since its version 2
    if not bearer:
        raise Refused(_unauthenticated("invalid x-api-key" if "x-api-key" in headers else "x-api-key is required"))
    if BETA not in headers.get("anthropic-beta", "").replace(" ", "").split(","):
        raise Refused(_unauthenticated("OAuth authentication is currently not supported."))
    if call.token is None or not call.live:
        text = "OAuth token has expired. Please obtain a new token." if call.token else "Invalid bearer token"
        raise Refused(_unauthenticated(text))
    if "user:inference" not in call.token.grant.scopes:
        text = "OAuth token does not meet scope requirement user:inference"
        raise Refused(anthropic_error(403, "permission_error", text))


def _model(name: object) -> ClaudeModel:
    if not isinstance(name, str):
        raise Refused(_invalid("model: Field required"))
    model = CLAUDE_MODELS.get(name)
    if model is None:
        raise Refused(anthropic_error(404, "not_found_error", f"model: {name}"))
    return model


def _check_limits(body: Mapping[str, object], version: str) -> None:
    most = body.get("max_tokens")
    if isinstance(most, bool) or not isinstance(most, int):
        raise Refused(_invalid("max_tokens: Field required"))
    if most < 1:
        raise Refused(_invalid("max_tokens: Input should be greater than or equal to 1"))
    sampling = [field for field in _SAMPLING if field in body]
    if sampling and version == NEW_VERSION:
        raise Refused(_invalid(f"{sampling[0]}: not supported since API version {NEW_VERSION}"))


def _check_blocks(body: Mapping[str, object], version: str) -> None:
    """What the newer version no longer takes: documents of the assistant, citations on the person's text."""
    messages = body.get("messages")
    if version != NEW_VERSION or not isinstance(messages, list):
        return
    for number, message in enumerate(messages):
        content = message.get("content") if isinstance(message, dict) else None
        for block in content if isinstance(content, list) else ():
            kind = block.get("type") if isinstance(block, dict) else None
            where = f"messages.{number}.content"
            if kind == "document" and message.get("role") == "assistant":
                raise Refused(_invalid(f"{where}: document blocks are not allowed in assistant turns"))
            if kind == "text" and message.get("role") == "user" and "citations" in block:
                raise Refused(_invalid(f"{where}: citations are not allowed on user text"))


def _check_thinking(body: Mapping[str, object], model: ClaudeModel) -> None:
    thinking = body.get("thinking")
    if thinking is None:
        return
    kind = thinking.get("type") if isinstance(thinking, dict) else None
    if not isinstance(thinking, dict) or kind not in ("adaptive", "enabled", "disabled", "between_tools"):
        raise Refused(_invalid("thinking.type: Input should be adaptive, enabled, disabled or between_tools"))
    if kind == "enabled":
        if model.thinking != "budget":
            raise Refused(_invalid("thinking.type: enabled is not supported for this model; use adaptive"))
        budget, most = thinking.get("budget_tokens"), body.get("max_tokens")
        if not isinstance(budget, int) or not isinstance(most, int) or not LEAST_BUDGET <= budget < most:
            raise Refused(_invalid("thinking.budget_tokens: must be at least 1024 and less than max_tokens"))
    elif kind != "disabled" and model.thinking == "budget":
        raise Refused(_invalid(f"thinking.type: {kind} is not supported for this model"))
    elif kind == "disabled" and not model.thinking_can_be_off:
        raise Refused(_invalid("thinking.type: disabled is not supported for this model"))


def _effort(body: Mapping[str, object], model: ClaudeModel) -> str | None:
    config = body.get("output_config")
    effort = config.get("effort") if isinstance(config, dict) else None
    if effort is None:
        return None
    if effort not in EFFORTS:
        raise Refused(_invalid(f"output_config.effort: Input should be one of {', '.join(EFFORTS)}"))
    if model.thinking == "budget":
        raise Refused(_invalid("output_config.effort: not supported for this model"))
    return str(effort)


def _turns(body: Mapping[str, object]) -> list[tuple[str, str]]:
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise Refused(_invalid("messages: at least one message is required"))
    turns: list[tuple[str, str]] = []
    for number, message in enumerate(messages):
        role = message.get("role") if isinstance(message, dict) else None
        if role not in ("user", "assistant"):
            raise Refused(_invalid(f'messages.{number}.role: Input should be "user" or "assistant"'))
        if turns and turns[-1][0] == role:
            raise Refused(_invalid(f"messages.{number}: roles must alternate between user and assistant"))
        turns.append((role, _text_of(message.get("content"), f"messages.{number}.content")))
    if turns[0][0] != "user":
        raise Refused(_invalid("messages: first message must use the user role"))
    if turns[-1][0] != "user":
        raise Refused(_invalid("messages: the conversation must end with a user message"))
    return turns


def _text_of(content: object, where: str = "system") -> str:
    if content is None and where == "system":
        return ""
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
    if not isinstance(blocks, list) or not blocks:
        raise Refused(_invalid(f"{where}: Input should be a text or a list of content blocks"))
    texts = []
    for number, block in enumerate(blocks):
        kind = block.get("type") if isinstance(block, dict) else None
        if kind == "text":
            text = block.get("text")
            if not isinstance(text, str) or not text.strip():
                raise Refused(_invalid(f"{where}.{number}: text content blocks must be non-empty"))
            texts.append(text)
        elif kind not in ("image", "document", "thinking", "redacted_thinking", "tool_use", "tool_result"):
            raise Refused(_invalid(f"{where}.{number}.type: unknown content block type"))
    return "\n".join(texts)


def _files(body: Mapping[str, object]) -> Iterator[SentFile]:
    """The images and documents of the messages, which `_turns` has looked at."""
    messages = body.get("messages")
    for number, message in enumerate(messages if isinstance(messages, list) else ()):
        content = message.get("content")
        for place, block in enumerate(content if isinstance(content, list) else ()):
            allowed = _FILE_TYPES.get(block.get("type"))
            if allowed is None:
                continue
            where = f"messages.{number}.content.{place}.{block['type']}.source"
            source = block.get("source")
            if not isinstance(source, dict) or source.get("type") != "base64":
                raise Refused(_invalid(f"{where}.type: Input should be base64"))
            try:
                file = sent_file(source.get("media_type"), source.get("data"), allowed=allowed)
            except NoSuchFile as problem:
                raise Refused(_invalid(f"{where}.base64: {problem}")) from problem
            if block["type"] == "image" and len(source["data"]) > LARGEST_IMAGE:
                raise Refused(_invalid(f"{where}.base64: image exceeds 5 MB maximum"))
            yield file


def _shows_thinking(body: Mapping[str, object]) -> bool:
    thinking = body.get("thinking")
    if not isinstance(thinking, dict) or thinking.get("type") == "disabled":
        return False
    return thinking.get("type") == "enabled" or thinking.get("display") == "summarized"


def _events(
    message_id: str, model: ClaudeModel, answer: ModelAnswer, *, thinking: bool, fault: Fault | None
) -> list[bytes]:
    refused = fault is not None and fault.action in ("refusal", "blocked_prompt")
    start = {**_message(message_id, model, answer, thinking=False), "content": [], "stop_reason": None}
    start["usage"] = {**_usage(answer), "cache_creation": _kept(answer), "output_tokens": 1}
    payloads: list[dict[str, object]] = [{"type": "message_start", "message": start}, {"type": "ping"}]
    index = 0
    if thinking:
        payloads += _block(
            0,
            {"type": "thinking", "thinking": "", "signature": ""},
            [
                {"type": "thinking_delta", "thinking": answer.thought},
                {"type": "signature_delta", "signature": "ZmFrZS1zaWduYXR1cmU="},
            ],
        )
        index = 1
    if not (fault is not None and fault.action == "blocked_prompt"):
        pieces = answer.pieces[:4] if refused else answer.pieces
        deltas: list[dict[str, object]] = [{"type": "text_delta", "text": piece} for piece in pieces]
        text = _block(index, {"type": "text", "text": ""}, deltas)
        middle = len(text) // 2
        payloads += [*text[:middle], {"type": "ping"}, *text[middle:]]
    short = fault is not None and fault.action == "cut_short"
    reason = "refusal" if refused else "max_tokens" if short else "end_turn"
    delta = {"stop_reason": reason, "stop_sequence": None, "stop_details": None}
    payloads.append({"type": "message_delta", "delta": delta, "usage": _usage(answer)})
    payloads.append({"type": "message_stop"})
    return [sse(payload, event=str(payload["type"])) for payload in payloads]


def _block(index: int, block: dict[str, object], deltas: list[dict[str, object]]) -> list[dict[str, object]]:
    return [
        {"type": "content_block_start", "index": index, "content_block": block},
        *({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": index},
    ]


def _error_event(fault: Fault) -> bytes:
    return sse(stream_error(fault.reason), event="error")


def _message(message_id: str, model: ClaudeModel, answer: ModelAnswer, *, thinking: bool) -> dict[str, object]:
    content: list[dict[str, object]] = [{"type": "text", "text": answer.text}]
    if thinking:
        thought: dict[str, object] = {
            "type": "thinking",
            "thinking": answer.thought,
            "signature": "ZmFrZS1zaWduYXR1cmU=",
        }
        content.insert(0, thought)
    return {
        "id": message_id,
        "type": "message",
        "role": "assistant",
        "model": model.id,
        "content": content,
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "stop_details": None,
        "usage": {**_usage(answer), "cache_creation": _kept(answer)},
    }


def _usage(answer: ModelAnswer) -> dict[str, object]:
    counts = answer.counts
    written = counts.written + counts.written_long
    return {
        "input_tokens": counts.prompt - counts.read - written,
        "cache_creation_input_tokens": written,
        "cache_read_input_tokens": counts.read,
        "output_tokens": counts.output,
        "output_tokens_details": {"thinking_tokens": counts.thoughts},
        "service_tier": "standard",
    }


def _kept(answer: ModelAnswer) -> dict[str, object]:
    """How long what was written to the cache is kept: told at the start alone."""
    return {
        "ephemeral_5m_input_tokens": answer.counts.written,
        "ephemeral_1h_input_tokens": answer.counts.written_long,
    }


def _listed(model: ClaudeModel) -> dict[str, object]:
    return {
        "type": "model",
        "id": model.id,
        "display_name": model.name,
        "created_at": model.created_at,
        "lifecycle": "active" if model.retires_at is None else "deprecated",
        "deprecated_at": None if model.retires_at is None else "2026-05-01T00:00:00Z",
        "retires_at": model.retires_at,
        "max_input_tokens": model.context,
        "max_tokens": 64_000,
        "line": model.line,
        "capabilities": {"thinking": {"supported": True}},
    }


def _retired(model_id: str) -> dict[str, object]:
    made, gone = "2025-08-05T00:00:00Z", "2026-08-05T00:00:00Z"
    retired = ClaudeModel(model_id, "Claude Opus 4.1", made, "opus", retires_at=gone)
    return {**_listed(retired), "lifecycle": "retired", "max_input_tokens": 200_000, "max_tokens": 32_000}


def _invalid(message: str) -> ErrorAnswer:
    return anthropic_error(400, "invalid_request_error", message)


def _unauthenticated(message: str) -> ErrorAnswer:
    return anthropic_error(401, "authentication_error", message)
