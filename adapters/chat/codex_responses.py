"""The Responses API behind chatgpt.com, which serves the sessions that OpenAI's Codex made.

Only a session that its owner had before is sent there. The request names keyswitch as what sends it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from adapters.chat.chat_address import ChatSettings
from adapters.chat.error_body import Problem
from adapters.chat.openai_responses import OpenAIResponses
from adapters.chat.wire import WireRequest
from application.ports.chat_client import ChatRequest
from domain.records import replace
from domain.session import Credential
from domain.text.moments import moment_from_number

_ORIGINATOR: Final = "keyswitch"
_INSTRUCTIONS: Final = "You answer in keyswitch, a chat in the terminal. Markdown is shown."
"""This API answers no request without instructions."""


class CodexResponses(OpenAIResponses):
    """Builds requests for `POST /backend-api/codex/responses`."""

    def request(self, request: ChatRequest, credential: Credential, settings: ChatSettings) -> WireRequest:
        """As for a plan, with the instructions that this API asks for."""
        plain = super().request(request, credential, settings)
        return replace(plain, body={"instructions": _INSTRUCTIONS, **(plain.body or {})})

    def headers(self, credential: Credential, settings: ChatSettings) -> dict[str, str]:
        """As for a plan, with who asks and for which account."""
        account = credential.record.api_account
        named = {"chatgpt-account-id": account} if account else {}
        return {**super().headers(credential, settings), "originator": _ORIGINATOR, **named}

    def listing(self, credential: Credential, settings: ChatSettings) -> WireRequest | None:
        """None: no list of models is documented for this API."""
        return None

    def problem(self, body: object) -> Problem | None:
        """As everywhere at OpenAI, with the moment at which a used-up plan is good again."""
        found = super().problem(body)
        told: Any = body.get("error") if isinstance(body, dict) else None
        if found is None or not isinstance(told, dict):
            return found
        return replace(found, resets_at=_moment(told.get("resets_at")))


def _moment(value: object) -> datetime | None:
    """A moment in seconds since 1970. Those before that year are none."""
    moment = moment_from_number(value)
    return moment if moment is not None and moment.timestamp() > 0 else None
