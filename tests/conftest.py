"""What holds for every test: no trace of the person who runs it, and nothing that only their machine has."""

from __future__ import annotations

import compileall
import gc
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.support.fault_scale import headline, sample
from tests.support.signals_heeded import heed_signals

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[1]
FAULTS = ROOT / "tests" / "faults"
LAYERS = ("domain", "application", "adapters", "entrypoints")

PERSONAL = re.compile(
    r"""
    CODE_HOME | .*_API_KEY | (OPENAI|ANTHROPIC|CLAUDE|CODEX|GEMINI|GOOGLE|CLOUDSDK)_.*  # sign-ins and their places
    | (https?|all|no|ftp)_proxy                                                         # where traffic goes
    | BROWSER | DISPLAY | WAYLAND_DISPLAY | DBUS_SESSION_BUS_ADDRESS | SSH_.*           # the desktop
    | PYTHON_KEYRING_BACKEND | KEYRING_PROPERTY_.*                                      # its keyring
    | NO_COLOR | FORCE_COLOR | CLICOLOR.* | COLUMNS | LINES | XDG_.*                    # looks, and places of files
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""Variables that change what the program does, by the whole of their names."""

settings.register_profile("default", deadline=None, database=None, print_blob=True)
settings.register_profile("ci", parent=settings.get_profile("default"), max_examples=300, derandomize=True)
# For tests that run twice: once to measure coverage, which doubles what an example costs.
settings.register_profile("brief", parent=settings.get_profile("default"), max_examples=30, derandomize=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--run-slow", action="store_true", help="also run what takes long: see the mark `slow`")
    parser.addoption(
        "--run-faults", action="store_true", help="run everything, tests/faults too: kills, full disks, lost answers"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Forget the person before anything is imported; the child processes of tests inherit that."""
    for name in [name for name in os.environ if PERSONAL.fullmatch(name)]:
        del os.environ[name]
    home = tempfile.TemporaryDirectory(prefix="keyswitch-test-home-", ignore_cleanup_errors=True)
    config.add_cleanup(home.cleanup)
    os.environ["HOME"] = os.environ["USERPROFILE"] = home.name
    os.environ["TZ"] = "UTC"
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"  # elsewhere a keyring needs no variable
    heed_signals()
    keep_bytecode(config)
    if not config.getoption("--hypothesis-profile"):
        settings.load_profile("ci" if in_ci() else "default")


def keep_bytecode(config: pytest.Config) -> None:
    """Compile each module once, also where the environment asks for no bytecode.

    Without, every worker rewrites all test modules and pytest's plug-ins, Hypothesis among them, and every process that
    a test starts compiles the program: a collection by five takes 110 seconds of processor time instead of 37.
    """
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    if not hasattr(config, "workerinput"):
        for folder in (*LAYERS, "tests/support"):
            compileall.compile_dir(ROOT / folder, quiet=2)
        if config.getoption("numprocesses", None) and not (ROOT / "tests/unit/__pycache__").exists():
            read_once()


def read_once() -> None:
    """Have each test module of a new clone compiled by one process; all workers would come to each at the same time."""
    command = (sys.executable, "-m", "pytest", "--collect-only", "-qq", "-p", "no:cacheprovider")
    halves = (("unit", "contracts", "architecture", "tui"), ("integration", "e2e"))
    readers = [
        subprocess.Popen([*command, *(f"tests/{folder}" for folder in half)], cwd=ROOT, stdout=subprocess.DEVNULL)
        for half in halves
    ]
    for reader in readers:
        reader.wait()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """How many workers `-n auto` means.

    Most tests wait, for a disk or for another process: on two cores five workers took 60 % of the time of two.
    """
    return round(2.5 * (os.cpu_count() or 2))


def pytest_collection() -> None:
    """Loading makes little garbage, and the collector would go through all that is loaded again and again."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Let the collector pass over all that was loaded from now on."""
    gc.enable()
    gc.collect()
    gc.freeze()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave `tests/faults` to those who ask, by option or by naming the folder: it takes minutes."""
    if collection_path != FAULTS or config.getoption("--run-faults"):
        return None
    return None if any(path.is_relative_to(FAULTS) for path in named(config)) else True


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave slow tests to those who ask, and below scale 1 some tests of each file of fault tests."""
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        if item.path.is_relative_to(FAULTS):
            item.add_marker("slow")
            files.setdefault(item.path, []).append(item)
    left = {item for file, tests in files.items() for item in set(tests).difference(sample(tests, file.name))}
    if not (config.getoption("--run-slow") or config.getoption("--run-faults") or named(config)):
        left.update(item for item in items if item.get_closest_marker("slow"))
    config.hook.pytest_deselected(items=list(left))
    items[:] = [item for item in items if item not in left]


def named(config: pytest.Config) -> list[Path]:
    """The files and folders that the command line names."""
    paths = (config.invocation_params.dir / str(word).split("::")[0] for word in config.invocation_params.args)
    return [path.resolve() for path in paths if path.exists()]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how to repeat the random choices of `tests/faults`, also where everything went well."""
    if config.getoption("--run-faults") or any("faults" in argument for argument in config.args):
        terminalreporter.write_line(f"fault tests ran with {headline()}")


def in_ci() -> bool:
    return os.environ.get("CI") == "true"


@pytest.fixture(scope="session")
def system_program() -> Callable[[str, str], str]:
    """Find a program that Debian installs: `system_program("tmux", "tmux")` gives its path.

    Where it is missing the test is skipped with the name of the package; in CI, which installs them all, it fails.
    """

    def find(program: str, debian_package: str) -> str:
        path = shutil.which(program)
        if path is not None:
            return path
        reason = f"{program} is missing: apt-get install {debian_package}"
        if in_ci():
            pytest.fail(reason)
        pytest.skip(reason)

    return find
