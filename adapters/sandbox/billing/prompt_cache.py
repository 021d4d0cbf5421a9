"""Prompt caches as each vendor keeps them: what of a prompt is read from one, and what is written to it.

Anthropic's page on prompt caching, OpenAI's guide to it, and Google's page on context caching, implicit.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

LETTERS_OF_A_TOKEN: Final = 4
"""About."""
TOKENS_OF_A_FILE: Final = 1000
"""About what a small image or a page of a document costs."""

MINUTES: Final = 60
FIVE_MINUTES: Final = 5 * MINUTES
HALF_AN_HOUR: Final = 30 * MINUTES
AN_HOUR: Final = 60 * MINUTES

_CLAUDE_LEAST: Final = {
    "claude-opus-5": 512,
    "claude-opus-4-7": 2048,
    "claude-opus-4-6": 4096,
    "claude-opus-4-5-20251101": 4096,
    "claude-haiku-4-5-20251001": 4096,
}
"""Tokens that a prefix must have to be cached, where it is not `_LEAST`."""
_LEAST: Final = 1024
_OPENAI_STEP: Final = 128
"""OpenAI caches in steps of so many tokens."""
_LOOK_BACK: Final = 20
"""Blocks before the marked one at which Anthropic looks for what was cached."""
AFTER_THE_MARK: Final = 3
"""Tokens that end a prompt at Anthropic, behind the last block that can be cached."""


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a prompt, as it came."""

    text: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Cached:
    """How many tokens of a prompt were read from a cache, and how many written to it, by how long they are kept."""

    read: int = 0
    written: int = 0
    written_long: int = 0


class PromptCache:
    """One vendor's, of all its customers and models."""

    def __init__(self) -> None:
        self._ends: dict[tuple[str, str, bytes], float] = {}
        """When each prefix is forgotten, by customer, model and its name."""

    def claude(self, place: tuple[str, str], blocks: tuple[Block, ...], now: float, *, kept: int) -> Cached:
        """What a request with `cache_control` reads and writes; *kept* is how long, in seconds."""
        least = _CLAUDE_LEAST.get(place[1], _LEAST)
        total = _tokens(blocks)
        found = self._longest(place, blocks, now, back=_LOOK_BACK)
        read = _tokens(blocks[:found])
        if total < least:
            return Cached()
        self._keep(place, blocks[:found], now + kept)
        self._keep(place, blocks, now + kept)
        written = total - read
        return Cached(read, 0, written) if kept > FIVE_MINUTES else Cached(read, written)

    def openai(self, place: tuple[str, str], blocks: tuple[Block, ...], now: float) -> Cached:
        """What any request reads and writes at OpenAI, in whole steps."""
        whole = _tokens(blocks) // _OPENAI_STEP * _OPENAI_STEP
        if whole < _LEAST:
            return Cached()
        read = _tokens(blocks[: self._longest(place, blocks, now)]) // _OPENAI_STEP * _OPENAI_STEP
        read = read if read >= _LEAST else 0
        self._keep_each(place, blocks, now + HALF_AN_HOUR)
        return Cached(read, whole - read)

    def gemini(self, place: tuple[str, str], blocks: tuple[Block, ...], now: float) -> Cached:
        """What any request reads at Google; nothing is charged for writing."""
        read = _tokens(blocks[: self._longest(place, blocks, now)])
        self._keep_each(place, blocks, now + FIVE_MINUTES)
        return Cached(read if read >= _LEAST else 0)

    def _longest(self, place: tuple[str, str], blocks: tuple[Block, ...], now: float, back: int | None = None) -> int:
        """How many blocks of the prompt's beginning are remembered."""
        names = _names(blocks)
        shortest = 0 if back is None else max(len(names) - back, 0)
        lengths = range(len(names), shortest, -1)
        return next((length for length in lengths if self._ends.get((*place, names[length - 1]), 0) > now), 0)

    def _keep(self, place: tuple[str, str], blocks: tuple[Block, ...], until: float) -> None:
        for name in _names(blocks)[-1:]:
            self._ends[*place, name] = until

    def _keep_each(self, place: tuple[str, str], blocks: tuple[Block, ...], until: float) -> None:
        for name in _names(blocks):
            self._ends[*place, name] = until


def _names(blocks: tuple[Block, ...]) -> list[bytes]:
    """A name for each beginning of the prompt: two are the same only where each letter is."""
    digest, names = sha256(), []
    for block in blocks:
        digest.update(len(block.text).to_bytes(8, "big") + block.text.encode("utf-8", "surrogatepass"))
        names.append(digest.digest())
    return names


def blocks_of(said: Iterable[tuple[str, object]]) -> tuple[Block, ...]:
    """The parts of a prompt: *said* are roles and contents, each a text, a list of parts or nothing."""
    return tuple(_block(role, part) for role, content in said for part in _parts(content))


def _parts(content: object) -> Iterator[object]:
    if isinstance(content, list):
        yield from content
    elif content:
        yield content


def _block(role: str, part: object) -> Block:
    text = part if isinstance(part, str) else part.get("text") if isinstance(part, dict) else None
    tokens = max(1, len(text) // LETTERS_OF_A_TOKEN) if isinstance(text, str) else TOKENS_OF_A_FILE
    return Block(json.dumps([role, part], sort_keys=True), tokens)


def _tokens(blocks: Iterable[Block]) -> int:
    return sum(block.tokens for block in blocks)
