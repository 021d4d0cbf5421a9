"""`status` and `models`, as people and as scripts read them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.sandbox.server import Sandbox
from domain.session import SessionState
from entrypoints.cli.main import _quick
from entrypoints.light import container_for, light_parts
from tests.support.command import LAUNCHER, Keyswitch
from tests.support.credentials import a_session


def test_an_empty_home_has_nobody_signed_in_and_exits_4(keyswitch: Keyswitch) -> None:
    ended = keyswitch("status")
    assert ended.code == 4
    assert ended.lines == ["❌ ChatGPT: not logged in", "❌ Claude: not logged in", "❌ Gemini: not logged in"]


def test_the_status_names_sign_ins_and_how_long_they_last(signed_in: Keyswitch) -> None:
    ended = signed_in("status")
    assert ended.code == 0
    assert ended.lines == [
        "✅ ChatGPT: logged in (expires in 30 days)",
        "    ana@example.test, Using ChatGPT plan",
        "✅ Claude: logged in (expires in 30 days)",
        "    ana@example.test, pays: Console, per token",
        "❌ Gemini: not logged in",
    ]


def test_login_status_is_the_status(signed_in: Keyswitch) -> None:
    assert signed_in("login", "--status") == signed_in("status")


def test_the_json_status_has_the_same_exit_code_and_no_token(signed_in: Keyswitch, sandbox: Sandbox) -> None:
    ended = signed_in("status", "--json")
    assert ended.code == 0
    report = ended.document
    assert (report["schema"], report["active"], report["model"]) == (1, "chatgpt", "gpt-6.1-sol")
    chatgpt, claude, gemini = report["providers"]
    assert (chatgpt["id"], chatgpt["state"], chatgpt["active"]) == ("chatgpt", "active", True)
    assert (claude["state"], claude["account"], claude["pays_with"]) == (
        "logged_in",
        "ana@example.test",
        "claude_console",
    )
    assert (claude["storage"], claude["key_in"], claude["can_refresh"]) == ("sealed_file", "file", True)
    left = datetime.fromisoformat(claude["session_expires_at"]) - datetime.now(UTC)
    assert 29 <= left.total_seconds() / 86400 <= 30
    assert (gemini["state"], gemini["account"]) == ("not_logged_in", None)
    live = [token for provider in ("chatgpt", "claude") for token in sandbox.live_access_tokens(provider)]
    assert live
    assert not any(token in ended.out for token in live)


def test_a_clock_that_was_off_at_the_last_renewal_is_named(keyswitch: Keyswitch) -> None:
    sessions = container_for(light_parts(keyswitch.home, {})).sessions
    sessions.save(a_session(clock_ahead=timedelta(hours=2)), activate=True)
    assert "clock was 2 h ahead of Anthropic's" in keyswitch("status").err
    clock = keyswitch("status", "--json").document["clock"]
    assert clock == {"ahead_seconds": 7200.0, "by": "claude", "at": "2026-11-23T12:00:00Z"}
    sessions.save(a_session(generation=2), activate=True)
    assert keyswitch("status", "--json").document["clock"] is None


def test_the_json_status_of_an_empty_home_exits_4_too(keyswitch: Keyswitch) -> None:
    ended = keyswitch("status", "--json")
    assert ended.code == 4
    states = {provider["state"] for provider in ended.document["providers"]}
    assert states <= {state.value for state in SessionState}
    assert "no_client" in states


def test_a_key_in_the_environment_is_named_and_not_used(keyswitch: Keyswitch) -> None:
    ended = keyswitch("status", ANTHROPIC_API_KEY="sk-ant-fake-0000-1234")
    assert ended.code == 4
    assert "ANTHROPIC_API_KEY is set and not used" in ended.err
    assert "fake-0000" not in ended.out + ended.err


def test_a_key_in_the_environment_is_used_where_config_allows_it(keyswitch: Keyswitch) -> None:
    keyswitch.configure(auth={"env_keys": "fallback"})
    ended = keyswitch("status", ANTHROPIC_API_KEY="sk-ant-fake-0000-1234")
    assert ended.code == 0
    assert ended.lines[1] == "✅ Claude: API key …1234"


def test_a_key_from_a_command_is_named_by_its_command_which_no_list_runs(keyswitch: Keyswitch, tmp_path: Path) -> None:
    (tmp_path / "pass").write_text(f"#!/bin/sh\ntouch {tmp_path / 'run'}\n")
    (tmp_path / "pass").chmod(0o700)
    keyswitch.configure(providers={"claude": {"key_command": ["pass", "--token", "hunter2", "anthropic"]}})
    on_path = f"{tmp_path}:{os.environ['PATH']}"
    status, accounts, models = (
        keyswitch(*words, PATH=on_path) for words in (("status",), ("accounts", "--json"), ("models", "--json"))
    )
    assert (status.code, accounts.code, models.code) == (0, 0, 0)
    assert status.lines[1] == "✅ Claude: API key from the command `pass --token **** anthropic`"
    assert [(one["account"], one["stored"]) for one in accounts.document["accounts"]] == [
        ("from the command `pass --token **** anthropic`", False)
    ]
    document = keyswitch("status", "--json", PATH=on_path).document["providers"][1]
    assert (document["storage"], document["key_command"]) == ("command", "pass --token **** anthropic")
    doctor = keyswitch("doctor", PATH=on_path)
    assert f"Claude key from the command `pass --token **** anthropic` ({tmp_path / 'pass'}), not run now" in doctor.out
    assert not (tmp_path / "run").exists()
    assert "hunter2" not in "".join(ended.out + ended.err for ended in (status, accounts, models, doctor))


def test_every_model_has_a_name_a_title_and_its_state(keyswitch: Keyswitch) -> None:
    ended = keyswitch("models")
    assert ended.code == 0
    opus = next(line for line in ended.lines if line.strip().startswith("claude-opus-4.1 "))
    assert "Claude Opus 4.1 (ultra premium) — $15/$75" in opus
    assert opus.endswith("⚠️ Login required")


def test_a_retired_model_says_who_answers(keyswitch: Keyswitch) -> None:
    lines = keyswitch("models").lines
    opus = next(number for number, line in enumerate(lines) if line.strip().startswith("claude-opus-4.1 "))
    assert lines[opus + 1].strip() == "Claude Opus 4.1 was retired on 2026-08-05: Claude Opus 5.5 answers, $4/$20"


def test_the_models_show_what_is_active_and_what_is_signed_in(signed_in: Keyswitch) -> None:
    lines = [line for line in signed_in("models").lines if " — " in line]
    active = [line for line in lines if line.endswith("✅ Active")]
    assert [line.split()[:2] for line in active] == [["▶", "gpt-6.1-sol"]]
    assert all(line.endswith("Login required") for line in lines if line.strip().startswith("gemini"))
    assert all(line.endswith("✅ Logged in") for line in lines if line.strip().startswith("claude"))


def test_available_models_are_those_of_signed_in_providers(signed_in: Keyswitch) -> None:
    providers = {row["provider"] for row in signed_in("models", "--available", "--json").document["models"]}
    assert providers == {"chatgpt", "claude"}


def test_without_any_sign_in_no_model_is_available_and_the_next_step_is_said(keyswitch: Keyswitch) -> None:
    ended = keyswitch("models", "--available")
    assert (ended.code, ended.out) == (0, "")
    assert "keyswitch login" in ended.err


def test_the_json_models_hold_the_thirteen_presets_first_in_their_groups(keyswitch: Keyswitch) -> None:
    rows = keyswitch("models", "--json").document["models"]
    assert sum(row["featured"] for row in rows) == 13
    opus = next(row for row in rows if row["id"] == "claude-opus-4.1")
    assert opus["price"] == {"input": 15, "output": 75, "unit": "USD per million tokens"}
    assert opus["answers"]["model"] == "claude-opus-5-5"
    assert opus["title"] == "Claude Opus 4.1 (ultra premium) — $15/$75"


def test_a_preset_of_ones_own_is_listed(keyswitch: Keyswitch) -> None:
    keyswitch.configure(presets={"thinker": {"model": "claude-opus-5-5", "label": "My Thinker", "level": "high"}})
    row = next(row for row in keyswitch("models", "--json").document["models"] if row["id"] == "thinker")
    assert (row["label"], row["provider"], row["own"]) == ("My Thinker", "claude", True)


def test_a_label_that_would_command_the_terminal_is_refused_in_words_that_do_not(keyswitch: Keyswitch) -> None:
    keyswitch.configure(presets={"evil": {"model": "claude-opus-5-5", "label": "a\u001b]0;owned\u0007b\u202ec"}})
    checked = keyswitch("config", "check")
    assert "presets.evil.label" in checked.out + checked.err
    listed = keyswitch("models")
    assert not {"\x1b", "\x07", "\u202e"} & set(checked.out + checked.err + listed.out + listed.err)


@pytest.mark.parametrize("command", ["status", "models", "--help"])
def test_nothing_is_coloured_and_a_plain_encoding_gets_plain_signs(keyswitch: Keyswitch, command: str) -> None:
    ended = keyswitch(command, PYTHONIOENCODING="ascii", LC_ALL="C", FORCE_COLOR="1")
    assert ended.code in {0, 4}
    assert ended.out.isascii()
    assert "\x1b" not in ended.out
    assert "[x]" in ended.out or "[!]" in ended.out or command == "--help"


def test_reading_commands_write_nothing_to_the_config(keyswitch: Keyswitch) -> None:
    path = keyswitch.configure(using_chatgpt_auth=True)
    before = path.read_bytes()
    keyswitch("status")
    keyswitch("models")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "spelling",
    [
        ["status"],
        ["models"],
        ["status", "--json"],
        ["models", "--json"],
        ["--help"],
        ["use", "sonnet"],
    ],
)
def test_the_short_way_says_the_same_as_the_parser(signed_in: Keyswitch, spelling: list[str]) -> None:
    assert _quick(spelling)
    if spelling[0] == "use":
        signed_in(*spelling)  # only a change of who pays is told
    short = signed_in(*spelling)
    program = "import sys; from entrypoints.cli.group import run; sys.exit(run(sys.argv[1:]))"
    parsed = subprocess.run(
        [sys.executable, "-c", program, *spelling],
        env=signed_in.environment(PYTHONPATH=str(LAUNCHER.parent)),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert (_timeless(parsed.stdout), parsed.returncode) == (_timeless(short.out), short.code), short.err


def _timeless(text: str) -> str:
    """Without the beginning of the thirty days that were looked at: the two commands may run in different seconds."""
    return re.sub(r'"since": "[^"]*"', "", text)


def test_the_config_path_is_inside_the_home(keyswitch: Keyswitch) -> None:
    assert keyswitch("config", "path").out == f"{keyswitch.home / 'config.toml'}\n"
    assert json.loads(keyswitch("config", "path", "--json").out)["exists"] is False


def test_asking_the_providers_says_of_each_credential_whether_it_is_accepted(
    signed_in: Keyswitch, sandbox: Sandbox
) -> None:
    ended = signed_in("status", "--check")
    assert ended.code == 0
    assert ended.lines == [
        "✅ ChatGPT (OAuth, ana@example.test): accepted",
        "✅ Claude (OAuth, ana@example.test): accepted",
    ]
    assert [entry.kind for entry in sandbox.log.entries() if entry.kind == "chat"] == [], "it costs nothing"


def test_a_key_that_is_not_accepted_says_so_and_exits_4(at_sandbox: Keyswitch) -> None:
    at_sandbox("login", "claude", "--api-key", typed="sk-ant-fake-not-accepted-1234")
    ended = at_sandbox("status", "--check", "--json")
    assert ended.code == 4
    (checked,) = ended.document["checks"]
    assert (checked["provider"], checked["accepted"], checked["error"]["code"]) == ("claude", False, "auth_rejected")
    assert "not-accepted" not in ended.out


def test_asking_about_nothing_says_so(keyswitch: Keyswitch) -> None:
    ended = keyswitch("status", "--check")
    assert (ended.code, ended.out) == (4, "")
    assert "nothing to ask about" in ended.err
