from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from pytest_mock import MockerFixture

from adapters.system.installation import NAME, installation_id


def test_an_installation_keeps_its_name(tmp_path: Path) -> None:
    name = installation_id(tmp_path)
    assert UUID(name).urn == name
    assert installation_id(tmp_path) == name
    assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("left", [b"", b"urn:uuid:0000", b"\xff\xfe", b"x" * 10_000])
def test_a_name_that_was_cut_short_is_made_anew_and_kept(tmp_path: Path, left: bytes) -> None:
    (tmp_path / NAME).write_bytes(left)
    name = installation_id(tmp_path)
    assert UUID(name).urn == name
    assert installation_id(tmp_path) == name


def test_a_full_disk_costs_only_that_it_is_kept(tmp_path: Path, mocker: MockerFixture) -> None:
    mocker.patch("os.write", side_effect=OSError(28, "No space left on device"))
    name = installation_id(tmp_path)
    assert UUID(name).urn == name
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_left_half_written_goes_with_the_next_try(tmp_path: Path) -> None:
    half = tmp_path / f".installation.{2**22 + 1}.0011aabb.tmp"  # higher than the number of any process (proc(5))
    half.write_bytes(b"urn:")
    installation_id(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["installation"]
