from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from adapters.outbox.folder import FolderOutbox
from application.ports.parking.outbox import Outbox
from domain.errors import StoreNotWritable
from tests.contracts.outbox import FIRST, SECOND, OutboxContract
from tests.support.fixed_clock import NOON, FixedClock
from tests.support.memory_outbox import MemoryOutbox

_NOBODY = 2**22 + 1
"""A number that no process has: Linux gives out smaller ones."""


class TestFolderOutbox(OutboxContract):
    @pytest.fixture(autouse=True)
    def _home(self, tmp_path: Path) -> None:
        self.home = tmp_path
        self.folder = tmp_path / "outbox"

    def make_outbox(self) -> Outbox:
        return FolderOutbox(home=self.home, clock=FixedClock())

    def let_senders_die(self) -> None:
        for path in self.folder.glob("*.taken"):
            path.rename(path.with_name(path.name.replace(f".{os.getpid()}-", f".{_NOBODY}-")))

    def test_folder_and_files_are_their_owners_alone(self) -> None:
        self.make_outbox().park(FIRST)
        modes = {path.name[-5:]: path.stat().st_mode & 0o777 for path in (self.folder, *self.folder.iterdir())}
        assert modes == {"utbox": 0o700, ".json": 0o600, ".file": 0o600}

    def test_a_message_whose_file_is_gone_is_not_shown_without_it(self) -> None:
        self.make_outbox().park(FIRST)
        self.make_outbox().park(SECOND)
        (self.folder / f"{FIRST.id}-1.file").unlink()
        found = self.make_outbox().look()
        assert (found.messages, found.unreadable) == ((SECOND,), (str(self.folder / f"{FIRST.id}.json"),))

    def test_nothing_is_left_of_files_whose_message_is_gone(self) -> None:
        outbox = self.make_outbox()
        outbox.park(FIRST)
        outbox.take(FIRST.id)
        outbox.forget(FIRST.id)
        assert list(self.folder.iterdir()) == []
        crashed, fresh = self.folder / f"{'c' * 32}-0.file", self.folder / f"{'d' * 32}-0.file"
        for path, hours in ((crashed, 2), (fresh, 0)):
            path.write_bytes(b"left by a crash")
            os.utime(path, (NOON.timestamp() - 3600 * hours,) * 2)
        outbox.park(SECOND)
        assert sorted(path.name[:1] for path in self.folder.iterdir()) == ["b", "d"]

    def test_of_many_that_take_it_at_once_one_has_it(self) -> None:
        self.make_outbox().park(SECOND)
        outcomes: list[bool] = []
        begin = threading.Barrier(8)

        def take() -> None:
            begin.wait()
            outcomes.append(self.make_outbox().take(SECOND.id))

        threads = [threading.Thread(target=take) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == [False] * 7 + [True]

    def test_a_mark_that_is_older_than_any_answer_is_in_doubt_whoever_has_its_number_now(self) -> None:
        self.make_outbox().park(SECOND)
        self.make_outbox().take(SECOND.id)
        (taken,) = self.folder.iterdir()
        taken.rename(taken.with_name(f"{SECOND.id}.{os.getpid()}-1000000000.taken"))
        assert self.make_outbox().look().messages[0].state.value == "doubtful"

    def test_what_cannot_be_read_is_named_and_left_alone_and_hides_nothing(self) -> None:
        self.make_outbox().park(SECOND)
        odd = {
            f"{'c' * 32}.json": b"no json",
            f"{'d' * 32}.json": b'{"text": 7}',
            f"{'e' * 32}.json": b"\xff\xfe",
            "notes.txt": b"somebody else's",
        }
        for name, content in odd.items():
            (self.folder / name).write_bytes(content)
        (self.folder / f"{'f' * 32}.json").symlink_to(self.home / "elsewhere")
        found = self.make_outbox().look()
        assert found.messages == (SECOND,)
        assert [Path(path).name[:1] for path in found.unreadable] == ["c", "d", "e", "f"]
        assert {name: (self.folder / name).read_bytes() for name in odd} == odd

    def test_a_link_in_its_place_is_not_followed(self, tmp_path: Path) -> None:
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        self.folder.symlink_to(elsewhere)
        with pytest.raises(StoreNotWritable):
            self.make_outbox().park(SECOND)
        (elsewhere / f"{SECOND.id}.json").write_text("{}")
        assert self.make_outbox().look().messages == ()


class TestMemoryOutbox(OutboxContract):
    @pytest.fixture(autouse=True)
    def _memory(self) -> None:
        self.memory = MemoryOutbox()

    def make_outbox(self) -> Outbox:
        return self.memory

    def let_senders_die(self) -> None:
        self.memory.its_senders_died()
