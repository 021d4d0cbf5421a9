"""What everything promises that takes over the files of earlier programs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path

import pytest

from adapters.earlier_programs.take_over import EarlierFiles as FilesInHome
from adapters.master_key.in_file import KeyFile
from adapters.providers.binding import bound
from adapters.providers.profile import load_profile
from adapters.session_store.store import SealedFileStore
from application.ports.earlier_files import EarlierFiles, TakenOver
from domain.errors import StoreDamaged
from domain.provider import Provider
from domain.session import OwnCredential
from tests.support.credentials import a_record, a_session
from tests.support.earlier_files import flat, written
from tests.support.fake_earlier_programs import FakeEarlierFiles
from tests.support.fixed_clock import FixedClock

CHATGPT = Provider.CHATGPT


class EarlierFilesContract(ABC):
    @abstractmethod
    def make_files(self) -> EarlierFiles:
        """Of a home without any. The return type is the static half of the contract."""

    @abstractmethod
    def leave_one(self) -> None:
        """Let an earlier program have left a sign-in at ChatGPT in `auth.json`, where nothing of ours is yet."""

    @abstractmethod
    def leave_one_we_cannot_use(self) -> None:
        """Let it have left something else there."""

    @abstractmethod
    def replace_ours(self) -> None:
        """Let another program write such a sign-in over a store of ours."""

    @pytest.fixture
    def files(self) -> EarlierFiles:
        return self.make_files()

    def test_where_there_is_none_nothing_is_done(self, files: EarlierFiles) -> None:
        assert files.take_over() == TakenOver()
        assert not files.put_back()
        assert files.adopt(CHATGPT) == ()
        assert files.restore("elsewhere") == ()

    def test_a_sign_in_is_taken_over_once(self, files: EarlierFiles) -> None:
        self.leave_one()
        taken = files.take_over()
        assert [record.provider for record in taken.records] == [CHATGPT]
        assert (taken.files, taken.problems) == (("auth.json",), ())
        assert taken.kept_in
        assert files.take_over() == TakenOver()

    def test_what_was_taken_over_can_be_written_where_one_says(self, files: EarlierFiles, tmp_path: Path) -> None:
        self.leave_one()
        files.take_over()
        assert files.restore(str(tmp_path)) == (str(tmp_path / "auth.json"),)

    def test_what_cannot_be_used_is_named(self, files: EarlierFiles) -> None:
        self.leave_one_we_cannot_use()
        with pytest.raises(StoreDamaged):
            files.take_over()

    def test_ours_is_put_back_once(self, files: EarlierFiles) -> None:
        self.replace_ours()
        assert [files.put_back(), files.put_back()] == [True, False]

    def test_a_sign_in_that_was_left_after_us_becomes_ours_once_and_for_its_provider_alone(
        self, files: EarlierFiles
    ) -> None:
        self.replace_ours()
        assert files.adopt(Provider.GEMINI) == ()
        assert [(record.provider, record.active) for record in files.adopt(CHATGPT)] == [(CHATGPT, True)]
        assert files.adopt(CHATGPT) == ()


def _to_its_provider(credential: OwnCredential) -> OwnCredential:
    return bound(credential, load_profile(credential.record.provider, {}))


class TestFilesInHome(EarlierFilesContract):
    @pytest.fixture(autouse=True)
    def _home(self, tmp_path: Path) -> None:
        self.home = tmp_path / "home"
        self.home.mkdir(mode=0o700)

    def make_files(self) -> EarlierFiles:
        return FilesInHome(home=self.home, keys=KeyFile(home=self.home), bind=_to_its_provider, clock=FixedClock())

    def leave_one(self) -> None:
        self._write(written(flat()))

    def leave_one_we_cannot_use(self) -> None:
        self._write(b"no JSON")

    def replace_ours(self) -> None:
        store = SealedFileStore(home=self.home, keys=KeyFile(home=self.home))
        store.save(a_session(Provider.CLAUDE), activate=True)
        store.save(a_session(Provider.CLAUDE), activate=True)  # once more, for a good copy beside it
        self.leave_one()

    def _write(self, content: bytes) -> None:
        path = self.home / "auth.json"
        path.write_bytes(content)
        path.chmod(0o600)


class TestFakeEarlierFiles(EarlierFilesContract):
    def make_files(self) -> EarlierFiles:
        self.fake = FakeEarlierFiles()
        return self.fake

    def leave_one(self) -> None:
        self.fake.waiting = TakenOver((a_record(CHATGPT),), ("auth.json",), "kept")

    def leave_one_we_cannot_use(self) -> None:
        self.fake.refuse = StoreDamaged("auth.json", "it is no JSON object")

    def replace_ours(self) -> None:
        self.fake.displaced, self.fake.left = True, (a_record(CHATGPT),)
