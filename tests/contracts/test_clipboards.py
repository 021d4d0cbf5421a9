"""What every clipboard promises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path

import pytest

from adapters.system.clipboard import SystemClipboard
from application.ports.clipboard import Clipboard
from tests.support.fake_clipboard import FakeClipboard

TEXT = "two\nlines, “quoted” 🙂"


class ClipboardContract(ABC):
    @abstractmethod
    def make_clipboard(self, *, works: bool) -> Clipboard:
        """One that takes what it is given, or none at all. The return type is the static half of the contract."""

    @abstractmethod
    def held(self) -> str:
        """What is in it."""

    def test_it_names_the_program_that_has_the_text(self) -> None:
        assert self.make_clipboard(works=True).put(TEXT) == "xclip"
        assert self.held() == TEXT

    def test_it_says_where_there_is_none(self) -> None:
        assert self.make_clipboard(works=False).put(TEXT) is None
        assert self.held() == ""


class TestSystemClipboard(ClipboardContract):
    @pytest.fixture(autouse=True)
    def _programs(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    def make_clipboard(self, *, works: bool) -> Clipboard:
        if works:
            program = self.folder / "xclip"
            program.write_text(f"#!/bin/sh\n/bin/cat > {self.folder}/held\n")
            program.chmod(0o700)
        return SystemClipboard(environ={"PATH": str(self.folder), "DISPLAY": ":0"})

    def held(self) -> str:
        held = self.folder / "held"
        return held.read_text(encoding="utf-8") if held.exists() else ""


class TestFakeClipboard(ClipboardContract):
    def make_clipboard(self, *, works: bool) -> Clipboard:
        self.fake = FakeClipboard("xclip" if works else None)
        return self.fake

    def held(self) -> str:
        return self.fake.text
