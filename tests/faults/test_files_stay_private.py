"""No file with a secret in it is ever open to others, and nothing outside the home folder is touched (row S2)."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import tomlkit

from adapters.sandbox.server import Sandbox
from tests.support.become_user import NOBODY, nobody_with
from tests.support.fault_process import Laboratory, Run
from tests.support.file_watch import Files, listed, modes_below
from tests.support.leak_hunt import visit

MASKS = [0o000, 0o022, 0o077, 0o777]

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.usefixtures("as_root"),
]


@pytest.fixture
def as_root() -> None:
    """These tests become another user, which only root can."""
    assert os.geteuid() == 0


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def home(sandbox: Sandbox) -> Iterator[Path]:
    """An empty home of nobody, in a folder that nobody can pass, which those of pytest are not."""
    with TemporaryDirectory(prefix="keyswitch-private-") as folder:
        Path(folder).chmod(0o711)
        home = Path(folder).resolve() / "home"
        home.mkdir(mode=0o700)
        config = home / "config.toml"
        config.write_text(tomlkit.dumps({"providers": sandbox.provider_settings()}), "utf-8")
        config.chmod(0o600)
        give_away(home)
        yield home


def give_away(home: Path) -> None:
    for path in (home, *home.rglob("*")):
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)


Watched = Callable[..., tuple[Run, Files]]


@pytest.fixture
def watched(system_program: Callable[[str, str], str], tmp_path: Path, home: Path) -> Watched:
    """How a test runs a command as nobody, with every file call looked at."""
    strace = system_program("strace", "strace")

    def run(*arguments: str, mask: int, **how: bool) -> tuple[Run, Files]:
        laboratory = Laboratory(strace, tmp_path, nobody_with(mask, **how))
        log = tmp_path / "calls"
        files = Files(home, lambda path: Path(path).name == "config.toml", dict(modes_below(home)), mask)
        with laboratory._started(home, arguments) as started, listed(strace, started.pid, log):
            ended = started.ended(approve_when_asked)
        files.read(log.read_text("utf-8", "replace"))
        return ended, files

    return run


def approve_when_asked(line: str) -> None:
    link = re.search(r'"short_url": "([^"]+)"', line)
    if link:
        visit(link[1])


SENSITIVE = frozenset(
    {"home", "auth.json", "auth.json.bak", "conversations.db", "events.jsonl", "ledger.db", "master.key"}
)
"""What the commands of these tests write to. The others hold nothing secret, in a folder that is closed by then."""

SIGN_IN = ("login", "claude", "--json", "--no-browser", "--timeout", "20")


@pytest.mark.parametrize("mask", MASKS, ids=[f"{mask:04o}" for mask in MASKS])
def test_whatever_the_umask_no_file_is_ever_open_to_others(home: Path, watched: Watched, mask: int) -> None:
    for arguments in (
        SIGN_IN,
        ("refresh", "--force"),
        ("use", "claude-opus-4.1"),
        ("ask", "hello"),
        ("logout", "claude"),
    ):
        ended, files = watched(*arguments, mask=mask)
        assert ended.code == 0, f"{arguments}: {ended.err}"
        assert files.writes > 0 or arguments[0] == "use"
        assert files.wrong == [], arguments
    assert not_private(home) == []


@pytest.mark.parametrize("mask", MASKS, ids=[f"{mask:04o}" for mask in MASKS])
def test_what_was_left_open_to_others_is_closed_before_anything_is_written_to_it(
    home: Path, watched: Watched, mask: int
) -> None:
    assert watched(*SIGN_IN, mask=0o077)[0].code == 0
    assert watched("ask", "-m", "claude-opus-4.1", "hello", mask=0o077)[0].code == 0
    for path in (home, *home.rglob("*")):
        path.chmod(0o777 if path.is_dir() else 0o666)
    for arguments in (("refresh", "--force"), ("ask", "-m", "claude-opus-4.1", "hello"), ("logout", "claude")):
        ended, files = watched(*arguments, mask=mask)
        assert ended.code == 0, f"{arguments}: {ended.err}"
        assert files.wrong == [], arguments
    assert not_private(home, only=SENSITIVE) == []


def test_a_program_that_closes_its_files_afterwards_is_caught(watched: Watched) -> None:
    """The control: the test sees a program that does it wrong."""
    ended, files = watched(*SIGN_IN, mask=0o022, careless=True)
    assert ended.code == 0, ended.err
    assert any("auth.json" in line for line in files.wrong)
    assert any("master.key" in line for line in files.wrong)


def not_private(home: Path, *, only: frozenset[str] = frozenset()) -> list[str]:
    """What is not its owner's alone, or not even that. Settings may be read by others, if their owner wants it so."""
    return [
        f"{path} {mode:04o}"
        for path, mode in modes_below(home).items()
        if mode != (0o700 if Path(path).is_dir() else 0o600)
        and (Path(path).name in only if only else Path(path).name != "config.toml")
    ]
