"""One sign-in at a time in one home, across processes."""

from __future__ import annotations

import os
import random
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from adapters.sign_in.one_at_a_time import FileTurn
from domain.errors import SignInUnderWay, StoreNotWritable
from tests.support.odd_files import NO_FILE, Oddity, Place

HOLD = """
import sys
from pathlib import Path
from adapters.sign_in.one_at_a_time import FileTurn
with FileTurn(home=Path(sys.argv[1])).take():
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_two_windows_of_one_process_do_not_share_it(tmp_path: Path) -> None:
    with FileTurn(home=tmp_path).take(), pytest.raises(SignInUnderWay) as refusal, FileTurn(home=tmp_path).take():
        pytest.fail("both had it")
    assert refusal.value.pid == os.getpid()


def test_another_process_holds_it_until_it_dies(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(SignInUnderWay) as refusal, FileTurn(home=tmp_path).take():
            pytest.fail("both had it")
        assert refusal.value.pid == holder.pid
        assert str(holder.pid) in str(refusal.value)
        holder.kill()
        holder.wait()
    with FileTurn(home=tmp_path).take():
        pass


@pytest.mark.parametrize("content", [b"", b"no number", b"9" * 100, b"\xff"])
def test_an_odd_note_on_the_holder_names_nobody(tmp_path: Path, content: bytes) -> None:
    with FileTurn(home=tmp_path).take():
        (tmp_path / "locks" / "sign-in.pid").write_bytes(content)
        with pytest.raises(SignInUnderWay, match="another window"), FileTurn(home=tmp_path).take():
            pytest.fail("both had it")


def test_a_home_without_a_place_for_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "locks").write_bytes(b"")
    with pytest.raises(StoreNotWritable, match="locks"), FileTurn(home=tmp_path).take():
        pytest.fail("it was taken")


@pytest.mark.parametrize("name", ["sign-in.lock", "sign-in.pid"])
@pytest.mark.parametrize("oddity", NO_FILE, ids=lambda oddity: oddity.__name__)
def test_something_odd_in_the_place_of_the_lock_or_the_note_keeps_nobody_waiting(
    tmp_path: Path, name: str, oddity: Oddity
) -> None:
    (tmp_path / "locks").mkdir()
    (tmp_path / "outside").mkdir()
    place = Place(tmp_path / "locks" / name, tmp_path / "outside", b"4711", random.Random(1))
    oddity(place)
    with suppress(StoreNotWritable), FileTurn(home=tmp_path).take():
        with pytest.raises(SignInUnderWay) as refusal, FileTurn(home=tmp_path).take():
            pytest.fail("both had it")
        assert refusal.value.pid in {None, os.getpid()}
    assert [path.read_bytes() for path in (tmp_path / "outside").iterdir()] in ([], [b"4711"])


def test_a_link_in_the_place_of_the_folder_of_locks_is_refused(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    outside.chmod(0o755)
    (tmp_path / "locks").symlink_to(outside)
    with pytest.raises(StoreNotWritable, match="symbolic link"), FileTurn(home=tmp_path).take():
        pytest.fail("it was followed")
    assert (list(outside.iterdir()), stat.S_IMODE(outside.stat().st_mode)) == ([], 0o755)
