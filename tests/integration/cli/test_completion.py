"""Completion, as a shell asks for it."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from entrypoints.cli.shells import VARIABLE
from tests.support.command import Keyswitch


def completed(keyswitch: Keyswitch, line: str) -> list[str]:
    """What bash would be told to offer at the end of *line*."""
    words = line.split(" ")
    ended = keyswitch(COMP_WORDS=line, COMP_CWORD=str(len(words) - 1), **{VARIABLE: "bash_complete"})
    assert (ended.code, ended.err) == (0, "")
    return [text.partition(",")[2] for text in ended.lines if text]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script_that_asks_keyswitch(keyswitch: Keyswitch, shell: str) -> None:
    ended = keyswitch("completion", shell)
    assert (ended.code, ended.err) == (0, "")
    assert f"{VARIABLE}={shell}_complete" in ended.out


def test_the_bash_script_is_good_bash(keyswitch: Keyswitch) -> None:
    bash = shutil.which("bash")
    assert bash is not None
    script = keyswitch("completion", "bash").out
    assert subprocess.run([bash, "-n"], input=script, encoding="utf-8", check=False).returncode == 0


def test_commands_are_completed(keyswitch: Keyswitch) -> None:
    assert completed(keyswitch, "keyswitch log") == ["login", "logout"]
    assert "ask" in completed(keyswitch, "keyswitch ")


def test_providers_are_completed(keyswitch: Keyswitch) -> None:
    assert completed(keyswitch, "keyswitch login c") == ["chatgpt", "claude"]


def test_models_are_completed_from_the_catalogue_and_the_config(keyswitch: Keyswitch) -> None:
    keyswitch.configure(presets={"claude-of-mine": {"model": "claude-opus-5-5", "label": "Mine"}})
    names = completed(keyswitch, "keyswitch use claude-")
    assert {"claude-opus-4.1", "claude-of-mine"} <= set(names)
    assert all(name.startswith("claude-") for name in names)
    assert "sonnet" not in names


def test_a_config_that_makes_no_sense_offers_nothing_and_says_nothing(keyswitch: Keyswitch) -> None:
    (keyswitch.home / "config.toml").write_text("model = ", "utf-8")
    assert completed(keyswitch, "keyswitch use claude-") == []


def test_scenarios_are_completed(keyswitch: Keyswitch) -> None:
    assert "outage" in completed(keyswitch, "keyswitch demo --scenario ou")


def test_options_are_completed(keyswitch: Keyswitch) -> None:
    assert completed(keyswitch, "keyswitch status --j") == ["--json"]
