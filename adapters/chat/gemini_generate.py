"""Gemini's `streamGenerateContent`, as keyswitch speaks it."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import quote

from pydantic import Field

from adapters.chat.chat_address import ChatSettings
from adapters.chat.error_body import Problem, status_of
from adapters.chat.gemini_reader import GeminiReader
from adapters.chat.parsing import Part, SideText, Things, read_or_none
from adapters.chat.wire import WireRequest, fields_of, with_extra
from application.ports.chat_client import ChatRequest
from domain.capability import answer_limit, reasoning_fields
from domain.history import gemini_contents
from domain.provider import Provider
from domain.session import ApiKey, Credential
from domain.text.secret import Secret

_TYPE: Final = "type.googleapis.com/google.rpc."


class _Violation(Part):
    quota_id: str = Field(default="", alias="quotaId")


class _Detail(Part):
    """Any of google.rpc's error details: ErrorInfo, QuotaFailure, RetryInfo."""

    type: str = Field(default="", alias="@type")
    reason: str = ""
    violations: list[_Violation] = Field(default_factory=list)
    retry_delay: str = Field(default="", alias="retryDelay")


class _Error(Part):
    code: object = None
    status: SideText = None
    message: SideText = None
    details: Things = Field(default_factory=list)


class GeminiGenerate:
    """Builds requests for `POST /models/{id}:streamGenerateContent`."""

    provider: Final = Provider.GEMINI

    def request(self, request: ChatRequest, credential: Credential, settings: ChatSettings) -> WireRequest:
        model = request.answering.model
        body: dict[str, Any] = {}
        if request.system:
            body["systemInstruction"] = {"parts": [{"text": request.system}]}
        thinking = reasoning_fields(model, request.answering.level).get("thinkingConfig")
        if thinking:
            # A summary of thoughts may be asked for only where the model thinks at all.
            shown = {} if thinking.get("thinkingBudget") == 0 else {"includeThoughts": True}
            body["generationConfig"] = {"thinkingConfig": {**thinking, **shown}}
        if (limit := answer_limit(model, request.max_output)) is not None:
            body["generationConfig"] = {**body.get("generationConfig", {}), "maxOutputTokens": limit}
        body["contents"] = gemini_contents(request.turns)
        name = quote(model.id.removeprefix("models/"), safe="")
        url = f"{settings.api_base.rstrip('/')}/models/{name}:streamGenerateContent?alt=sse"
        return WireRequest(
            url=url,
            body=body,
            headers=self.headers(credential, settings),
            credential=self.fields(credential),
        )

    def listing(self, credential: Credential, settings: ChatSettings) -> WireRequest | None:
        url = f"{settings.api_base.rstrip('/')}/models?pageSize=1"
        return WireRequest(url, None, self.headers(credential, settings), self.fields(credential))

    def headers(self, credential: Credential, settings: ChatSettings) -> dict[str, str]:
        return _headers(credential, settings)

    def fields(self, credential: Credential) -> dict[str, Secret]:
        return fields_of(credential, key_field="x-goog-api-key")

    def reader(self) -> GeminiReader:
        return GeminiReader(self.problem)

    def problem(self, body: object) -> Problem | None:
        """`{"error": {...}}`, which the streaming method wraps in a list of one."""
        return _problem_of(body)


def _headers(credential: Credential, settings: ChatSettings) -> dict[str, str]:
    """A token names the project that is to be billed."""
    if isinstance(credential, ApiKey) or not settings.quota_project:
        return with_extra({}, settings.headers)
    return with_extra({"x-goog-user-project": settings.quota_project}, settings.headers)


def _problem_of(body: object) -> Problem | None:
    if isinstance(body, list) and body:
        body = body[0]
    told = body.get("error") if isinstance(body, dict) else None
    if isinstance(told, str) and told:
        return Problem((), told)
    error = read_or_none(_Error, told)
    if error is None:
        return None
    details = [detail for detail in map(_detail, error.details) if detail]
    reasons = [detail.reason for detail in details if detail.reason]
    quotas = [violation.quota_id for detail in details for violation in detail.violations]
    return Problem(
        kinds=tuple(kind for kind in (*reasons, error.status) if kind),
        message=error.message or "",
        wait=next((_seconds(detail.retry_delay) for detail in details if detail.retry_delay), None),
        quotas=tuple(quotas),
        status=status_of(error.code),
    )


def _detail(value: object) -> _Detail | None:
    detail = read_or_none(_Detail, value)
    return detail if detail and detail.type.startswith(_TYPE) else None


def _seconds(duration: str) -> float | None:
    """google.protobuf.Duration in JSON: seconds with up to nine decimals, and an `s`."""
    return float(duration[:-1]) if re.fullmatch(r"\d{1,9}(\.\d{1,9})?s", duration) else None
