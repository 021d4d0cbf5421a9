"""What `--help` promises exists, and opens with examples."""

from __future__ import annotations

import re

import pytest

from domain.version import VERSION
from entrypoints.cli.overview import COMMANDS
from tests.support.command import Keyswitch


def test_the_help_opens_with_examples_and_lists_every_command(keyswitch: Keyswitch) -> None:
    ended = keyswitch("--help")
    assert (ended.code, ended.err) == (0, "")
    assert ended.lines[0] == "Examples:"
    assert all(f"\n  {name} " in ended.out for name in COMMANDS)
    assert max(len(line) for line in ended.lines) <= 110


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_that_opens_with_examples(keyswitch: Keyswitch, name: str) -> None:
    ended = keyswitch(name, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert ended.lines[0] == "Examples:"
    assert re.match(rf"  .*keyswitch {name}\b", ended.lines[1])
    assert f"Usage: keyswitch {name}" in ended.out


def test_the_version_is_the_launchers(keyswitch: Keyswitch) -> None:
    assert keyswitch("--version").out == f"keyswitch {VERSION}\n"
    assert keyswitch("--plain", "--version").out == f"keyswitch {VERSION}\n"
