"""Where an answer goes: plain text, one JSON object, or a line for each piece."""

from __future__ import annotations

import sys
from typing import Any, Protocol

from application.ports.chat_client import ReasoningDelta, TextDelta
from application.ports.person_files import OutputFile
from domain.conversation import Turn
from domain.text.untrusted import Shown, UntrustedStream, untrusted
from entrypoints.chat.receipts import receipt_document, receipt_line
from entrypoints.cli.output import is_terminal, result_json, say, write_result


class AnswerSink(Protocol):
    """Takes an answer as it comes."""

    def take(self, event: TextDelta | ReasoningDelta) -> None:
        """Take the next piece of the answer."""
        ...

    def complete(self, answer: Turn) -> None:
        """Take note that the answer is complete."""
        ...

    def end(self) -> None:
        """Take note that nothing more comes, whether the answer is complete or not."""
        ...


class PlainAnswer:
    """Text on standard output, made harmless for whoever it ends up with; the receipt for people only."""

    def __init__(self) -> None:
        self._filter = UntrustedStream()
        self._last = "\n"

    def take(self, event: TextDelta | ReasoningDelta) -> None:
        """Print text at once; thoughts are not the answer."""
        if isinstance(event, TextDelta):
            self._write(self._filter.feed(event.text))

    def complete(self, answer: Turn) -> None:
        """Say who answered, where a person looks at it."""
        self.end()
        if answer.receipt is not None and is_terminal(sys.stderr):
            say(receipt_line(answer.receipt))

    def end(self) -> None:
        """Close the last line."""
        self._write(self._filter.flush())
        if self._last != "\n":
            self._write(untrusted("\n"))

    def _write(self, text: Shown) -> None:
        if text:
            self._put(text)
            self._last = text[-1]

    def _put(self, text: Shown) -> None:
        write_result(text, flush=True)


class FileAnswer(PlainAnswer):
    """The same text in a file, as it comes; who answered is told to people only."""

    def __init__(self, file: OutputFile, name: str) -> None:
        super().__init__()
        self._file = file
        self._name = name
        self._left = "cut"
        """How it was left, where it comes to an end: `whole` where all of it came, "" once that was told."""

    def complete(self, answer: Turn) -> None:
        """Say who answered, and where the answer is."""
        self._left = "whole"
        super().complete(answer)

    def end(self) -> None:
        """Close the file, and say what is in it."""
        left, self._left = self._left, ""
        if not left:
            return
        super().end()
        written = self._file.close()
        if left == "whole":
            say(f"The answer is in {self._name}.")
        elif written:
            say(f"The answer is not complete. What came of it is in {self._name}.")

    def _put(self, text: Shown) -> None:
        self._file.write(text)


class JsonAnswer:
    """One object with the whole answer."""

    def take(self, event: TextDelta | ReasoningDelta) -> None:
        """Wait for the rest."""

    def complete(self, answer: Turn) -> None:
        """Print the whole answer once it is there."""
        result_json({"schema": 1, **answer_document(answer)})

    def end(self) -> None:
        """Nothing is left open."""


class JsonLines:
    """`text` and `reasoning` as they come, `answer` at the end. Texts are as the provider sent them."""

    def take(self, event: TextDelta | ReasoningDelta) -> None:
        """Print it at once."""
        kind = "text" if isinstance(event, TextDelta) else "reasoning"
        result_json({"event": kind, "text": event.text})

    def complete(self, answer: Turn) -> None:
        """Print the receipt with the whole text."""
        result_json({"event": "answer", **answer_document(answer)})

    def end(self) -> None:
        """Nothing is left open."""


def answer_document(answer: Turn) -> dict[str, Any]:
    """An answer for programs; in JSON every control character is escaped, so the text is complete."""
    return {
        "text": answer.text,
        "stop": answer.stop.value if answer.stop else None,
        "receipt": receipt_document(answer.receipt) if answer.receipt else None,
    }
