"""What every editor promises."""

from __future__ import annotations

from abc import ABC, abstractmethod

import pytest

from application.ports.writing.text_editor import TextEditor
from domain.errors import UsageError


class TextEditorContract(ABC):
    @abstractmethod
    def make_editor(self, *, appending: str = "", failing: bool = False) -> TextEditor:
        """One that adds *appending* to the text, or fails. The return type is the static half of the contract."""

    def test_what_was_edited_comes_back(self) -> None:
        for text in ("", "one\ntwo", "Grüße 👋\n"):
            assert self.make_editor(appending=" more").edit(text) == f"{text} more"

    def test_what_was_left_alone_comes_back_as_it_was(self) -> None:
        assert self.make_editor().edit("one\n\ntwo") == "one\n\ntwo"

    def test_one_that_fails_is_told(self) -> None:
        with pytest.raises(UsageError, match="Your text stays as it was"):
            self.make_editor(failing=True).edit("one")

    def test_there_may_be_nothing_to_clear_away(self) -> None:
        self.make_editor().clear_away()
