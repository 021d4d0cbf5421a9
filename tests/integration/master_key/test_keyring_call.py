"""Calls to the keyring: through a process that ends in time, and to no back end that keyswitch did not choose."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from adapters.master_key import keyring_call
from adapters.master_key.keyring_call import KeyringAnswer, SystemKeyring
from adapters.master_key.note import KEYRINGS
from tests.support.fake_backend import FakeBackend

BACKEND = "keyring.backends.SecretService.Keyring"
MARGIN = 5.0
"""Seconds beyond the limit that a busy machine may take to start and end a process."""

PLAIN_TEXT = '''
"""A back end that keeps everything in plain text, as the package keyrings.alt brings one."""
from keyring.backend import KeyringBackend
from keyring.compat import properties

class PlaintextKeyring(KeyringBackend):
    @properties.classproperty
    def priority(cls):
        return 9
    def get_password(self, service, username):
        return None
    def set_password(self, service, username, password):
        open(__file__ + ".secrets", "a").write(password)
'''


@pytest.fixture
def fake_backend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeBackend:
    """A keyring that works, on the path of this process and so of the helper's."""
    backend = FakeBackend.install(tmp_path / "keyring")
    monkeypatch.syspath_prepend(str(backend.folder))
    return backend


@pytest.fixture
def keyring(fake_backend: FakeBackend) -> SystemKeyring:
    return SystemKeyring(environ=fake_backend.environ())


def all_three(keyring: SystemKeyring) -> list[KeyringAnswer]:
    return [keyring.get("x", backend=BACKEND), keyring.put("x", "fake"), keyring.delete("x", backend=BACKEND)]


def test_what_is_put_is_got_and_can_be_deleted(keyring: SystemKeyring, fake_backend: FakeBackend) -> None:
    assert keyring.get("x", backend="") == KeyringAnswer("missing", backend=BACKEND)
    assert keyring.put("x", "fake") == KeyringAnswer("ok", backend=BACKEND)
    (entry,) = fake_backend.entries
    assert entry["attributes"]["service"] == "keyswitch"
    assert keyring.get("x", backend=BACKEND).value == "fake"
    assert keyring.get("y", backend=BACKEND).outcome == "missing"
    assert keyring.delete("x", backend=BACKEND).outcome == "ok"
    assert keyring.delete("x", backend=BACKEND).outcome == "ok"
    assert keyring.get("x", backend=BACKEND).outcome == "missing"


@pytest.mark.skipif(sys.platform != "linux", reason="the call is one of Linux")
def test_nobody_may_look_into_the_helper_while_it_has_a_key(tmp_path: Path) -> None:
    (tmp_path / "spying.py").write_text(
        "import ctypes\n"
        "class Backend:\n"
        "    viable, priority = True, 1\n"
        "    def get_password(self, service, entry):\n"
        "        return str(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))\n",
        "utf-8",
    )
    asked = {"do": "get", "entry": "x", "service": "x", "backends": ["spying.Backend"], "choose": False}
    command = [sys.executable, "-I", str(keyring_call._HELPER), str(tmp_path), *sys.path]
    done = subprocess.run(command, input=json.dumps(asked) + "\n", capture_output=True, text=True, check=True)
    ready, answer = done.stdout.splitlines()
    assert ready == "ready"
    assert json.loads(answer)["value"] == "0"


def test_an_answer_does_not_show_what_was_got() -> None:
    assert "fake" not in repr(KeyringAnswer("ok", value="fake"))


@pytest.mark.parametrize(
    ("mode", "answers", "detail"),
    [
        ("locked", {"locked"}, ""),
        ("gone", {"unusable"}, "no keyring here"),
        ("no service", {"unusable"}, "no keyring here"),
        ("no collection", {"unusable"}, "no default collection"),
    ],
)
def test_a_keyring_in_trouble_is_told_from_any_other_and_nobody_is_asked(
    mode: str, answers: set[str], detail: str, keyring: SystemKeyring, fake_backend: FakeBackend
) -> None:
    fake_backend.does(mode)
    found = all_three(keyring)
    assert {answer.outcome for answer in found} == answers
    assert all(detail in answer.detail for answer in found)
    assert not fake_backend.hung  # which it does where it would ask the person for a password


def test_a_keyring_that_hangs_is_left_in_time(keyring: SystemKeyring, fake_backend: FakeBackend) -> None:
    fake_backend.does("hangs")
    started = time.monotonic()
    answer = keyring.get("x", backend=BACKEND)
    took = time.monotonic() - started
    assert answer == KeyringAnswer("timed out")
    assert fake_backend.hung
    assert keyring_call.CALL_SECONDS <= took < keyring_call.CALL_SECONDS + MARGIN


def test_a_keyring_that_keeps_nothing_is_found_out_at_once(keyring: SystemKeyring, fake_backend: FakeBackend) -> None:
    fake_backend.does("keeps nothing")
    answer = keyring.put("x", "fake")
    assert answer.outcome == "unusable"
    assert "did not give back" in answer.detail


# Which back end


def test_every_back_end_that_is_used_exists_and_is_not_a_chain() -> None:
    """By the library's own list: a name that it dropped would be a keyring that is never found."""
    for name in KEYRINGS:
        module, _, member = name.rpartition(".")
        done = subprocess.run(
            [sys.executable, "-c", f"import importlib; importlib.import_module({module!r}).{member}"],
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "chain" not in name
        assert "null" not in name


@pytest.mark.parametrize(
    "asked",
    [
        "keyring.backends.null.Keyring",
        "keyring.backends.fail.Keyring",
        "keyring.backends.chainer.ChainerBackend",
        "plain.PlaintextKeyring",
        "no.such.Module",
    ],
)
@pytest.mark.parametrize("by", ["variable", "file"])
def test_a_back_end_outside_the_list_is_refused_whoever_asks_for_it(
    asked: str, by: str, fake_backend: FakeBackend
) -> None:
    (fake_backend.folder / "plain.py").write_text(PLAIN_TEXT, "utf-8")
    if by == "file":
        fake_backend.asks_for(asked)
    variables = {"PYTHON_KEYRING_BACKEND": asked} if by == "variable" else {}
    keyring = SystemKeyring(environ=fake_backend.environ(**variables))
    answer = keyring.put("x", "fake")
    assert answer.outcome == "unusable"
    assert "keyswitch does not use" in answer.detail
    assert not list(fake_backend.folder.glob("*.secrets"))
    assert fake_backend.entries == []


def test_a_back_end_of_another_package_is_not_even_looked_at(fake_backend: FakeBackend) -> None:
    """`keyring` itself would take it: its priority is the highest."""
    folder = fake_backend.folder
    (folder / "plain.py").write_text(PLAIN_TEXT, "utf-8")
    (folder / "plain-1.dist-info").mkdir()
    (folder / "plain-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: plain\nVersion: 1\n", "utf-8")
    (folder / "plain-1.dist-info" / "entry_points.txt").write_text("[keyring.backends]\nplain = plain\n", "utf-8")
    control = subprocess.run(
        [sys.executable, "-c", "import keyring; keyring.set_password('keyswitch', 'x', 'fake-control')"],
        env={**fake_backend.environ(), "PYTHON_KEYRING_BACKEND": "plain.PlaintextKeyring"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert control.returncode == 0, control.stderr
    assert (folder / "plain.py.secrets").read_text("utf-8") == "fake-control"
    chosen = subprocess.run(
        [sys.executable, "-c", "import keyring; print(type(keyring.get_keyring()).__name__)"],
        env={name: value for name, value in fake_backend.environ().items() if name != "PYTHON_KEYRING_BACKEND"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert chosen.stdout.strip() in {"PlaintextKeyring", "ChainerBackend"}, chosen.stderr
    assert SystemKeyring(environ=fake_backend.environ()).put("x", "fake") == KeyringAnswer("ok", backend=BACKEND)
    assert (folder / "plain.py.secrets").read_text("utf-8") == "fake-control"


def test_one_of_the_list_may_be_asked_for(fake_backend: FakeBackend) -> None:
    for keyring in (
        SystemKeyring(environ=fake_backend.environ(PYTHON_KEYRING_BACKEND=BACKEND)),
        SystemKeyring(environ=fake_backend.environ()),
    ):
        assert keyring.put("x", "fake").backend == BACKEND
        fake_backend.asks_for(BACKEND)


def test_a_back_end_of_another_system_does_not_keep_the_key_here(keyring: SystemKeyring) -> None:
    answer = keyring.get("x", backend="keyring.backends.Windows.WinVaultKeyring")
    assert (answer.outcome, answer.value) == ("unusable", "")


def test_without_a_session_bus_no_process_is_started(
    fake_backend: FakeBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    environ = fake_backend.environ(DBUS_SESSION_BUS_ADDRESS="")
    monkeypatch.setattr(subprocess, "Popen", lambda *_, **__: pytest.fail("a process was started"))
    assert "no D-Bus session" in SystemKeyring(environ=environ).get("x", backend="").detail


# The helper


@pytest.mark.parametrize(
    ("code", "detail"),
    [
        ("raise SystemExit(3)", "gave no answer"),
        ("print('ready')", "gave no answer"),
        ("print('ready'); print('not JSON')", "gave no answer"),
        ("print('ready'); print('[]')", "makes no sense"),
        ("""print('ready'); print('{"outcome": 7}')""", "makes no sense"),
        ("print('something else')", "gave no answer"),
        ("import os; os.kill(os.getpid(), 9)", "gave no answer"),
    ],
)
def test_a_helper_that_says_something_else_is_no_keyring(
    code: str, detail: str, keyring: SystemKeyring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper = tmp_path / "helper.py"
    helper.write_text(code, "utf-8")
    monkeypatch.setattr(keyring_call, "_HELPER", helper)
    answer = keyring.get("x", backend=BACKEND)
    assert answer.outcome == "unusable"
    assert detail in answer.detail


def test_an_interpreter_that_cannot_be_started_is_no_keyring(
    keyring: SystemKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    assert "cannot start" in keyring.get("x", backend=BACKEND).detail


def test_a_back_end_that_fails_is_named_by_its_error_and_its_words_are_not_shown(
    keyring: SystemKeyring, fake_backend: FakeBackend
) -> None:
    (fake_backend.folder / "entries.json").write_text("no JSON, and fake-secret", "utf-8")
    answer = keyring.get("x", backend=BACKEND)
    assert answer == KeyringAnswer("unusable", "its back end failed (JSONDecodeError)")


def test_no_secret_reaches_the_helper_but_by_its_standard_input(
    fake_backend: FakeBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    helper = tmp_path / "helper.py"
    helper.write_text(
        textwrap.dedent(
            """
            import json, os, sys
            print("ready")
            seen = json.dumps([sys.argv, dict(os.environ)])
            print(json.dumps({"outcome": "ok", "value": seen + sys.stdin.read()}))
            """
        ),
        "utf-8",
    )
    monkeypatch.setattr(keyring_call, "_HELPER", helper)
    environ = fake_backend.environ(
        OPENAI_API_KEY="fake-key", GITHUB_TOKEN="fake-token", KEYRING_PROPERTY_PREFERRED_COLLECTION="/elsewhere"
    )
    seen, _, request = SystemKeyring(environ=environ).put("x", "fake-master-key").value.partition("]{")
    assert "fake-" not in seen
    assert "KEYRING_PROPERTY" not in seen
    assert json.loads("{" + request)["value"] == "fake-master-key"


def test_a_helper_that_hangs_is_gone_afterwards(
    fake_backend: FakeBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    real = subprocess.Popen

    def remembered(*arguments: object, **options: object) -> subprocess.Popen[bytes]:
        started.append(real(*arguments, **options))  # type: ignore[call-overload]  # whatever it was called with
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", remembered)
    fake_backend.does("hangs")
    answer = SystemKeyring(environ=fake_backend.environ(), seconds=0.2).get("x", backend=BACKEND)
    assert answer.outcome == "timed out"
    (helper,) = started
    assert helper.poll() is not None
