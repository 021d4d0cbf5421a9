from __future__ import annotations

import sys
from pathlib import Path

import pytest

from adapters.system.editor import SystemEditor
from application.ports.writing.text_editor import TextEditor
from tests.contracts.text_editor import TextEditorContract
from tests.support.fake_editor import FakeEditor


class TestFakeEditor(TextEditorContract):
    def make_editor(self, *, appending: str = "", failing: bool = False) -> TextEditor:
        return FakeEditor(appending=appending, failing=failing)


class TestSystemEditor(TextEditorContract):
    @pytest.fixture(autouse=True)
    def _home(self, tmp_path: Path) -> None:
        self.home = tmp_path

    def make_editor(self, *, appending: str = "", failing: bool = False) -> TextEditor:
        script = self.home / "edit.py"
        script.write_text(
            f"import sys\nopen(sys.argv[1], 'a', newline='').write({appending!r})\nsys.exit({int(failing)})\n"
        )
        return SystemEditor(home=self.home, environ={"EDITOR": f"{sys.executable} -I {script}"})
