"""One conversation through three providers and back: what was said comes back to each to the last byte."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from adapters.sandbox.answers import ModelAnswer, Question, compose
from adapters.sandbox.billing.price_list import Counts
from adapters.sandbox.billing.till import Answered as Made
from adapters.sandbox.chatgpt import api as chatgpt
from adapters.sandbox.claude import api as claude
from adapters.sandbox.endpoint import Call
from adapters.sandbox.gemini import api as gemini
from application.use_cases.send_message import Answered
from domain.model import ReasoningLevel
from domain.provider import Provider
from entrypoints.sandboxed import OpenSandbox
from tests.integration.main_job.test_main_job import a_thread, select
from tests.support.approving_person import sign_in

ODD = " \t{number}. naïve 👩‍👩‍👧 e\u0301 \u202eevil\u202c \x1b[31m</s>\r\n\n```\n  code \n```\n\u00a0  \n"
"""Spaces at both ends, letters of two code points, signs that steer a terminal, line ends of two kinds."""
THOUGHT = "a private thought"


async def test_three_providers_are_sent_what_was_received_and_no_thought(
    opened: OpenSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    received: list[tuple[str, list[tuple[str, str]]]] = []
    bodies: list[bytes] = []

    def recording(question: Question, call: Call, charge: Callable[[Made], Counts]) -> ModelAnswer:
        received.append((question.provider_name, list(question.turns)))
        bodies.append(call.body)
        text = ODD.format(number=len(received))
        pieces = tuple(re.findall(r"(?s).{1,3}", text))
        return replace(compose(question, call, charge), text=text, pieces=pieces, thought=f"{THOUGHT} {len(received)}")

    for api in (chatgpt, claude, gemini):
        monkeypatch.setattr(api, "compose", recording)
    monkeypatch.setattr(claude, "_shows_thinking", lambda _: True)  # with a signature; nobody asked for it
    services = opened.services()
    for provider in Provider:
        await sign_in(services, provider)
    thread = a_thread(services)
    models = ["gpt-5.1-medium", "opus", "gemini", "opus", "gpt-5.1-medium", "gemini", "gpt-5.1-medium"]
    for number, model in enumerate(models, start=1):
        selection = (await select(services, model)).selection
        thinking = replace(selection, answering=replace(selection.answering, level=ReasoningLevel.HIGH))
        *_, last = [event async for event in services.send(thread, f"  {number}?\t\n", thinking)]
        assert isinstance(last, Answered)
        assert last.answer.text == ODD.format(number=number)
    stored = services.conversations.load(thread.conversation.id)
    await services.close()

    assert stored is not None
    assert stored.turns == thread.conversation.turns
    said = [(turn.role.value, turn.text) for turn in stored.turns]
    assert [turns for _, turns in received] == [said[: 2 * number + 1] for number in range(len(models))]
    assert [name for name, _ in received][:4] == ["ChatGPT", "Claude", "Gemini", "Claude"]
    thoughts = {turn.receipt.provider for turn in stored.turns if turn.receipt and THOUGHT in turn.reasoning}
    assert thoughts == set(Provider)
    foreign = [THOUGHT.encode(), b"signature", b"encrypted_content", b"thoughtSignature", b"rs_", b"msg_"]
    assert [word for word in foreign for body in bodies if word in body] == []
