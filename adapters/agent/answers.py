"""What the agent itself answers, which nobody may take for a provider's answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from adapters.forwarding.protocol import ERROR_HEADER, PROBLEM_TYPE, VERSION, Member, Problem, ProblemMember
from domain.credential import CredentialRecord
from domain.errors import KeyswitchError
from domain.records import dataclass
from domain.text.moments import moment_text

Explain = Callable[[KeyswitchError], tuple[str, str]]
"""What an error means in words, and the command that helps; "" where none does."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is there as a whole."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...]


def document(members: Mapping[str, Any]) -> Answer:
    """A good answer: *members* as JSON."""
    return Answer(HTTPStatus.OK, json.dumps(members).encode(), (("content-type", "application/json"),))


def problem(status: int, code: str, detail: str, command: str = "") -> Answer:
    """That the request was not relayed: the *code* for programs, *detail* and *command* for people."""
    members = {ProblemMember.CODE: code, ProblemMember.DETAIL: detail}
    members |= {ProblemMember.COMMAND: command} if command else {}
    headers = (("content-type", PROBLEM_TYPE), (ERROR_HEADER, str(VERSION)))
    return Answer(status, json.dumps(members).encode(), headers)


def refused(code: Problem) -> Answer:
    """That the request was not relayed, for a reason that the agent itself has."""
    status, detail, command = _REFUSALS[code]
    return problem(status, code, detail, command)


def record_members(record: CredentialRecord, state: str) -> dict[str, Any]:
    """What a host is told of *record*: what it needs to choose, and nothing by which a token could be had."""
    ends = record.sign_in_expires_at
    return {
        Member.PROVIDER: record.provider.value,
        Member.KIND: record.kind.value,
        Member.ACCOUNT: record.key.account,
        Member.LABEL: record.label,
        Member.PAYER: record.payer.value,
        Member.SCOPES: list(record.scopes),
        Member.PLAN_SCOPE: record.plan_scope,
        Member.STATE: state,
        Member.GENERATION: record.generation,
        Member.ACTIVE: record.active,
        Member.SIGN_IN_EXPIRES_AT: None if ends is None else moment_text(ends),
        Member.API_BASE: record.api_base,
        Member.IMPORTED: record.imported,
        Member.SESSION_ID: record.session_id,
    }


_REFUSALS: Final[Mapping[Problem, tuple[HTTPStatus, str, str]]] = {
    Problem.BAD_REQUEST: (HTTPStatus.BAD_REQUEST, "The request cannot be read.", ""),
    Problem.ROUTE_NOT_RELAYED: (HTTPStatus.FORBIDDEN, "Only questions and lists of models are relayed.", ""),
    Problem.NOT_GRANTED: (HTTPStatus.FORBIDDEN, "The laptop does not lend this provider to this machine.", ""),
    Problem.NOT_CONFIRMED: (HTTPStatus.FORBIDDEN, "The owner did not agree at the laptop.", ""),
    Problem.GRANT_OVER: (HTTPStatus.FORBIDDEN, "What the laptop lent to this machine is over.", ""),
    Problem.NO_SUCH_CREDENTIAL: (HTTPStatus.NOT_FOUND, "The laptop has no such sign-in.", "keyswitch login"),
    Problem.TOO_LARGE: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request is too large to be relayed.", ""),
    Problem.AGENT_LOCKED: (HTTPStatus.LOCKED, "The agent on the laptop is locked.", "keyswitch agent unlock"),
    Problem.OTHER_PROTOCOL: (
        HTTPStatus.UPGRADE_REQUIRED,
        f"The agent on the laptop speaks version {VERSION} alone; the older of the two keyswitches has to be renewed.",
        "",
    ),
    Problem.TOO_MANY_REQUESTS: (HTTPStatus.TOO_MANY_REQUESTS, "The agent answers too many requests already.", ""),
}
