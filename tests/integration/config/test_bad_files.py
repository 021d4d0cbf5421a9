from __future__ import annotations

import os
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from adapters.config.config_file import LIMIT
from adapters.config.toml_config import TomlConfig
from adapters.files import durable_write
from domain.auth_mode import AuthMode
from domain.errors import ConfigError
from tests.integration.config.conftest import Write


def problem(config: TomlConfig, path: Path) -> str:
    """What reading says; writing must say the same and change nothing."""
    with pytest.raises(ConfigError) as reading:
        config.read()
    with pytest.raises(ConfigError) as writing:
        config.select("gpt-5.1-low", AuthMode.CHATGPT)
    assert str(writing.value) == str(reading.value)
    sentence = str(reading.value)
    assert sentence.startswith(f"{path}: ")
    assert sentence.endswith(". The file was left as it is.")
    return sentence.removeprefix(f"{path}: ").removesuffix(". The file was left as it is.")


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('model = "claude\n', "(at line 1, column 16)"),
        ('model = "a"\n[providers.cla', "(at end of document)"),
        ('model = "a"\nmodel = "b"\n', "(at line 2, column 12)"),
        ("\n\n=\n", "(at line 3, column 1)"),
        ("x = " + "[" * 100_000, ""),
        (f"x = {'9' * 5000}", ""),
    ],
    ids=["cut-text", "cut-header", "twice", "stray", "deep", "long-number"],
)
def test_a_half_written_file_is_refused_with_its_line(wrote: Write, config_path: Path, text: str, where: str) -> None:
    sentence = problem(wrote(text), config_path)
    assert sentence.endswith(where)
    assert "\n" not in sentence
    assert config_path.read_text() == text


def test_a_file_that_is_not_utf_8_is_refused_with_its_line(config: TomlConfig, config_path: Path) -> None:
    content = b'model = "a"\n# caf\xe9\n'
    config_path.write_bytes(content)
    assert problem(config, config_path) == "line 2 is not UTF-8"
    assert config_path.read_bytes() == content


def test_a_huge_file_is_refused(config: TomlConfig, config_path: Path) -> None:
    config_path.write_bytes(b"#" * (LIMIT + 1))
    assert problem(config, config_path) == f"it is larger than {LIMIT} bytes"


def test_the_largest_file_allowed_is_read(config: TomlConfig, config_path: Path) -> None:
    config_path.write_bytes(b"#" * LIMIT)
    assert config.read().model is None


def test_a_folder_in_its_place_is_refused(config: TomlConfig, config_path: Path) -> None:
    config_path.mkdir()
    assert problem(config, config_path) == "it is a folder"


def test_a_pipe_in_its_place_is_refused_at_once(config: TomlConfig, config_path: Path) -> None:
    os.mkfifo(config_path)
    assert problem(config, config_path) == "it is no regular file"


def test_a_link_to_nowhere_is_refused(config: TomlConfig, config_path: Path) -> None:
    config_path.symlink_to("gone.toml")
    assert problem(config, config_path) == "it is a link to a file that does not exist"
    assert config_path.is_symlink()


def test_a_link_to_itself_is_refused(config: TomlConfig, config_path: Path) -> None:
    config_path.symlink_to(config_path)
    assert problem(config, config_path) == "it cannot be read (Too many levels of symbolic links)"


def test_a_file_without_permission_is_refused(wrote: Write, config_path: Path, mocker: MockerFixture) -> None:
    store = wrote('model = "a"')
    opened = os.open

    def refuse(path: str | Path, flags: int, mode: int = 0o777) -> int:
        if Path(path) == config_path:
            raise PermissionError(13, "Permission denied")
        return opened(path, flags, mode)

    mocker.patch("os.open", refuse)  # whoever runs the tests may be root, to whom every file is open
    assert problem(store, config_path) == "it cannot be read (Permission denied)"


@pytest.mark.parametrize("before", [None, 'model = "a"\n'])
def test_a_full_disk_changes_nothing(
    config: TomlConfig, config_path: Path, mocker: MockerFixture, before: str | None
) -> None:
    if before is not None:
        config_path.write_text(before)
    mocker.patch("os.write", side_effect=OSError(28, "No space left on device"))
    with pytest.raises(ConfigError, match="cannot save: disk full"):
        config.select("gpt-5.1-low", AuthMode.CHATGPT)
    mocker.stopall()
    assert (config_path.read_text() if config_path.exists() else None) == before
    assert [path.name for path in config_path.parent.iterdir() if path.suffix == ".tmp"] == []


@pytest.mark.parametrize("before", [None, 'model = "a"\n'])
def test_a_disk_that_does_not_confirm_a_change_gets_the_old_content_back(
    config: TomlConfig, config_path: Path, mocker: MockerFixture, before: str | None
) -> None:
    if before is not None:
        config_path.write_text(before)
    mocker.patch.object(durable_write, "sync_folder", side_effect=OSError(5, "Input/output error"))
    with pytest.raises(ConfigError, match="the disk did not confirm a change"):
        config.select("gpt-5.1-low", AuthMode.CHATGPT)
    assert (config_path.read_text() if config_path.exists() else None) == before


def test_a_write_that_failed_can_be_repeated(wrote: Write, config_path: Path, mocker: MockerFixture) -> None:
    store = wrote('# mine\nmodel = "a"\n')
    mocker.patch("os.write", side_effect=OSError(28, "No space left on device"))
    with pytest.raises(ConfigError):
        store.select("gpt-5.1-low", AuthMode.CHATGPT)
    mocker.stopall()
    store.select("gpt-5.1-high", AuthMode.CHATGPT)
    assert store.read().model == "gpt-5.1-high"
    assert "# mine" in config_path.read_text()


def test_a_folder_that_is_missing_is_an_error_of_the_config(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be locked"):
        TomlConfig(home=tmp_path / "missing").select("a", AuthMode.CLAUDE)
