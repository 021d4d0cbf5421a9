"""A process that holds secrets leaves no copies of itself. Each test also shows what happens without the hardening."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.system.child_environment import TEXTUAL_LOOKS, child_environment, leaks
from tests.support.vendor_values import HARMLESS, MARKED

REPO = Path(__file__).parents[3]

HARDENED = "from adapters.system.hardening import harden; harden()\n"


def run(script: str, folder: Path, *, hardened: bool, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", (HARDENED if hardened else "") + script],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(REPO), **variables},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


NOISE = """
import asyncio, logging, warnings
logging.getLogger("httpx2").warning("fake-token-1")
logging.getLogger("some.library").error("fake-token-2")
warnings.warn("fake-token-3")
async def forgotten():
    async def fails(): raise ValueError("fake-token-4")
    task = asyncio.create_task(fails())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
asyncio.run(forgotten())
"""


@pytest.mark.parametrize(("hardened", "told"), [(True, False), (False, True)])
def test_nothing_that_libraries_log_or_warn_of_reaches_the_terminal(tmp_path: Path, hardened: bool, told: bool) -> None:
    done = run(NOISE, tmp_path, hardened=hardened)
    assert done.returncode == 0
    assert [f"fake-token-{number}" in done.stderr for number in (1, 2, 3, 4)] == [told] * 4


@pytest.mark.parametrize(("hardened", "told"), [(True, False), (False, True)])
def test_a_handler_at_debug_level_gets_no_detail_of_requests(tmp_path: Path, hardened: bool, told: bool) -> None:
    script = """
import logging, sys
logging.basicConfig(level=logging.DEBUG, stream=sys.stdout)
for name in ("authlib", "httpcore2.http11", "httpx2"):
    logging.getLogger(name).debug("fake-token-1")
"""
    assert ("fake-token-1" in run(script, tmp_path, hardened=hardened).stdout) is told


@pytest.mark.parametrize(("hardened", "told"), [(True, False), (False, True)])
def test_a_log_handler_that_fails_does_not_print_its_record(tmp_path: Path, hardened: bool, told: bool) -> None:
    script = """
import logging
class Failing(logging.Handler):
    def emit(self, record):
        try:
            raise ValueError
        except ValueError:
            self.handleError(record)
logging.getLogger().addHandler(Failing())
logging.getLogger("some.library").error("%s", "fake-token-1")
"""
    assert ("fake-token-1" in run(script, tmp_path, hardened=hardened).stderr) is told


def test_variables_that_make_libraries_write_secrets_down_are_gone(tmp_path: Path) -> None:
    script = "import os, ssl; print(ssl.create_default_context().keylog_filename, os.environ.get('TEXTUAL_LOG'))"
    keys, log = str(tmp_path / "tls-keys"), str(tmp_path / "textual.log")
    given = {"SSLKEYLOGFILE": keys, "TEXTUAL_LOG": log}
    assert run(script, tmp_path, hardened=False, **given).stdout.split() == [keys, log]
    assert run(script, tmp_path, hardened=True, **given).stdout.split() == ["None", "None"]


def test_every_variable_of_textual_is_known() -> None:
    """An update that reads more shows itself here: decide in `child_environment` whether it may."""
    import textual

    source = "".join(path.read_text("utf-8") for path in Path(str(textual.__file__)).parent.rglob("*.py"))
    read = set(re.findall(r"""environ(?:\.get|\.pop|_bool|_int|_port)?[\[(]\s*["'](\w+)["']""", source))
    read |= set(re.findall(r"""getenv\(\s*["'](\w+)["']""", source))
    harmful = {
        "TEXTUAL", "TEXTUAL_ALLOW_SIGNALS", "TEXTUAL_COLOR_SYSTEM", "TEXTUAL_DEBUG", "TEXTUAL_DEVTOOLS_HOST",
        "TEXTUAL_DEVTOOLS_PORT", "TEXTUAL_DRIVER", "TEXTUAL_LOG", "TEXTUAL_PRESS", "TEXTUAL_SCREENSHOT",
        "TEXTUAL_SCREENSHOT_FILENAME", "TEXTUAL_SCREENSHOT_LOCATION", "TEXTUAL_SHOW_RETURN", "TEXTUAL_SLOW_THRESHOLD",
    }  # fmt: skip
    of_terminals = {"COLUMNS", "ESCDELAY", "LC_TERMINAL", "NO_COLOR", "ROWS", "TERM_PROGRAM"}
    assert read == harmful | TEXTUAL_LOOKS | of_terminals
    assert {name for name in read if leaks(name)} == harmful
    assert leaks("TEXTUAL_OF_A_LATER_VERSION")


OPENED = """
import ctypes, os, sys
import adapters.master_key.in_file as key_file, adapters.master_key.keyring_call as keyring_call
import adapters.diagnosis.key_check as probe
import keyswitch
dumpable = []
def noting(function):
    def noted(*given, **more):
        dumpable.append(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
        return function(*given, **more)
    return noted
key_file._decoded = noting(key_file._decoded)
sys.stdin = open(os.devnull)
for command in sys.argv[1:]:
    read, write = os.pipe()
    if os.fork() == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        keyswitch.main(command.split())
        os.write(write, repr(dumpable).encode())
        os._exit(0)
    os.close(write)
    os.wait()
    print(command, "=", os.read(read, 10000).decode())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the call is one of Linux")
@pytest.mark.slow
def test_no_command_has_the_master_key_while_others_may_look_into_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    environ = {**os.environ, "PYTHONPATH": str(REPO), "CODE_HOME": str(home), "HTTPS_PROXY": "http://127.0.0.1:9"}
    key = "sk-ant-api03-fake-made-up-0123456789ab"
    command = [sys.executable, "-m", "keyswitch", "login", "claude", "--api-key"]
    subprocess.run(command, env=environ, input=key, text=True, check=True, capture_output=True)
    commands = ["doctor", "login --status", "accounts", "logout claude --local", "config set auth.key_source file"]
    done = subprocess.run(
        [sys.executable, "-c", OPENED, *commands], env=environ, capture_output=True, text=True, check=True, timeout=60
    )
    opened = dict(line.split(" = ") for line in done.stdout.splitlines())
    assert opened.keys() == set(commands)
    assert opened["doctor"] == "[0]"
    assert not [command for command, dumpable in opened.items() if "1" in dumpable]


def test_a_crash_of_the_interpreter_leaves_no_core_dump(tmp_path: Path) -> None:
    script = """
import os, resource, sys
hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
if "limit" in sys.argv:
    from entrypoints.cli.endings import Guard
    Guard(as_json=False).__enter__()
if "harden" in sys.argv:
    from adapters.system.hardening import harden
    harden()
print(hard != 0, flush=True)
os.abort()
"""

    def aborted(*arguments: str) -> tuple[bool, bool]:
        """Whether this machine allows an image, and whether the kernel made one."""
        command = [sys.executable, "-c", script, *arguments]
        environ = {**os.environ, "PYTHONPATH": str(REPO)}
        with subprocess.Popen(command, cwd=tmp_path, env=environ, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            possible = process.stdout.read().strip() == "True"
            _, status = os.waitpid(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == -signal.SIGABRT
        return possible, os.WCOREDUMP(status)

    assert aborted("limit")[1] is False
    assert aborted("harden")[1] is False
    possible, dumped = aborted()  # the control
    pattern = Path("/proc/sys/kernel/core_pattern")
    to_a_file_here = pattern.exists() and not pattern.read_text("utf-8").startswith(("|", "/"))
    assert dumped or not (possible and to_a_file_here)
    for image in tmp_path.glob("core*"):
        image.unlink()


def test_nobody_attaches_to_a_hardened_process(tmp_path: Path) -> None:
    script = "import ctypes; print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"  # PR_GET_DUMPABLE
    assert run(script, tmp_path, hardened=False).stdout.strip() == "1"
    assert run(script, tmp_path, hardened=True).stdout.strip() == "0"


@pytest.mark.parametrize(
    "name",
    ["OPENAI_API_KEY", "anthropic_api_key", "GOOGLE_API_KEYS", "GITHUB_TOKEN", "GH_PAT", "AWS_SECRET_ACCESS_KEY",
     "CLIENT_SECRET", "DB_PASSWORD", "SMTP_PASS", "BORG_PASSPHRASE", "NPM_AUTH", "XDG_SESSION_COOKIE", "TOKEN",
     "SSLKEYLOGFILE", "TEXTUAL_LOG"],
)  # fmt: skip
def test_a_child_gets_no_variable_that_is_named_like_a_secret(name: str) -> None:
    assert child_environment({name: "fake", "PATH": "/bin"}) == {"PATH": "/bin"}


def test_a_child_gets_no_value_that_looks_like_a_key() -> None:
    for value in (*MARKED, "eyJhbGciOiJub25lIn0.eyJzdWIi"):
        for written in (value, f"--key={value}", f"https://ana:{value}@example.test/x" if "/" not in value else value):
            assert child_environment({"MY_SETTING": written}) == {}, written


def test_a_child_gets_what_a_browser_or_an_editor_needs() -> None:
    needed = {
        "PATH": "/usr/bin", "HOME": "/home/ana", "DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0", "LANG": "C.UTF-8",
        "DBUS_SESSION_BUS_ADDRESS": "unix:path=/run/user/1000/bus", "XDG_RUNTIME_DIR": "/run/user/1000",
        "XAUTHORITY": "/run/user/1000/xauth", "SSH_AUTH_SOCK": "/run/user/1000/ssh", "EDITOR": "vi", "TERM": "xterm",
    }  # fmt: skip
    needed |= {f"SETTING_{number}": value for number, value in enumerate(HARMLESS)}
    assert child_environment(needed) == needed


def test_a_child_gets_a_proxy_without_its_password() -> None:
    given = {"HTTPS_PROXY": "http://ana:fake-pw@proxy.example.test:3128", "no_proxy": "localhost,.example.test"}
    assert child_environment(given) == {
        "HTTPS_PROXY": "http://proxy.example.test:3128",
        "no_proxy": "localhost,.example.test",
    }
