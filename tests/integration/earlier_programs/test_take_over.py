"""An earlier program's files, taken over: every sign-in is ours and sealed, nothing is lost, and it can be stopped."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pytest_mock import MockerFixture

from adapters.earlier_programs.accounts_file import others_at_work
from adapters.earlier_programs.take_over import EarlierFiles
from adapters.master_key.in_file import KeyFile
from adapters.session_store.originals import Why
from adapters.session_store.store import SealedFileStore
from application.ports.earlier_files import TakenOver
from domain.credential import CredentialRecord
from domain.errors import StoreDamaged, StoreError, StoreNotWritable
from domain.provider import Provider
from tests.integration.conftest import Put, kept, loaded, to_its_provider
from tests.support.credentials import ANA, a_session
from tests.support.earlier_files import (
    CODEX_CLIENT,
    WORKSPACE,
    accounts,
    an_account,
    by_provider,
    codex_tokens,
    flat,
    nested,
    written,
)
from tests.support.fixed_clock import FixedClock


def only(store: SealedFileStore) -> CredentialRecord:
    (record,) = store.records()
    return record


# What becomes of it


def test_a_nested_file_becomes_a_sealed_record_bound_to_its_own_client_and_api(
    put: Put, earlier_files: EarlierFiles, store: SealedFileStore, home: Path
) -> None:
    tokens = codex_tokens()
    put(nested(tokens=tokens))
    taken = earlier_files.take_over()

    record = only(store)
    assert taken.records == (record,)
    assert (taken.files, taken.problems, taken.unused) == (("auth.json",), (), ())
    assert taken.kept_in == str(home / "auth.json.old.sealed")
    assert (record.label, record.api_account, record.imported, record.active) == (ANA, WORKSPACE, True, True)
    assert record.client_id == CODEX_CLIENT
    assert record.token_url == "https://auth.openai.com/oauth/token"
    assert record.api_base == "https://chatgpt.com/backend-api/codex"
    assert list(loaded(store).values()) == [(tokens["access_token"], tokens["refresh_token"], tokens["id_token"])]


def test_a_file_by_provider_becomes_a_record_of_each_bound_to_what_is_configured(
    put: Put, earlier_files: EarlierFiles, store: SealedFileStore
) -> None:
    put(by_provider())
    earlier_files.take_over()
    assert [(record.provider, record.imported) for record in store.records()] == [
        (Provider.CHATGPT, True),
        (Provider.CLAUDE, False),
        (Provider.GEMINI, False),
    ]
    claude = store.records()[1]
    assert claude.token_url == "https://api.anthropic.com/v1/oauth/token"
    assert claude.api_base == "https://api.anthropic.com"
    assert claude.client_id == ""  # whichever is configured when it is renewed


def test_a_flat_file_becomes_an_imported_session(put: Put, earlier_files: EarlierFiles, store: SealedFileStore) -> None:
    put(flat())
    earlier_files.take_over()
    assert only(store).client_id == CODEX_CLIENT


def test_several_accounts_become_a_record_each_and_their_file_goes(
    put: Put, earlier_files: EarlierFiles, store: SealedFileStore, home: Path
) -> None:
    put(nested(OPENAI_API_KEY="sk-fake-older-key-1234"))
    team = codex_tokens(workspace="ws-fake-team", number=2)
    put(accounts(an_account("one"), an_account("two", tokens=team), active="one"), "auth_accounts.json")
    assert others_at_work(home)
    earlier_files.take_over()

    assert [(record.kind.value, record.api_account, record.active) for record in store.records()] == [
        ("oauth", WORKSPACE, True),
        ("api_key", "", True),
        ("oauth", "ws-fake-team", False),
    ]
    assert not (home / "auth_accounts.json").exists()
    assert [(name, why) for name, why, _ in kept(home)] == [
        ("auth.json", Why.MIGRATED),
        ("auth_accounts.json", Why.MIGRATED),
    ]
    assert not others_at_work(home)


def test_the_list_of_accounts_alone_is_taken_over_as_well(
    put: Put, earlier_files: EarlierFiles, store: SealedFileStore
) -> None:
    put(accounts(an_account("one")), "auth_accounts.json")
    assert earlier_files.take_over().files == ("auth_accounts.json",)
    assert only(store).label == ANA


def test_no_file_in_the_home_shows_a_token_afterwards(put: Put, earlier_files: EarlierFiles, home: Path) -> None:
    tokens = codex_tokens()
    put({**nested(tokens=tokens, OPENAI_API_KEY="sk-fake-older-key-1234"), "claude": flat("claude")})
    put(accounts(an_account("one")), "auth_accounts.json", mode=0o644)
    secrets = [value.encode() for value in tokens.values() if value != WORKSPACE]
    secrets += [b"sk-fake-older-key-1234", b"fake-refresh-claude"]
    before = b"".join(path.read_bytes() for path in home.iterdir())
    assert all(secret in before for secret in secrets)  # or this test could not fail

    earlier_files.take_over()

    for path in home.iterdir():
        assert path.stat().st_mode & 0o077 == 0, path
        assert not any(secret in path.read_bytes() for secret in secrets), path


# Nothing is lost


@pytest.mark.parametrize(
    "value",
    [flat(), nested(agent_identity="fake", x={"y": [1.50, "é"]}), by_provider()],
    ids=["flat", "nested", "by provider"],
)
def test_the_original_is_kept_byte_for_byte_sealed_and_0600(
    value: dict[str, Any], put: Put, earlier_files: EarlierFiles, home: Path
) -> None:
    original = put(value).read_bytes()
    earlier_files.take_over()
    assert kept(home) == [("auth.json", Why.MIGRATED, original)]
    assert (home / "auth.json.old.sealed").stat().st_mode & 0o777 == 0o600


def test_what_means_nothing_here_is_named(put: Put, earlier_files: EarlierFiles) -> None:
    put(nested(agent_identity="fake", personal_access_token="fake"))
    assert earlier_files.take_over().unused == ("agent_identity", "personal_access_token")


def test_doing_it_again_changes_nothing(put: Put, earlier_files: EarlierFiles, home: Path) -> None:
    put(nested())
    earlier_files.take_over()
    before = {path.name: path.read_bytes() for path in home.iterdir()}
    assert earlier_files.take_over() == TakenOver()
    assert not earlier_files.put_back()
    assert not others_at_work(home)
    assert {path.name: path.read_bytes() for path in home.iterdir()} == before


def test_an_empty_home_and_a_store_of_ours_are_left_alone(
    earlier_files: EarlierFiles, three: SealedFileStore, home: Path
) -> None:
    before = {path.name: path.read_bytes() for path in home.iterdir() if path.is_file()}
    assert not others_at_work(home)
    assert earlier_files.take_over() == TakenOver()
    assert {path.name: path.read_bytes() for path in home.iterdir() if path.is_file()} == before


def test_an_empty_home_stays_empty(earlier_files: EarlierFiles, home: Path) -> None:
    home.mkdir()
    assert earlier_files.take_over() == TakenOver()
    assert list(home.iterdir()) == []


@pytest.mark.parametrize("stop_at", ["keep", "write", "remove"])
def test_whoever_is_stopped_in_between_begins_anew_and_ends_the_same(
    stop_at: str,
    put: Put,
    earlier_files: EarlierFiles,
    store: SealedFileStore,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Stopped(BaseException):
        pass

    def stop(*_: object, **__: object) -> None:
        raise Stopped

    put(nested())
    put(
        accounts(an_account("one"), an_account("two", mode="apikey", openai_api_key="sk-fake-1234")),
        "auth_accounts.json",
    )
    target = {"keep": earlier_files._originals, "write": earlier_files._file, "remove": earlier_files}[stop_at]
    with monkeypatch.context() as patched:
        patched.setattr(target, {"remove": "_remove"}.get(stop_at, stop_at), stop)
        with pytest.raises(Stopped):
            earlier_files.take_over()

    earlier_files.take_over()

    assert len(store.records()) == 2
    assert len(kept(home)) == 2
    assert not (home / "auth_accounts.json").exists()
    assert earlier_files.take_over() == TakenOver()


# What is wrong with it


def test_a_bad_entry_is_named_and_kept_and_its_neighbours_are_ours(
    put: Put, earlier_files: EarlierFiles, store: SealedFileStore, home: Path
) -> None:
    original = put({**by_provider(), "claude": {"access_token": True}}).read_bytes()
    taken = earlier_files.take_over()
    assert taken.problems == ('auth.json: claude: its "access_token" is of the wrong type',)
    assert [record.provider for record in store.records()] == [Provider.CHATGPT, Provider.GEMINI]
    assert kept(home)[0][2] == original


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (written(nested())[:-1], "it is no whole JSON document"),
        (b"not json", "it is no whole JSON document"),
    ],
    ids=["cut", "no JSON"],
)
def test_a_file_that_nobody_can_read_is_named_and_left_as_it_is(
    content: bytes, problem: str, put: Put, earlier_files: EarlierFiles, store: SealedFileStore, home: Path
) -> None:
    path = put(content)
    with pytest.raises(StoreDamaged, match=re.escape(problem)):
        earlier_files.take_over()
    with pytest.raises(StoreError):
        store.save(a_session())
    assert path.read_bytes() == content
    assert not (home / "auth.json.old.sealed").exists()


def test_a_side_member_that_makes_no_sense_keeps_nobody_out(
    put: Put, earlier_files: EarlierFiles, store: SealedFileStore
) -> None:
    put(
        {"chatgpt": flat(expires_at=""), "CLAUDE": flat("claude", scope=7), "gemini": {"refresh_token": "fake-refresh"}}
    )
    assert earlier_files.take_over().problems == ()
    assert [record.provider for record in store.records()] == list(Provider)
    assert all(store.load(record.key) for record in store.records())


def link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))


def grow(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b" " * 5 * 1024 * 1024)


SPOILED = pytest.mark.parametrize(
    ("spoil", "problem"),
    [(link, "it is a symbolic link"), (grow, "it is larger than")],
    ids=["link", "size"],
)


@SPOILED
def test_a_file_that_must_not_be_touched_is_named_and_left_as_it_is(
    spoil: Callable[[Path], None], problem: str, put: Put, earlier_files: EarlierFiles, home: Path
) -> None:
    path = put(nested())
    spoil(path)
    before = path.lstat().st_ino, path.read_bytes()
    with pytest.raises(StoreDamaged, match=problem):
        earlier_files.take_over()
    assert (path.lstat().st_ino, path.read_bytes()) == before
    assert not (home / "auth.json.old.sealed").exists()


def test_a_file_of_another_user_is_named_and_left_as_it_is(
    put: Put, earlier_files: EarlierFiles, home: Path, mocker: MockerFixture
) -> None:
    path = put(nested())
    mocker.patch("os.geteuid", return_value=path.stat().st_uid + 1)
    with pytest.raises(StoreDamaged, match="it belongs to another user"):
        earlier_files.take_over()
    assert path.read_bytes() == written(nested())
    assert not (home / "auth.json.old.sealed").exists()


@SPOILED
def test_a_list_of_accounts_that_must_not_be_touched_keeps_nobody_from_the_rest(
    spoil: Callable[[Path], None], problem: str, put: Put, earlier_files: EarlierFiles, store: SealedFileStore
) -> None:
    put(nested())
    path = put(accounts(an_account("two", mode="apikey", openai_api_key="sk-fake-1234")), "auth_accounts.json")
    spoil(path)
    before = path.read_bytes()
    taken = earlier_files.take_over()
    assert only(store).label == ANA
    assert taken.problems[0].startswith(f"auth_accounts.json: {problem}")
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"[]", b'{"version": 9}', written(accounts())[:-1], b'{"accounts": [5]}'])
def test_a_list_of_accounts_that_cannot_be_used_is_named_and_stays(
    content: bytes, put: Put, earlier_files: EarlierFiles, store: SealedFileStore
) -> None:
    put(nested())
    path = put(content, "auth_accounts.json")
    assert earlier_files.take_over().problems[0].startswith("auth_accounts.json: ")
    assert only(store).label == ANA
    assert path.read_bytes() == content


def test_a_folder_that_cannot_be_written_changes_nothing(
    put: Put, earlier_files: EarlierFiles, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = put(nested()).read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("adapters.session_store.originals.durable_write", full)
    with pytest.raises(StoreNotWritable):
        earlier_files.take_over()
    assert (home / "auth.json").read_bytes() == original


def test_many_windows_at_once_take_it_over_once(put: Put, home: Path, store: SealedFileStore) -> None:
    put(nested(OPENAI_API_KEY="sk-fake-older-key-1234"))
    put(accounts(an_account("one")), "auth_accounts.json")
    together = threading.Barrier(8)

    def window() -> TakenOver:
        earlier_files = EarlierFiles(home=home, keys=KeyFile(home=home), bind=to_its_provider, clock=FixedClock())
        together.wait(30)
        return earlier_files.take_over()

    with ThreadPoolExecutor(8) as windows:
        results = [taken.result(60) for taken in [windows.submit(window) for _ in range(8)]]

    assert sorted(len(taken.records) for taken in results) == [0] * 7 + [2]
    assert len(store.records()) == 2
    assert len(kept(home)) == 2
    assert not (home / "auth_accounts.json").exists()
