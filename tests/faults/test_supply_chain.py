"""What gets installed is what was pinned, and importing it does nothing else (row S4 of the reliability plan)."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.architecture.tree import LAYERS, ROOT, module_name, modules

REQUIREMENTS = ROOT / "requirements.txt"

DOING = re.compile(
    r"""
    \b(socket|connect|bind|listen|sendto|sendmsg)\(
    | \b(execve|execveat)\(
    | \b(mkdir|mkdirat|rename|renameat|renameat2|unlink|unlinkat|rmdir|link|linkat|symlink|symlinkat|chmod|fchmod
        |fchmodat|truncate|ftruncate)\(
    | \bopen(at)?\([^)]*O_(WRONLY|RDWR|CREAT|TRUNC|APPEND)
    """,
    re.VERBOSE,
)
"""System calls that reach the network, start a program or change a file."""

_HARMLESS = re.compile(r'"/dev/(null|urandom|tty)"|"/proc/|"/sys/|= -1 ENOENT')

pytestmark = pytest.mark.timeout(900)


Does = Callable[[str], list[str]]


@pytest.fixture
def does(system_program: Callable[[str, str], str], tmp_path: Path) -> Does:
    """What a script does beside computing: its system calls that leave the process, but for its own start."""
    strace = system_program("strace", "strace")

    def watch(script: str) -> list[str]:
        log = tmp_path / "calls"
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(ROOT)}
        environment = {name: value for name, value in environment.items() if not name.startswith("COV")}
        done = subprocess.run(
            [strace, "-f", "-o", str(log), "-e", "trace=network,process,file,desc", sys.executable, "-c", script],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        lines = log.read_text("utf-8", "replace").splitlines()
        return [line for line in lines[1:] if DOING.search(line) and not _HARMLESS.search(line)]

    return watch


def test_importing_every_module_reaches_no_network_starts_nothing_and_writes_nothing(does: Does) -> None:
    names = [module_name(path) for layer in LAYERS for path in modules(layer)]
    names = [name for name in names if not name.endswith("keyring_helper")]  # a script, run by itself
    assert (
        does(f"import keyswitch\nfrom importlib import import_module\nfor name in {names}: import_module(name)") == []
    )


@pytest.mark.parametrize(
    "script",
    [
        "import socket; socket.socket()",
        "import subprocess; subprocess.run(['/bin/true'])",
        "open('made', 'w').close()",
        "import os; os.mkdir('made')",
        "import sqlite3; sqlite3.connect('made').execute('CREATE TABLE a (b)')",
    ],
    ids=["a socket", "a program", "a file", "a folder", "a database"],
)
def test_an_import_that_did_would_be_seen(does: Does, script: str) -> None:
    """The control: the test sees a program that does it wrong."""
    assert does(script)


@pytest.fixture(scope="session")
def packages(request: pytest.FixtureRequest) -> Path:
    """The pinned run-time dependencies as files, kept in pytest's cache until the pins change."""
    digest = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()[:16]
    folder = request.config.cache.mkdir(f"packages-{digest}")
    done = folder / "complete"
    if not done.exists():
        command = [sys.executable, "-m", "pip", "download", "-q", "--require-hashes", "--only-binary", ":all:"]
        subprocess.run([*command, "-r", str(REQUIREMENTS), "-d", str(folder)], check=True, timeout=600)
        done.touch()
    return folder


def test_the_pinned_packages_install_without_a_network_by_their_hashes(
    packages: Path, system_program: Callable[[str, str], str], tmp_path: Path
) -> None:
    assert install(packages, REQUIREMENTS, system_program, tmp_path) == 0
    (site,) = tmp_path.glob("installed/lib/python*/site-packages")
    assert (site / "httpx2").is_dir()
    # A .pth file runs code at every start of the interpreter, whatever program is started
    assert sorted(path.name for path in site.glob("*.pth")) == []


def test_a_package_with_another_hash_is_refused(
    packages: Path, system_program: Callable[[str, str], str], tmp_path: Path
) -> None:
    """The control: the test sees a program that does it wrong."""
    changed = tmp_path / "requirements.txt"
    text = REQUIREMENTS.read_text("utf-8")
    changed.write_text(re.sub(r"sha256:[0-9a-f]{64}", "sha256:" + "0" * 64, text), "utf-8")
    assert install(packages, changed, system_program, tmp_path) != 0


def install(packages: Path, requirements: Path, program: Callable[[str, str], str], folder: Path) -> int:
    """The exit code of pip, in a network namespace that has no network."""
    environment = folder / "installed"
    venv.create(environment, with_pip=False)
    unshare = program("unshare", "util-linux")
    command = [unshare, "--net", sys.executable, "-m", "pip", "--python", str(environment), "install", "-q"]
    command += ["--no-index", "--find-links", str(packages), "--require-hashes", "-r", str(requirements)]
    return subprocess.run(command, capture_output=True, timeout=300, check=False).returncode
