"""Whatever the vendors' own SDKs give their caller of an odd stream, keyswitch shows too.

Recorded answers are changed at random (`tests.support.mutated_streams`), and judged by the words that were planted in
them and by the SDK, which reads the same bytes over loopback. A part of them is tried each time; all of them by

    KEYSWITCH_STREAMS=2000 .venv/bin/pytest -q -s tests/e2e/test_streams_and_sdks.py
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx2
import pytest

from adapters.chat.limits import Bounds
from application.ports.chat_client import ChatEvent
from domain.errors import BrokenStream, KeyswitchError
from domain.provider import Provider
from tests.support.credentials import a_session
from tests.support.mock_chat_network import Network, chat_over, question, text_of
from tests.support.mutated_streams import NO_END, PROBLEM, REFUSED, UNREADABLE, Stream, mutated
from tests.support.sdk_environment import INSTALL_SECONDS
from tests.support.stream_server import serving

pytestmark = pytest.mark.slow

STREAMS: Final = int(os.environ.get("KEYSWITCH_STREAMS", "60"))
"""For each vendor."""
FIRST: Final = int(os.environ.get("KEYSWITCH_STREAMS_SEED", "1"))
SDK_SECONDS: Final = 900

QUIET: Final = "the SDK ends in silence"
STRICT: Final = "the SDK fails on a complete answer"
LESS: Final = "the SDK leaves words out"

DIFFERENCES: Final = {
    (QUIET, NO_END): "Without its end nobody knows that an answer is whole: what came is shown, and that it broke off.",
    (QUIET, PROBLEM): "OpenAI's SDK hands error events on, and Anthropic's passes over those without an event's name. "
    "keyswitch tells the error, after all text that came.",
    (QUIET, UNREADABLE): "Anthropic's SDK passes over what has no event's name, and all SDKs over a last event without "
    "a blank line. Words may be missing, so keyswitch says so.",
    (QUIET, REFUSED): "The SDKs of OpenAI and Anthropic make nothing of JSON under status 200, and Google's of a list: "
    "no event, no error. keyswitch tells the error.",
    (STRICT, ""): "The SDKs fail on what is no JSON, on fields that a stream of Google's does not have, on an error or "
    "a cut behind the end, on members of another type. The answer is complete, and is shown as such.",
    (
        LESS,
        "",
    ): "The SDKs drop a last event without its blank line, all behind `[DONE]`, events without a name, and JSON in "
    "the place of a stream. keyswitch shows their text.",
}
"""What may differ, and why. Words that an SDK gives and keyswitch does not are never among it."""

_READ: Final = """
import json, sys
url, count = sys.argv[1], int(sys.argv[2])
said = []
def text(value):
    return value if isinstance(value, str) else ""
def of(value, name):
    found = value.get(name) if isinstance(value, dict) else getattr(value, name, None)
    return found
for number in range(count):
    pieces, error = [], ""
    try:
        for event in asked(f"m{number}"):
            pieces += [text(piece) for piece in told(event)]
    except Exception as failed:
        error = type(failed).__name__
    said.append(["".join(pieces), error])
print(json.dumps(said))
"""

_OPENAI: Final = """
from openai import OpenAI
def told(event):
    kind = of(event, "type")
    if kind in ("response.output_text.delta", "response.refusal.delta"):
        yield of(event, "delta")
    if kind in ("response.completed", "response.incomplete", "response.failed"):
        for item in of(of(event, "response"), "output") or []:
            for part in of(item, "content") or []:
                yield of(part, "text")
def asked(model):
    return client.responses.create(model=model, input="hi", stream=True)
"""

_ANTHROPIC: Final = """
from anthropic import Anthropic
def told(event):
    kind = of(event, "type")
    if kind == "content_block_delta":
        yield of(of(event, "delta"), "text")
    if kind == "content_block_start":
        yield of(of(event, "content_block"), "text")
    if kind == "message_start":
        for block in of(of(event, "message"), "content") or []:
            yield of(block, "text")
def asked(model):
    return client.messages.create(model=model, max_tokens=9, messages=[{"role": "user", "content": "hi"}], stream=True)
"""

_GOOGLE: Final = """
import warnings
from google import genai
from google.genai import types
warnings.simplefilter("ignore")
def told(chunk):
    for candidate in (chunk.candidates or [])[:1]:
        for part in (candidate.content and candidate.content.parts) or []:
            if not part.thought:
                yield part.text
def asked(model):
    return client.models.generate_content_stream(model=model, contents="hi")
"""

SCRIPTS: Final = {
    Provider.CHATGPT: _OPENAI
    + _READ.replace("said = []", 'said = []\nclient = OpenAI(base_url=url + "/v1", api_key="made-up", max_retries=0)'),
    Provider.CLAUDE: _ANTHROPIC
    + _READ.replace("said = []", 'said = []\nclient = Anthropic(base_url=url, api_key="made-up", max_retries=0)'),
    Provider.GEMINI: _GOOGLE
    + _READ.replace(
        "said = []",
        'said = []\nclient = genai.Client(api_key="made-up", http_options=types.HttpOptions(base_url=url))',
    ),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What somebody makes of a stream."""

    text: str
    error: str
    failure: KeyswitchError | None = None

    @property
    def words(self) -> list[str]:
        """The planted ones, in the order in which they are said."""
        return re.findall(r"k\d+x", self.text)


def by_sdk(python: Path, provider: Provider, streams: Sequence[Stream]) -> list[Reading]:
    """What the vendor's SDK gives its caller of each stream."""
    with serving(streams) as url:
        done = subprocess.run(
            [python, "-I", "-c", SCRIPTS[provider], url, str(len(streams))],
            capture_output=True,
            text=True,
            check=False,
            timeout=SDK_SECONDS,
            env={**os.environ, "NO_PROXY": "127.0.0.1"},
        )
    assert done.returncode == 0, done.stderr[-3000:]
    return [Reading(text, error) for text, error in json.loads(done.stdout)]


async def by_keyswitch(provider: Provider, streams: Sequence[Stream]) -> list[Reading]:
    """What keyswitch shows of each, from an adapter whose network hands over the bytes in pieces of any size."""
    now: list[Stream] = []

    def answer(_: httpx2.Request) -> httpx2.Response:
        stream = now[0]
        headers = {"content-type": stream.kind} if stream.kind else {}
        return httpx2.Response(stream.status, headers=headers, content=_pieces(stream))

    client = chat_over(Network(answer), bounds=Bounds(after_end=0.05))
    readings = []
    try:
        for stream in streams:
            now[:] = [stream]
            seen, failure = list[ChatEvent](), None
            try:
                async for event in client.stream(question(provider), a_session(provider)):
                    seen.append(event)
            except KeyswitchError as error:
                failure = error
            readings.append(Reading(text_of(seen), type(failure).__name__ if failure else "", failure))
    finally:
        await client.aclose()
    return readings


async def _pieces(stream: Stream) -> AsyncIterator[bytes]:
    rng, at = random.Random(stream.body), 0
    while at < len(stream.body):
        size = rng.choice([1, 7, 60, 400, 100_000])
        yield stream.body[at : at + size]
        at += size
    if stream.reset:
        raise httpx2.RemoteProtocolError("peer closed connection without sending complete message body")


def faults_of(stream: Stream, ours: Reading) -> list[str]:
    """What keyswitch does that the stream itself does not allow."""
    wrong, planted = [], re.findall(r"k\d+x", " ".join(stream.words))
    said = Counter(ours.words)
    if missing := [word for word in planted if not said[word]]:
        wrong.append(f"words are missing: {missing}")
    if not stream.disturbed and any(count > 1 for count in said.values()):
        wrong.append(f"words are said twice: {said}")
    if not stream.disturbed and ours.words != sorted(ours.words, key=lambda word: int(word[1:-1])):
        wrong.append(f"words are out of order: {ours.words}")
    if bool(stream.failure) != bool(ours.error):
        wrong.append(f"it should be {stream.failure or 'complete'}, and is {ours.failure or 'complete'}")
    if isinstance(ours.failure, BrokenStream) and stream.failure not in {NO_END, PROBLEM}:
        wrong.append(f"its end is there: {ours.failure}")
    return wrong


def differences_of(stream: Stream, ours: Reading, theirs: Reading) -> set[tuple[str, str]]:
    """In what the SDK is another than keyswitch."""
    found = set()
    if ours.error and not theirs.error:
        found.add((QUIET, stream.failure))
    if theirs.error and not ours.error:
        found.add((STRICT, ""))
    if set(ours.words) - set(theirs.words):
        found.add((LESS, ""))
    return found


@pytest.mark.timeout(INSTALL_SECONDS + SDK_SECONDS)
@pytest.mark.parametrize("provider", Provider)
def test_what_an_sdk_gives_is_shown_and_what_was_planted_is_shown_once(sdk_python: Path, provider: Provider) -> None:
    streams = [mutated(provider, seed) for seed in range(FIRST, FIRST + STREAMS)]
    ours = asyncio.run(by_keyswitch(provider, streams))
    theirs = by_sdk(sdk_python, provider, streams)

    wrong, seen = [], Counter[tuple[str, str]]()
    for seed, (stream, our, their) in enumerate(zip(streams, ours, theirs, strict=True), FIRST):
        faults = faults_of(stream, our)
        if lost := set(their.words) - set(our.words):
            faults.append(f"the SDK gives {sorted(lost)}")
        differences = differences_of(stream, our, their)
        faults += [f"a difference without a reason: {found}" for found in differences if found not in DIFFERENCES]
        seen.update(differences)
        wrong += [f"{provider} {seed} {stream.changes}: {fault}" for fault in faults]
    for (what, which), count in seen.items():
        print(f"{provider}: {count} of {STREAMS}: {what} ({which or 'complete'})")  # noqa: T201 - for whoever runs all

    assert wrong == []
