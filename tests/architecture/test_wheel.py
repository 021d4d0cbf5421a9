"""The wheel holds the launcher and the layers, and what it installs runs."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import subprocess
import sys
import venv
import zipfile
from pathlib import Path
from typing import Any

import pytest

from domain.version import VERSION
from tests.architecture.tree import LAYERS, ROOT, name_of, repository_files

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("wheel"))


def build(folder: Path, **how: Any) -> Path:
    """Built by the pinned back end that is installed here, so that no network is needed."""
    answer = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
        **how,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of a fresh environment that has keyswitch; its dependencies are lent by this one."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False)
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(folder), "install", "-q", "--no-deps", "--no-index", str(wheel)],
        check=True,
    )
    (packages,) = folder.glob("lib/python*/site-packages")
    lent = next(path for path in map(Path, sys.path) if (path / "click").is_dir())
    (packages / "lent.pth").write_text(f"{lent}\n", encoding="utf-8")
    return folder / "bin"


def contents(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_the_launcher_and_every_file_of_the_layers_and_nothing_else(wheel: Path) -> None:
    layers = {
        f"keyswitch_layers/{name}" for name in map(name_of, repository_files()) if name.partition("/")[0] in LAYERS
    }
    carried = {name for name in contents(wheel) if not re.match(r"keyswitch-[\d.]+\.dist-info/", name)}
    assert carried == layers | {"keyswitch.py"}


def test_the_wheel_holds_the_files_of_the_repository_as_they_are(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if ".dist-info/" not in name:
                assert archive.read(name) == (ROOT / name.removeprefix("keyswitch_layers/")).read_bytes(), name


def test_two_builds_are_the_same_to_the_byte(wheel: Path, tmp_path: Path) -> None:
    """On another day, under another umask, in another time zone and language, from another folder."""
    elsewhere = {**os.environ, "TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
    again = build(tmp_path, cwd=tmp_path, env=elsewhere, umask=0o077)
    assert again.name == wheel.name
    assert again.read_bytes() == wheel.read_bytes()


def test_the_record_of_the_wheel_has_the_digest_of_every_file(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        listed = dict(line.split(",")[:2] for line in record(archive))
        for name, digest in listed.items():
            if digest:
                assert digest == f"sha256={unpadded(hashlib.sha256(archive.read(name)).digest())}"
        assert set(archive.namelist()) == set(listed)


def record(archive: zipfile.ZipFile) -> list[str]:
    (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/RECORD"))
    return archive.read(name).decode().splitlines()


def unpadded(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def test_the_wheel_installs_one_command_and_nothing_that_runs_by_itself(wheel: Path) -> None:
    names = contents(wheel)
    with zipfile.ZipFile(wheel) as archive:
        (entry_points,) = (name for name in names if name.endswith("entry_points.txt"))
        assert archive.read(entry_points).decode() == "[console_scripts]\nkeyswitch = keyswitch:main\n"
    assert not [name for name in names if name.endswith((".pth", ".so", ".pyd", ".dll", ".exe", ".pyc"))]
    assert not [name for name in names if ".data/" in name or "sitecustomize" in name or "usercustomize" in name]


def test_the_wheel_names_its_version_licence_and_command(wheel: Path) -> None:
    metadata = {name.rpartition("/")[2] for name in contents(wheel) if ".dist-info/" in name}
    assert {"METADATA", "RECORD", "entry_points.txt", "LICENSE"} <= metadata
    assert wheel.name == f"keyswitch-{VERSION}-py3-none-any.whl"


@pytest.mark.parametrize("program", [["keyswitch"], ["python", "-m", "keyswitch"]], ids=["command", "module"])
@pytest.mark.parametrize(("argument", "shown"), [("--version", f"keyswitch {VERSION}"), ("--help", "login")])
def test_the_installed_program_runs(
    installed: Path, program: list[str], argument: str, shown: str, tmp_path: Path
) -> None:
    answer = subprocess.run(
        [installed / program[0], *program[1:], argument], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (answer.returncode, answer.stderr) == (0, "")
    assert shown in answer.stdout


def test_the_installed_program_takes_its_layers_from_beside_itself(installed: Path, tmp_path: Path) -> None:
    """Whatever folders of the same names lie where it is started."""
    for layer in LAYERS:
        (tmp_path / layer).mkdir()
        (tmp_path / layer / "__init__.py").write_text("raise SystemExit('a stranger')\n", encoding="utf-8")
    answer = subprocess.run(
        [installed / "python", "-m", "keyswitch", "--help"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
