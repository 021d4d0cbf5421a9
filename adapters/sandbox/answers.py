"""What the models of the sandbox say, and how it is streamed."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.responses import StreamingResponse

from adapters.sandbox.billing.price_list import Counts
from adapters.sandbox.billing.prompt_cache import LETTERS_OF_A_TOKEN
from adapters.sandbox.billing.till import Answered
from adapters.sandbox.endpoint import Call, World
from adapters.sandbox.faults import STREAM_ACTIONS, Fault
from adapters.sandbox.files import SentFile

LONGEST_ECHO: Final = 200
"""Characters of the person's text that an answer repeats."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a chat request asked, whatever its wire format."""

    provider_name: str
    model: str
    effort: str | None
    """The reasoning level as it was received."""
    turns: Sequence[tuple[str, str]]
    """(role, text) in order, the last one the person's; roles are `user` and `assistant`."""
    system: str = ""
    files: Sequence[SentFile] = ()
    """Those of all turns."""


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """A whole answer, and the pieces it comes in."""

    text: str
    pieces: tuple[str, ...]
    thought: str
    counts: Counts


def compose(question: Question, call: Call, charge: Callable[[Answered], Counts]) -> ModelAnswer:
    """An answer that says who was asked, as whom, and what came along. It is billed by *charge*."""
    history = question.turns[:-1]
    last = question.turns[-1][1] if question.turns else ""
    effort = f"at reasoning level `{question.effort}`" if question.effort else "at its default reasoning level"
    remembered = "this is the first" if not history else f"{len(history)} earlier turns came along"
    shown = last if len(last) <= LONGEST_ECHO else f"{last[:LONGEST_ECHO]}…"
    quoted = "\n".join(f"> {line}" for line in shown.splitlines()) or "> (nothing)"
    files = "".join(f"- File: {file}.\n" for file in question.files)
    text = (
        f"Hello from the {question.provider_name} sandbox. "
        f"You are {_who(call)}, asking `{question.model}` {effort}.\n\n"
        f"- History: {remembered}.\n"
        f"- System prompt: {'yes' if question.system else 'none'}.\n"
        f"{files}\n"
        f"You wrote:\n\n{quoted}\n"
    )
    return ModelAnswer(
        text=text,
        pieces=tuple(re.findall(r"\S+\s*", text)),
        thought=f"The person wrote {len(last)} characters. I answer with what I was sent.",
        counts=charge(Answered(text=_tokens(text), thoughts=12 if question.effort else 0)),
    )


def _who(call: Call) -> str:
    if call.token is not None:
        grant = call.token.grant
        return f"**{grant.account}**, signed in with OAuth (session {grant.number})"
    return f"the owner of API key **…{(call.api_key or '')[-4:]}**"


def _tokens(text: str) -> int:
    return max(1, len(text) // LETTERS_OF_A_TOKEN)


def sse(data: object, *, event: str | None = None, end: str = "\n") -> bytes:
    """One server-sent event, with its blank line."""
    name = f"event: {event}{end}" if event else ""
    return f"{name}data: {json.dumps(data, ensure_ascii=False)}{end}{end}".encode()


def stream(
    call: Call,
    world: World,
    events: Sequence[bytes],
    *,
    error_event: Callable[[Fault], bytes],
    headers: dict[str, str] | None = None,
    media_type: str = "text/event-stream; charset=utf-8",
) -> StreamingResponse:
    """Send *events* at the sandbox's pace, with the stream fault of *call* if it has one."""
    fault = call.fault if call.fault and call.fault.action in STREAM_ACTIONS else None
    body = _paced(call, world, events, fault, error_event)
    return StreamingResponse(body, media_type=media_type, headers={"cache-control": "no-cache", **(headers or {})})


async def _paced(
    call: Call, world: World, events: Sequence[bytes], fault: Fault | None, error_event: Callable[[Fault], bytes]
) -> AsyncIterator[bytes]:
    for number, event in enumerate(events):
        if fault is not None and number == min(fault.after, len(events) - 1):
            match fault.action:
                case "stream_error":
                    yield error_event(fault)
                    return
                case "end_early":
                    return
                case "cut_stream":
                    world.abort(call.request.scope)
                    await asyncio.Event().wait()  # cancelled as soon as the server sees the broken connection
                case "stall":
                    await call.released.wait()
                case _:
                    yield _noise(fault)
        yield event
        await asyncio.sleep(world.settings.chunk_delay)


def _noise(fault: Fault) -> bytes:
    match fault.action:
        case "garbage_line":
            return b"\xff\xfe% not an event \x00\x9b31m\n\n"
        case "broken_event":
            return b'data: {"half": \n\n'
        case _:
            return b": " + b"x" * fault.size + b"\n\n"
