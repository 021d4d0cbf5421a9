"""What everything promises that gets API keys from commands."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from pathlib import Path

import pytest

from adapters.system.key_commands import ProgramKeys
from application.ports.elsewhere.key_commands import KeyCommands
from application.settings import Settings
from domain.errors import SourceUnusable
from domain.provider import Provider
from domain.text.key_command import KeyCommand
from domain.text.secret import Secret
from tests.support.credentials import NOON
from tests.support.fake_key_commands import FakeKeyCommands
from tests.support.memory_config import MemoryConfig

FIRST, SECOND = "sk-ant-api03-made-up-1234", "sk-ant-api03-made-up-5678"


class KeyCommandsContract(ABC):
    command: KeyCommand

    @abstractmethod
    def make_keys(self) -> KeyCommands:
        """The keys of `command`, which prints nothing yet. The return type is the static half of the contract."""

    @abstractmethod
    def put(self, value: str) -> None:
        """Let the command print *value* from now on."""

    @abstractmethod
    def runs(self) -> int:
        """How often the command was run."""

    async def test_a_key_is_asked_for_once_and_again_only_when_it_was_refused(self) -> None:
        keys, record = self.make_keys(), self.command.record(NOON)
        self.put(FIRST)
        assert self.runs() == 0
        first = await keys.key(record)
        assert (first.record, first.value) == (record, Secret(FIRST))
        self.put(SECOND)
        assert (await keys.key(record)).value == Secret(FIRST)
        assert self.runs() == 1
        assert (await keys.key(record, refused=first)).value == Secret(SECOND)
        assert (await keys.key(record, refused=first)).value == Secret(SECOND)
        assert (await keys.key(record)).value == Secret(SECOND)
        assert self.runs() == 2

    async def test_without_a_key_it_says_which_command_and_is_asked_again_the_next_time(self) -> None:
        keys, record = self.make_keys(), self.command.record(NOON)
        with pytest.raises(SourceUnusable, match=r"The command `.* gave no Claude key. It printed nothing"):
            await keys.key(record)
        self.put(FIRST)
        assert (await keys.key(record)).value == Secret(FIRST)
        assert FIRST not in repr(await keys.key(record))


class TestProgramKeys(KeyCommandsContract):
    @pytest.fixture(autouse=True)
    def _home(self, tmp_path: Path) -> None:
        self.value, self.counted = tmp_path / "value", tmp_path / "counted"
        self.put("")
        self.counted.write_text("")
        script = "cat value; echo once >> counted"
        self.command = KeyCommand(Provider.CLAUDE, ("sh", "-c", script))
        self.home = tmp_path

    def make_keys(self) -> KeyCommands:
        config = MemoryConfig(settings=Settings(key_commands=(self.command,)))
        return ProgramKeys(config=config, environ={"PATH": "/usr/bin:/bin"}, home=self.home)

    def put(self, value: str) -> None:
        self.value.write_text(f"{value}\n" if value else "")

    def runs(self) -> int:
        return len(self.counted.read_text().splitlines())


class TestFakeKeyCommands(KeyCommandsContract):
    @pytest.fixture(autouse=True)
    def _made(self) -> None:
        self.command = KeyCommand(Provider.CLAUDE, (sys.executable,))
        self.keys = FakeKeyCommands()

    def make_keys(self) -> KeyCommands:
        return self.keys

    def put(self, value: str) -> None:
        self.keys.prints(self.command, value)

    def runs(self) -> int:
        return self.keys.runs
