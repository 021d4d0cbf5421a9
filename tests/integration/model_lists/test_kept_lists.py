from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from adapters.model_lists.kept import FOLDER, ModelListFiles
from domain.credential import CredentialKey, CredentialKind
from domain.errors import StoreNotWritable
from domain.model_lists.listed import ListedModel, ModelList
from domain.provider import Provider

NOON = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
ANA = CredentialKey(Provider.CLAUDE, "ana")
FULL = ModelList(
    ANA,
    NOON,
    NOON,
    models=(
        ListedModel("claude-opus-6", "Claude Opus 6", 2_000_000, date(2027, 3, 1), date(2026, 11, 25)),
        ListedModel("claude-opus-5-5", "Claude Opus 5.5", missing_since=date(2026, 11, 30)),
    ),
)


def file_of(home: Path) -> Path:
    (path,) = (home / FOLDER).iterdir()
    return path


def test_a_list_comes_back_as_it_was_kept_and_is_its_accounts_alone(tmp_path: Path) -> None:
    files = ModelListFiles(home=tmp_path)
    before = files.stamp()
    assert files.read(ANA) is None
    files.keep(FULL)
    assert files.stamp() != before
    assert files.read(ANA) == FULL
    assert ModelListFiles(home=tmp_path).read(ANA) == FULL
    assert files.read(CredentialKey(Provider.CLAUDE, "ben")) is None
    assert files.read(CredentialKey(Provider.CLAUDE, "ana", CredentialKind.API_KEY)) is None
    assert files.notices() == ()
    never = ModelList(ANA, NOON)
    files.keep(never)
    assert files.read(ANA) == never


def test_only_its_owner_can_read_it_and_it_is_read_once_a_version(tmp_path: Path) -> None:
    files = ModelListFiles(home=tmp_path)
    files.keep(FULL)
    assert file_of(tmp_path).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / FOLDER).stat().st_mode & 0o777 == 0o700
    assert files.read(ANA) is files.read(ANA)


def test_what_cannot_be_used_is_ignored_with_one_sentence_until_it_is_read_anew(tmp_path: Path) -> None:
    ModelListFiles(home=tmp_path).keep(FULL)
    path = file_of(tmp_path)
    good = json.loads(path.read_text())
    bad = {
        "not json": "{",
        "nothing": "",
        "another version": json.dumps(good | {"version": 2}),
        "another account's": json.dumps(good | {"credential": "00000000"}),
        "no moment": json.dumps(good | {"tried_at": "noon"}),
        "models of another kind": json.dumps(good | {"models": {}}),
        "a row of another kind": json.dumps(good | {"models": [7]}),
        "another provider's model": json.dumps(good | {"models": [{"id": "gpt-9", "label": "x"}]}),
        "a day that is none": json.dumps(good | {"models": [{"id": "claude-9", "label": "x", "ends": "soon"}]}),
        "too large": " " * (600 * 1024),
    }
    wrong = {}
    for name, content in bad.items():
        path.write_text(content)
        files = ModelListFiles(home=tmp_path)
        if files.read(ANA) is not None or len(files.notices()) != 1:
            wrong[name] = files.notices()
        files.keep(FULL)
        if files.read(ANA) != FULL or files.notices():
            wrong[name] = files.notices()
    assert wrong == {}
    path.unlink()
    path.symlink_to("/etc/hostname")
    files = ModelListFiles(home=tmp_path)
    assert files.read(ANA) is None
    (sentence,) = files.notices()
    assert sentence.startswith("The kept list of Claude's models was ignored: it is a symbolic link")
    assert sentence.endswith("keyswitch models --refresh reads it anew.")


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / FOLDER).write_text("in the way")
    with pytest.raises(StoreNotWritable):
        ModelListFiles(home=tmp_path).keep(FULL)
