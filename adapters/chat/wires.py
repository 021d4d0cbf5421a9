"""Which protocol carries a credential. Each is imported when it is first needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.credential import CredentialRecord
from domain.provider import Provider

if TYPE_CHECKING:
    from adapters.chat.wire import Wire


def wire_of(record: CredentialRecord) -> Wire:
    """The protocol in which requests with the credential of *record* are made."""
    match record.provider:
        case Provider.CHATGPT if record.imported:
            from adapters.chat.codex_responses import CodexResponses

            return CodexResponses()
        case Provider.CHATGPT:
            from adapters.chat.openai_responses import OpenAIResponses

            return OpenAIResponses()
        case Provider.CLAUDE:
            from adapters.chat.anthropic_messages import AnthropicMessages

            return AnthropicMessages()
        case Provider.GEMINI:
            from adapters.chat.gemini_generate import GeminiGenerate

            return GeminiGenerate()
