"""The first command over an earlier program's home, and the days after: by the command, against the sandbox."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from adapters.sandbox import faults
from adapters.sandbox.server import Sandbox
from tests.support.command import Keyswitch
from tests.support.credentials import ANA
from tests.support.earlier_files import accounts, an_account, by_provider, flat, nested, written

pytestmark = pytest.mark.slow

CHATGPT_ADVICE = (
    "The ChatGPT sign-in was made by another program, in an older way, and goes on working. "
    "A fresh one is recommended: keyswitch login chatgpt"
)


def put(keyswitch: Keyswitch, value: Any, name: str = "auth.json") -> Path:
    path = keyswitch.home / name
    path.write_bytes(written(value))
    path.chmod(0o600)
    return path


def names(keyswitch: Keyswitch) -> set[str]:
    return {path.name for path in keyswitch.home.iterdir()}


def providers(document: Any) -> dict[str, Any]:
    return {provider["id"]: provider for provider in document["providers"]}


# The first run


def test_another_name_under_which_the_tokens_stay_is_told(keyswitch: Keyswitch, tmp_path: Path) -> None:
    standing = put(keyswitch, nested(OPENAI_API_KEY="sk-fake-older-key-1234"))
    other = tmp_path / "other"
    other.hardlink_to(standing)
    number = f"-xdev -inum {other.stat().st_ino}"

    doctor = keyswitch("doctor").out
    used = keyswitch("use", "gpt-5.1-low").err
    again = keyswitch("use", "gpt-5.1-low").err

    assert number in doctor
    assert number in used
    assert number not in again
    assert number not in keyswitch("doctor").out


@pytest.mark.parametrize("value", [flat(), nested(), by_provider()], ids=["flat", "nested", "by provider"])
def test_status_shows_what_is_there_and_writes_nothing(keyswitch: Keyswitch, value: dict[str, Any]) -> None:
    put(keyswitch, value)
    before = names(keyswitch)

    status = keyswitch("status", "--json").document

    assert providers(status)["chatgpt"]["signed_in"]
    assert providers(status)["chatgpt"]["imported"]
    assert names(keyswitch) == before
    assert (keyswitch.home / "auth.json").read_bytes() == written(value)


def test_the_first_command_that_writes_takes_everything_over_and_says_so_once(keyswitch: Keyswitch) -> None:
    put(keyswitch, {**nested(OPENAI_API_KEY="sk-fake-older-key-1234", agent_identity="x"), "gemini": 5})
    put(keyswitch, accounts(an_account("one")), "auth_accounts.json")
    keyswitch.configure(using_chatgpt_auth=True, model="gpt-5.1-low")

    first, second = keyswitch("use", "gpt-5.1-low"), keyswitch("use", "gpt-5.1-low")

    assert first.code == 0
    files = "auth.json and auth_accounts.json"
    copy = keyswitch.home / "auth.json.old.sealed"
    assert first.err.splitlines() == [
        'The config now has active_auth_provider = "chatgpt" in place of using_chatgpt_auth.',
        f"Taken over from {files} of an earlier program: a ChatGPT sign-in ({ANA}), a ChatGPT API key …1234.",
        f"{files} are kept as they were, sealed, in {copy} (keyswitch config restore-backup).",
        "Not taken over: auth.json: gemini: it is no JSON object.",
        "What keyswitch has no use for is in the sealed copy alone: agent_identity.",
        CHATGPT_ADVICE,
    ]
    assert second.err == ""
    assert "auth_accounts.json" not in names(keyswitch)
    assert [event["event"] for event in keyswitch.events()[:3]] == ["taken_over", "taken_over", "not_taken_over"]


def test_status_recommends_a_fresh_sign_in_for_as_long_as_the_older_one_is_used(keyswitch: Keyswitch) -> None:
    put(keyswitch, nested())
    keyswitch("use", "gpt-5.1-low")
    assert CHATGPT_ADVICE in keyswitch("status").err


NOT_OURS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"auth_mode": "personalAccessToken", "personal_access_token": "pat-made-up-0001"}, "something of another program"),
    ({"type": "claude", "access_token": "sk-ant-oat01-made-up", "refresh_token": "sk-ant-ort01-x"}, "a Claude sign-in"),
    ({"access_token": "ya29.made-up", "refresh_token": "1//made-up", "expiry_date": 1830000000000}, "a Gemini sign-in"),
    ({"claude": {"expires_at": ""}}, "a Claude sign-in"),
)


def test_what_is_nobodys_or_anothers_stays_is_named_and_stands_in_nobodys_way(keyswitch: Keyswitch) -> None:
    for content, whose in NOT_OURS:
        path = put(keyswitch, content)
        assert keyswitch("use", "sonnet").code in (0, 4)
        status = keyswitch("status")
        assert f"Found, and left where it is: {whose} in {path}" in status.err, content
        assert "made-up" not in status.out + status.err
        assert keyswitch("login", "claude", "--api-key", typed="sk-ant-fake-0000-1234\n").code == 0
        assert keyswitch("status").lines[1].endswith("Claude: API key …1234")
        assert "left where it is" in keyswitch("doctor").out
        assert path.read_bytes() == written(content)


def test_a_file_that_cannot_be_used_is_named_and_left(keyswitch: Keyswitch) -> None:
    content = written(nested())[:-1]
    (keyswitch.home / "auth.json").write_bytes(content)
    done = keyswitch("refresh")
    assert done.code == 7
    assert "it is no whole JSON document" in done.err
    assert "Traceback" not in done.err
    assert (keyswitch.home / "auth.json").read_bytes() == content


def test_a_person_who_has_a_key_in_the_environment_alone_goes_on_with_it(keyswitch: Keyswitch) -> None:
    put(keyswitch, {"OPENAI_API_KEY": None, "tokens": None})
    keyswitch.configure(preferred_auth_method="ApiKey")
    done = keyswitch("use", "gpt-5.1-low", OPENAI_API_KEY="sk-fake-env-key-1234")
    assert done.code == 0, done.err
    assert 'auth.env_keys = "fallback"' in done.err


def test_a_person_whose_key_was_in_the_file_needs_none_of_the_environments(keyswitch: Keyswitch) -> None:
    put(keyswitch, {"OPENAI_API_KEY": "sk-fake-older-key-1234"})
    keyswitch.configure(preferred_auth_method="apikey")
    done = keyswitch("use", "gpt-5.1-low", OPENAI_API_KEY="sk-fake-env-key-9999")
    assert done.code == 0, done.err
    assert "env_keys" not in done.err
    status = keyswitch("status", "--json", OPENAI_API_KEY="sk-fake-env-key-9999").document
    assert providers(status)["chatgpt"]["account"] == "…1234"


# The imported session works


@pytest.fixture
def at_codex(at_sandbox: Keyswitch, sandbox: Sandbox) -> Keyswitch:
    """A home with ana's session as OpenAI's Codex keeps it."""
    put(at_sandbox, sandbox.codex_auth_file())
    return at_sandbox


def paths(sandbox: Sandbox) -> list[tuple[str, str, int]]:
    return [(entry.kind, entry.path, entry.status) for entry in sandbox.log.entries()]


def test_it_is_asked_at_its_own_api(at_codex: Keyswitch, sandbox: Sandbox) -> None:
    answer = at_codex("ask", "Who answers?", "-m", "gpt")
    assert answer.code == 0, answer.err
    assert "Who answers?" in answer.out
    assert paths(sandbox) == [("chat", "/backend-api/codex/responses", 200)]
    assert all(entry.own_live_token and not entry.foreign_token for entry in sandbox.log.entries())


def test_it_is_renewed_once_by_its_own_client_and_goes_on(at_codex: Keyswitch, sandbox: Sandbox) -> None:
    at_codex("use", "gpt")
    sandbox.expire_access_tokens("chatgpt")
    for _ in range(2):
        answer = at_codex("ask", "Still there?")
        assert answer.code == 0, answer.err
    assert paths(sandbox) == [
        ("chat", "/backend-api/codex/responses", 401),
        ("refresh", "/oauth/token", 200),
        ("chat", "/backend-api/codex/responses", 200),
        ("chat", "/backend-api/codex/responses", 200),
    ]
    forced = at_codex("refresh", "chatgpt", "--force")
    assert forced.code == 0, forced.err
    assert sandbox.log.count("chatgpt", "refresh") == 2


def test_a_used_up_plan_names_its_end(at_codex: Keyswitch, sandbox: Sandbox) -> None:
    sandbox.faults.add("chatgpt", "chat", faults.refuse("plan_limit"))
    answer = at_codex("ask", "Hello?", "-m", "gpt", "--json")
    assert answer.code == 6
    assert answer.document["error"]["resets_at"] is not None


def test_signing_out_ends_it_at_its_own_server(at_codex: Keyswitch, sandbox: Sandbox) -> None:
    token = json.loads((at_codex.home / "auth.json").read_bytes())["tokens"]["access_token"]
    assert token in sandbox.live_access_tokens("chatgpt")
    at_codex("use", "gpt")
    done = at_codex("logout", "chatgpt")
    assert done.code == 0, done.err
    assert paths(sandbox) == [("revoke", "/oauth/revoke", 200)]
    assert token not in sandbox.live_access_tokens("chatgpt")


def test_no_sign_in_uses_that_client(at_codex: Keyswitch, sandbox: Sandbox) -> None:
    at_codex("use", "gpt")
    with at_codex.started("login", "chatgpt", "--no-browser", "--json") as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
    assert "client_id=dynamic_agent_client" in url
    assert "app_" not in url


# Another program comes back


def test_another_programs_login_signs_nobody_out_and_is_shown(signed_in: Keyswitch, sandbox: Sandbox) -> None:
    before = signed_in("status", "--json").document
    theirs = put(signed_in, sandbox.codex_auth_file("ben@example.test"))
    content = theirs.read_bytes()

    status = signed_in("status", "--json")

    assert (status.code, status.document["providers"]) == (0, before["providers"])
    assert status.document["found"] == [
        {
            "provider": "chatgpt",
            "kind": "oauth",
            "account": "ben@example.test",
            "place": str(theirs),
            "adopt": "keyswitch login chatgpt --adopt",
            "left_because": None,
        }
    ]
    assert theirs.read_bytes() == content
    done = signed_in("refresh")
    assert done.code == 0
    assert "was another program's; your sign-ins are back" in done.err
    assert sandbox.log.count("chatgpt", "refresh") == 0
    assert "Found, not adopted: a ChatGPT sign-in of another program (ben@example.test)" in signed_in("status").err


def test_a_deleted_file_signs_nobody_out(signed_in: Keyswitch) -> None:
    (signed_in.home / "auth.json").unlink()
    assert signed_in("status").code == 0
    done = signed_in("refresh")
    assert "the sign-ins were restored" in done.err
    assert "auth.json" in names(signed_in)


def test_it_is_adopted_when_its_owner_agrees_and_not_before(signed_in: Keyswitch, sandbox: Sandbox) -> None:
    put(signed_in, sandbox.codex_auth_file("ben@example.test"))

    unasked = signed_in("login", "chatgpt", "--adopt")
    assert unasked.code == 2
    assert "A sign-in that two programs use ends in both" in unasked.err
    assert "keyswitch login chatgpt --adopt --yes" in unasked.err
    agreed = signed_in("login", "chatgpt", "--adopt", "--yes")
    assert agreed.code == 0, agreed.err
    assert agreed.out == "Took over the ChatGPT OAuth ben@example.test.\n"

    assert signed_in("status", "--json").document["found"] == []
    sandbox.log.clear()
    assert signed_in("ask", "Who answers?", "-m", "gpt").code == 0
    assert [entry.account for entry in sandbox.log.entries()] == ["ben@example.test"]
    again = signed_in("login", "chatgpt", "--adopt", "--yes", "--json")
    assert again.code == 4
    assert again.document["error"]["code"] == "nothing_to_adopt"


def test_files_of_other_programs_are_shown_and_never_opened(keyswitch: Keyswitch, tmp_path: Path) -> None:
    (tmp_path / ".codex").mkdir()
    (tmp_path / ".codex" / "auth.json").symlink_to("/nowhere")
    status = keyswitch("status", HOME=str(tmp_path))
    assert "Found, not adopted: a ChatGPT sign-in of another program in ~/.codex/auth.json." in status.err
    assert "--adopt" not in status.err
