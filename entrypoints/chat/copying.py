"""`/copy`: the last answer, or one piece of code of it."""

from __future__ import annotations

from collections.abc import Callable

from domain.conversation import Conversation, Role
from domain.errors import UsageError
from entrypoints.chat.chat_face import ChatFace


class Copying:
    """Finds what is to be copied; the face has it copied."""

    def __init__(self, face: ChatFace, conversation: Callable[[], Conversation | None]) -> None:
        """*conversation* is the one that goes on; None where nothing has begun."""
        self._face = face
        self._conversation = conversation

    def copy(self, block: int | None = None) -> None:
        """Copy the last answer, or its piece of code with the number *block*.

        Raises:
            UsageError: There is none.
        """
        conversation = self._conversation()
        turns = conversation.turns if conversation else ()
        answer = next((turn.text for turn in reversed(turns) if turn.role is Role.ASSISTANT), None)
        if answer is None:
            raise UsageError("There is no answer to copy yet.")
        if block is None:
            self._face.copy(answer, "The last answer")
            return
        blocks = code_blocks(answer)
        if not 1 <= block <= len(blocks):
            raise UsageError(f"The last answer has {_pieces(len(blocks))}. /copy alone copies all of it.")
        self._face.copy(blocks[block - 1], f"Block {block}")


def code_blocks(markdown: str) -> tuple[str, ...]:
    """The source of each block of code in *markdown*, in their order: what stands between the fences."""
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark", {"maxNesting": 20}).parse(markdown)
    return tuple(token.content.removesuffix("\n") for token in tokens if token.type in ("fence", "code_block"))


def _pieces(count: int) -> str:
    return f"{count} block{'' if count == 1 else 's'} of code" if count else "no block of code"
