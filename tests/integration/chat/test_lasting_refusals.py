"""Refusals that no repetition helps: each row of the table, in each form on the wire, counted at the server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from adapters.sandbox.faults import Fault, answer
from adapters.sandbox.server import Sandbox
from domain.credential import CredentialKind
from domain.errors import KeyswitchError
from domain.outbox.parked import is_parked_for
from domain.provider import Provider
from domain.provider_facts.lasting import TABLE, Lasting, lasting_refusal
from domain.session import Credential
from domain.text.secret import Secret
from entrypoints.cli.failure import error_document
from entrypoints.words.errors import command_for, error_sentence, exit_code, trouble
from tests.support.chat_peer import ChatPeer
from tests.support.credentials import an_api_key
from tests.support.mock_chat_network import answer_of, question, sse

GPT, CLAUDE, GEMINI = Provider.CHATGPT, Provider.CLAUDE, Provider.GEMINI
STREAM = "text/event-stream"
SAID = "What the vendor says"
EXITS = {
    "credit_used_up": 6, "spend_limit": 6, "member_limit": 6, "limit_reached": 6, "plan_not_taken": 4,
    "key_not_taken": 4,
}  # fmt: skip
STANDARD, AUTH, OLDER = "AIzaSy-made-up-key-0000-1234", "AQ.made-up-key-0000-1234", "made-up-key-0000-1234"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def openai(code: str, kind: str = "insufficient_quota", status: int = 429) -> list[Fault]:
    """In an answer, from the gateway as an object and as the code alone, in two events of a stream, under 200."""
    error = {"message": SAID, "type": kind, "param": None, "code": code}
    failed = {"type": "response.failed", "response": {"status": "failed", "error": error}}
    return [
        answer(status, json.dumps({"error": error}).encode(), ("x-should-retry", "true"), ("retry-after", "1")),
        answer(status, json.dumps({"detail": error}).encode()),
        answer(status, json.dumps({"detail": code}).encode()),
        answer(200, sse(failed), content_type=STREAM),
        answer(200, sse({"type": "error", "code": code, "message": SAID}), content_type=STREAM),
        answer(200, json.dumps({"error": error}).encode()),
    ]


def anthropic(kind: str, code: str | None = None, status: int = 429) -> list[Fault]:
    """In an answer, as an event of a stream, under 200."""
    body = {
        "type": "error",
        "error": {"type": kind, "message": SAID, **({"details": {"error_code": code}} if code else {})},
    }
    return [
        answer(status, json.dumps(body).encode(), ("retry-after", "1")),
        answer(200, sse(body), content_type=STREAM),
        answer(200, json.dumps(body).encode()),
    ]


def google(status: int, name: str, *details: dict[str, Any]) -> list[Fault]:
    """In an answer, in a list of one, as a chunk of a stream, under 200."""
    error = {"code": status, "message": SAID, "status": name, "details": list(details)}
    body = json.dumps({"error": error}).encode()
    return [
        answer(status, body),
        answer(status, b"[" + body + b"]"),
        answer(200, sse({"error": error}), content_type=STREAM),
        answer(200, b"[" + body + b"]"),
    ]


def reason(text: str) -> dict[str, Any]:
    return {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": text, "domain": "googleapis.com"}


def quota(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A quota that is used up, and the wait until the next minute that Google names beside it all the same."""
    violations = [{"quotaMetric": "m", "quotaId": name, "quotaValue": "1"}]
    return (
        {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": violations},
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "22s"},
    )


PLAN = {code: openai(code, status=status) for code, status in {
    "subscription_sharing_workplace_individual_usage_limit_exceeded": 429,
    "subscription_sharing_usage_limit_exceeded": 429, "usage_limit_reached": 429,
    "subscription_sharing_user_not_eligible": 403, "usage_not_included": 429,
}.items()}  # fmt: skip
OF_KEYS = {code: openai(code) for code in (
    "credit_balance_exhausted", "organization_spend_limit_exceeded", "project_spend_limit_exceeded",
    "organization_usage_limit_exceeded", "insufficient_quota",
)}  # fmt: skip
NO_WAIT = {"type": "error", "error": {"type": "rate_limit_error", "message": SAID}}

CASES: list[tuple[Provider, str, str, list[Fault]]] = [
    *((GPT, code, "plan", wires) for code, wires in PLAN.items()),
    *((GPT, code, "key", wires) for code, wires in OF_KEYS.items()),
    (GPT, "insufficient_quota", "key", openai("rate_limit_exceeded")[:1]),
    (GPT, "insufficient_quota", "key", [answer(402, b"{}")]),
    *((CLAUDE, code, "key", anthropic("rate_limit_error", code))
      for code in ("enforced_spend_limit_reached", "contract_spend_limit_reached")),
    *((CLAUDE, code, "key", anthropic("billing_error", code, 402))
      for code in ("linked_organization_spend_limit_reached", "linked_organization_billing_unavailable")),
    (CLAUDE, "billing_error", "plan", anthropic("billing_error", status=402)),
    (CLAUDE, "billing_error", "key", [answer(402, b"")]),
    (CLAUDE, "429 without a wait", "key", [answer(429, json.dumps(NO_WAIT).encode())]),
    (GEMINI, "HTTP 402", "plan", google(402, "RESOURCE_EXHAUSTED")),
    (GEMINI, "ProjectSpendCapPerMonth", "key", google(429, "RESOURCE_EXHAUSTED", *quota("ProjectSpendCapPerMonth"))),
    (GEMINI, "RequestsPerDay", "key", google(429, "RESOURCE_EXHAUSTED", *quota("RequestsPerDay"))),
    (GEMINI, "ACCESS_TOKEN_TYPE_UNSUPPORTED", STANDARD,
     google(401, "UNAUTHENTICATED", reason("ACCESS_TOKEN_TYPE_UNSUPPORTED"))),
    (GEMINI, "API_KEY_INVALID", STANDARD, google(400, "INVALID_ARGUMENT", reason("API_KEY_INVALID"))),
    (GEMINI, "ACCESS_TOKEN_TYPE_UNSUPPORTED", AUTH,
     google(401, "UNAUTHENTICATED", reason("ACCESS_TOKEN_TYPE_UNSUPPORTED"))),
    (GEMINI, "API_KEY_INVALID", AUTH, google(400, "INVALID_ARGUMENT", reason("API_KEY_INVALID"))),
    (GEMINI, "API_KEY_INVALID", OLDER, google(400, "INVALID_ARGUMENT", reason("API_KEY_INVALID"))),
    (GEMINI, "API_KEY_SERVICE_BLOCKED", AUTH, google(403, "PERMISSION_DENIED", reason("API_KEY_SERVICE_BLOCKED"))),
]  # fmt: skip
"""The provider, the sign that finds the row, what the request carries, and the answers that say so."""


def credential(peer: ChatPeer, provider: Provider, carried: str) -> Credential:
    if carried == "plan":
        return peer.credential(provider, CredentialKind.OAUTH)
    return peer.credential(provider, CredentialKind.API_KEY) if carried == "key" else an_api_key(provider, carried)


async def failed(peer: ChatPeer, provider: Provider, carried: Credential) -> tuple[KeyswitchError | None, int]:
    """The error of one question, and how many requests the server counted."""
    peer.sandbox.log.clear()
    try:
        await answer_of(peer.client, question(provider), carried)
    except KeyswitchError as error:
        return error, peer.sandbox.log.count(provider.value, "chat")
    return None, peer.sandbox.log.count(provider.value, "chat")


def wrong_about(row: Lasting, error: KeyswitchError | None, asked: int) -> list[str]:
    """What does not hold of the error that *row* became."""
    if error is None:
        return ["answered"]
    said, in_chat = error_sentence(error), trouble(error)
    holds = {
        f"asked {asked} times": asked == 1,
        f"code {error.code}": error.code == row.code,
        f"exit code {exit_code(error)}": exit_code(error) == EXITS[row.code],
        "what is in the way": row.what in said,
        "who can lift it": row.advice in said and error_document(error).get("advice", "") == row.advice,
        "that waiting does not help": ("Waiting does not help" in said) is (EXITS[row.code] == 6 and bool(row.advice)),
        "the page": row.page in said,
        "parked": is_parked_for(error) is (row.code in ("limit_reached", "key_not_taken")),
        "the same words in a chat": (in_chat.startswith(said) and "Enter tries again" not in in_chat) or not row.advice,
        "a command": command_for(error).startswith("keyswitch "),
        "the key": "made-up" not in said,
    }
    return [name for name, held in holds.items() if not held]


@pytest.mark.slow
async def test_each_row_is_asked_once_and_says_who_can_lift_it(sandbox: Sandbox) -> None:
    peer, wrong, met = ChatPeer(sandbox), [], set()
    for provider, sign, kind, wires in CASES:
        carried = credential(peer, provider, kind)
        key = kind if kind not in ("plan", "key") else sandbox.api_keys[provider.value][0]
        row = lasting_refusal(provider, [sign], Secret(key).begins)
        assert row is not None, sign
        met.add(row)
        for number, wire in enumerate(wires):
            sandbox.faults.add(provider.value, "chat", wire, times=None)
            error, asked = await failed(peer, provider, carried)
            wrong += [
                f"{provider} {sign} {kind}, form {number}: {what}: {error}" for what in wrong_about(row, error, asked)
            ]
            sandbox.faults.clear()
    await peer.client.aclose()

    assert wrong == []
    assert met == set(TABLE), "every row of the table is met"


def test_every_row_has_its_source_and_one_code_has_one_end_for_scripts() -> None:
    assert [row.signs for row in TABLE if not row.source] == []
    assert [row.signs for row in TABLE if bool(row.advice) is (row.code == "limit_reached")] == []
    assert {row.code for row in TABLE} == set(EXITS)


async def test_an_ordinary_limit_and_an_ordinary_rejection_are_no_such_rows(sandbox: Sandbox) -> None:
    peer, codes = ChatPeer(sandbox), []
    for provider, wire, kind in [
        (GPT, answer(429, b'{"error": {"code": "rate_limit_exceeded", "message": "m"}}'), "key"),
        (CLAUDE, answer(429, json.dumps(NO_WAIT).encode(), ("retry-after", "90")), "key"),
        (CLAUDE, answer(200, sse(NO_WAIT), content_type=STREAM), "key"),
        (GEMINI, google(401, "UNAUTHENTICATED", reason("ACCESS_TOKEN_TYPE_UNSUPPORTED"))[0], "plan"),
    ]:
        sandbox.faults.add(provider.value, "chat", wire, times=None)
        error, _ = await failed(peer, provider, credential(peer, provider, kind))
        sandbox.faults.clear()
        codes.append(error and (error.code, is_parked_for(error)))
    await peer.client.aclose()

    assert codes == [("limit_reached", True)] * 3 + [("auth_rejected", True)]
