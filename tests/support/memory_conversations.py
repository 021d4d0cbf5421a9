from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.conversation import Conversation, Origin, Role, Turn, TurnState, Usage
from domain.conversations.kept import Cut, Hit, Piece, Summary
from domain.errors import StoreError
from domain.records import replace
from domain.selection import Held
from domain.usage.entry import Entry


@dataclass
class _Aside:
    """What was cut off a conversation."""

    source: str
    cut: Cut
    keys: list[int]


class MemoryConversations:
    """Conversations that are only remembered; the one that was last added to comes last."""

    def __init__(self) -> None:
        self._kept: dict[str, Conversation] = {}
        self._keys: dict[str, list[int]] = {}
        self._turns: dict[int, Turn] = {}
        self._removed: dict[str, Conversation] = {}
        self._aside: dict[str, _Aside] = {}
        self._made = 0

    def begin(self, conversation: Conversation) -> int:
        if conversation.id in self._kept:
            raise StoreError("memory", f"there is a conversation {conversation.id} already")
        self._kept[conversation.id] = replace(conversation, turns=())
        self._keys[conversation.id] = []
        return self.append(conversation.id, *conversation.turns)

    def append(self, conversation_id: str, *turns: Turn) -> int:
        removed = self._removed.pop(conversation_id, None)
        if removed is None and conversation_id not in self._kept:
            raise StoreError("memory", f"there is no conversation {conversation_id}")
        self._kept[conversation_id] = removed or self._kept.pop(conversation_id)
        for turn in turns:
            self._made += 1
            self._turns[self._made] = turn
            self._keys[conversation_id].append(self._made)
        return self._made if turns else 0

    def grow(self, key: int, text: str, reasoning: str = "") -> None:
        """Nothing happens where the turn is gone."""
        if key in self._turns:
            turn = self._turns[key]
            self._turns[key] = replace(turn, text=turn.text + text, reasoning=turn.reasoning + reasoning)

    def settle(self, key: int, turn: Turn) -> None:
        if key not in self._turns:
            raise StoreError("memory", "the turn is gone")
        self._turns[key] = turn

    def withdraw(self, key: int) -> None:
        for name, keys in self._keys.items():
            if key not in keys:
                continue
            gone = keys[max(0, keys.index(key) - 1) : keys.index(key) + 1]
            if keys[-1] != key:
                for one in gone:
                    self._turns[one] = replace(self._turns[one], state=TurnState.FAILED)
                return
            del keys[-len(gone) :]
            for one in gone:
                del self._turns[one]
            if not keys:
                self._kept.pop(name, None)
            return

    def hold(self, conversation_id: str, held: Held) -> None:
        """Note what it goes on with."""
        if conversation_id in self._kept:
            self._kept[conversation_id] = replace(self._kept[conversation_id], held=held)

    def latest(self, *, turns: int = 30, origin: Origin | None = None) -> Conversation | None:
        """The one that was last added to; one without any turn does not count."""
        spoken = [name for name in self._spoken() if origin is None or self._kept[name].origin in (None, origin)]
        return self.load(spoken[0], turns=turns) if spoken else None

    def load(self, conversation_id: str, *, turns: int | None = None) -> Conversation | None:
        kept = self._kept.get(conversation_id)
        if kept is None:
            return None
        said = self.turns(conversation_id, first=1, count=self.count(conversation_id))
        earlier = 0 if turns is None else max(0, len(said) - turns)
        return replace(kept, turns=said[earlier:], earlier=earlier)

    def count(self, conversation_id: str) -> int:
        return len(self._keys.get(conversation_id, ()))

    def stamp(self) -> Hashable:
        return self._made, len(self._turns), len(self._removed), len(self._aside)

    def turns(self, conversation_id: str, *, first: int, count: int) -> tuple[Turn, ...]:
        keys = self._keys.get(conversation_id, [])[first - 1 : first - 1 + count]
        return tuple(self._turns[key] for key in keys)

    def said(self, conversation_id: str, *, first: int, count: int) -> tuple[Turn, ...]:
        turns = self.turns(conversation_id, first=first, count=count)
        return tuple(replace(turn, reasoning="", receipt=None) for turn in turns)

    def answers(self) -> Iterator[Entry]:
        for name, keys in [*self._keys.items(), *((aside.source, aside.keys) for aside in self._aside.values())]:
            for turn in (self._turns[key] for key in keys):
                counted = turn.receipt is not None and turn.receipt.usage != Usage()
                left_out = turn.state is TurnState.FAILED or (turn.state is TurnState.BROKEN and not counted)
                if turn.receipt is not None and not left_out:
                    yield Entry(turn.at, turn.receipt, name, ending=turn.state)

    def summaries(self, *, limit: int | None = None, skip: int = 0) -> tuple[Summary, ...]:
        until = None if limit is None else skip + limit
        return tuple(self._summary(name) for name in self._spoken()[skip:until])

    def with_id(self, start: str) -> tuple[Summary, ...]:
        return tuple(self._summary(name) for name in sorted(self._spoken()) if name.startswith(start))[:2]

    def search(self, text: str, *, limit: int = 50) -> tuple[Hit, ...]:
        """A plain search for every word as the beginning of one."""
        words = [word.casefold() for word in text.replace('"', " ").split()]
        if not words:
            return ()
        names, found = self._spoken(), list[tuple[int, Hit]]()
        for name in names:
            title = self._kept[name].title
            for number, key in enumerate(self._keys[name], start=1):
                turn = self._turns[key]
                if all(word in turn.text.casefold() for word in words):
                    hit = Hit(name, title, turn.at, _pieces(turn.text, words[0]), number, turn.role)
                    found.append((key, hit))
        titles = [
            Hit(name, self._kept[name].title, self._kept[name].started, _pieces(self._kept[name].title, words[0]))
            for name in names
            if all(word in self._kept[name].title.casefold() for word in words)
        ]
        newest = sorted(found, key=lambda each: each[0], reverse=True)
        return (*titles, *(hit for _, hit in newest))[:limit]

    def messages(self, *, limit: int) -> tuple[str, ...]:
        """In the order of their keys."""
        ours = [keys for name, keys in self._keys.items() if self._is_of_app(name)]
        turns = [self._turns[key] for key in sorted(key for keys in ours for key in keys)]
        said = [turn.text for turn in turns if turn.role is Role.USER and len(turn.text) <= 100_000]
        return tuple(said[-limit:])

    def _is_of_app(self, name: str) -> bool:
        return name in self._kept and self._kept[name].origin in (None, Origin.APP)

    def rename(self, conversation_id: str, title: str) -> None:
        self._kept[conversation_id] = replace(self._there(conversation_id), title=title)

    def remove(self, conversation_id: str) -> None:
        self._removed[conversation_id] = self._there(conversation_id)
        del self._kept[conversation_id]

    def restore(self, conversation_id: str) -> str:
        """Put back what was removed, or cut off; in its old place in the list."""
        if conversation_id in self._aside:
            return self._put_back(conversation_id)
        if conversation_id not in self._removed:
            raise StoreError("memory", f"there is no conversation {conversation_id}")
        self._kept[conversation_id] = self._removed.pop(conversation_id)
        self._kept = dict(sorted(self._kept.items(), key=lambda item: max(self._keys[item[0]], default=0)))
        return conversation_id

    def cut(self, conversation_id: str, *, after_turn: int) -> str:
        self._there(conversation_id)
        keys = self._keys[conversation_id]
        off = keys[after_turn:]
        if not off:
            return ""
        del keys[after_turn:]
        name = f"{conversation_id}-cut-{len(self._aside)}"
        self._aside[name] = _Aside(conversation_id, Cut(name, after_turn, len(off), datetime.now(UTC)), off)
        return name

    def cuts(self, conversation_id: str) -> tuple[Cut, ...]:
        return tuple(aside.cut for aside in reversed(self._aside.values()) if aside.source == conversation_id)

    def _put_back(self, name: str) -> str:
        aside = self._aside.pop(name)
        there = self._keys[aside.source]
        if len(there) == aside.cut.after:
            there.extend(aside.keys)
            return aside.source
        self._kept[name] = replace(self._kept[aside.source], id=name)
        self._keys[name] = []
        self.append(name, *(self._turns[key] for key in (*there[: aside.cut.after], *aside.keys)))
        return name

    def _there(self, conversation_id: str) -> Conversation:
        if conversation_id not in self._kept:
            raise StoreError("memory", f"there is no conversation {conversation_id}")
        return self._kept[conversation_id]

    def _spoken(self) -> list[str]:
        return [name for name in reversed(self._kept) if self._keys[name]]

    def _summary(self, name: str) -> Summary:
        kept, turns = self._kept[name], [self._turns[key] for key in self._keys[name]]
        labels = [turn.receipt.label for turn in turns if turn.receipt]
        return Summary(
            id=name,
            title=kept.title,
            started=kept.started,
            last_at=turns[-1].at,
            turns=len(turns),
            size=sum(
                len(turn.text.encode("utf-8", "replace"))
                + len(turn.reasoning.encode())
                + sum(file.size for file in turn.attachments)
                for turn in turns
            ),
            label=labels[-1] if labels else "",
            origin=kept.origin,
        )


def _pieces(text: str, word: str) -> tuple[Piece, ...]:
    at = text.casefold().find(word)
    parts = (Piece(text[:at]), Piece(text[at : at + len(word)], found=True), Piece(text[at + len(word) :]))
    return tuple(part for part in parts if part.text)
