"""The Gemini API: generateContent, its streaming form, and the model list."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

from starlette.responses import JSONResponse, Response

from adapters.sandbox.answers import ModelAnswer, Question, compose, sse, stream
from adapters.sandbox.endpoint import Call, ErrorAnswer, Refused, World
from adapters.sandbox.faults import Fault
from adapters.sandbox.files import NoSuchFile, SentFile, sent_file
from adapters.sandbox.gemini.errors import google_error, stream_error
from adapters.sandbox.gemini.oauth import CLOUD_SCOPE, RETRIEVER_SCOPE
from adapters.sandbox.models import GEMINI_EMBEDDING, GEMINI_MODELS, GeminiModel

_KNOWN_FIELDS: Final = {
    "contents",
    "systemInstruction",
    "generationConfig",
    "safetySettings",
    "tools",
    "toolConfig",
    "cachedContent",
    "labels",
    "model",
    "store",
    "serviceTier",
}
_FILE_TYPES: Final = ("image/png", "image/jpeg", "image/webp", "application/pdf")
_AUTOMATIC: Final = -1
_ODD_SIZE: Final = 37
"""Bytes of a network chunk: prime, so that lines, events and UTF-8 characters are cut anywhere."""


class GenerateContentApi:
    """What is asked of `generativelanguage.googleapis.com/v1beta`."""

    def __init__(self, *, world: World) -> None:
        self._world = world

    async def models(self, call: Call) -> Response:
        """`GET /v1beta/models`, with paging by `pageToken`."""
        self._authorize(call, wrapped=False)
        listed = [*map(_listed, GEMINI_MODELS.values()), _embedding()]
        size, start = call.query.get("pageSize", "50"), call.query.get("pageToken", "0")
        if not (size.isascii() and size.isdigit() and start.isascii() and start.isdigit()):
            raise Refused(google_error(400, "INVALID_ARGUMENT", "Invalid pageSize or pageToken."))
        end = int(start) + min(int(size) or 50, 1000)
        answer: dict[str, object] = {"models": listed[int(start) : end]}
        if end < len(listed):
            answer["nextPageToken"] = str(end)
        return JSONResponse(answer)

    async def generate(self, call: Call) -> Response:
        """`POST /v1beta/models/{id}:generateContent` and `:streamGenerateContent`."""
        name, _, method = str(call.request.path_params["call"]).partition(":")
        streaming = method == "streamGenerateContent"
        call.wire_model = name
        self._authorize(call, wrapped=streaming)
        try:
            model = _model(name, method)
            body = _checked(call.fields)
            turns, files = _turns(body), list(_files(body))
            question = Question("Gemini", model.id, _level(body, model), turns, _system(body), files)
        except _Invalid as invalid:
            status, code, text = invalid.answer
            raise Refused(google_error(status, code, text, wrapped=streaming)) from invalid
        answer = compose(question, call, partial(self._world.till.gemini, call.credential, model.id, body))
        chunks = _chunks(f"fake-{self._world.mint.hex(16)}", model, answer, body, call.fault)
        if not streaming:
            return JSONResponse(_merged(chunks, answer))
        if call.query.get("alt") != "sse":
            return _growing_array(call, self._world, chunks)
        events = b"".join(sse(chunk, end="\r\n") for chunk in chunks)
        cut = [events[at : at + _ODD_SIZE] for at in range(0, len(events), _ODD_SIZE)]
        if call.fault is not None:  # faults count whole events
            cut = [sse(chunk, end="\r\n") for chunk in chunks]
        return stream(call, self._world, cut, error_event=_error_event, media_type="text/event-stream")

    def _authorize(self, call: Call, *, wrapped: bool) -> None:
        if call.api_key is not None:
            return
        bearer = call.request.headers.get("authorization", "").lower().startswith("bearer ")
        if not bearer:
            raise Refused(_keyless(call, wrapped=wrapped))
        if call.token is None or not call.live:
            text = "Request had invalid authentication credentials. Expected OAuth 2 access token."
            raise Refused(
                google_error(
                    401,
                    "UNAUTHENTICATED",
                    text,
                    reason="ACCESS_TOKEN_EXPIRED" if call.token else "ACCESS_TOKEN_TYPE_UNSUPPORTED",
                    wrapped=wrapped,
                )
            )
        if not {CLOUD_SCOPE, RETRIEVER_SCOPE} <= set(call.token.grant.scopes):
            text = "Request had insufficient authentication scopes."
            raise Refused(
                google_error(403, "PERMISSION_DENIED", text, reason="ACCESS_TOKEN_SCOPE_INSUFFICIENT", wrapped=wrapped)
            )
        if call.request.headers.get("x-goog-user-project") != self._world.settings.gemini_project:
            text = "Your application needs a quota project: set the x-goog-user-project header to one you may use."
            raise Refused(google_error(403, "PERMISSION_DENIED", text, reason="USER_PROJECT_DENIED", wrapped=wrapped))


class _Invalid(Exception):
    """A request that is refused with *answer*: status, name, message."""

    def __init__(self, message: str, *, status: int = 400, name: str = "INVALID_ARGUMENT") -> None:
        super().__init__(message)
        self.answer = (status, name, message)


def _keyless(call: Call, *, wrapped: bool) -> ErrorAnswer:
    if call.credential == "none":
        text = "Method doesn't allow unregistered callers. Please use API Key or other form of API consumer identity."
        return google_error(403, "PERMISSION_DENIED", text, wrapped=wrapped)
    text = "API key not valid. Please pass a valid API key."
    return google_error(400, "INVALID_ARGUMENT", text, reason="API_KEY_INVALID", wrapped=wrapped)


def _model(name: str, method: str) -> GeminiModel:
    model = GEMINI_MODELS.get(name)
    if model is None or method not in ("generateContent", "streamGenerateContent"):
        text = f"models/{name} is not found for API version v1beta, or is not supported for {method or 'this method'}."
        raise _Invalid(text, status=404, name="NOT_FOUND")
    return model


def _checked(body: dict[str, object]) -> dict[str, object]:
    unknown = sorted(body.keys() - _KNOWN_FIELDS)
    if unknown:
        raise _Invalid(f'Invalid JSON payload received. Unknown name "{unknown[0]}": Cannot find field.')
    return body


def _level(body: Mapping[str, object], model: GeminiModel) -> str | None:
    config = body.get("generationConfig")
    thinking = config.get("thinkingConfig") if isinstance(config, dict) else None
    if not isinstance(thinking, dict):
        return None
    level, budget = thinking.get("thinkingLevel"), thinking.get("thinkingBudget")
    if level is not None and budget is not None:
        raise _Invalid("You can only set only one of thinking budget and thinking level.")
    if level is not None:
        if str(level).upper() not in model.levels:
            raise _Invalid(f"Thinking level {level} is not supported for this model.")
        return str(level)
    if budget is None:
        return None
    if model.budget is None:
        raise _Invalid("Thinking budget is not supported for this model.")
    if not isinstance(budget, int) or (budget != _AUTOMATIC and budget not in model.budget):
        least, most = model.budget.start, model.budget.stop - 1
        raise _Invalid(f"The thinking budget {budget} is invalid. Please choose a value between {least} and {most}.")
    return f"budget {budget}"


def _turns(body: Mapping[str, object]) -> list[tuple[str, str]]:
    contents = body.get("contents")
    if not isinstance(contents, list) or not contents:
        raise _Invalid("* GenerateContentRequest.contents: contents is not specified")
    turns: list[tuple[str, str]] = []
    for number, content in enumerate(contents):
        where = f"contents[{number}]"
        role = content.get("role", "user") if isinstance(content, dict) else None
        if role not in ("user", "model"):
            raise _Invalid("Please use a valid role: user, model.")
        role = "user" if role == "user" else "assistant"
        if (turns[-1][0] if turns else "assistant") == role:
            raise _Invalid("Please ensure that multiturn requests alternate between user and model.")
        turns.append((role, _parts(content.get("parts"), where)))
    if turns[-1][0] != "user":
        raise _Invalid("Please ensure that multiturn requests end with a user role.")
    return turns


def _parts(parts: object, where: str) -> str:
    if not isinstance(parts, list) or not parts:
        raise _Invalid(f"* GenerateContentRequest.{where}.parts: contents.parts must not be empty.")
    texts = []
    for number, part in enumerate(parts):
        if not isinstance(part, dict) or not part.keys() & {"text", "inlineData", "fileData"}:
            raise _Invalid(f"* GenerateContentRequest.{where}.parts[{number}].data: required oneof field 'data'")
        text = part.get("text")
        texts.append(text if isinstance(text, str) else "")
    return "\n".join(texts)


def _files(body: Mapping[str, object]) -> Iterator[SentFile]:
    """The inline data of the contents, which `_turns` has looked at."""
    contents = body.get("contents")
    for content in contents if isinstance(contents, list) else ():
        for part in content["parts"]:
            blob = part.get("inlineData")
            if blob is None:
                continue
            given = blob if isinstance(blob, dict) else {}
            try:
                yield sent_file(given.get("mimeType"), given.get("data"), allowed=_FILE_TYPES)
            except NoSuchFile as problem:
                raise _Invalid(f"Unable to process input: {problem}") from problem


def _system(body: Mapping[str, object]) -> str:
    instruction = body.get("systemInstruction")
    return _parts(instruction.get("parts"), "system_instruction") if isinstance(instruction, dict) else ""


def _chunks(
    response_id: str, model: GeminiModel, answer: ModelAnswer, body: Mapping[str, object], fault: Fault | None
) -> list[dict[str, object]]:
    common: dict[str, object] = {"modelVersion": model.id, "responseId": response_id}
    if fault is not None and fault.action == "blocked_prompt":
        return [{"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, "usageMetadata": _usage(answer, 0), **common}]
    refused = fault is not None and fault.action == "refusal"
    pieces = answer.pieces[:3] if refused else answer.pieces
    parts: list[dict[str, object]] = []
    if _wants_thoughts(body):
        parts.append({"text": answer.thought, "thought": True})
    parts += [{"text": piece} for piece in pieces]
    parts[-1]["thoughtSignature"] = "ZmFrZS1zaWduYXR1cmU="
    sent = 0
    chunks: list[dict[str, object]] = []
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        text = answer.counts.output - answer.counts.thoughts
        sent = text if last else text * number // len(parts)
        candidate: dict[str, object] = {"content": {"role": "model", "parts": [part]}, "index": 0}
        if last:
            short = fault is not None and fault.action == "cut_short"
            candidate["finishReason"] = "SAFETY" if refused else "MAX_TOKENS" if short else "STOP"
        chunks.append({"candidates": [candidate], "usageMetadata": _usage(answer, sent), **common})
    return chunks


def _usage(answer: ModelAnswer, sent: int) -> dict[str, object]:
    counts = answer.counts
    cached = {"cachedContentTokenCount": counts.read} if counts.read else {}
    return {
        "promptTokenCount": counts.prompt,
        **cached,
        "candidatesTokenCount": sent,
        "thoughtsTokenCount": counts.thoughts,
        "totalTokenCount": counts.prompt + sent + counts.thoughts,
        "serviceTier": "standard",
    }


def _merged(chunks: list[dict[str, object]], answer: ModelAnswer) -> dict[str, object]:
    last = chunks[-1]
    candidates = last.get("candidates")
    if not isinstance(candidates, list):
        return last
    whole = {**candidates[0], "content": {"role": "model", "parts": [{"text": answer.text}]}}
    return {**last, "candidates": [whole]}


def _growing_array(call: Call, world: World, chunks: list[dict[str, object]]) -> Response:
    """What the method answers without `alt=sse`: one JSON array, an element at a time."""
    pieces = [(b"[" if number == 0 else b",\r\n") + json.dumps(chunk).encode() for number, chunk in enumerate(chunks)]
    return stream(call, world, [*pieces, b"]"], error_event=_error_event, media_type="application/json")


def _error_event(fault: Fault) -> bytes:
    return sse(stream_error(fault.reason), end="\r\n")


def _wants_thoughts(body: Mapping[str, object]) -> bool:
    config = body.get("generationConfig")
    thinking = config.get("thinkingConfig") if isinstance(config, dict) else None
    return isinstance(thinking, dict) and thinking.get("includeThoughts") is True


def _listed(model: GeminiModel) -> dict[str, object]:
    return {
        "name": f"models/{model.id}",
        "baseModelId": model.id,
        "version": model.version,
        "displayName": model.name,
        "description": f"{model.name}, as the keyswitch sandbox plays it",
        "inputTokenLimit": 1_048_576,
        "outputTokenLimit": 65_536,
        "supportedGenerationMethods": ["generateContent", "countTokens"],
        "thinking": True,
    }


def _embedding() -> dict[str, object]:
    return {
        "name": f"models/{GEMINI_EMBEDDING}",
        "baseModelId": GEMINI_EMBEDDING,
        "version": "002",
        "displayName": "Gemini Embedding 2",
        "inputTokenLimit": 8192,
        "outputTokenLimit": 1,
        "supportedGenerationMethods": ["embedContent"],
    }
