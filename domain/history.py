"""A conversation in each provider's own format.

Only visible text crosses from one provider to another: reasoning, signatures and ids of one vendor
mean nothing to the next, and Anthropic and OpenAI answer 400 to what they did not make themselves.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from domain.conversation import Role, Turn, TurnState


@dataclass(frozen=True, slots=True)
class Message:
    """What of a turn, or of several neighbours of one role, is sent."""

    role: Role
    text: str


def sendable(turns: Iterable[Turn]) -> tuple[Message, ...]:
    """The turns as every provider accepts them.

    Failed and empty turns are left out, neighbours of one role become one message, and the first is
    a person's. What the model last said is not sent when nobody answered it.
    """
    messages: list[Message] = []
    for turn in turns:
        text = turn.text.rstrip() if turn.role is Role.ASSISTANT else turn.text
        if turn.state is TurnState.FAILED or not text.strip():
            continue
        if messages and messages[-1].role is turn.role:
            messages[-1] = Message(turn.role, f"{messages[-1].text}\n\n{text}")
        elif messages or turn.role is Role.USER:
            messages.append(Message(turn.role, text))
    if messages and messages[-1].role is Role.ASSISTANT:
        messages.pop()
    return tuple(messages)


def openai_input(turns: Iterable[Turn]) -> list[dict[str, Any]]:
    """`input` of OpenAI's Responses API: items with typed parts."""
    part = {Role.USER: "input_text", Role.ASSISTANT: "output_text"}
    return [
        {"role": message.role.value, "content": [{"type": part[message.role], "text": message.text}]}
        for message in sendable(turns)
    ]


def anthropic_messages(turns: Iterable[Turn]) -> list[dict[str, Any]]:
    """`messages` of Anthropic's Messages API: alternating, from a user turn to a user turn."""
    return [
        {"role": message.role.value, "content": [{"type": "text", "text": message.text}]} for message in sendable(turns)
    ]


def gemini_contents(turns: Iterable[Turn]) -> list[dict[str, Any]]:
    """`contents` of Gemini's generateContent, which calls the assistant `model`."""
    role = {Role.USER: "user", Role.ASSISTANT: "model"}
    return [{"role": role[message.role], "parts": [{"text": message.text}]} for message in sendable(turns)]
