"""How Anthropic words its errors, at the token endpoint and at the API."""

from __future__ import annotations

from typing import Final

from adapters.sandbox.endpoint import ErrorAnswer
from adapters.sandbox.faults import TOKEN_KINDS, Fault, Reason

BETA: Final = "oauth-2025-04-20"

_STATUS: Final[dict[Reason, tuple[int, str, str]]] = {
    "unauthorized": (401, "authentication_error", "OAuth token has expired. Please obtain a new token."),
    "forbidden": (403, "permission_error", "Your account does not have permission to use this resource."),
    "policy": (403, "permission_error", "Claude is not available in your country or region."),
    "rate_limit": (429, "rate_limit_error", "This request would exceed your organization's rate limit."),
    "plan_limit": (429, "rate_limit_error", "You have reached your monthly usage limit."),
    "quota": (402, "billing_error", "Your credit balance is too low to access the API."),
    "server_error": (500, "api_error", "Internal server error"),
    "unavailable": (503, "api_error", "Service unavailable"),
    "overloaded": (529, "overloaded_error", "Overloaded"),
    "invalid_grant": (400, "invalid_grant", "Refresh token not found or invalid"),
    "refresh_token_reused": (400, "invalid_grant", "Refresh token not found or invalid"),
    "admin_policy": (400, "invalid_grant", "Your organization asks you to sign in again."),
    "invalid_client": (401, "invalid_client", "This client is not registered."),
}


def anthropic_error(
    status: int, kind: str, message: str, *, code: str | None = None, headers: dict[str, str] | None = None
) -> ErrorAnswer:
    """`{"type": "error", "error": {...}}` as the API answers."""
    error: dict[str, object] = {"type": kind, "message": message}
    if code is not None:
        error["details"] = {"error_code": code}
    body = {"type": "error", "error": error, "request_id": "req_fake"}
    return ErrorAnswer(status, body, code=code or kind, headers={"request-id": "req_fake", **(headers or {})})


def refusal(kind: str, fault: Fault) -> ErrorAnswer:
    """Anthropic's answer for `fault.reason`."""
    status, error, message = _STATUS[fault.reason]
    if kind in TOKEN_KINDS and error in {"invalid_grant", "invalid_client"}:
        return ErrorAnswer(status, {"error": error, "error_description": message}, code=error)
    headers = {}
    if fault.retry_after is not None:
        headers["retry-after"] = f"{fault.retry_after:g}"
    if fault.reason in {"plan_limit", "quota"}:
        headers["x-should-retry"] = "false"
    return anthropic_error(status, error, message, headers=headers)


def stream_error(reason: Reason) -> dict[str, object]:
    """The payload of an `error` event in mid-stream."""
    _, error, message = _STATUS[reason]
    return {"type": "error", "error": {"type": error, "message": message}, "request_id": "req_fake"}
