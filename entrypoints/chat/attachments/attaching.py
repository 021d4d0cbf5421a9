"""Files that wait to go along with the next message."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from domain.attached.attachment import Attachment
from domain.attached.intake import refused
from domain.conversation import Conversation
from domain.errors import UsageError
from domain.selection import Selection
from entrypoints.chat.chat_face import ChatFace
from entrypoints.words.attachments import left_out_lines


class Attaching:
    """What is attached in one window. Only a path that a person named or chose is ever read."""

    def __init__(self, face: ChatFace, conversation: Callable[[], Conversation | None]) -> None:
        """*conversation* hands out the one that goes on; None where nothing has begun."""
        self._face = face
        self._conversation = conversation
        self._told: set[tuple[str, str]] = set()
        """Models and what was said of them."""
        self.files: tuple[Attachment, ...] = ()
        """What goes along with the next message."""

    async def attach(self, path: str) -> None:
        """`/attach`: have the file at *path* go along; `-` takes the last one out, and nothing names them all."""
        if path == "-":
            self.drop_last()
        elif path:
            await self._attach(path)
        elif self.files:
            self._face.show_attached(self.files)
        else:
            raise UsageError("Nothing is attached. /attach FILE attaches a file.")

    async def _attach(self, path: str) -> None:
        services = await self._face.services(opened=False)
        file = await self._face.in_thread(partial(services.attachable.read, path))
        state = self._face.window_state()
        if state is not None and state.selection is not None:
            why = refused(file, state.selection.answering.model, state.selection.credential)
            if why is not None:
                raise UsageError(f"{file.name} was not attached: {why}.")
        if file in self.files:
            raise UsageError(f"{file.name} is attached already.")
        self._show((*self.files, file))

    def drop_last(self) -> None:
        """Take out what was attached last."""
        if self.files:
            self._show(self.files[:-1])

    def take(self) -> tuple[Attachment, ...]:
        """What goes along with the message that is sent now."""
        files = self.files
        if files:
            self._show(())
        return files

    def sent(self, files: tuple[Attachment, ...]) -> None:
        """The message with *files* was sent: they do not wait any more."""
        self.files = tuple(file for file in self.files if file not in files)

    def give_back(self, files: tuple[Attachment, ...]) -> None:
        """The message with *files* was not sent: they wait again."""
        if files:
            self._show((*files, *self.files))

    def tell_left_out(self, selection: Selection, files: tuple[Attachment, ...] = ()) -> None:
        """Say which files of earlier messages *selection* is not sent beside *files*; once for each model."""
        conversation = self._conversation()
        lines = left_out_lines(conversation.turns, files, selection) if conversation else ()
        model = selection.answering.model.id
        news = [line for line in lines if (model, line) not in self._told]
        if news:
            self._told |= {(model, line) for line in news}
            self._face.say(*news)

    def _show(self, files: tuple[Attachment, ...]) -> None:
        self.files = files
        self._face.show_attached(files)
