"""Profiles of Anthropic's tool: read, never renewed, refused where they could have leaked."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.borrowed.anthropic_profiles import AnthropicProfiles
from domain.credential import CredentialKind
from domain.errors import SourceUnusable
from domain.provider_facts.payer import Payer
from domain.text.secret import Secret
from tests.support.fixed_clock import NOON, FixedClock

TOKEN = "sk-ant-oat-fake-0001"


class Profile:
    """A folder as `ant auth login` leaves it, and a stand-in for `ant` itself."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "anthropic"
        self.programs = folder / "bin"
        self.environ = {"ANTHROPIC_CONFIG_DIR": str(self.folder), "PATH": f"{self.programs}:{os.environ['PATH']}"}
        for part in (self.folder / "configs", self.folder / "credentials", self.programs):
            part.mkdir(parents=True)
        self.write()

    def write(self, *, expires_in: timedelta = timedelta(hours=1), name: str = "default", **config: Any) -> None:
        document = {"authentication": {"type": "user_oauth", "client_id": "fake-ant"}, "workspace_id": "wrk-fake"}
        (self.folder / "configs" / f"{name}.json").write_text(json.dumps(document | config))
        self.write_credentials({"access_token": TOKEN, "refresh_token": "fake-refresh",
                                "expires_at": int((NOON + expires_in).timestamp())}, name=name)  # fmt: skip

    def write_credentials(self, document: object, *, name: str = "default") -> None:
        path = self.folder / "credentials" / f"{name}.json"
        path.write_text(json.dumps(document))
        path.chmod(0o600)

    def install_tool(self, script: str) -> None:
        tool = self.programs / "ant"
        tool.write_text(f"#!{sys.executable}\n{script}\n")
        tool.chmod(0o755)

    def open(self) -> AnthropicProfiles:
        return AnthropicProfiles(environ=self.environ, clock=FixedClock())

    def token(self) -> Secret:
        profiles = self.open()
        return profiles.load(profiles.record("default")).access_token


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    return Profile(tmp_path)


def test_what_a_status_shows_needs_no_token(profile: Profile) -> None:
    record = profile.open().record("default")
    assert (record.kind, record.payer, record.label) == (CredentialKind.BORROWED, Payer.CONSOLE, "default")
    assert record.access_expires_at == NOON + timedelta(hours=1)
    assert (record.api_base, record.api_account) == ("https://api.anthropic.com", "wrk-fake")
    assert "fake-refresh" not in repr(record)
    assert TOKEN not in repr(record)


def test_the_token_comes_without_the_refresh_token_so_nothing_here_could_spend_it(profile: Profile) -> None:
    profiles = profile.open()
    session = profiles.load(profiles.record("default"))
    assert session.access_token == Secret(TOKEN)
    assert session.refresh_token is None
    assert not session.record.renewable


def test_a_token_that_its_owner_renewed_is_read_anew(profile: Profile) -> None:
    profiles = profile.open()
    record = profiles.record("default")
    profile.write_credentials({"access_token": "sk-ant-oat-fake-0002"})
    assert profiles.load(record).access_token == Secret("sk-ant-oat-fake-0002")


def test_a_token_that_has_run_out_is_renewed_by_its_own_program_alone(profile: Profile) -> None:
    profile.write(expires_in=timedelta(seconds=20))
    profile.environ["SOME_API_KEY"] = "fake-key-of-another-program"
    profile.install_tool(
        "import os, sys\n"
        "assert sys.argv[1:] == ['auth', 'print-credentials', '--access-token']\n"
        "assert os.environ['ANTHROPIC_PROFILE'] == 'default'\n"
        "assert 'SOME_API_KEY' not in os.environ\n"
        "print('sk-ant-oat-fake-renewed')"
    )
    before = (profile.folder / "credentials" / "default.json").read_bytes()
    assert profile.token() == Secret("sk-ant-oat-fake-renewed")
    assert (profile.folder / "credentials" / "default.json").read_bytes() == before


@pytest.mark.parametrize(
    "script",
    ["import sys; sys.exit(1)", "print('')", "print('two words')", None],
    ids=["fails", "empty", "odd", "none"],
)
def test_a_token_that_has_run_out_and_stays_so_says_what_to_do(profile: Profile, script: str | None) -> None:
    profile.write(expires_in=timedelta(seconds=-1))
    if script is not None:
        profile.install_tool(script)
    with pytest.raises(SourceUnusable, match=r"run out|no usable token"):
        profile.token()


def test_credentials_that_others_can_read_are_refused(profile: Profile) -> None:
    (profile.folder / "credentials" / "default.json").chmod(0o644)
    with pytest.raises(SourceUnusable, match="can be read by others"):
        profile.open().record("default")


@pytest.mark.parametrize("name", ["../default", "a/b", "", ".hidden", "x" * 65, "a b", "ü"])
def test_a_name_that_could_lead_elsewhere_is_none(profile: Profile, name: str) -> None:
    with pytest.raises(SourceUnusable, match="no profile's name"):
        profile.open().record(name)


def test_an_unknown_name_is_answered_with_the_known_ones(profile: Profile) -> None:
    profile.write(name="work")
    with pytest.raises(SourceUnusable, match="found: default, work"):
        profile.open().record("wrok")
    assert profile.open().names() == ("default", "work")


@pytest.mark.parametrize(
    "document", [[], {}, {"access_token": 1}, {"access_token": "a\nb"}, {"access_token": ""}, {"access_token": None}]
)
def test_odd_credentials_are_named_and_never_sent(profile: Profile, document: object) -> None:
    profile.write_credentials(document)
    with pytest.raises(SourceUnusable):
        profile.open().record("default")


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff", b"[" * 100_000], ids=["empty", "cut", "list", "bytes", "deep"]
)
def test_a_broken_configuration_is_named(profile: Profile, content: bytes) -> None:
    (profile.folder / "configs" / "default.json").write_bytes(content)
    with pytest.raises(SourceUnusable, match=r"default.json is no JSON object|larger than"):
        profile.open().record("default")


def test_a_link_is_not_followed(profile: Profile) -> None:
    path = profile.folder / "credentials" / "default.json"
    path.rename(path.with_name("elsewhere.json"))
    path.symlink_to(path.with_name("elsewhere.json"))
    with pytest.raises(SourceUnusable, match="symbolic link"):
        profile.open().record("default")


@pytest.mark.parametrize("moment", [True, "soon", float("1e300"), None])
def test_an_odd_expiry_says_nothing(profile: Profile, moment: object) -> None:
    profile.write_credentials({"access_token": TOKEN, "expires_at": moment})
    assert profile.open().record("default").access_expires_at is None
    assert profile.token() == Secret(TOKEN)


def test_where_the_tool_was_never_used_there_is_no_profile(tmp_path: Path) -> None:
    assert AnthropicProfiles(environ={"ANTHROPIC_CONFIG_DIR": str(tmp_path)}, clock=FixedClock()).names() == ()


def test_moments_are_utc(profile: Profile) -> None:
    expires = profile.open().record("default").access_expires_at
    assert isinstance(expires, datetime)
    assert expires.tzinfo is UTC
