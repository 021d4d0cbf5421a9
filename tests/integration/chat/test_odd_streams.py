"""Text that arrived where its format puts answer text is shown, once, whatever stands before or after it.

The vendors' own SDKs drop or fail on many of these (`test_streams_and_sdks.py` compares); keyswitch does not.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest

from adapters.chat.limits import Bounds
from application.ports.chat_client import ChatEvent, Done
from domain.conversation import StopReason, Usage
from domain.errors import (
    AnswerUnreadable,
    AuthRejected,
    BrokenStream,
    KeyswitchError,
    LimitReached,
    Offline,
    Overloaded,
    Refused,
)
from domain.provider import Provider
from tests.support.credentials import a_session
from tests.support.mock_chat_network import Network, chat_over, question, sse, text_of
from tests.support.recorded_answers import (
    RECORDED,
    TEXT,
    anthropic_end,
    anthropic_start,
    anthropic_text,
    openai_end,
    openai_text,
)

GPT, CLAUDE, GEMINI = Provider.CHATGPT, Provider.CLAUDE, Provider.GEMINI
SSE = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a person got."""

    text: str
    error: KeyswitchError | None
    done: Done | None
    asked: int

    def __str__(self) -> str:
        return f"{self.text!r}, {self.error or self.done}, asked {self.asked} times"


async def outcome_of(provider: Provider, body: bytes | Sequence[bytes | Exception], kind: str = SSE) -> Outcome:
    pieces = [body] if isinstance(body, bytes) else list(body)

    async def content() -> Any:
        for piece in pieces:
            if isinstance(piece, Exception):
                raise piece
            yield piece

    headers = {"content-type": kind} if kind else {}
    network = Network(lambda _: httpx2.Response(200, headers=headers, content=content()))
    client, seen, failed = chat_over(network, bounds=Bounds(after_end=0.05)), list[ChatEvent](), None
    try:
        async for event in client.stream(question(provider), a_session(provider)):
            seen.append(event)
    except KeyswitchError as error:
        failed = error
    finally:
        await client.aclose()
    done = seen[-1] if seen and isinstance(seen[-1], Done) else None
    return Outcome(text_of(seen), failed, done, len(network.requests))


@dataclass(frozen=True, slots=True)
class Case:
    """A body, and the text that must be shown of it."""

    name: str
    provider: Provider
    body: bytes | Sequence[bytes | Exception]
    text: str = "hello"
    stop: StopReason = StopReason.END
    kind: str = SSE
    usage: Usage | None = None
    error: type[KeyswitchError] | None = None
    says: str = ""
    never_says: tuple[str, ...] = field(default=())

    def wrong(self, outcome: Outcome) -> str:
        """What is not as it must be."""
        right = (
            outcome.text == self.text
            and (outcome.error is None if self.error is None else type(outcome.error) is self.error)
            and (self.error is not None or (outcome.done is not None and outcome.done.stop is self.stop))
            and (self.usage is None or (outcome.done is not None and outcome.done.usage == self.usage))
            and self.says in str(outcome.error or "")
            and not any(words in str(outcome.error or "") for words in self.never_says)
        )
        return "" if right else f"{self.provider} {self.name}: {outcome}"


async def wrong_of(cases: Sequence[Case]) -> list[str]:
    found = [case.wrong(await outcome_of(case.provider, case.body, case.kind)) for case in cases]
    return [words for words in found if words]


# Pieces of events.


def part(text: Any, kind: str = "output_text") -> dict[str, Any]:
    return {"type": kind, ("refusal" if kind == "refusal" else "text"): text, "annotations": []}


def message(*texts: Any, id: str = "msg_1") -> dict[str, Any]:  # noqa: A002 - the vendor's name
    return {"id": id, "type": "message", "role": "assistant", "content": [part(text) for text in texts]}


def completed(*items: Any, **more: Any) -> dict[str, Any]:
    return openai_end(output=list(items), **more)


def text_done(text: Any, **more: Any) -> dict[str, Any]:
    return {"type": "response.output_text.done", "item_id": "msg_1", "output_index": 1, "content_index": 0,
            "text": text, **more}  # fmt: skip


def item_done(*texts: Any, output: int = 1, id: str = "msg_1") -> dict[str, Any]:  # noqa: A002 - the vendor's name
    return {"type": "response.output_item.done", "output_index": output, "item": message(*texts, id=id)}


def item_added(*texts: Any) -> dict[str, Any]:
    return {"type": "response.output_item.added", "output_index": 1, "item": message(*texts)}


def part_event(kind: str, text: Any) -> dict[str, Any]:
    return {"type": f"response.content_part.{kind}", "item_id": "msg_1", "output_index": 1, "content_index": 0,
            "part": part(text)}  # fmt: skip


def block_start(text: Any, index: int = 1) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": {"type": "text", "text": text}}


def started(*texts: Any) -> dict[str, Any]:
    opening = anthropic_start()
    content = [{"type": "text", "text": text} for text in texts]
    return {**opening, "message": {**opening["message"], "content": content}}


def parts(*values: Any, finish: Any = None, **candidate: Any) -> dict[str, Any]:
    return {"candidates": [{"content": {"role": "model", "parts": list(values)}, "index": 0, "finishReason": finish,
                            **candidate}]}  # fmt: skip


def t(text: Any) -> dict[str, Any]:
    return {"text": text}


HEL, LO = openai_text("hel"), openai_text("lo")
STOP = anthropic_end()
WHOLE = {
    GPT: sse(HEL, LO, openai_end()),
    CLAUDE: sse(anthropic_start(), anthropic_text("hel"), anthropic_text("lo"), *STOP),
    GEMINI: sse(parts(t("hel")), parts(t("lo")), parts(finish="STOP")),
}
ENDLESS = {
    GPT: sse(HEL, LO),
    CLAUDE: sse(anthropic_start(), anthropic_text("hel"), anthropic_text("lo")),
    GEMINI: sse(parts(t("hel")), parts(t("lo"))),
}

AFTER_THE_END: list[tuple[str, list[bytes | Exception]]] = [
    ("[DONE]", [b"data: [DONE]\n\n"]),
    ("a named [DONE]", [b"event: done\ndata: [DONE]\n\n"]),
    ("garbage", [b"data: {oops\n\n", b"\xff\xfe\x00", b"data: 7\n\ndata: null\n\n"]),
    ("an unknown event", [sse({"type": "of_a_later_year", "error": {"message": "m"}})]),
    ("an error event", [sse({"type": "error", "error": {"type": "overloaded_error", "message": "m"}})]),
    ("an error object", [sse({"error": {"code": 503, "status": "UNAVAILABLE", "message": "m"}})]),
    ("a failed response", [sse({"type": "response.failed", "response": {"error": {"code": "server_error"}}})]),
    ("a blocked prompt", [sse({"promptFeedback": {"blockReason": "SAFETY"}})]),
    ("a bare error", [b'{"error": {"code": 500, "message": "m"}}']),
    ("a reset", [httpx2.ReadError("reset")]),
    ("a short body", [httpx2.RemoteProtocolError("peer closed connection without sending complete message body")]),
    ("a null event", [b"data: null\n\n", b"data:\n\n", b"data: \n\n", b": ping\n\n"]),
]
BARE = b'{"error": {"code": 503, "status": "UNAVAILABLE", "message": "Sorry.",\n "type": "overloaded_error"}}'
LAST_LINES = [b"", b"\n", b"\r\n", b"\r", b"\n\n", b"\n: bye", b"\nid: 7\n", b"\nretry"]


def whole_cases() -> list[Case]:
    """What every vendor's answer survives."""
    cases = []
    for provider, body in WHOLE.items():
        cases += [Case(f"then {name}", provider, [body, *late]) for name, late in AFTER_THE_END]
        bare = body.rstrip()
        cases += [Case(f"ending in {end!r}", provider, bare + end) for end in LAST_LINES]
        cases += [
            Case(f"ending in {end!r} and a reset", provider, [bare + end, httpx2.ReadError("")]) for end in LAST_LINES
        ]
        kinds = ("", "application/json", "text/plain", "text/event-stream;x=y", "TEXT/EVENT-STREAM")
        cases += [Case(f"as {kind or 'nothing'}", provider, body, kind=kind) for kind in kinds]
        unnamed = b"\n".join(line for line in body.split(b"\n") if not line.startswith(b"event:"))
        cases += [
            Case("without event names", provider, unnamed),
            Case("with its data in lines", provider, body.replace(b'", "', b'",\ndata: "')),
            Case("with its end twice", provider, body + b"\n\n".join(body.split(b"\n\n")[-2:])),
            Case("with noise before", provider, b"data: ping\n\ndata: 3\n\n: x\n\nnonsense\n\n" + body),
            Case("with a byte order mark", provider, b"\xef\xbb\xbf" + body),
            Case("with blank lines before", provider, b"\r\n\n\n" + body),
            Case("in one event of 3 MiB", provider, big(provider), text="x" * 3 * 1024 * 1024),
        ]
        cases += [
            Case("without an end", provider, ENDLESS[provider], error=BrokenStream, says="its end is missing"),
            Case("cut", provider, [ENDLESS[provider], httpx2.ReadError("")], error=BrokenStream, says="was cut"),
            Case("with a bare error at its end", provider, ENDLESS[provider] + BARE, error=Overloaded, says="Sorry."),
            Case("with a piece that cannot be read", provider, b"data: {oops\n\n" + body, error=AnswerUnreadable),
        ]  # fmt: skip
    return cases


def big(provider: Provider) -> bytes:
    text = "x" * 3 * 1024 * 1024
    return {
        GPT: sse(completed(message(text))),
        CLAUDE: sse(anthropic_start(), anthropic_text(text), *STOP),
        GEMINI: sse(parts(t(text), finish="STOP")),
    }[provider]


HALVES = ('"\\ud83e"', '"\\udd8a"')


def with_raw(body: bytes, **raw: str) -> bytes:
    """*body* with JSON values as a server wrote them, in the place of strings that stand for them."""
    for name, value in raw.items():
        body = body.replace(f'"{name}"'.encode(), value.encode())
    return body


def split(provider: Provider, *, low: bool = True) -> bytes:
    """The two halves of a fox in two pieces; without *low* only its first."""
    body = {
        GPT: sse(openai_text("HI"), openai_text("LOW"), openai_end()),
        CLAUDE: sse(anthropic_text("HI"), anthropic_text("LOW"), *STOP),
        GEMINI: sse(parts(t("HI")), parts(t("LOW"), finish="STOP")),
    }[provider]
    return with_raw(body, HI=HALVES[0], LOW=HALVES[1] if low else '"!"')


OPENAI = [
    Case("text only in completed", GPT, sse(completed(message("hello")))),
    Case("text only in completed, by parts", GPT, sse(completed({"type": "reasoning"}, message("hel", "lo")))),
    Case("text only in output_text.done", GPT, sse(text_done("hello"), openai_end())),
    Case("text only in content_part.done", GPT, sse(part_event("done", "hello"), openai_end())),
    Case("text only in output_item.done", GPT, sse(item_done("hello"), openai_end())),
    Case("text only in a document with `done`", GPT, sse({"type": "response.done", "response": {"status": "completed",
         "output": [message("hello")]}})),
    Case("text begun in content_part.added", GPT, sse(part_event("added", "hel"), LO, openai_end())),
    Case("text begun in output_item.added", GPT, sse(item_added("hel"), part_event("added", "hel"), LO, openai_end())),
    Case("text told five times", GPT, sse(HEL, LO, text_done("hello"), part_event("done", "hello"),
         item_done("hello"), completed(message("hello")))),
    Case("told again under another id", GPT, sse(HEL, LO, text_done("hello"), completed(message("hello", id="msg_7")))),
    Case("told again without an id", GPT, sse(HEL, LO, completed({"content": [part("hello")]}))),
    Case("told whole before its pieces", GPT, sse(text_done("hello"), HEL, LO, openai_end())),
    Case("told whole in the middle", GPT, sse(HEL, text_done("hello"), LO, openai_end())),
    Case("its last piece lost, told in completed", GPT, sse(HEL, completed(message("hello")))),
    Case("its last piece lost, told without an id", GPT, sse(HEL, completed({"content": [part("hello")]}))),
    Case("a piece lost in the middle", GPT, sse(HEL, openai_text("!"), text_done("hello!"), openai_end()),
         text="hel!\n\nhello!"),
    Case("two messages only in completed", GPT, sse(completed(message("hello"), message("hello", id="msg_2"))),
         text="hello\n\nhello"),
    Case("a second message only in completed", GPT, sse(HEL, LO, completed(message("hello"), message("Bye", id="m2"))),
         text="hello\n\nBye"),
    Case("pieces without a place", GPT, sse({"type": HEL["type"], "delta": "hel"}, {"type": HEL["type"], "delta": "lo"},
         text_done("hello"), item_done("hello"), completed(message("hello")))),
    Case("an odd place", GPT, sse({**HEL, "output_index": "first"}, {**LO, "output_index": "first"}, openai_end())),
    Case("a null piece", GPT, sse({**HEL, "delta": None}, HEL, LO, openai_end())),
    Case("null whole texts", GPT, sse(HEL, LO, text_done(None), item_done(None), completed(message(None), None))),
    Case("a null output", GPT, sse(HEL, LO, openai_end(output=None, usage=None))),
    Case("a null content", GPT, sse(HEL, LO, completed({**message(), "content": None}))),
    Case("text after completed", GPT, sse(HEL, openai_end(), LO)),
    Case("a refusal only in completed", GPT, sse(completed({"content": [part("hello", "refusal")]})),
         stop=StopReason.REFUSED),
    Case("a refusal only in its done event", GPT, sse({"type": "response.refusal.done", "output_index": 1,
         "refusal": "hello"}, openai_end()), stop=StopReason.REFUSED),
    Case("an end without a response", GPT, sse(HEL, LO, {"type": "response.completed"})),
    Case("an end that is no response", GPT, sse(HEL, LO, {"type": "response.completed", "response": "yes"})),
    Case("a type only in the event's name", GPT, b'event: response.output_text.delta\ndata: {"delta": "hello"}\n\n'
         + sse(openai_end())),
    Case("text beside a failure", GPT, sse({"type": "response.failed", "response": {"output": [message("hello")],
         "error": {"code": "server_error", "message": "m"}}}), error=Overloaded),
    Case("text behind a flat error", GPT, sse(HEL, {"type": "error", "code": "server_error", "message": "m"}, LO),
         error=Overloaded),
    Case("text behind an unreadable piece", GPT, sse(HEL, {**HEL, "delta": 7}, LO, openai_end()),
         error=AnswerUnreadable),
    Case("counts that a zero follows", GPT, sse({"type": "response.in_progress", "response": {"usage": {
         "input_tokens": 9, "output_tokens": 4}}}, HEL, LO, openai_end(usage={"input_tokens": 0,
         "output_tokens": None})), usage=Usage(input=9, output=4)),
    Case("a JSON response", GPT, json.dumps({"object": "response", "status": "completed", "output": [message("hello")],
         "usage": {"input_tokens": 3, "output_tokens": 2}, "error": None}).encode(), kind="application/json",
         usage=Usage(input=3, output=2)),
    Case("a JSON response under the type of a stream", GPT, json.dumps({"status": "incomplete", "incomplete_details": {
         "reason": "max_output_tokens"}, "output": [message("hello")]}, indent=1).encode(), stop=StopReason.LENGTH),
    Case("a JSON response that failed", GPT, json.dumps({"object": "response", "status": "failed", "output": [message(
         "hello")], "error": {"code": "server_error", "message": "Sorry."}}).encode(), error=Overloaded, says="Sorry."),
    Case("a JSON response that breaks off", GPT, b'{"status": "completed", "output": [{"content": [{"type": '
         b'"output_text", "text": "hello', error=BrokenStream),
]  # fmt: skip

ANTHROPIC = [
    Case("text in content_block_start", CLAUDE, sse(block_start("hel"), anthropic_text("lo"), *STOP)),
    Case("text in message_start", CLAUDE, sse(started("hello"), *STOP)),
    Case("text in message_start and again in its block", CLAUDE, sse(started("hel"), block_start("hel", 0),
         {**anthropic_text("lo"), "index": 0}, *STOP)),
    Case("text after message_stop", CLAUDE, sse(anthropic_start(), anthropic_text("hel"), *STOP, anthropic_text("lo"))),
    Case("null text", CLAUDE, sse(block_start(None), anthropic_text("hello"), {**anthropic_text(""), "delta": {
         "type": "text_delta", "text": None}}, *STOP)),
    Case("null members", CLAUDE, sse({"type": "message_start", "message": None}, {"type": "content_block_start",
         "index": None, "content_block": None}, {"type": "content_block_delta", "delta": None}, anthropic_text("hello"),
         {"type": "message_delta", "delta": None, "usage": None}, *STOP)),
    Case("null content", CLAUDE, sse({"type": "message_start", "message": {"content": None, "usage": None}},
         anthropic_text("hello"), *STOP)),
    Case("a piece without a type", CLAUDE, sse({"type": "content_block_delta", "delta": {"text": "hello"}}, *STOP)),
    Case("text behind an unreadable piece", CLAUDE, sse(anthropic_text("hel"), {"type": "content_block_delta",
         "delta": {"type": "text_delta", "text": 7}}, anthropic_text("lo"), *STOP), error=AnswerUnreadable),
    Case("counts that zeros follow", CLAUDE, sse(anthropic_start(), anthropic_text("hello"), {"type": "message_delta",
         "delta": {"stop_reason": "end_turn"}, "usage": {"input_tokens": 0, "cache_read_input_tokens": None,
         "output_tokens": 30}}, {"type": "message_delta", "delta": {}, "usage": {"output_tokens": 0}},
         {"type": "message_stop"}), usage=Usage(input=40, output=30, cached=15, written=5)),
    Case("an error without the event's name", CLAUDE, b'data: {"error": {"type": "overloaded_error"}}\n\n', text="",
         error=Overloaded),
    Case("a type only in the event's name", CLAUDE, b'event: content_block_delta\ndata: {"delta": {"type": '
         b'"text_delta", "text": "hello"}}\n\nevent: message_stop\ndata: {}\n\n'),
    Case("a JSON message", CLAUDE, json.dumps({"type": "message", "content": [{"type": "thinking", "thinking": "x"},
         {"type": "text", "text": "hello"}], "stop_reason": "max_tokens", "usage": {"input_tokens": 3,
         "output_tokens": 2}}).encode(), kind="application/json", stop=StopReason.LENGTH,
         usage=Usage(input=3, output=2)),
    Case("a JSON message that breaks off", CLAUDE, b'{"stop_reason": "end_turn", "content": [{"type": "text", "text": '
         b'"hello', error=BrokenStream),
]  # fmt: skip

GOOGLE = [
    Case("an empty STOP first", GEMINI, sse(parts(finish="STOP"), parts(t("hel")), parts(t("lo"), finish="STOP"))),
    Case("STOP in every chunk", GEMINI, sse(parts(t("hel"), finish="STOP"), parts(t("lo"), finish="STOP"))),
    Case("STOP only in the first", GEMINI, sse(parts(t("hel"), finish="STOP"), parts(t("lo")))),
    Case("an empty reason first", GEMINI, sse(parts(t("hel"), finish=""), parts(t("lo"), finish="STOP"))),
    Case("the reason that is none", GEMINI, sse(parts(t("hel"), finish="FINISH_REASON_UNSPECIFIED"), parts(t("lo"))),
         error=BrokenStream),
    Case("null parts", GEMINI, sse(parts(None, t("hel"), t(None), {}, {"inlineData": {}}, t("lo"), finish="STOP"))),
    Case("null members", GEMINI, sse({"candidates": None}, {"candidates": [None]}, {"candidates": [{"content": None}]},
         {"candidates": [{"content": {"parts": None}}], "error": None, "promptFeedback": None, "usageMetadata": None},
         parts(t("hello"), finish="STOP"))),
    Case("an odd part beside it", GEMINI, sse(parts(t("hel"), t(7), t("lo"), finish="STOP")), error=AnswerUnreadable),
    Case("an odd mark of a thought", GEMINI, sse(parts({**t("hello"), "thought": "no"}, finish="STOP"))),
    Case("an odd reason", GEMINI, sse(parts(t("hello"), finish=1)), stop=StopReason.OTHER),
    Case("an odd index", GEMINI, sse(parts(t("hello"), finish="STOP", index=[]))),
    Case("a second candidate", GEMINI, sse({"candidates": [{"index": 1, "content": {"parts": [t("other")]}},
         {"index": 0, "content": {"parts": [t("hello")]}, "finishReason": "STOP"}]})),
    Case("feedback beside text", GEMINI, sse({**parts(t("hello"), finish="STOP"), "promptFeedback": {
         "blockReason": "BLOCK_REASON_UNSPECIFIED"}})),
    Case("text beside an error", GEMINI, sse({**parts(t("hello")), "error": {"code": 503, "message": "m"}}),
         error=Overloaded),
    Case("counts that zeros follow", GEMINI, sse({**parts(t("hel")), "usageMetadata": {"promptTokenCount": 9,
         "candidatesTokenCount": 4}}, {**parts(t("lo"), finish="STOP"), "usageMetadata": {"promptTokenCount": 0,
         "candidatesTokenCount": None}}), usage=Usage(input=9, output=4)),
    Case("the JSON array of the other method", GEMINI, json.dumps([parts(t("hel")), parts(t("lo"), finish="STOP")],
         indent=1).encode(), kind="application/json"),
    Case("chunks without a list", GEMINI, b"\n".join(json.dumps(parts(t(text), finish=end)).encode() for text, end in
         (("hel", None), ("lo", "STOP")))),
    Case("a JSON array that breaks off", GEMINI, json.dumps([parts(t("hel")), parts(t("lo"))]).encode()[:-9],
         error=BrokenStream),
    Case("a JSON array with an error", GEMINI, json.dumps([parts(t("hello")), {"error": {"code": 503, "message": "m"}}]
         ).encode(), error=Overloaded),
]  # fmt: skip


async def test_text_that_arrived_is_shown_once_whatever_stands_around_it() -> None:
    assert await wrong_of([*whole_cases(), *OPENAI, *ANTHROPIC, *GOOGLE]) == []


async def test_a_pair_that_was_split_is_joined_and_a_lone_half_is_a_replacement() -> None:
    joined = [Case("split", provider, split(provider), text="🦊") for provider in Provider]
    alone = [Case("alone", provider, split(provider, low=False), text="\ufffd!") for provider in Provider]
    cut = [
        Case("cut", provider, split(provider).partition(b"\\udd8a")[0], text="\ufffd", error=BrokenStream)
        for provider in Provider
    ]
    whole = with_raw(sse(openai_text("HI"), openai_text("LOW"), text_done("BOTH"), openai_end()), HI=HALVES[0],
                     LOW=HALVES[1], BOTH='"\\ud83e\\udd8a"')  # fmt: skip

    assert await wrong_of([*joined, *alone, *cut, Case("told again", GPT, whole, text="🦊")]) == []


def error_of(code: str, words: str = "The words.") -> dict[str, Any]:
    return {"code": code, "message": words}


CODES: list[tuple[str, type[KeyswitchError], int]] = [
    ("context_length_exceeded", Refused, 1),
    ("cyber_policy", Refused, 1),
    ("invalid_prompt", Refused, 1),
    ("slow_down", LimitReached, 3),
    ("rate_limit_exceeded", LimitReached, 3),
    ("server_is_overloaded", Overloaded, 3),
    ("insufficient_quota", LimitReached, 1),
    ("credit_balance_exhausted", LimitReached, 1),
    ("organization_spend_limit_exceeded", LimitReached, 1),
    ("project_spend_limit_exceeded", LimitReached, 1),
    ("organization_usage_limit_exceeded", LimitReached, 1),
    ("subscription_sharing_usage_limit_exceeded", LimitReached, 1),
    ("subscription_sharing_workplace_individual_usage_limit_exceeded", LimitReached, 1),
    ("usage_limit_reached", LimitReached, 1),
    ("a_code_of_a_later_year", Refused, 1),
]


async def test_a_code_means_the_same_wherever_it_stands() -> None:
    wrong = []
    for code, kind, asked in CODES:
        error = error_of(code)
        bodies = {
            "failed": sse({"type": "response.failed", "response": {"status": "failed", "error": error}}),
            "event": sse({"type": "error", **error}),
            "nested": sse({"type": "error", "error": error}),
            "nameless": sse({"error": error}),
            "document": json.dumps({"error": error}).encode(),
            "list": json.dumps([{"error": error}]).encode(),
            "marked": b"\xef\xbb\xbf" + json.dumps({"error": error}).encode(),
            "bare": b": hello\n\n" + json.dumps({"error": error}).encode(),
        }
        for place, body in bodies.items():
            outcome = await outcome_of(GPT, body)
            if (type(outcome.error), outcome.asked) != (kind, asked) or "The words." not in str(outcome.error):
                wrong.append(f"{code} in {place}: {outcome}")

    assert wrong == []


ERRORS_UNDER_200: list[tuple[Provider, Any, type[KeyswitchError], str]] = [
    (GPT, {"error": {"message": "Overloaded for your region", "type": "server_error", "code": "server_is_overloaded"}},
     Overloaded, "Overloaded for your region"),
    (GPT, {"detail": "Not in your region"}, Refused, "Not in your region"),
    (GPT, {"error": {"message": "Gone", "code": 503}}, Overloaded, "Gone"),
    (GPT, {"error": {"message": "Later", "code": "429"}}, LimitReached, "Later"),
    (GPT, {"error": {"message": "Spent", "code": "rate_limit_exceeded", "type": "insufficient_quota"}}, LimitReached,
     "Spent"),
    (CLAUDE, {"type": "error", "error": {"type": "authentication_error", "message": "It has expired."}}, AuthRejected,
     "authentication_error (It has expired)"),
    (CLAUDE, {"type": "error", "error": {"type": "of_a_later_year", "message": "Its words"}}, Refused, "Its words"),
    (CLAUDE, [{"type": "error", "error": {"type": "overloaded_error", "message": "Busy"}}], Overloaded, "Busy"),
    (GEMINI, {"error": {"code": 402, "status": "RESOURCE_EXHAUSTED", "message": "Prepaid"}}, LimitReached, "Prepaid"),
    (GEMINI, [{"error": {"code": 503, "message": "Busy"}}], Overloaded, "Busy"),
    (GEMINI, {"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": "No"}}, Refused, "No"),
]  # fmt: skip


async def test_an_error_under_status_200_is_told_in_the_providers_words_by_its_code() -> None:
    library = ("text/event-stream", "content type", "not JSON", "broke off")
    cases = [
        Case(f"{error} as {kind}", provider, json.dumps(body).encode(), text="", kind=kind, error=error, says=says,
             never_says=library)
        for provider, body, error, says in ERRORS_UNDER_200
        for kind in ("application/json", SSE, "")
    ]  # fmt: skip

    assert await wrong_of(cases) == []


async def test_limits_that_no_waiting_lifts_are_asked_for_once() -> None:
    bodies = [(GPT, {"error": {"message": "m", "code": "rate_limit_exceeded", "type": "insufficient_quota"}}, 429),
              (GEMINI, {"error": {"code": 402, "status": "RESOURCE_EXHAUSTED", "message": "m"}}, 402),
              (CLAUDE, {"error": {"type": "rate_limit_error", "message": "m",
                                  "details": {"error_code": "enforced_spend_limit_reached"}}}, 429)]  # fmt: skip
    for provider, body, status in bodies:
        for answer in (
            httpx2.Response(status, json=body, headers={"retry-after": "2"}),
            httpx2.Response(200, json=body),
        ):
            network = Network(answer)
            with pytest.raises(LimitReached):
                [_ async for _ in chat_over(network).stream(question(provider), a_session(provider))]
            assert len(network.requests) == 1, (provider, status)


@pytest.mark.parametrize("provider", Provider)
async def test_a_page_and_a_document_that_is_no_answer_are_told_apart(provider: Provider) -> None:
    page = await outcome_of(provider, b"<!doctype html><p>Accept", SSE)
    nothing = await outcome_of(provider, b'{"hello": 1}', "application/json")

    assert type(page.error) is Offline
    assert type(nothing.error) in {AnswerUnreadable, BrokenStream}


@pytest.mark.parametrize("provider", Provider)
async def test_an_error_body_is_understood_whatever_it_is_wrapped_in(provider: Provider) -> None:
    error = {"code": 403, "status": "PERMISSION_DENIED", "type": "permission_error", "message": "Not you."}
    body = json.dumps({"error": error}).encode()
    odd = [body, b"\xef\xbb\xbf" + body, b"[" + body + b"]", body.replace(b"403", b"NaN"), b" \n" + body,
           body.replace(b"you", b"\\ud83e"), body.replace(b"you", b"\xff"), body + b"\n\n" + body]  # fmt: skip
    for one in odd:
        network = Network(httpx2.Response(403, content=one))
        with pytest.raises(Refused, match="Not "):
            [_ async for _ in chat_over(network).stream(question(provider), a_session(provider))]


async def test_the_recorded_answers_are_the_same_without_their_events_names() -> None:
    wrong = []
    for provider, recorded in RECORDED.items():
        body = b"\n".join(line for line in recorded.body.split(b"\n") if not line.startswith(b"event:"))
        outcome = await outcome_of(provider, body)
        if outcome.text != TEXT or outcome.error is not None:
            wrong.append(f"{provider}: {outcome}")

    assert wrong == []
