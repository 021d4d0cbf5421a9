"""What everything promises that reads the sign-ins of another program."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from pathlib import Path

import pytest

from adapters.borrowed.anthropic_profiles import AnthropicProfiles
from application.ports.elsewhere.borrowed import BorrowedProfiles
from domain.credential import CredentialKind
from domain.errors import SourceUnusable
from domain.provider import Provider
from tests.support.fake_profiles import FakeProfiles
from tests.support.fixed_clock import FixedClock

TOKEN = "sk-ant-oat-made-up-0001"


class BorrowedProfilesContract(ABC):
    @abstractmethod
    def make_profiles(self) -> BorrowedProfiles:
        """None yet. The return type is the static half of the contract."""

    @abstractmethod
    def sign_in(self, name: str) -> None:
        """Let the other program keep a sign-in of that name, whose access token is `TOKEN`."""

    @abstractmethod
    def remove(self, name: str) -> None:
        """Let the other program forget it."""

    @pytest.fixture
    def profiles(self) -> BorrowedProfiles:
        return self.make_profiles()

    def test_profiles_are_named(self, profiles: BorrowedProfiles) -> None:
        assert profiles.names() == ()
        for name in ("default", "work"):
            self.sign_in(name)
        assert profiles.names() == ("default", "work")

    def test_a_record_says_whose_it_is_and_is_nothing_to_renew(self, profiles: BorrowedProfiles) -> None:
        self.sign_in("work")
        record = profiles.record("work")
        assert (record.key.account, record.label) == ("profile:work", "work")
        assert (record.provider, record.kind) == (Provider.CLAUDE, CredentialKind.BORROWED)
        assert (record.active, record.renewable, record.generation) == (True, False, 0)

    def test_a_token_comes_alone_and_is_not_shown(self, profiles: BorrowedProfiles) -> None:
        self.sign_in("work")
        session = profiles.load(profiles.record("work"))
        assert session.record == profiles.record("work")
        assert session.access_token.reveal() == TOKEN
        assert session.refresh_token is None
        assert TOKEN not in repr(session)

    def test_what_is_not_there_is_named(self, profiles: BorrowedProfiles) -> None:
        with pytest.raises(SourceUnusable, match="work"):
            profiles.record("work")

    def test_what_is_gone_cannot_be_loaded(self, profiles: BorrowedProfiles) -> None:
        self.sign_in("work")
        record = profiles.record("work")
        self.remove("work")
        with pytest.raises(SourceUnusable, match="work"):
            profiles.load(record)


class TestAnthropicProfiles(BorrowedProfilesContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.folder = tmp_path

    def make_profiles(self) -> BorrowedProfiles:
        return AnthropicProfiles(environ={"ANTHROPIC_CONFIG_DIR": str(self.folder)}, clock=FixedClock())

    def sign_in(self, name: str) -> None:
        for part, members in (("configs", {}), ("credentials", {"access_token": TOKEN, "refresh_token": "made-up"})):
            path = self.folder / part / f"{name}.json"
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps(members))
            path.chmod(0o600)

    def remove(self, name: str) -> None:
        for part in ("configs", "credentials"):
            (self.folder / part / f"{name}.json").unlink()


class TestFakeProfiles(BorrowedProfilesContract):
    def make_profiles(self) -> BorrowedProfiles:
        self.fake = FakeProfiles()
        return self.fake

    def sign_in(self, name: str) -> None:
        self.fake.sign_in(name, TOKEN)

    def remove(self, name: str) -> None:
        del self.fake.sessions[name]
