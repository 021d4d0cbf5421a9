"""How Google words its errors (google.rpc.Status and its details), at the token endpoint and at the API."""

from __future__ import annotations

from typing import Final

from adapters.sandbox.endpoint import ErrorAnswer
from adapters.sandbox.faults import TOKEN_KINDS, Fault, Reason

_STATUS: Final[dict[Reason, tuple[int, str, str]]] = {
    "unauthorized": (401, "UNAUTHENTICATED", "Request had invalid authentication credentials."),
    "forbidden": (403, "PERMISSION_DENIED", "The caller does not have permission"),
    "policy": (400, "FAILED_PRECONDITION", "User location is not supported for the API use."),
    "rate_limit": (429, "RESOURCE_EXHAUSTED", "You exceeded your current quota."),
    "plan_limit": (429, "RESOURCE_EXHAUSTED", "You exceeded your current quota."),
    "quota": (429, "RESOURCE_EXHAUSTED", "Your project has exceeded its spending cap."),
    "server_error": (500, "INTERNAL", "An internal error has occurred."),
    "unavailable": (503, "UNAVAILABLE", "The service is currently unavailable."),
    "overloaded": (503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
    "invalid_grant": (400, "invalid_grant", "Token has been expired or revoked."),
    "refresh_token_reused": (400, "invalid_grant", "Token has been expired or revoked."),
    "admin_policy": (400, "invalid_grant", "reauth related error (invalid_rapt)"),
    "invalid_client": (401, "invalid_client", "The OAuth client was not found."),
}
_QUOTA_IDS: Final[dict[Reason, str]] = {
    "rate_limit": "GenerateRequestsPerMinutePerProjectPerModel",
    "plan_limit": "GenerateRequestsPerDayPerProjectPerModel",
    "quota": "ProjectSpendCapPerMonth",
}


def error_body(
    status: int, name: str, message: str, details: list[dict[str, object]] | None = None
) -> dict[str, object]:
    """An error as Google writes it: `{"error": {...}}`."""
    error: dict[str, object] = {"code": status, "message": message, "status": name}
    if details:
        error["details"] = details
    return {"error": error}


def google_error(
    status: int,
    name: str,
    message: str,
    *,
    details: list[dict[str, object]] | None = None,
    reason: str | None = None,
    wrapped: bool = False,
) -> ErrorAnswer:
    """An error answer; *wrapped* in a one-element list, as the streaming method does."""
    if reason is not None:
        details = [*(details or []), error_info(reason)]
    body = error_body(status, name, message, details)
    return ErrorAnswer(status, [body] if wrapped else body, code=reason or name)


def error_info(reason: str) -> dict[str, object]:
    """A detail of the type `google.rpc.ErrorInfo`."""
    return {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": {"service": "generativelanguage.googleapis.com"},
    }


def refusal(kind: str, fault: Fault) -> ErrorAnswer:
    """Google's answer for `fault.reason`."""
    status, name, message = _STATUS[fault.reason]
    if kind in TOKEN_KINDS:
        code = name if name.islower() else "internal_failure"
        body = {"error": code, "error_description": message}
        if fault.reason == "admin_policy":
            body["error_subtype"] = "invalid_rapt"
        headers = {} if fault.retry_after is None else {"retry-after": f"{fault.retry_after:g}"}
        return ErrorAnswer(status, body, code=code, headers=headers)
    return google_error(status, name, message, details=_details(fault), wrapped=kind == "chat")


def stream_error(reason: Reason) -> dict[str, object]:
    """The payload of a `data:` chunk that reports an error."""
    return error_body(*_STATUS[reason])


def _details(fault: Fault) -> list[dict[str, object]]:
    details: list[dict[str, object]] = []
    if fault.reason in _QUOTA_IDS:
        violation = {
            "quotaMetric": "generativelanguage.googleapis.com/generate_content_requests",
            "quotaId": _QUOTA_IDS[fault.reason],
            "quotaDimensions": {"location": "global"},
            "quotaValue": "250",
        }
        details.append({"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [violation]})
    if fault.retry_after is not None:
        delay = f"{fault.retry_after:g}s"
        details.append({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay})
    if fault.reason == "unauthorized":
        details.append(error_info("ACCESS_TOKEN_EXPIRED"))
    return details
