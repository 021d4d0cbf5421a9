"""Something else lies in the place of a file that keyswitch reads: nothing hangs, crashes, follows it or is lost.

What the odd thing stands for may be out of use meanwhile; that is said, and is over once it is taken away.
"""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from adapters.sandbox.server import Sandbox
from adapters.session_store import store_file
from entrypoints import light
from entrypoints.exit_code import ExitCode
from tests.support.command_series import HANGS, Command, Series, Step
from tests.support.fault_home import VICTIM, Homes, record_lines, victim, victim_key
from tests.support.fault_scale import chances
from tests.support.odd_files import (
    ODDITIES,
    WRONG_CONTENT,
    Oddity,
    Place,
    directory,
    empty,
    link,
    of_another_user,
    of_the_wrong_type,
    open_to_all,
    oversized,
    pipe,
)

pytestmark = pytest.mark.timeout(300)

LONGEST: Final = 5.0
"""Seconds for any of the commands."""

RENEWAL_LOCK: Final = "locks/of the session.lock"
RESCUE: Final = "rescued session"
"""Their names hold a digest."""

USE, ASK, REFRESH = ("use", "claude-opus-4.1"), ("ask", "-m", "claude-opus-4.1", "hello"), ("refresh", VICTIM.value)
LOGOUT, DOCTOR = ("logout", "gemini"), ("doctor", "--json")
COMMANDS: Final[tuple[Command, ...]] = (("status",), ("status", "--json"), DOCTOR, USE, ASK, REFRESH, LOGOUT)

SIGN_INS: Final = frozenset({ASK, REFRESH, LOGOUT})
ALL: Final = frozenset(COMMANDS)
STOPS: Final[dict[str, frozenset[Command]]] = {
    "auth.json": ALL,
    "auth.json.bak": frozenset(),
    "auth.json.lock": SIGN_INS,
    "auth.json.lock.owner": SIGN_INS,
    "auth.json.old.sealed": frozenset(),
    "auth_accounts.json": frozenset(),
    "config.lock": frozenset({USE}),
    "config.toml": ALL,
    "conversations.db": frozenset({ASK}),
    "conversations.db-journal": frozenset({ASK}),
    "conversations.db-shm": frozenset({ASK}),
    "conversations.db-wal": frozenset({ASK}),
    "conversations.lock": frozenset({ASK}),
    "events.1.jsonl": frozenset(),
    "events.jsonl": frozenset(),
    "events.lock": frozenset(),
    "installation": frozenset(),
    "ledger.db": frozenset(),
    "ledger.db-journal": frozenset(),
    "ledger.db-shm": frozenset(),
    "ledger.db-wal": frozenset(),
    "ledger.lock": frozenset(),
    "locks": SIGN_INS,
    "locks/sign-in.lock": frozenset(),
    "locks/sign-in.pid": frozenset(),
    "master-key.json": ALL,
    "master-key.lock": frozenset(),
    "master.key": SIGN_INS,
    RENEWAL_LOCK: SIGN_INS,
    RESCUE: SIGN_INS,
}
"""Every file, and what is out of use while something odd is in its place. The doctor may always find something."""

OWN_NOTES: Final = frozenset({"auth.json.bak", "installation", "locks/sign-in.pid", RESCUE})
"""What keyswitch makes anew: an odd thing is replaced by a rename, and never followed."""

SQLITES: Final = frozenset(
    f"{name}.db-{side}" for name in ("conversations", "ledger") for side in ("journal", "shm", "wal")
)


def may_change(name: str, oddity: Oddity) -> bool:
    """Whether the odd thing may be another one in the end."""
    if oddity is open_to_all:
        return True  # closed, or written anew
    if name in OWN_NOTES:
        return oddity is not directory
    if name.endswith(".lock") and oddity is of_another_user:
        return True  # root closes it to others, and nobody else can open it
    accepted: dict[str, set[Oddity]] = {
        "config.toml": {empty, link, of_another_user, of_the_wrong_type},  # settings, of which some may be unknown
        "auth.json": set(WRONG_CONTENT) - {oversized},  # its good copy takes its place, and it is kept beside
        "conversations.db": {empty},  # as good as none
        "ledger.db": {empty},
    }
    if name in accepted:
        return oddity in accepted[name]
    return oddity in WRONG_CONTENT and (name in SQLITES or name == "events.jsonl")


@dataclass(frozen=True)
class Case:
    """Somebody's home with one odd thing in it."""

    home: Path
    place: Place
    neighbours: dict[str, bytes]

    def snapshot(self) -> object:
        """The odd thing as it is."""
        try:
            status = self.place.path.lstat()
        except OSError:
            return None
        content: object = None
        if stat.S_ISLNK(status.st_mode):
            content = self.place.path.readlink()
        elif stat.S_ISREG(status.st_mode) and status.st_size < 1024 * 1024:
            content = self.place.path.read_bytes()
        return status.st_ino, status.st_mode, status.st_size, status.st_uid, content

    def outside(self) -> dict[str, tuple[bytes, int]]:
        """All that is where links lead to."""
        found = self.place.outside.iterdir()
        return {path.name: (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) for path in found}

    def take_away(self) -> None:
        """Put the file back, or nothing where there was none."""
        path = self.place.path
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)
        if self.place.original:
            path.write_bytes(self.place.original)
            path.chmod(0o600)


class Workshop:
    """Makes the cases that a file can be in."""

    def __init__(self, homes: Homes, folder: Path, commands: Series) -> None:
        self.homes = homes
        self.commands = commands
        self._folder = folder
        self._used = homes.signed_in()
        steps = commands.run(self._used, *(command for command in COMMANDS if command != LOGOUT))
        assert {step.code for step in steps} == {0}, steps
        (self._digest,) = (path.stem for path in (self._used / "locks").glob("*.lock") if path.stem != "sign-in")

    def case(self, name: str, oddity: Oddity) -> Case:
        """A home of its own, in which *oddity* was done to the file *name*."""
        home = self.homes.signed_in()
        for database in ("conversations", "ledger"):
            if name != f"{database}.lock":  # for which only the first conversation has a use
                shutil.copy(self._used / f"{database}.db", home)
        neighbours = self._neighbours(home)
        outside = self._folder / home.name
        outside.mkdir()
        path = home / {RENEWAL_LOCK: f"locks/{self._digest}.lock", RESCUE: f".auth.json.{self._digest}.rescue"}.get(
            name, name
        )
        original = path.read_bytes() if path.is_file() else b""
        if path.is_dir():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        place = Place(path, outside, original, chances(f"{name} {oddity.__name__}"))
        oddity(place)
        return Case(home, place, neighbours)

    def check_sign_ins(self, case: Case) -> None:
        """The session works, and of the others none is gone or changed but the one that was signed out."""
        (step,) = self.commands.run(case.home, REFRESH)
        assert step.code == 0, step
        assert self.homes.live(victim(case.home))
        left = self._neighbours(case.home)
        assert left.items() <= case.neighbours.items()
        assert all(name.startswith(LOGOUT[1]) for name in case.neighbours.keys() - left.keys())

    def _neighbours(self, home: Path) -> dict[str, bytes]:
        mine = str(victim_key(home))
        return {name: line for name, line in record_lines(home).items() if name != mine}


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    with Sandbox() as sandbox, Series(longest=LONGEST) as commands:
        homes = Homes(sandbox, tmp_path_factory.mktemp("homes"))
        yield Workshop(homes, tmp_path_factory.mktemp("outside"), commands)


def check_step(step: Step, case: Case, oddity: Oddity, stopped: frozenset[Command]) -> None:
    """It ended in time, as one of the ways of ending that there are, and where it stopped it says at what."""
    assert step.code != HANGS, step
    assert step.code in {ExitCode.OK, ExitCode.CONFIG, ExitCode.SIGN_IN_NEEDED, ExitCode.UNAVAILABLE}, step
    assert "Traceback" not in step.out + step.err
    if step.command == DOCTOR:
        return
    assert step.code == 0 or step.command in stopped, step
    if step.code == ExitCode.CONFIG and oddity is not empty:  # which is as good as none
        assert "keyswitch: error:" in step.err, step
        assert case.place.path.name in step.err or (oddity is of_the_wrong_type and "[no_client]" in step.err), step


CASES: Final = [
    pytest.param(name, oddity, id=f"{name}: {oddity.__name__}")
    for name in STOPS
    for oddity in ODDITIES
    if not (name.endswith(".lock") and oddity in WRONG_CONTENT)  # nobody reads a lock
]


@pytest.mark.parametrize(("name", "oddity"), CASES)
def test_something_odd_in_the_place_of_a_file(name: str, oddity: Oddity, workshop: Workshop) -> None:
    case = workshop.case(name, oddity)
    before, outside = case.snapshot(), case.outside()
    for step in workshop.commands.run(case.home, *COMMANDS):
        check_step(step, case, oddity, STOPS[name])
    unchanged = case.snapshot() == before
    assert unchanged or may_change(name, oddity)
    assert case.outside() == outside or (name, oddity) == ("config.toml", link)
    if unchanged or name in {"config.toml", "locks", "auth.json.lock.owner"}:
        case.take_away()
    workshop.check_sign_ins(case)
    workshop.homes.forget(case.home)


def open_it_as_any_file() -> None:
    """The control: whether another program wrote it is asked by opening it and waiting."""

    def waiting(home: Path) -> bool:
        return (home / "auth.json").read_bytes().startswith(b"{")

    light.__dict__["has_only_our_files"] = waiting


def write_through_links() -> None:
    """The control: the copy of the store is written in place."""

    def careless(path: Path, content: bytes) -> None:
        path.write_bytes(content)

    store_file.__dict__["durable_write"] = careless


def test_a_program_that_waits_for_a_pipe_is_caught(workshop: Workshop) -> None:
    case = workshop.case("auth.json", pipe)
    with Series(longest=LONGEST, disturb=open_it_as_any_file) as commands:
        assert [step.code for step in commands.run(case.home, USE)] == [HANGS]


def test_a_program_that_follows_a_link_is_caught(workshop: Workshop) -> None:
    case = workshop.case("auth.json.bak", link)
    outside = case.outside()
    with Series(longest=LONGEST, disturb=write_through_links) as commands:
        commands.run(case.home, REFRESH)
    assert case.outside() != outside
