"""Gemini's streamGenerateContent."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import quote

from pydantic import Field

from adapters.chat.parsing import Count, Part, json_object, read, read_or_none
from adapters.chat.problem import Problem
from adapters.chat.settings import ChatSettings
from adapters.chat.wire import ReportedProblem, WireRequest, fields_of, with_extra
from application.ports.chat_client import ChatEvent, ChatRequest, Done, ReasoningDelta, TextDelta
from domain.capability import reasoning_fields
from domain.conversation import StopReason, Usage
from domain.history import gemini_contents
from domain.provider import Provider
from domain.session import ApiKey, Credential

PROMPT_BLOCKED: Final = "prompt_blocked"
"""The kind of problem that `promptFeedback.blockReason` is."""

_FILTERS: Final = frozenset({
    "SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR",
})  # fmt: skip
_LASTING_QUOTA: Final = re.compile(r"Per(Day|Month)|SpendCap")
"""In a `quotaId`: limits that no retry outlasts."""

_TYPE: Final = "type.googleapis.com/google.rpc."


class _TextPart(Part):
    text: str = ""
    thought: bool = False


class _Content(Part):
    parts: list[_TextPart] = Field(default_factory=list)


class _Candidate(Part):
    content: _Content | None = None
    finish_reason: str | None = Field(default=None, alias="finishReason")


class _Feedback(Part):
    block_reason: str | None = Field(default=None, alias="blockReason")


class _Chunk(Part):
    candidates: list[_Candidate] | None = None
    prompt_feedback: _Feedback | None = Field(default=None, alias="promptFeedback")
    usage: object = Field(default=None, alias="usageMetadata")


class _Usage(Part):
    prompt: Count = Field(default=0, alias="promptTokenCount")
    cached: Count = Field(default=0, alias="cachedContentTokenCount")
    candidates: Count = Field(default=0, alias="candidatesTokenCount")
    thoughts: Count = Field(default=0, alias="thoughtsTokenCount")

    def usage(self) -> Usage:
        """The prompt includes what came from a cache; thoughts are counted, and billed, beside the candidates."""
        return Usage(
            input=self.prompt, output=self.candidates + self.thoughts, cached=self.cached, reasoning=self.thoughts
        )


class _Violation(Part):
    quota_id: str = Field(default="", alias="quotaId")


class _Detail(Part):
    """Any of google.rpc's error details: ErrorInfo, QuotaFailure, RetryInfo."""

    type: str = Field(default="", alias="@type")
    reason: str = ""
    violations: list[_Violation] = Field(default_factory=list)
    retry_delay: str = Field(default="", alias="retryDelay")


class _Error(Part):
    status: str | None = None
    message: str | None = None
    details: object = None


class GeminiReader:
    """Folds GenerateContentResponse chunks. There is no last event: the last chunk has a `finishReason`."""

    def __init__(self) -> None:
        self._finish: str | None = None
        self._counts: dict[str, Any] = {}

    @property
    def finished(self) -> bool:
        return self._finish is not None

    def feed(self, data: str) -> tuple[ChatEvent, ...]:
        event = json_object(data)
        if "error" in event:
            raise ReportedProblem(_problem_of(event) or Problem(()))
        chunk = read(_Chunk, event)
        if isinstance(chunk.usage, dict):
            self._counts |= chunk.usage
        if self.finished:
            return ()
        if chunk.candidates:
            return self._candidate(chunk.candidates[0])
        blocked = chunk.prompt_feedback.block_reason if chunk.prompt_feedback else None
        if blocked:
            raise ReportedProblem(Problem((PROMPT_BLOCKED,), f"the prompt was blocked ({blocked})"))
        return ()

    def done(self) -> Done:
        counts = read_or_none(_Usage, self._counts)
        return Done(_stop(self._finish or ""), counts.usage() if counts else Usage())

    def _candidate(self, candidate: _Candidate) -> tuple[ChatEvent, ...]:
        self._finish = candidate.finish_reason or None
        parts = candidate.content.parts if candidate.content else []
        return tuple(ReasoningDelta(part.text) if part.thought else TextDelta(part.text) for part in parts if part.text)


class GeminiGenerate:
    """Builds requests for `POST /models/{id}:streamGenerateContent`."""

    provider: Final = Provider.GEMINI

    def request(self, request: ChatRequest, credential: Credential, settings: ChatSettings) -> WireRequest:
        model = request.answering.model
        body: dict[str, Any] = {"contents": gemini_contents(request.turns)}
        if request.system:
            body["systemInstruction"] = {"parts": [{"text": request.system}]}
        thinking = reasoning_fields(model, request.answering.level).get("thinkingConfig")
        if thinking:
            # A summary of thoughts may be asked for only where the model thinks at all.
            shown = {} if thinking.get("thinkingBudget") == 0 else {"includeThoughts": True}
            body["generationConfig"] = {"thinkingConfig": {**thinking, **shown}}
        name = quote(model.id.removeprefix("models/"), safe="")
        url = f"{settings.api_base.rstrip('/')}/models/{name}:streamGenerateContent?alt=sse"
        return WireRequest(
            url=url,
            body=body,
            headers=_headers(credential, settings),
            credential=fields_of(credential, key_field="x-goog-api-key"),
        )

    def listing(self, credential: Credential, settings: ChatSettings) -> WireRequest | None:
        url = f"{settings.api_base.rstrip('/')}/models?pageSize=1"
        fields = fields_of(credential, key_field="x-goog-api-key")
        return WireRequest(url, None, _headers(credential, settings), fields)

    def reader(self) -> GeminiReader:
        return GeminiReader()

    def problem(self, body: object) -> Problem | None:
        """`{"error": {...}}`, which the streaming method wraps in a list of one."""
        return _problem_of(body)


def _headers(credential: Credential, settings: ChatSettings) -> dict[str, str]:
    """A token names the project that is to be billed."""
    if isinstance(credential, ApiKey) or not settings.quota_project:
        return with_extra({}, settings.headers)
    return with_extra({"x-goog-user-project": settings.quota_project}, settings.headers)


def _stop(reason: str) -> StopReason:
    if reason in _FILTERS or reason.startswith("IMAGE_"):
        return StopReason.FILTERED
    return {"STOP": StopReason.END, "MAX_TOKENS": StopReason.LENGTH}.get(reason, StopReason.OTHER)


def _problem_of(body: object) -> Problem | None:
    if isinstance(body, list) and len(body) == 1:
        body = body[0]
    error = read_or_none(_Error, body.get("error")) if isinstance(body, dict) else None
    if error is None:
        return None
    details = [detail for detail in map(_detail, _listed(error.details)) if detail]
    reasons = [detail.reason for detail in details if detail.reason]
    quotas = [violation.quota_id for detail in details for violation in detail.violations]
    return Problem(
        kinds=tuple(kind for kind in (*reasons, error.status) if kind),
        message=error.message or "",
        wait=next((_seconds(detail.retry_delay) for detail in details if detail.retry_delay), None),
        lasting=any(map(_LASTING_QUOTA.search, quotas)),
    )


def _detail(value: object) -> _Detail | None:
    detail = read_or_none(_Detail, value)
    return detail if detail and detail.type.startswith(_TYPE) else None


def _listed(details: object) -> list[object]:
    return details if isinstance(details, list) else []


def _seconds(duration: str) -> float | None:
    """google.protobuf.Duration in JSON: seconds with up to nine decimals, and an `s`."""
    return float(duration[:-1]) if re.fullmatch(r"\d{1,9}(\.\d{1,9})?s", duration) else None
