"""Whatever is wrong is said in one sentence with the next step and the right exit code, and nothing is lost."""

from __future__ import annotations

import json
import os
import pty
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from rich.cells import cell_len

from adapters.sandbox import faults
from adapters.sandbox.scripted_browser import approve
from adapters.sandbox.server import Sandbox
from tests.support import sandbox_faults
from tests.support.command import LAUNCHER, Ended, Keyswitch


def assert_well_said(ended: Ended, code: int, name: str) -> None:
    """One sentence with its code, perhaps a command, no traceback."""
    assert ended.code == code, ended
    first = next(line for line in ended.err.splitlines() if not line.startswith("Pays: "))
    assert first.startswith("keyswitch: error: ")
    assert first.endswith(f"[{name}]")
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["logn"], 'Unknown command "logn". Did you mean login?'),
        (["frobnicate"], "Commands: ask, chats, models, use"),
        (["status", "--jsn"], "Did you mean '--json'?"),
        (["--moddel", "x"], "Did you mean '--model'?"),
        (["use"], "Missing argument 'MODEL'."),
        (["completion", "tcsh"], "'bash', 'zsh', 'fish'"),
        (["login", "--timeout", "soon"], "'soon' is not a valid float"),
        (["-m", "opus", "status"], "write them after the command"),
    ],
)
def test_a_line_that_makes_no_sense_exits_2(keyswitch: Keyswitch, arguments: list[str], says: str) -> None:
    ended = keyswitch(*arguments)
    assert_well_said(ended, 2, "usage")
    assert says in ended.err
    assert ended.err.splitlines()[1].startswith("  run: keyswitch")


def test_a_line_that_makes_no_sense_for_programs(keyswitch: Keyswitch) -> None:
    ended = keyswitch("models", "--json", "--availble")
    assert ended.code == 2
    assert ended.document["error"]["code"] == "usage"
    assert ended.document["error"]["fix"] == "keyswitch models --help"


def test_an_unknown_model_exits_2(keyswitch: Keyswitch) -> None:
    ended = keyswitch("use", "no-such-thing")
    assert_well_said(ended, 2, "unknown_model")
    assert "run: keyswitch models" in ended.err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('model = "opus', "no TOML"),
        ("\ufffd".encode("utf-16-le").decode("latin-1"), ""),
    ],
)
@pytest.mark.parametrize("command", [["status"], ["models", "--json"], ["use", "opus"], ["ask", "hi"]])
def test_a_config_that_makes_no_sense_exits_7_and_is_left_alone(
    keyswitch: Keyswitch, text: str, says: str, command: list[str]
) -> None:
    path = keyswitch.home / "config.toml"
    path.write_bytes(text.encode("latin-1"))
    ended = keyswitch(*command)
    assert_well_said(ended, 7, "config")
    assert says in ended.err
    assert str(path) in ended.err
    assert path.read_bytes() == text.encode("latin-1")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format": 2', b"\xff\xfe", b"null"])
@pytest.mark.parametrize("command", [["use", "opus"], ["ask", "hi", "-m", "opus"]])
def test_a_session_store_that_cannot_be_read_exits_7_and_is_left_alone(
    keyswitch: Keyswitch, content: bytes, command: list[str]
) -> None:
    path = keyswitch.home / "auth.json"
    path.write_bytes(content)
    path.chmod(0o600)
    ended = keyswitch(*command)
    if content:
        assert_well_said(ended, 7, "store_damaged")
    assert path.read_bytes() == content


def test_the_status_of_a_session_store_that_cannot_be_read_is_no_missing_sign_in(keyswitch: Keyswitch) -> None:
    (keyswitch.home / "auth.json").write_bytes(b'{"format": 2')
    ended = keyswitch("status", "--json")
    assert ended.code == 7
    assert {one["state"] for one in ended.document["providers"]} == {"store_damaged"}
    assert [trouble["code"] for trouble in ended.document["troubles"]] == ["store_damaged"]
    lines = keyswitch("status")
    assert lines.code == 7
    assert "not logged in" not in lines.out + lines.err
    assert "keyswitch doctor" in lines.err


def test_a_file_in_the_place_of_the_home_exits_7(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.write_text("not a folder", "utf-8")
    assert_well_said(Keyswitch(home, {})("status"), 7, "config")
    assert home.read_text("utf-8") == "not a folder"


@pytest.mark.parametrize(("provider", "held"), [("gemini", "127.0.0.1"), ("claude", "127.0.0.1"), ("claude", "::1")])
@pytest.mark.parametrize("how", ["--no-browser", "--paste"])
def test_no_link_leads_to_a_port_that_somebody_else_holds(
    at_sandbox: Keyswitch, sandbox: Sandbox, provider: str, held: str, how: str
) -> None:
    with socket.create_server((held, 0), family=socket.AF_INET6 if ":" in held else socket.AF_INET) as taken:
        port = taken.getsockname()[1]
        settings = sandbox.provider_settings()
        settings[provider]["redirect_ports"] = [port]
        at_sandbox.configure(providers=settings)
        with at_sandbox.started("login", provider, how, "--json") as process:
            assert process.stdin is not None
            assert process.stdout is not None
            authorize = json.loads(process.stdout.readline())
            used = urlsplit(authorize["redirect_uri"]).port or 0
            for address in ("127.0.0.1", "::1")[: 2 if provider == "claude" else 1]:
                with pytest.raises(OSError, match="in use"):
                    socket.create_server((address, used), family=socket.AF_INET6 if ":" in address else socket.AF_INET)
            named = authorize["port_taken"]
            assert (named["port"], named["used"], named["foreseen"]) == (port, used, False)
            assert f"(process {os.getpid()})" in named["holder"]
            process.stdin.write(approve(authorize["url"], visit=False) + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["event"] == "signed_in"
            assert process.wait() == 0


def test_a_provider_that_answers_garbage_exits_5(signed_in: Keyswitch, sandbox: Sandbox) -> None:
    sandbox.faults.add("claude", "chat", sandbox_faults.non_json(), times=None)
    assert_well_said(signed_in("ask", "-m", "haiku", "hi"), 5, "answer_unreadable")


def test_the_sign_in_page_of_a_network_in_place_of_an_answer_exits_5(signed_in: Keyswitch, sandbox: Sandbox) -> None:
    sandbox.faults.add("claude", "chat", faults.html_page(), times=None)
    assert_well_said(signed_in("ask", "-m", "haiku", "hi"), 5, "offline")


def test_a_provider_that_is_down_exits_5(signed_in: Keyswitch, sandbox: Sandbox) -> None:
    sandbox.faults.add("claude", "chat", faults.refuse("unavailable"), times=None)
    ended = signed_in("ask", "-m", "haiku", "hi")
    assert_well_said(ended, 5, "overloaded")
    assert "run: keyswitch models --available" in ended.err


def test_no_network_exits_5(at_sandbox: Keyswitch, sandbox: Sandbox) -> None:
    settings = sandbox.provider_settings()
    with socket.socket() as silent:  # bound and not listening: whoever connects is refused
        silent.bind(("127.0.0.1", 0))
        settings["claude"]["api_base"] = f"http://127.0.0.1:{silent.getsockname()[1]}"
        at_sandbox.configure(providers=settings)
        at_sandbox.sign_in("claude", approve)
        ended = at_sandbox("ask", "-m", "haiku", "hi", "--json")
    assert ended.code == 5
    assert (ended.document["error"]["code"], ended.document["error"]["provider"]) == ("offline", "claude")


def test_a_used_up_limit_exits_6_with_the_time_of_its_reset(signed_in: Keyswitch, sandbox: Sandbox) -> None:
    sandbox.faults.add("claude", "chat", faults.refuse("rate_limit", retry_after=7200), times=None)
    ended = signed_in("ask", "-m", "haiku", "hi", "--json")
    assert ended.code == 6
    assert ended.document["error"]["code"] == "limit_reached"
    assert ended.document["error"]["resets_at"] is not None
    assert "It resets in 2 h, at " in ended.err


def test_what_a_provider_refuses_exits_1(signed_in: Keyswitch, sandbox: Sandbox) -> None:
    sandbox.faults.add("claude", "chat", faults.refuse("forbidden"), times=None)
    assert_well_said(signed_in("ask", "-m", "haiku", "hi"), 1, "refused")


def test_a_wrong_key_exits_4(at_sandbox: Keyswitch) -> None:
    at_sandbox("login", "claude", "--api-key", typed="sk-ant-fake-wrong-key-0000\n")
    ended = at_sandbox("ask", "-m", "haiku", "hi")
    assert_well_said(ended, 4, "auth_rejected")
    assert "fake-wrong" not in ended.err


def test_an_ended_session_exits_4_and_says_so(signed_in: Keyswitch, sandbox: Sandbox) -> None:
    sandbox.revoke_session("claude", "ana@example.test")
    ended = signed_in("ask", "-m", "haiku", "hi")
    assert_well_said(ended, 4, "session_ended")
    assert "run: keyswitch login claude" in ended.err


def test_without_a_terminal_the_chat_says_how_to_ask(keyswitch: Keyswitch) -> None:
    for arguments in ([], ["--plain"], ["-m", "opus"]):
        ended = keyswitch(*arguments)
        assert_well_said(ended, 2, "no_terminal")
        assert 'keyswitch ask "QUESTION"' in ended.err


def test_a_terminal_of_forty_columns_cuts_no_row_of_the_models(keyswitch: Keyswitch) -> None:
    leader, follower = pty.openpty()
    with os.fdopen(leader, "rb") as screen:
        process = subprocess.Popen(
            [sys.executable, str(LAUNCHER), "models"],
            env=keyswitch.environment(COLUMNS="40", LINES="20"),
            stdin=subprocess.DEVNULL,
            stdout=follower,
            stderr=follower,
        )
        os.close(follower)
        shown = b""
        try:
            while block := screen.read1(65536):
                shown += block
        except OSError:  # Linux says so once the other end is closed
            pass
        assert process.wait() == 0
    lines = shown.decode().splitlines()
    name = next(number for number, line in enumerate(lines) if "claude-opus-4.1 " in line)
    assert lines[name].strip() == "claude-opus-4.1  ⚠️ Login required"
    assert lines[name + 1 : name + 3] == ["    Claude Opus 4.1 (ultra premium) —", "    $15/$75"]
    assert [line for line in lines if cell_len(line) > 40] == []
    assert b"\x1b" not in shown


CRASHING = """
import sys
import entrypoints.cli.status_report as report
def fails(*, as_json):
    token = "fake-access-secret-1"
    raise KeyError(token)
report.show_status = fails
from entrypoints.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


def test_a_bug_exits_70_and_tells_where_but_no_value(keyswitch: Keyswitch) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CRASHING, "status", "--json"],
        env=keyswitch.environment(PYTHONPATH=str(LAUNCHER.parent)),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    ended = Ended(done.returncode, done.stdout, done.stderr)
    assert_well_said(ended, 70, "crash")
    assert "(KeyError)" in ended.err
    assert "at entrypoints/cli/main.py:" in ended.err
    assert ended.document["error"]["code"] == "crash"
    assert "secret" not in ended.out + ended.err
    assert str(LAUNCHER.parent) not in ended.err


def test_a_failure_for_a_reader_who_left_is_still_said(keyswitch: Keyswitch) -> None:
    with keyswitch.started("use", "opus", "--json") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.wait() == 1
        said = process.stderr.read()
        assert said.startswith("Claude Opus requires Claude login. Run: keyswitch login claude\n")


def test_a_reader_who_leaves_is_no_reason_to_complain(keyswitch: Keyswitch) -> None:
    with keyswitch.started("models") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.wait() == 1
        assert process.stderr.read() == ""


def test_a_result_that_cannot_be_written_is_no_success(keyswitch: Keyswitch) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, str(LAUNCHER), "models"],
            env=keyswitch.environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            check=False,
        )
    assert done.returncode == 1
    assert done.stderr.startswith("keyswitch: error: The result could not be written")


def test_a_value_of_another_version_stops_no_command(keyswitch: Keyswitch) -> None:
    config = keyswitch.home / "config.toml"
    config.write_text('# mine\nactive_auth_provider = "grok" # new\n[auth]\nkey_source = "file"\n')
    assert keyswitch("login", "claude", "--api-key", typed="sk-ant-fake-0000-1234\n").code == 0
    for command in (["status"], ["models"], ["accounts"], ["refresh"], ["config", "get"], ["events"]):
        assert keyswitch(*command).code == 0, command
    assert '"grok"' in config.read_text()
    assert 'found the text "grok". It is ignored' in keyswitch("status").err
    assert keyswitch("config", "check").code == 7
    assert keyswitch("use", "sonnet").code == 0
    assert '# mine\nactive_auth_provider = "apikey" # new\n' in config.read_text()
