"""A home that one may not write, not enter, or that is somebody else's: nothing is spent and nothing is changed (C4).

The commands run as the user whom permission bits hold back: where the tests run as root, as a root without privileges.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from adapters.sandbox.server import Sandbox
from tests.support.become_user import NOBODY, without_privileges
from tests.support.command import LAUNCHER, LONGEST, Ended
from tests.support.fault_home import VICTIM, Homes

pytestmark = pytest.mark.timeout(300)

UNUSABLE: Final = 7

CHANGING: Final = {
    "login": ("login", VICTIM.value, "--no-browser", "--timeout", "20"),
    "refresh": ("refresh", VICTIM.value),
    "switch": ("use", "gemini-3.8-flash"),
    "logout": ("logout", VICTIM.value),
    "ask": ("ask", "-m", "claude-opus-4.1", "hello"),
}
"""Login ends at once: it is not begun where its session could not be kept."""

Obstacle = Callable[[Path], None]


def not_to_be_written(home: Path) -> None:
    for path in home.rglob("*"):
        path.chmod(0o500 if path.is_dir() else 0o400)
    home.chmod(0o500)


def not_to_be_entered(home: Path) -> None:
    home.chmod(0o600)


def closed(home: Path) -> None:
    home.chmod(0)


def of_another_user(home: Path) -> None:
    give_away(home, *home.rglob("*"))


def of_another_user_who_lets_everybody_read(home: Path) -> None:
    for path in (home, *home.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    of_another_user(home)


def with_files_of_another_user(home: Path) -> None:
    """As after `sudo keyswitch`, once."""
    give_away(*home.rglob("*"))


def with_a_store_of_another_user(home: Path) -> None:
    give_away(home / "auth.json", home / "auth.json.bak")


def with_a_locked_up_store(home: Path) -> None:
    (home / "auth.json").chmod(0)


def give_away(*paths: Path) -> None:
    for path in paths:
        os.chown(path, NOBODY, NOBODY)


BY_MODE: Final[dict[Obstacle, str]] = {
    not_to_be_written: "nothing can be written there",
    not_to_be_entered: "nothing can be read there",
    closed: "nothing can be read there",
    with_a_locked_up_store: "auth.json: it cannot be read (Permission denied)",
}
BY_OWNER: Final[dict[Obstacle, str]] = {
    of_another_user: "nothing can be read there",
    of_another_user_who_lets_everybody_read: "is not yours",
    with_files_of_another_user: "config.toml: it cannot be read (Permission denied)",
    with_a_store_of_another_user: "auth.json: it cannot be read (Permission denied)",
}
"""Only root can give files away."""
OBSTACLES: Final = BY_MODE | (BY_OWNER if os.geteuid() == 0 else {})
"""And what is said of them."""


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homes]:
    with Sandbox() as sandbox:
        yield Homes(sandbox, tmp_path_factory.mktemp("homes"))


@pytest.fixture(params=list(OBSTACLES), ids=lambda obstacle: obstacle.__name__)
def obstacle(request: pytest.FixtureRequest) -> Obstacle:
    found: Obstacle = request.param
    return found


def run(home: Path, *arguments: str) -> Ended:
    """A command as a user whom permission bits hold back."""
    done = subprocess.run(
        [sys.executable, str(LAUNCHER), *arguments],
        env={**os.environ, "CODE_HOME": str(home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=LONGEST,
        check=False,
        preexec_fn=without_privileges if os.geteuid() == 0 else None,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


Content = dict[str, bytes]


NEWS: Final = {"events.jsonl", "sign-in.pid"}
"""What is written of a command that failed, where that is possible."""


def content(home: Path) -> Content:
    """All files in the folder but what tells of commands; for somebody whom nothing holds back."""
    files = (path for path in home.rglob("*") if path.is_file() and path.name not in NEWS)
    return {str(path.relative_to(home)): path.read_bytes() for path in files}


def lift(home: Path) -> None:
    """Take every obstacle away."""
    home.chmod(0o700)
    for path in (home, *home.rglob("*")):
        if os.geteuid() == 0:
            os.chown(path, 0, 0)
        path.chmod(0o700 if path.is_dir() else 0o600)


@pytest.fixture
def home(homes: Homes, obstacle: Obstacle) -> Iterator[Path]:
    """Of somebody whose session is due, with an obstacle; in the end it is as it was."""
    home = homes.signed_in()
    before = content(home)
    obstacle(home)
    status = home.stat()
    homes.sandbox.log.clear()
    yield home
    assert (home.stat().st_uid, home.stat().st_mode) == (status.st_uid, status.st_mode)
    lift(home)
    assert content(home) == before


@pytest.mark.parametrize("command", CHANGING)
def test_a_command_that_may_not_write_spends_nothing_and_changes_nothing(
    command: str, obstacle: Obstacle, home: Path, homes: Homes
) -> None:
    ended = run(home, *CHANGING[command])
    assert ended.code == UNUSABLE, ended
    assert OBSTACLES[obstacle] in ended.err
    assert "Traceback" not in ended.err
    assert homes.sandbox.log.entries() == ()


@pytest.mark.parametrize("mode", [0o500, 0o555])
def test_a_question_is_answered_by_a_fresh_token_where_nothing_can_be_written(mode: int, homes: Homes) -> None:
    home = homes.signed_in()
    assert run(home, "refresh", VICTIM.value).code == 0
    before = content(home)
    not_to_be_written(home)
    home.chmod(mode)
    homes.sandbox.log.clear()
    ended = run(home, *CHANGING["ask"])
    assert ended.code == 0, ended
    assert ended.err.count("Nothing is saved here, and no sign-in is renewed.") == 1
    assert homes.requests("refresh") == []
    assert home.stat().st_mode & 0o777 == 0o500
    lift(home)
    assert content(home) == before


@pytest.mark.parametrize("obstacle", [not_to_be_written], ids=["not_to_be_written"])
def test_a_command_that_may_only_read_says_who_is_signed_in(home: Path) -> None:
    status = run(home, "status", "--json")
    assert status.code == 0, status
    assert {entry["id"]: entry["state"] for entry in status.document["providers"]}[VICTIM.value] == "due"
    assert run(home, "models").code == 0


def test_status_and_doctor_find_their_words(obstacle: Obstacle, home: Path) -> None:
    status, doctor = run(home, "status"), run(home, "doctor", "--json")
    assert status.code == (0 if obstacle is not_to_be_written else UNUSABLE), status
    assert doctor.code == UNUSABLE, doctor
    findings = doctor.document["findings"]
    assert any(found["area"] == "store" and found["fix"] for found in findings), findings
    assert "Traceback" not in status.err + doctor.err


def test_once_the_obstacle_is_gone_the_session_is_renewed_with_one_request(obstacle: Obstacle, homes: Homes) -> None:
    home = homes.signed_in()
    obstacle(home)
    homes.sandbox.log.clear()
    assert run(home, "refresh", VICTIM.value).code == UNUSABLE
    lift(home)
    ended = run(home, "refresh", VICTIM.value)
    assert ended.code == 0, ended
    assert len(homes.requests("refresh")) == 1
