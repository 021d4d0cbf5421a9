"""Locks on a file system that has none: processes exclude each other, and only a dead owner's lock is taken over."""

from __future__ import annotations

import fcntl
import json
import os
import random
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from adapters.files import owner_locks
from adapters.files.locks import exclusive
from adapters.files.owner_locks import Owner, owner_of, take_lock
from domain.errors import StoreBusy, StoreNotWritable
from tests.support import locked_counter
from tests.support.locked_counter import without_locks
from tests.support.odd_files import NO_FILE, WRONG_CONTENT, Oddity, Place

ROOT = Path(__file__).parents[3]
COUNTING = locked_counter.__name__
ME = Owner.of_this_process()

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has its own locks on every file system")


@pytest.fixture
def lock(tmp_path: Path, mocker: MockerFixture) -> Path:
    """On a file system without locks."""
    mocker.patch.object(fcntl, "flock", without_locks)
    return tmp_path / "lock"


def owner_file(lock: Path) -> Path:
    return lock.with_name("lock.owner")


def held_by(lock: Path, owner: Owner) -> None:
    file = owner_file(lock)
    file.write_text(json.dumps(asdict(owner)), "utf-8")
    file.chmod(0o600)


def counted(folder: Path, *kernels: str, times: int, deadly: int = 0) -> tuple[int, int]:
    """What the number is in the end, and how many steps were taken, by one process for each of *kernels*."""
    (folder / "number").write_text("0")
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", COUNTING, str(folder), str(times), str(deadly), str(seed), kernel],
                    cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                )
            )
            for seed, kernel in enumerate(kernels)
        ]  # fmt: skip
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        for process in processes:
            process.wait(120)
    codes = {process.returncode for process in processes}
    assert codes <= ({0, 9} if deadly else {0})
    return int((folder / "number").read_text()), sum(int(done.read_text()) for done in folder.glob("done-*"))


def test_processes_without_locks_exclude_each_other(tmp_path: Path) -> None:
    assert counted(tmp_path, *["none"] * 4, times=60) == (240, 240)
    assert list(tmp_path.glob("lock.*")) == []


def test_a_process_without_locks_and_one_with_them_exclude_each_other_where_both_use_the_file(tmp_path: Path) -> None:
    """Where one got the kernel's lock in vain: the file of the other is respected."""
    held_by(tmp_path / "lock", ME)
    with pytest.raises(StoreBusy, match=f"process {os.getpid()}"), exclusive(tmp_path / "lock", timeout=0):
        pytest.fail("both had it")


def test_owners_that_die_with_the_lock_held_cost_nobody_a_step(tmp_path: Path) -> None:
    number, steps = counted(tmp_path, *["none"] * 8, times=40, deadly=5)
    assert number == steps > 8


def test_processes_that_take_the_lock_without_a_look_are_caught(tmp_path: Path) -> None:
    """The control: the test sees a program that does it wrong."""
    number, steps = counted(tmp_path, *["careless"] * 4, times=60)
    assert number < steps == 240


def test_a_lock_is_held_by_its_process_and_gone_with_the_context(lock: Path) -> None:
    with exclusive(lock, timeout=0):
        assert owner_of(owner_file(lock)) == ME
        with pytest.raises(StoreBusy, match=f"process {os.getpid()}"), exclusive(lock, timeout=0):
            pytest.fail("both had it")
    assert not owner_file(lock).exists()
    with exclusive(lock, timeout=0):
        pass


@pytest.fixture
def dead() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_the_lock_of_a_dead_owner_is_taken_over(lock: Path, dead: int) -> None:
    held_by(lock, replace(ME, pid=dead))
    with exclusive(lock, timeout=0):
        assert owner_of(owner_file(lock)) == ME


def test_an_owner_that_has_ended_and_that_nobody_asked_about_yet_is_gone(lock: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        started = int(Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[19])
        held_by(lock, replace(ME, pid=process.pid, started=started))
        with pytest.raises(StoreBusy, match=f"process {process.pid}"), exclusive(lock, timeout=0):
            pytest.fail("it was taken from somebody who lives")
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        with exclusive(lock, timeout=0):
            pass


def test_a_number_that_another_process_has_by_now_is_no_owner(lock: Path) -> None:
    held_by(lock, replace(ME, started=ME.started - 1))
    with exclusive(lock, timeout=0):
        pass


def test_what_was_held_before_the_last_boot_is_held_no_more(lock: Path) -> None:
    held_by(lock, replace(ME, boot="another boot"))
    with exclusive(lock, timeout=0):
        pass


@pytest.mark.parametrize("boot", [ME.boot, "another boot"])
def test_what_another_machine_holds_is_never_taken(lock: Path, dead: int, boot: str) -> None:
    other = replace(ME, pid=dead, place="another machine", boot=boot)
    held_by(lock, other)
    words = f"another machine or in another container; remove {owner_file(lock)} once no keyswitch runs there"
    with pytest.raises(StoreBusy, match=words), exclusive(lock, timeout=0.05):
        pytest.fail("it was taken")
    assert owner_of(owner_file(lock)) == other


def test_who_was_about_to_clear_a_dead_owners_lock_and_died_is_cleared_as_well(lock: Path, dead: int) -> None:
    gone = replace(ME, pid=dead)
    held_by(lock, gone)
    file = owner_file(lock)
    clearing = owner_locks.clearing_of(file, gone)
    clearing.write_text(json.dumps(asdict(replace(ME, started=ME.started - 1))), "utf-8")
    clearing.chmod(0o600)
    assert take_lock(file)
    assert sorted(path.name for path in lock.parent.iterdir()) == [file.name]


def test_while_somebody_clears_a_dead_owners_lock_nobody_else_touches_it(lock: Path, dead: int) -> None:
    gone = replace(ME, pid=dead)
    held_by(lock, gone)
    file = owner_file(lock)
    clearing = owner_locks.clearing_of(file, gone)
    assert take_lock(clearing)
    assert not take_lock(file)
    assert owner_of(file) == gone


@pytest.mark.parametrize("oddity", [*NO_FILE, *WRONG_CONTENT], ids=lambda oddity: oddity.__name__)
def test_something_odd_in_the_place_of_the_owner_is_named_at_once_and_left(lock: Path, oddity: Oddity) -> None:
    outside = lock.with_name("outside")
    outside.mkdir()
    place = Place(owner_file(lock), outside, b"", random.Random(1))
    oddity(place)
    with pytest.raises(StoreNotWritable, match=r"lock\.owner: it "), exclusive(lock, timeout=60):
        pytest.fail("it was taken")
    assert os.path.lexists(place.path)


def test_where_nothing_can_stand_in_nobody_goes_on(lock: Path, mocker: MockerFixture) -> None:
    mocker.patch("os.link", side_effect=OSError(95, "Operation not supported"))
    with pytest.raises(StoreNotWritable, match="no locks, and nothing can stand in"), exclusive(lock, timeout=60):
        pytest.fail("it went on")
    assert [path.name for path in lock.parent.iterdir()] == ["lock"]


def test_a_link_whose_answer_was_lost_counts_as_made(lock: Path, mocker: MockerFixture) -> None:
    link = os.link

    def lossy(source: Path, target: Path) -> None:
        link(source, target)
        raise OSError(5, "Input/output error")

    mocker.patch("os.link", side_effect=lossy)
    with exclusive(lock, timeout=0):
        assert owner_of(owner_file(lock)) == ME


def test_a_kernel_that_fails_once_gives_the_lock_at_the_second_time(tmp_path: Path, mocker: MockerFixture) -> None:
    flock, asked = fcntl.flock, []

    def once(descriptor: int, operation: int) -> None:
        asked.append(operation)
        if len(asked) == 1:
            without_locks()
        flock(descriptor, operation)

    mocker.patch.object(fcntl, "flock", once)
    with exclusive(tmp_path / "lock", timeout=0):
        mocker.patch.object(fcntl, "flock", flock)
        owner_file(tmp_path / "lock").unlink()
        with pytest.raises(StoreBusy), exclusive(tmp_path / "lock", timeout=0):
            pytest.fail("the kernel let two in")


def test_what_proc_does_not_show_is_not_gone(lock: Path, mocker: MockerFixture) -> None:
    """As where it is mounted with `hidepid`, in which a process without debuggers is hidden, or not mounted at all."""
    readable = owner_locks._line

    def hidden(path: str) -> str:
        return "" if path.startswith("/proc/") else readable(path)

    for owner in (ME, replace(ME, started=0), replace(ME, boot=""), replace(ME, started=0, boot="")):
        mocker.patch.object(owner_locks, "_line", hidden)
        assert not owner.is_gone()
        mocker.patch.object(owner_locks, "_line", readable)
        assert not owner.is_gone()
    held_by(lock, ME)
    mocker.patch.object(owner_locks, "_line", hidden)
    assert not take_lock(owner_file(lock))
    assert replace(ME, pid=2**22 + 1).is_gone(), "nothing has that number"
