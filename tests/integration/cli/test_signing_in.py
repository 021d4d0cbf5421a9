"""`login`, `logout` and `refresh`, over real redirects."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.sandbox import faults
from adapters.sandbox.scripted_browser import approve, approve_device
from adapters.sandbox.server import Sandbox
from tests.support.command import Ended, Keyswitch
from tests.support.forks import Process

pytestmark = pytest.mark.slow


def finish(process: Process, act: Callable[[str], object]) -> Ended:
    """Let *act* answer the first line's address, and wait for the end."""
    assert process.stdout is not None
    assert process.stderr is not None
    first = process.stdout.readline()
    act(json.loads(first)["url"])
    rest = process.stdout.read()
    return Ended(process.wait(), first + rest, process.stderr.read())


def test_a_code_typed_in_on_another_device_signs_in(at_sandbox: Keyswitch) -> None:
    with at_sandbox.started("login", "claude", "--device", "--json") as process:
        assert process.stdout is not None
        code = json.loads(process.stdout.readline())
        assert (code["event"], code["provider"]) == ("device_code", "claude")
        approve_device(code["verification_uri"], code["user_code"])
        signed_in = json.loads(process.stdout.readline())
        assert process.wait(timeout=60) == 0
    assert (signed_in["event"], signed_in["account"]) == ("signed_in", "ana@example.test")
    assert "✅ Claude: logged in" in at_sandbox("status").out


def test_pasting_alone_signs_in_without_a_port_or_a_browser(at_sandbox: Keyswitch) -> None:
    with at_sandbox.started("login", "claude", "--paste", "--json") as process:
        assert process.stdout is not None
        assert process.stdin is not None
        link = json.loads(process.stdout.readline())
        assert (link["listening"], link["short_url"]) == (False, None)
        process.stdin.write(f"{approve(link['url'], visit=False)}\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["event"] == "signed_in"
        assert process.wait(timeout=60) == 0


@pytest.mark.parametrize("provider", ["chatgpt", "claude", "gemini"])
def test_a_sign_in_for_programs_is_an_address_and_an_outcome(at_sandbox: Keyswitch, provider: str) -> None:
    with at_sandbox.started("login", provider, "--no-browser", "--json") as process:
        ended = finish(process, approve)
    assert ended.code == 0
    authorize, signed_in = ended.documents
    assert (authorize["event"], authorize["provider"]) == ("authorize", provider)
    assert authorize["redirect_uri"].startswith(("http://127.0.0.1:", "http://localhost:"))
    assert "/go/" in authorize["short_url"]
    assert (signed_in["event"], signed_in["account"]) == ("signed_in", "ana@example.test")
    assert at_sandbox("status").code == 0


def test_without_a_provider_chatgpt_is_meant(at_sandbox: Keyswitch) -> None:
    with at_sandbox.started("login", "--no-browser", "--json") as process:
        ended = finish(process, approve)
    assert ended.documents[0]["provider"] == "chatgpt"


def test_the_first_sign_in_says_what_it_selected_and_who_pays(at_sandbox: Keyswitch) -> None:
    with at_sandbox.started("login", "--provider=claude", "--no-browser") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        address = next(line for line in process.stderr if "/authorize?" in line)
        assert address == f"{address.strip()}\n"
        approve(address.strip())
        out = process.stdout.read()
        assert process.wait() == 0
    assert out.splitlines() == [
        "Logged in to Claude as ana@example.test (Console, per token)",
        "The sign-in expires in 30 days.",
        "Switched to Claude Sonnet 5.5 (Claude OAuth)",
        "Pays: Console, per token (ana@example.test), $2/$10 per million tokens in/out.",
    ]


def test_the_end_of_standard_input_does_not_end_a_sign_in(at_sandbox: Keyswitch) -> None:
    with at_sandbox.started("login", "claude", "--no-browser", "--json") as process:
        assert process.stdin is not None
        process.stdin.close()
        ended = finish(process, approve)
    assert ended.code == 0


def test_the_address_that_a_browser_elsewhere_ended_on_can_be_pasted(at_sandbox: Keyswitch) -> None:
    with at_sandbox.started("login", "gemini", "--no-browser", "--json") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        authorize = json.loads(process.stdout.readline())
        process.stdin.write("that is no address\n")
        process.stdin.flush()
        refused = json.loads(process.stdout.readline())
        process.stdin.write(approve(authorize["url"], visit=False) + "\n")
        process.stdin.flush()
        signed_in = json.loads(process.stdout.readline())
        assert process.wait() == 0
    assert refused["event"] == "paste_refused"
    assert signed_in["event"] == "signed_in"


def test_declining_is_said_and_exits_3(at_sandbox: Keyswitch) -> None:
    with at_sandbox.started("login", "claude", "--no-browser", "--json") as process:
        ended = finish(process, lambda url: approve(url, decline=True))
    assert ended.code == 3
    failed = ended.documents[-1]
    assert (failed["event"], failed["provider"]) == ("failed", "claude")
    assert (failed["error"]["code"], failed["error"]["fix"]) == ("sign_in_declined", "keyswitch login claude")
    assert at_sandbox("status").code == 4


def test_nobody_in_time_exits_3(at_sandbox: Keyswitch) -> None:
    ended = at_sandbox("login", "claude", "--no-browser", "--json", "--timeout", "1")
    assert ended.code == 3
    assert ended.documents[-1]["error"]["code"] == "sign_in_timed_out"


def test_ctrl_c_exits_130_and_changes_nothing(at_sandbox: Keyswitch) -> None:
    with at_sandbox.started("login", "claude", "--no-browser", "--json") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        os.kill(process.pid, signal.SIGINT)
        assert process.wait() == 130
        assert "Traceback" not in process.stderr.read()
    assert at_sandbox("status").code == 4


@pytest.mark.parametrize(("provider", "how"), [("claude", "no public registration"), ("gemini", "Desktop app")])
def test_without_a_client_it_exits_7_and_says_how_to_get_one(keyswitch: Keyswitch, provider: str, how: str) -> None:
    ended = keyswitch("login", provider, "--json")
    assert ended.code == 7
    assert ended.document["event"] == "failed"
    assert ended.document["error"]["code"] == "no_client"
    assert ended.document["error"]["fix"] == f"keyswitch login {provider} --api-key"
    assert how in ended.err


def test_an_api_key_is_stored_sealed_and_shown_by_its_end(keyswitch: Keyswitch) -> None:
    key = "sk-ant-fake-0000-1234"
    ended = keyswitch("login", "claude", "--api-key", typed=f"{key}\n")
    assert (ended.code, ended.lines) == (0, ["Stored the Claude API key …1234. Pays: API key, per token."])
    assert keyswitch("status").lines[1] == "✅ Claude: API key …1234"
    assert not any(key.encode() in path.read_bytes() for path in keyswitch.home.iterdir() if path.is_file())


def test_a_piped_key_is_cleaned_or_refused_by_a_sentence(keyswitch: Keyswitch) -> None:
    key = "sk-proj-MADE-UP-0000-1234"
    for typed in (f'"{key}"\n', f"\ufeff{key}\r\n", f"\n\n{key}", f"export OPENAI_API_KEY={key}\n", f"Bearer {key}\n"):
        ended = keyswitch("login", "chatgpt", "--api-key", typed=typed)
        words = ended.out.partition(" ")[2]  # the same key is stored at first, and kept then
        assert (ended.code, words) == (0, "the ChatGPT API key …1234. Pays: API key, per token.\n"), typed
    ended = keyswitch("logout", "chatgpt")
    for typed in (
        f"{key}\n{key}\n",
        "ab\n",
        "Here is my key: no\n",
        "gsk_madeup00000000\n",
        "sk-ant-api03-MADE-UP-1234\n",
    ):
        ended = keyswitch("login", "chatgpt", "--api-key", "--json", typed=typed)
        assert (ended.code, ended.document["event"]) == (2, "failed"), typed
        assert "MADE-UP" not in ended.out + ended.err
    assert ended.document["error"]["code"] == "key_of_another"
    assert ended.document["error"]["fix"] == "keyswitch login claude --api-key"
    assert keyswitch("status").lines[0] == "❌ ChatGPT: not logged in"


def test_whoever_types_a_key_into_a_pipe_ends_it_with_a_line_end(keyswitch: Keyswitch) -> None:
    with keyswitch.started("login", "claude", "--api-key") as process:
        assert process.stdin
        process.stdin.write("sk-ant-fake-0000-1234\n")
        process.stdin.flush()  # and the pipe stays open
        assert process.wait(30) == 0


def test_no_api_key_on_standard_input_is_refused(keyswitch: Keyswitch) -> None:
    ended = keyswitch("login", "claude", "--api-key")
    assert ended.code == 2
    assert "That is no API key" in ended.err


def test_an_unknown_provider_gets_the_near_miss(keyswitch: Keyswitch) -> None:
    ended = keyswitch("login", "claud")
    assert ended.code == 2
    assert 'Unknown provider "claud". Did you mean claude? Providers: chatgpt, claude, gemini.' in ended.err


def test_two_different_providers_are_one_too_many(keyswitch: Keyswitch) -> None:
    assert keyswitch("login", "claude", "--provider=gemini").code == 2


def test_signing_out_says_what_the_provider_confirmed(signed_in: Keyswitch, sandbox: Sandbox) -> None:
    ended = signed_in("logout", "claude")
    assert ended.code == 0
    assert ended.lines == ["Signed out of Claude (ana@example.test). Anthropic confirmed that the session is over."]
    assert sandbox.log.count("claude", "revoke") == 1
    assert "❌ Claude: not logged in" in signed_in("status").lines


def test_signing_out_does_not_claim_what_was_not_confirmed(signed_in: Keyswitch, sandbox: Sandbox) -> None:
    sandbox.faults.add("claude", "revoke", faults.refuse("unavailable"), times=None)
    ended = signed_in("logout", "claude")
    assert ended.code == 0
    assert "Anthropic did not confirm" in ended.out
    assert "❌ Claude: not logged in" in signed_in("status").lines


def test_signing_out_locally_asks_no_provider(signed_in: Keyswitch, sandbox: Sandbox) -> None:
    ended = signed_in("logout", "--all", "--local", "--json")
    assert {gone["provider"] for gone in ended.document["signed_out"]} == {"chatgpt", "claude"}
    assert not sandbox.log.count("claude", "revoke") + sandbox.log.count("chatgpt", "revoke")
    assert signed_in("status").code == 4


def test_signing_out_where_nobody_is_signed_in_is_no_failure(keyswitch: Keyswitch) -> None:
    ended = keyswitch("logout", "claude")
    assert (ended.code, ended.err) == (0, "Claude was not signed in.\n")


def test_logout_wants_a_provider_or_all(keyswitch: Keyswitch) -> None:
    assert keyswitch("logout").code == 2
    assert keyswitch("logout", "claude", "--all").code == 2


def test_fresh_sign_ins_are_renewed_only_by_force(signed_in: Keyswitch, sandbox: Sandbox) -> None:
    assert signed_in("refresh").lines == [
        "ChatGPT (ana@example.test): still good, nothing to renew",
        "Claude (ana@example.test): still good, nothing to renew",
    ]
    assert sandbox.log.count("claude", "refresh") == 0
    forced = signed_in("refresh", "claude", "--force", "--json")
    assert forced.code == 0
    assert forced.document["outcomes"] == [{"provider": "claude", "account": "ana@example.test", "renewed": True}]
    assert sandbox.log.count("claude", "refresh") == 1


def test_one_failing_renewal_stops_no_other_and_sets_the_exit_code(signed_in: Keyswitch, sandbox: Sandbox) -> None:
    sandbox.faults.add("claude", "refresh", faults.refuse("invalid_grant"), times=None)
    ended = signed_in("refresh", "--force")
    assert ended.code == 4
    assert ended.lines == ["ChatGPT (ana@example.test): renewed"]
    assert "Claude ended this session" in ended.err
    assert "run: keyswitch login claude" in ended.err
    assert [line[:9] for line in signed_in("status").lines if "session ended" in line] == ["❌ Claude:"]


def test_renewing_where_nobody_is_signed_in(keyswitch: Keyswitch) -> None:
    assert keyswitch("refresh").code == 0
    ended = keyswitch("refresh", "claude")
    assert ended.code == 4
    assert "Run: keyswitch login claude" in ended.err


def test_a_profile_of_another_program_is_used_and_given_back_without_a_change(
    keyswitch: Keyswitch, tmp_path: Path
) -> None:
    folder = tmp_path / "anthropic"
    for name, document in (("configs", {}), ("credentials", {"access_token": "sk-ant-oat-fake-0001"})):
        (folder / name).mkdir(parents=True)
        (folder / name / "default.json").write_text(json.dumps(document))
    (folder / "credentials" / "default.json").chmod(0o600)
    place = {"ANTHROPIC_CONFIG_DIR": str(folder)}
    assert keyswitch("login", "claude", "--profile", "work", **place).code == 4
    used = keyswitch("login", "claude", "--profile", "default", **place)
    assert (used.code, used.lines[0]) == (
        0,
        'Using the profile "default" of Anthropic\'s tool. Pays: Console, per token.',
    )
    assert "Claude: borrowed profile" in keyswitch("status", **place).out
    returned = keyswitch("logout", "claude", **place)
    assert returned.out == 'The profile "default" of Anthropic\'s tool is not used any more. It was not changed.\n'
    assert "Claude: not logged in" in keyswitch("status", **place).out
    assert json.loads((folder / "credentials" / "default.json").read_text()) == {"access_token": "sk-ant-oat-fake-0001"}
