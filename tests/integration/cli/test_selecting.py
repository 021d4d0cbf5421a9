"""`use`: the switch and its refusals."""

from __future__ import annotations

import tomllib

from adapters.sandbox.scripted_browser import approve
from adapters.sandbox.server import Sandbox
from tests.support.command import Keyswitch


def test_a_signed_in_model_is_selected_and_saved(signed_in: Keyswitch) -> None:
    ended = signed_in("use", "claude-opus-4.1")
    assert (ended.code, ended.err) == (0, "")
    assert ended.lines == [
        "Switched to Claude Opus 4.1 (Claude OAuth)",
        "Claude Opus 4.1 was retired on 2026-08-05: Claude Opus 5.5 answers, $4/$20",
        "Pays: Console, per token (ana@example.test), $4/$20 per million tokens in/out.",
    ]
    config = tomllib.loads((signed_in.home / "config.toml").read_text("utf-8"))
    assert (config["model"], config["active_auth_provider"]) == ("claude-opus-4.1", "claude")


def test_a_selection_for_programs(signed_in: Keyswitch) -> None:
    selected = signed_in("use", "Claude Haiku 4.5", "--json").document["selected"]
    assert (selected["preset"], selected["provider"], selected["auth"]) == ("claude-haiku-4.5", "claude", "claude")
    assert selected["model"] == "claude-haiku-4-5-20251001"


REFUSAL = (
    "Claude Opus requires Claude login. Run: keyswitch login claude\n"
    "  You have no OAuth client for Claude, but an API key works: keyswitch login claude --api-key\n"
)
"""What somebody is told who has no OAuth client."""


def test_a_signed_out_model_is_refused_with_the_command_that_helps(signed_in: Keyswitch, sandbox: Sandbox) -> None:
    before = (signed_in.home / "config.toml").read_bytes()
    sandbox.log.clear()
    ended = signed_in("use", "gemini-3-pro")
    assert (ended.code, ended.out) == (4, "")
    assert ended.err == "Gemini 3 Pro requires Gemini login. Run: keyswitch login gemini\n"
    assert (signed_in.home / "config.toml").read_bytes() == before
    assert not sandbox.log.entries()


def test_the_refusal_of_opus_has_the_words_of_its_line_and_below_it_what_works(keyswitch: Keyswitch) -> None:
    for line in (("use", "claude-opus-4.1"), ("ask", "-m", "claude-opus-4.1", "hi")):
        ended = keyswitch(*line)
        assert (ended.code, ended.out, ended.err) == (4, "", REFUSAL)


def test_the_refusal_for_programs(keyswitch: Keyswitch) -> None:
    ended = keyswitch("use", "claude-opus-4.1", "--json")
    assert ended.code == 4
    assert ended.document == {
        "error": {
            "code": "auth_required",
            "provider": "claude",
            "message": "Claude Opus requires Claude login.",
            "fix": "keyswitch login claude --api-key",
        }
    }
    assert ended.err == REFUSAL


def test_a_refused_selection_is_in_the_event_log(keyswitch: Keyswitch) -> None:
    keyswitch("use", "claude-opus-4.1")
    refused = [event["facts"] for event in keyswitch.events() if event["event"] == "selection_refused"]
    assert refused == [{"provider": "claude", "preset": "claude-opus-4.1", "reason": "sign_in_required"}]


def test_an_unknown_model_gets_the_near_miss(keyswitch: Keyswitch) -> None:
    ended = keyswitch("use", "claude-opus-4.l")
    assert ended.code == 2
    assert 'Unknown model "claude-opus-4.l". Did you mean claude-opus-4.1?' in ended.err
    assert "run: keyswitch use claude-opus-4.1" in ended.err


def test_from_a_plan_to_a_key_nothing_changes_without_a_yes(at_sandbox: Keyswitch, sandbox: Sandbox) -> None:
    at_sandbox.sign_in("chatgpt", approve)
    at_sandbox("login", "claude", "--api-key", typed="sk-ant-api03-fake-claude-key-1234\n")
    before = (at_sandbox.home / "config.toml").read_bytes()
    refused = at_sandbox("use", "claude-opus-4.1", "--json")
    assert refused.code == 2
    assert refused.document["error"]["code"] == "payer_change"
    assert refused.document["error"]["fix"] == "keyswitch use claude-opus-4.1 --yes"
    assert (at_sandbox.home / "config.toml").read_bytes() == before
    agreed = at_sandbox("use", "claude-opus-4.1", "--yes")
    assert (agreed.code, agreed.lines[0]) == (0, "Switched to Claude Opus 4.1 (Claude API key)")
