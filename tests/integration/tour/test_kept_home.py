"""A demo that keeps its files says at its next start what of them is of use."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from entrypoints.chat.options import TuiOptions
from entrypoints.cli.commands.demo import show_on_screen
from entrypoints.sandboxed import open_sandbox
from entrypoints.services import LightServices, Services

pytestmark = pytest.mark.slow


def test_a_second_demo_in_the_same_home_says_that_one_signs_in_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    def run(_: Callable[[], Services], __: LightServices, options: TuiOptions) -> int:
        said.append(options.message or "")
        return 0

    monkeypatch.setattr("entrypoints.tui.run.run", run)
    for _ in range(2):
        with open_sandbox(tmp_path / "kept", os.environ) as opened:
            assert show_on_screen(opened, None, kept=True) == 0
    first, second = said
    assert "sign in again (/login)" in second
    assert "sign in again" not in first
