"""What one does with conversations that are kept: open, find, rename, export, remove and bring back.

The app shows them as a list to choose from, the plain mode as numbered lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from application.use_cases.read_conversation import all_turns
from domain.conversation import Conversation, Origin, Turn
from domain.conversations.kept import Hit, Summary
from domain.conversations.thread import Thread
from domain.errors import KeyswitchError, UsageError
from domain.records import replace
from domain.text.untrusted import untrusted_line
from entrypoints.chat.chat_face import ChatFace, Work
from entrypoints.chat.holding import Holding
from entrypoints.chat.window_state import window_state
from entrypoints.words.conversations import given_title, title_words

if TYPE_CHECKING:
    from application.ports.conversation_store import ConversationStore
    from entrypoints.export.formats import ExportFormat
    from entrypoints.services import LightServices

_NOTHING_SAID: Final = "Nothing was said in this conversation yet."

_SHOWN: Final = 30
"""Turns that are loaded at once; the store has the others."""

_HITS: Final = 200
"""Places that a search looks up at once."""


class Chat(Protocol):
    """The open conversation of a window, which the controller has."""

    holding: Holding

    @property
    def thread(self) -> Thread:
        """The conversation that goes on."""
        ...

    @property
    def conversation(self) -> Conversation | None:
        """What was said so far; None where nothing has begun."""
        ...

    async def go_on_with(self, conversation: Conversation) -> None:
        """Show *conversation*, and go on with it and with what it held on to."""
        ...

    def begin_anew(self) -> None:
        """Begin a new conversation."""
        ...


class KeptConversations:
    """The conversations of the home, as one window deals with them."""

    def __init__(
        self,
        chat: Chat,
        face: ChatFace,
        light: LightServices,
        begin: Callable[[Work], None],
    ) -> None:
        """*begin* does work beside the rest, and tells of what it fails with."""
        self._chat = chat
        self._face = face
        self._light = light
        self._begin = begin
        self.numbered: tuple[str, ...] = ()
        """Ids in the order in which they were listed last: `/chats 2` opens the second."""
        self.removed: list[Summary] = []
        """What was removed in this window, the last one last."""

    @property
    def _store(self) -> ConversationStore:
        return self._light.conversations()

    @property
    def open_one(self) -> str:
        """The id of the open conversation, if it is one that is kept; else ""."""
        thread = self._chat.thread if self._chat.conversation else None
        return thread.conversation.id if thread and thread.saved and thread.conversation.turns else ""

    def way_back(self) -> str:
        """How one comes back to the open conversation after leaving; "" where nothing of it is kept."""
        title = title_words(self._chat.conversation.title) if self._chat.conversation else ""
        return f"keyswitch --resume {self.open_one[:8]} goes on with {title}." if self.open_one else ""

    # Commands.

    def show(self, search: str = "") -> None:
        """`/chats`, `/search`: show the list; with *search*, those in which it is found."""
        self._face.show_conversations(search)

    def open_numbered(self, number: int) -> None:
        """`/chats 2`: open the one that has *number* in the list that was shown last, or would be shown now."""
        self._begin(partial(self._open_numbered, number))

    def remove_numbered(self, number: int) -> None:
        """`/chats remove 2`: remove the one with *number*."""
        self._begin(partial(self._remove_numbered, number))

    def bring_back(self) -> None:
        """`/chats restore`: bring back what was removed here last."""
        self._begin(self._bring_back)

    def rename_open(self, title: str) -> None:
        """`/rename`: call the open conversation *title*."""
        self._begin(partial(self._rename_open, title))

    def export_open(self, form: ExportFormat) -> None:
        """`/export`: write the open conversation to a file in the current folder."""
        self._begin(partial(self._export_open, form))

    async def _open_numbered(self, number: int) -> None:
        ids = self.numbered or tuple(one.id for one in await self.listed())
        await self.open(_one_of(ids, number))

    async def _remove_numbered(self, number: int) -> None:
        listed = await self.listed()
        wanted = _one_of(self.numbered or tuple(one.id for one in listed), number)
        found = next((one for one in listed if one.id == wanted), None)
        if found is None:
            raise UsageError("It is removed already.")
        await self.remove(found)
        self._face.say(f'"{title_words(found.title)}" is removed. /chats restore brings it back.', kind="passing")

    async def _bring_back(self) -> None:
        back = await self.restore()
        self._face.say(f'"{title_words(back.title)}" is there again.', kind="passing")

    async def _rename_open(self, title: str) -> None:
        thread = self._chat.thread
        if not thread.conversation.turns:
            raise UsageError(_NOTHING_SAID)
        title = given_title(title)
        if thread.saved:
            await self._face.in_thread(partial(self._store.rename, thread.conversation.id, title))
        thread.conversation = replace(thread.conversation, title=title)
        self._face.title_changed()
        self._face.say(f'This conversation is called "{title}" now.', kind="passing")

    async def _export_open(self, form: ExportFormat) -> None:
        thread = self._chat.thread
        if not thread.conversation.turns:
            raise UsageError(f"{_NOTHING_SAID} There is nothing to export.")
        head = thread.conversation

        def turns() -> Iterator[Turn]:
            return chain(islice(all_turns(self._store, head.id), head.earlier), head.turns)

        self._face.say(written_words(await self._face.in_thread(partial(self._write, head, turns, form))))

    # The list.

    async def listed(self, *, limit: int | None = None) -> tuple[Summary, ...]:
        """All of them, or so many, the last one first."""
        return await self._face.in_thread(partial(self._store.summaries, limit=limit))

    async def found(self, text: str) -> tuple[Hit, ...]:
        """Where *text* was said, or stands in a title."""
        return await self._face.in_thread(partial(self._store.search, text, limit=_HITS))

    async def loaded(self, conversation_id: str | None) -> Conversation | None:
        """A conversation with its latest turns; without an id, the last one that began in a window."""
        if conversation_id is None:
            return await self._face.in_thread(partial(self._store.latest, origin=Origin.APP))
        return await self._face.in_thread(partial(self._store.load, conversation_id, turns=_SHOWN))

    async def open(self, conversation_id: str) -> None:
        """Go on with another conversation. What runs in this one is stopped, and what came of it is kept."""
        if conversation_id == self.open_one:
            return
        await self._face.end_answer()
        found = await self.loaded(conversation_id)
        if found is None:
            raise UsageError("That conversation was removed in another window. Nothing else has changed.")
        before = self._chat.holding.held
        await self._chat.go_on_with(found)
        snapshot = await self._face.in_thread(partial(self._light.auth.snapshot, held=self._chat.holding.credential))
        now = window_state(snapshot, self._chat.holding.held)
        if now.selection is not None and (payment := now.payment_since(before)):
            self._face.say(f"It goes on with {now.selection.preset.label} ({now.selection.means}).", *payment)
        self._face.read_again()

    async def rename(self, conversation_id: str, title: str) -> None:
        """Call a conversation *title*; where that is blank, nothing happens."""
        if not untrusted_line(title):
            return
        if conversation_id == self.open_one:
            await self._rename_open(title)
        else:
            await self._face.in_thread(partial(self._store.rename, conversation_id, given_title(title)))

    async def export(self, conversation_id: str, form: ExportFormat) -> Path:
        """Write a conversation to a file in the current folder; which file it is."""
        head = await self._face.in_thread(partial(self._store.load, conversation_id, turns=0))
        if head is None:
            raise UsageError("That conversation was removed in another window: there is nothing to export.")
        turns = partial(all_turns, self._store, conversation_id)
        return await self._face.in_thread(partial(self._write, head, turns, form))

    async def remove(self, one: Summary) -> None:
        """Remove a conversation; where it is the open one, a new one begins."""
        is_open = one.id == self.open_one
        if is_open:
            await self._face.end_answer()
        await self._face.in_thread(partial(self._store.remove, one.id))
        self.removed.append(one)
        if is_open:
            self._chat.begin_anew()

    async def restore(self) -> Summary:
        """Bring back what was removed here last."""
        if not self.removed:
            raise UsageError("Nothing was removed in this window.")
        await self._face.in_thread(partial(self._store.restore, self.removed[-1].id))
        return self.removed.pop()

    def _write(self, head: Conversation, turns: Callable[[], Iterator[Turn]], form: ExportFormat) -> Path:
        from entrypoints.export.file_names import file_names
        from entrypoints.export.formats import exported

        files = self._light.new_files()
        try:
            folder = Path.cwd()
        except OSError:
            raise KeyswitchError(
                "The current folder is gone, so nothing can be written there.", code="output"
            ) from None
        for name in file_names(head, form):
            if files.write(folder / name, exported(head, turns(), form)):
                return folder / name
        raise KeyswitchError(f"No name is free for it in {folder}.", code="output")


def written_words(path: Path) -> str:
    """Where an export is now."""
    return untrusted_line(f"Written to {path}, which only you can read.")


def _one_of(ids: tuple[str, ...], number: int) -> str:
    if not 1 <= number <= len(ids):
        raise UsageError(f"There is no conversation {number}: /chats lists them.")
    return ids[number - 1]
