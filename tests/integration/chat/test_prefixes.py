"""What was sent is sent again as it was: each request begins with the one before it, to the last byte.

Only then does a vendor find it in its cache, where it costs a tenth and less.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from adapters.chat.anthropic_messages import AnthropicMessages
from adapters.chat.codex_responses import CodexResponses
from adapters.chat.gemini_generate import GeminiGenerate
from adapters.chat.openai_responses import OpenAIResponses
from adapters.chat.wire import Wire
from application.ports.chat_client import ChatRequest
from domain.conversation import Role, Turn, TurnState
from domain.model import Answering, Model, ReasoningLevel
from domain.provider import Provider
from domain.session import Credential
from tests.support.credentials import NOON, a_session, an_api_key
from tests.support.mock_chat_network import MODELS, SETTINGS
from tests.support.sample_files import a_file

CLOSED = "]}]}"
"""How a request ends: the parts of its last message, that message, all of them, the body."""

WIRES: list[tuple[Wire, Credential]] = [
    (OpenAIResponses(), a_session(Provider.CHATGPT)),
    (OpenAIResponses(), an_api_key(Provider.CHATGPT)),
    (CodexResponses(), a_session(Provider.CHATGPT)),
    (AnthropicMessages(), a_session(Provider.CLAUDE)),
    (GeminiGenerate(), an_api_key(Provider.GEMINI)),
]

texts = st.text(max_size=12) | st.sampled_from(["", " ", "]}]}", '"', "\n", "{}"])
files = st.lists(st.sampled_from(["photo.png", "paper.pdf", "notes.md"]).map(a_file), max_size=2).map(tuple)
asked = st.builds(
    Turn, st.just(Role.USER), texts.filter(lambda text: bool(text.strip())), st.just(NOON), attachments=files
)
answers = st.builds(Turn, st.just(Role.ASSISTANT), texts, st.just(NOON), st.sampled_from(TurnState))


@given(st.lists(st.tuples(asked, answers), min_size=2, max_size=6), st.text(max_size=5), st.sampled_from(["", "high"]))
def test_every_request_begins_with_the_one_before_it(
    exchanges: Sequence[tuple[Turn, Turn]], system: str, level: str
) -> None:
    for wire, credential in WIRES:
        provider = wire.provider
        model = Model(MODELS[provider], provider, "A model", levels=(ReasoningLevel.HIGH,))
        answering = Answering(model, ReasoningLevel(level) if level else None)
        turns, before = list[Turn](), ""
        for question, answer in exchanges:
            turns.append(question)
            request = ChatRequest(answering, tuple(turns), system=system, goes_on=True)
            body = json.dumps(wire.request(request, credential, SETTINGS[provider]).body, ensure_ascii=False)
            assert body.startswith(before)
            assert body.endswith(CLOSED)
            before = body.removesuffix(CLOSED)
            turns.append(answer)
