"""What the outbox needs of the chat that it belongs to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from domain.attached.attachment import Attachment
from domain.conversation import Conversation
from domain.conversations.thread import Thread
from domain.errors import KeyswitchError
from domain.provider import Provider
from domain.records import dataclass
from domain.selection import Selection
from domain.switching import NotPossible, PayerChanges, StoreUnusable, SwitchTo
from entrypoints.chat.attachments.attaching import Attaching
from entrypoints.chat.holding import Holding
from entrypoints.chat.kept_conversations import KeptConversations
from entrypoints.chat.key_entry import KeyEntry
from entrypoints.chat.spending.spending import Spending
from entrypoints.chat.window_state import WindowState


@dataclass(frozen=True, slots=True)
class Exchange:
    """A message, and what came of it."""

    text: str
    selection: Selection
    failure: KeyswitchError | None
    """None where nothing went wrong, or the person stopped it."""
    kept: bool
    """Whether something of the answer came."""
    files: tuple[Attachment, ...]
    """What went along with it."""


class ChatOfOutbox(Protocol):
    """`ChatController` carries all of it out."""

    attaching: Attaching
    holding: Holding
    keys: KeyEntry
    kept: KeptConversations
    spending: Spending

    @property
    def thread(self) -> Thread:
        """The conversation that goes on; it begins when it is first asked for."""
        ...

    @property
    def conversation(self) -> Conversation | None:
        """What was said so far; None where nothing has begun."""
        ...

    def switched(self, switch: SwitchTo, *, save: bool, before: WindowState | None) -> None:
        """Say so, and go on with it."""
        ...

    def overcome(self, obstacle: PayerChanges | StoreUnusable | NotPossible) -> None:
        """Ask, or say, what keeps a message from being sent that no sign-in would help."""
        ...

    def open_sign_in(
        self,
        provider: Provider | None,
        *,
        then_select: str | None = None,
        save: bool = True,
        after: Callable[[], None] | None = None,
    ) -> None:
        """Let the person sign in; *then_select* is the selection that waits for it, *after* follows a success."""
        ...

    def begin_anew(self) -> None:
        """Begin a new conversation, with the saved choice."""
        ...
