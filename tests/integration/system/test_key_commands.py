from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from adapters.system.key_commands import ProgramKeys
from application.settings import Settings
from domain.errors import SourceUnusable
from domain.provider import Provider
from domain.text.key_command import KeyCommand
from domain.text.secret import Secret
from tests.support.credentials import NOON
from tests.support.memory_config import MemoryConfig

KEY = "sk-ant-api03-made-up-1234"


def program_keys(home: Path, command: KeyCommand, *, seconds: float = 20, **environ: str) -> ProgramKeys:
    config = MemoryConfig(settings=Settings(key_commands=(command,)))
    return ProgramKeys(config=config, environ={"PATH": "/usr/bin:/bin", **environ}, home=home, seconds=seconds)


async def asked(home: Path, *words: str, seconds: float = 20, environ: Mapping[str, str] | None = None) -> str | Secret:
    """The key that the command *words* prints, or what is said of it."""
    command = KeyCommand(Provider.CLAUDE, words)
    keys = program_keys(home, command, seconds=seconds, **(environ or {}))
    try:
        return (await keys.key(command.record(NOON))).value
    except SourceUnusable as error:
        return str(error).partition("Claude key. ")[2].removesuffix(" Nothing was sent.")


async def test_one_line_is_the_key_however_it_is_wrapped(tmp_path: Path) -> None:
    printed = (
        KEY, f"{KEY}\\n", f"{KEY}\\n\\n", f"{KEY}\\r\\n", f"  {KEY}  \\n", f'\\"{KEY}\\"\\n', f"Bearer {KEY}\\n",
        f"\\357\\273\\277{KEY}\\n", f"ANTHROPIC_API_KEY={KEY}\\n",
    )  # fmt: skip
    found = {text: await asked(tmp_path, "sh", "-c", f'printf "{text}"') for text in printed}
    assert found == dict.fromkeys(printed, Secret(KEY))


async def test_whatever_is_not_exactly_one_key_is_said_in_a_sentence(tmp_path: Path) -> None:
    alone = "print the key alone, on one line."
    said = {
        ("true",): "It printed nothing.",
        ("sh", "-c", "echo; echo no entry >&2"): "It printed nothing, saying: no entry.",
        ("sh", "-c", "echo a-key-1; echo user: ana"): f"It printed 2 lines; {alone}",
        ("printf", "%s\\n# mine\\n", KEY): f"It printed 2 lines; {alone}",
        ("printf", "\\377"): f"It printed what is no text in UTF-8; {alone}",
        ("sh", "-c", "cat /dev/zero"): f"It printed more than 64 KiB; {alone}",
        ("false",): "It ended with exit code 1.",
        ("sh", "-c", "echo first >&2; echo gpg: no secret key. >&2; exit 2"): (
            "It ended with exit code 2, saying: gpg: no secret key."
        ),
        ("echo", "password"): (
            "That is no API key that can be stored: it is a word; keys have digits in them. Nothing was changed."
        ),
        ("echo", "sk-proj-made-up-0000-1234"): (
            "That key belongs to ChatGPT: it looks like a ChatGPT key. It was neither stored nor sent anywhere."
        ),
        ("no-such-program-here",): "Its program was not found: name one that is on the PATH, or give its full path.",
        ("./here",): "Its program was not found: name one that is on the PATH, or give its full path.",
    }
    (tmp_path / "here").write_text(f"#!/bin/sh\necho {KEY}\n")
    (tmp_path / "here").chmod(0o700)
    found = {words: await asked(tmp_path, *words) for words in said}
    assert found == said


async def test_what_the_command_complains_of_is_cut_and_shows_no_escape_and_no_secret(tmp_path: Path) -> None:
    words = {
        "long": "printf '%0500d' 0 >&2; exit 1",
        "escapes": "printf 'red \\033[31m\\007alert' >&2; exit 1",
        "vendor": f"echo using {KEY} >&2; exit 1",
        "printed": "echo my-own-secret; echo was my-own-secret >&2; exit 1",
    }
    found = {name: str(await asked(tmp_path, "sh", "-c", script)) for name, script in words.items()}
    assert len(found["long"]) < 250
    assert found["escapes"].endswith("saying: red alert.")
    assert found["vendor"].endswith("saying: using ****.")
    assert found["printed"].endswith("saying: was ****.")


async def test_a_command_gets_no_terminal_and_no_secret_and_no_question(tmp_path: Path) -> None:
    script = (
        "import os, sys; "
        "assert sys.stdin.read() == ''; "
        "assert os.getsid(0) == os.getpid(); "
        "assert not {'GPG_TTY', 'OTHER_TOKEN'} & os.environ.keys(); "
        "assert os.environ['PASSWORD_STORE_DIR'] == '/store'; "
        f"print('{KEY}')"
    )
    variables = {"GPG_TTY": "/dev/tty1", "OTHER_TOKEN": "x", "PASSWORD_STORE_DIR": "/store"}
    assert await asked(tmp_path, sys.executable, "-c", script, environ=variables) == Secret(KEY)


async def test_one_that_hangs_is_stopped_with_what_it_started(tmp_path: Path) -> None:
    script = "sleep 600 & echo $! > child; wait"
    said = await asked(tmp_path, "sh", "-c", script, seconds=0.2)
    assert str(said).startswith("It did not end within 0.2 s and was stopped.")
    assert is_gone(int((tmp_path / "child").read_text()))


async def test_whoever_stops_waiting_stops_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "begun")
    command = KeyCommand(Provider.CLAUDE, ("sh", "-c", "echo $$ > begun; sleep 600"))
    keys = program_keys(tmp_path, command)
    waiting = asyncio.ensure_future(keys.key(command.record(NOON)))
    pid = int(await asyncio.to_thread((tmp_path / "begun").read_text))
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert is_gone(pid)


async def test_what_it_leaves_running_holds_nothing_up(tmp_path: Path) -> None:
    assert await asked(tmp_path, "sh", "-c", f"sleep 5 & echo {KEY}") == Secret(KEY)


async def test_another_command_in_the_config_is_not_run_for_a_conversation_that_holds_on_to_the_old_one(
    tmp_path: Path,
) -> None:
    before = KeyCommand(Provider.CLAUDE, ("echo", KEY)).record(NOON)
    keys = program_keys(tmp_path, KeyCommand(Provider.CLAUDE, ("touch", "run")))
    with pytest.raises(SourceUnusable, match="not in the config any more"):
        await keys.key(before)
    assert not (tmp_path / "run").exists()


def is_gone(pid: int) -> bool:
    """Whether the process ends within a few seconds; one that nobody waited for counts as gone."""
    for _ in range(500):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.01)
    return False
