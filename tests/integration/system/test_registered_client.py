"""The file of a client that has no session yet."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_mock import MockerFixture

from adapters.system.registered_client import NAME, RegisteredClientFile
from tests.contracts.registrations import CLIENT
from tests.support.oauth_peer import INSTALLATION


def at(home: Path, installation: str = INSTALLATION) -> RegisteredClientFile:
    return RegisteredClientFile(home=home, installation=installation)


def test_it_is_its_owners_alone_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    at(tmp_path).keep(CLIENT)
    assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_a_file_of_another_installation_counts_as_none(tmp_path: Path) -> None:
    at(tmp_path, "urn:uuid:00000000-0000-4000-8000-000000000002").keep(CLIENT)
    assert at(tmp_path).kept() is None


@pytest.mark.parametrize(
    "left", [b"", b"null", b"[]", b"{", b"\xff\xfe", b"{}", b"[" * 9000, b"x" * 20_000], ids=lambda left: left[:4]
)
def test_a_damaged_file_counts_as_none_and_is_replaced(tmp_path: Path, left: bytes) -> None:
    (tmp_path / NAME).write_bytes(left)
    file = at(tmp_path)
    assert file.kept() is None
    file.keep(CLIENT)
    assert file.kept() == CLIENT


def test_every_length_to_which_it_is_cut_counts_as_none(tmp_path: Path) -> None:
    file = at(tmp_path)
    file.keep(CLIENT)
    whole = (tmp_path / NAME).read_bytes()
    for length in range(len(whole) - 1):  # without its last line end it is whole
        (tmp_path / NAME).write_bytes(whole[:length])
        assert file.kept() is None, length


_VALUES: st.SearchStrategy[object] = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text()) | st.just({})
)


@given(member=st.sampled_from(["installation", "provider", "client_id", "token_url", "account"]), value=_VALUES)
def test_a_member_of_any_other_kind_is_no_error(
    tmp_path_factory: pytest.TempPathFactory, member: str, value: object
) -> None:
    home = tmp_path_factory.mktemp("home")
    at(home).keep(CLIENT)
    members = {**json.loads((home / NAME).read_bytes()), member: value}
    (home / NAME).write_text(json.dumps(members), "utf-8")
    kept = at(home).kept()
    assert kept is None or (isinstance(value, str) and getattr(kept, member) == value)


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "elsewhere"
    at(tmp_path).keep(CLIENT)
    (tmp_path / NAME).rename(target)
    (tmp_path / NAME).symlink_to(target)
    assert at(tmp_path).kept() is None
    at(tmp_path).keep(replace(CLIENT, client_id="oaiapp_other"))
    assert json.loads(target.read_bytes())["client_id"] == "oaiapp_fake"


@pytest.mark.parametrize(("make", "replaced"), [(Path.mkdir, False), (os.mkfifo, True)], ids=["folder", "pipe"])
def test_nobody_waits_for_what_is_no_file_in_its_place(
    tmp_path: Path, make: Callable[[Path], None], replaced: bool
) -> None:
    make(tmp_path / NAME)
    file = at(tmp_path)
    assert file.kept() is None
    file.keep(CLIENT)
    assert file.kept() == (CLIENT if replaced else None)
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_a_full_disk_costs_only_that_it_is_kept(tmp_path: Path, mocker: MockerFixture) -> None:
    mocker.patch("os.write", side_effect=OSError(28, "No space left on device"))
    at(tmp_path).keep(CLIENT)
    assert at(tmp_path).kept() is None
    assert list(tmp_path.iterdir()) == []
