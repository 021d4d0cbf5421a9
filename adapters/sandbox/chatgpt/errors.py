"""How OpenAI words its errors, at the token endpoint and at the API."""

from __future__ import annotations

from typing import Final

from adapters.sandbox.endpoint import ErrorAnswer
from adapters.sandbox.faults import TOKEN_KINDS, Fault, Reason

PLAN_LIMIT: Final = "subscription_sharing_usage_limit_exceeded"

_STATUS: Final[dict[Reason, tuple[int, str, str]]] = {
    "unauthorized": (401, "invalid_api_key", "Your authentication token has been invalidated. Please sign in again."),
    "forbidden": (403, "subscription_sharing_user_not_eligible", "This account is not admitted to plan sharing."),
    "policy": (403, "unsupported_country_region_territory", "This is not available in your country or region."),
    "rate_limit": (429, "rate_limit_exceeded", "Rate limit reached. Please try again later."),
    "plan_limit": (429, PLAN_LIMIT, "You have reached the usage limit of your ChatGPT plan."),
    "quota": (429, "insufficient_quota", "You exceeded your current quota, please check your plan and billing."),
    "server_error": (500, "server_error", "The server had an error while processing your request."),
    "unavailable": (503, "subscription_sharing_usage_unavailable", "Usage information is temporarily unavailable."),
    "overloaded": (503, "server_is_overloaded", "Our servers are currently overloaded. Please try again later."),
    "invalid_grant": (400, "invalid_grant", "The refresh token is no longer valid."),
    "refresh_token_reused": (401, "refresh_token_reused", "Your refresh token was already used."),
    "admin_policy": (400, "invalid_grant", "Your workspace asks you to sign in again."),
    "invalid_client": (401, "invalid_client", "This client is not registered."),
}
_TYPES: Final = {
    400: "invalid_request_error",
    401: "invalid_request_error",
    403: "permission_error",
    404: "invalid_request_error",
    429: "rate_limit_error",
}


def openai_error(
    status: int, code: str, message: str, *, param: str | None = None, headers: dict[str, str] | None = None
) -> ErrorAnswer:
    """`{"error": {...}}` as the API answers."""
    kind = code if code == "insufficient_quota" else _TYPES.get(status, "server_error")
    body = {"error": {"message": message, "type": kind, "param": param, "code": code}}
    return ErrorAnswer(status, body, code=code, headers={"x-request-id": "req_fake", **(headers or {})})


def detail(status: int, text: str | dict[str, str], *, code: str = "detail") -> ErrorAnswer:
    """`{"detail": ...}` as the plan's gateway answers before a stream: a sentence or an object."""
    return ErrorAnswer(status, {"detail": text}, code=code, headers={"x-request-id": "req_fake"})


def refusal(kind: str, fault: Fault) -> ErrorAnswer:
    """OpenAI's answer for `fault.reason`."""
    status, code, message = _STATUS[fault.reason]
    if kind in TOKEN_KINDS and code in {"invalid_grant", "invalid_client"}:
        return ErrorAnswer(status, {"error": code, "error_description": message}, code=code)
    if fault.reason == "policy":
        return detail(status, {"code": code, "message": message}, code=code)
    if kind in TOKEN_KINDS and fault.reason == "unavailable":
        code, message = "temporarily_unavailable", "The sign-in service is temporarily unavailable."
    headers = {}
    if fault.retry_after is not None:
        headers = {"retry-after": f"{fault.retry_after:g}", "retry-after-ms": f"{fault.retry_after * 1000:.0f}"}
    if fault.reason in {"quota", "plan_limit"}:
        headers["x-should-retry"] = "false"
    return openai_error(status, code, message, headers=headers)


def failed_response_error(reason: Reason) -> dict[str, object]:
    """The `error` member of a `response.failed` event."""
    _, code, message = _STATUS[reason]
    return {"code": code, "message": message}
