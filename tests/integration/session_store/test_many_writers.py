"""Several processes and threads at one store; and a disk that fails."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from adapters.master_key.in_file import KeyFile
from adapters.master_key.key import MasterKey
from adapters.master_key.note import KeyNote
from adapters.session_store.store import SealedFileStore
from domain.credential import CredentialKey
from domain.errors import StoreBusy, StoreNotWritable
from domain.provider import Provider
from tests.support.credentials import a_record, a_session

pytestmark = pytest.mark.slow

PROCESSES, SAVES = 8, 8
ROOT = Path(__file__).resolve().parents[3]

_WRITER = """
import sys
from pathlib import Path
from adapters.master_key.in_file import KeyFile
from adapters.session_store.store import SealedFileStore
from tests.support.credentials import a_session
home, mine, saves = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
store = SealedFileStore(home=home, keys=KeyFile(home=home))
print("ready", flush=True)
sys.stdin.readline()
for number in range(saves):
    store.save(a_session(account=f"{mine}-{number}", active=False))
"""


def test_what_eight_processes_save_at_once_is_all_there(store: SealedFileStore, home: Path) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(home), f"writer{number}", str(SAVES)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        for number in range(PROCESSES)
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=60)
        assert writer.returncode == 0
    saved = {record.key.account for record in store.records()}
    assert saved == {f"writer{number}-{save}" for number in range(PROCESSES) for save in range(SAVES)}
    assert store.damaged() == ()


class _MadeMeanwhile(KeyFile):
    """Finds no key, and before its caller looks on, another process makes one and seals with it."""

    def __init__(self, home: Path) -> None:
        super().__init__(home=home)
        self._home = home

    def fetch(self, note: KeyNote | None = None) -> MasterKey | None:
        key = super().fetch(note)
        if key is None:
            SealedFileStore(home=self._home, keys=KeyFile(home=self._home)).save(
                a_session(account="first", active=False)
            )
        return key


@pytest.mark.parametrize("begin", [SealedFileStore.ready, lambda _: None], ids=["asked before", "at once"])
def test_a_key_that_another_process_makes_between_two_looks_is_not_taken_for_a_lost_one(
    begin: Callable[[SealedFileStore], None], home: Path
) -> None:
    store = SealedFileStore(home=home, keys=_MadeMeanwhile(home))
    begin(store)
    store.save(a_session(account="second", active=False))
    assert {record.key.account for record in store.records()} == {"first", "second"}
    assert store.load(a_record(account="first").key) == a_session(account="first", active=False)


def test_the_right_to_renew_excludes_another_thread_and_not_another_credential(three: SealedFileStore) -> None:
    key, other = a_record().key, a_record(Provider.GEMINI).key
    with three.renewing(key, timeout=1), three.renewing(other, timeout=1):
        assert _refused_elsewhere(three, key)
    with three.renewing(key, timeout=1):
        pass


def _refused_elsewhere(store: SealedFileStore, key: CredentialKey) -> bool:
    refusals: list[StoreBusy] = []

    def try_it() -> None:
        try:
            with store.renewing(key, timeout=0):
                pass
        except StoreBusy as busy:
            refusals.append(busy)

    thread = threading.Thread(target=try_it)
    thread.start()
    thread.join()
    return len(refusals) == 1


@pytest.mark.parametrize("failing", ["os.open", "os.write", "os.fsync", "pathlib.Path.replace"])
def test_a_disk_that_fails_at_any_step_leaves_the_old_content(
    failing: str, three: SealedFileStore, home: Path, mocker: MockerFixture
) -> None:
    before = (home / "auth.json").read_bytes()
    mocker.patch(failing, side_effect=_failing_at_temporary_files(failing))
    with pytest.raises(StoreNotWritable):
        three.save(a_session(generation=2))
    mocker.stopall()
    assert (home / "auth.json").read_bytes() == before
    assert three.load(a_record().key) == a_session()
    assert not list(home.glob(".*.tmp"))


def _failing_at_temporary_files(name: str) -> Callable[..., object]:
    """A full disk: what makes or fills a new file fails, what reads does not."""
    real = {"os.open": os.open, "os.write": os.write, "os.fsync": os.fsync, "pathlib.Path.replace": Path.replace}[name]

    def call(*arguments: object, **options: object) -> object:
        if name == "os.open" and not str(arguments[0]).endswith(".tmp"):
            return real(*arguments, **options)  # type: ignore[operator]  # whatever it was called with
        raise OSError(28, "No space left on device")

    return call
