"""`accounts`, `login --account`, `login --add`, `logout --account` and `events`, over real redirects."""

from __future__ import annotations

import json
from collections.abc import Callable

import pexpect
import pytest

from adapters.sandbox.scripted_browser import approve
from adapters.sandbox.server import Sandbox
from tests.integration.cli.test_at_a_terminal import at_terminal
from tests.integration.cli.test_signing_in import finish
from tests.support.command import Ended, Keyswitch

pytestmark = pytest.mark.slow

ANA, BEN = "ana@example.test", "ben@example.test"


def as_(account: str) -> Callable[[str], str]:
    return lambda url: approve(url, account=account)


def login(keyswitch: Keyswitch, account: str, *arguments: str) -> Ended:
    with keyswitch.started("login", *arguments, "--no-browser", "--json") as process:
        return finish(process, as_(account))


@pytest.fixture
def two_accounts(at_sandbox: Keyswitch) -> Keyswitch:
    """Ana and Ben at Claude; Ana is active."""
    login(at_sandbox, ANA, "claude")
    login(at_sandbox, BEN, "claude", "--add")
    return at_sandbox


def accounts(keyswitch: Keyswitch) -> dict[str, bool]:
    """Active or not, by name."""
    return {one["account"]: one["active"] for one in keyswitch("accounts", "--json").document["accounts"]}


def test_a_list_without_accounts_says_how_to_get_one(keyswitch: Keyswitch) -> None:
    ended = keyswitch("accounts")
    assert (ended.code, ended.out, ended.err) == (0, "", "Nobody is signed in. Run: keyswitch login\n")
    assert keyswitch("accounts", "--json").document == {"schema": 1, "accounts": []}


def test_the_list_shows_each_account_and_which_one_answers(two_accounts: Keyswitch) -> None:
    ended = two_accounts("accounts")
    assert ended.code == 0
    assert ended.lines == [
        "   PROVIDER  ACCOUNT           STATE      SIGN-IN             LAST RENEWED",
        "*  Claude    ana@example.test  logged in  expires in 30 days  -",
        "   Claude    ben@example.test  logged in  expires in 30 days  -",
    ]


def test_the_list_for_programs_has_both_ends_and_no_token(two_accounts: Keyswitch, sandbox: Sandbox) -> None:
    two_accounts("refresh", "claude", "--force")
    ended = two_accounts("accounts", "--json")
    ana, ben = ended.document["accounts"]
    assert (ana["account"], ana["active"], ana["state"]) == (ANA, True, "logged_in")
    assert (ben["account"], ben["active"], ben["kind"]) == (BEN, False, "oauth")
    assert ana["session_expires_at"] > ana["access_expires_at"] > ana["last_renewed_at"]
    assert isinstance(ana["last_renewed_by"], int)
    assert not any(token in ended.out for token in sandbox.live_access_tokens("claude"))


def test_an_account_is_chosen_by_the_beginning_of_its_name(two_accounts: Keyswitch, sandbox: Sandbox) -> None:
    ended = two_accounts("accounts", "use", "claude", "ben")
    assert (ended.code, ended.lines) == (
        0,
        ["Claude uses ben@example.test (expires in 30 days).", "Pays: Console, per token."],
    )
    assert accounts(two_accounts) == {ANA: False, BEN: True}
    sandbox.log.clear()
    two_accounts("ask", "hello")
    (chat,) = (entry for entry in sandbox.log.entries() if entry.kind == "chat")
    assert chat.account == BEN
    again = two_accounts("accounts", "use", "claude", BEN, "--json")
    assert again.document["chosen"] == {
        "provider": "claude",
        "account": BEN,
        "pays_with": "claude_console",
        "changed": False,
    }


def test_an_unknown_account_gets_the_near_miss(two_accounts: Keyswitch) -> None:
    ended = two_accounts("accounts", "use", "claude", "bne")
    assert ended.code == 2
    assert 'Claude has no account "bne" here. Did you mean ben@example.test?' in ended.err
    assert "run: keyswitch accounts" in ended.err
    assert accounts(two_accounts) == {ANA: True, BEN: False}


def test_an_unknown_subcommand_gets_the_near_miss(keyswitch: Keyswitch) -> None:
    ended = keyswitch("accounts", "us")
    assert (ended.code, "Did you mean use?" in ended.err) == (2, True)


def test_an_account_whose_session_ended_is_not_chosen(two_accounts: Keyswitch, sandbox: Sandbox) -> None:
    sandbox.revoke_session("claude", BEN)
    assert two_accounts("refresh", "claude", "--force").code == 4
    ended = two_accounts("accounts", "use", "claude", "ben")
    assert ended.code == 4
    assert "run: keyswitch login claude --account ben@example.test" in ended.err
    assert accounts(two_accounts) == {ANA: True, BEN: False}
    assert login(two_accounts, BEN, "claude", "--account", "ben").code == 0
    assert two_accounts("accounts", "use", "claude", "ben").code == 0


def test_somebody_else_does_not_replace_the_account_that_was_there(at_sandbox: Keyswitch, sandbox: Sandbox) -> None:
    login(at_sandbox, ANA, "claude")
    ended = login(at_sandbox, BEN, "claude")
    assert ended.code == 1
    error = ended.documents[-1]["error"]
    assert (error["code"], error["fix"]) == ("other_account", "keyswitch login claude --add")
    assert "ben@example.test signed in where ana@example.test was expected" in error["message"]
    assert accounts(at_sandbox) == {ANA: True}
    assert at_sandbox("refresh", "claude", "--force").code == 0
    assert len(sandbox.live_access_tokens("claude")) > 0
    assert sandbox.log.count("claude", "revoke") == 1


def test_a_second_chatgpt_account_registers_a_client_of_its_own(at_sandbox: Keyswitch) -> None:
    login(at_sandbox, ANA, "chatgpt")
    added = login(at_sandbox, BEN, "chatgpt", "--add")
    assert added.code == 0
    assert "dynamic_agent_client" in added.documents[0]["url"]
    assert accounts(at_sandbox) == {ANA: True, BEN: False}
    again = login(at_sandbox, ANA, "chatgpt")
    assert "dynamic_agent_client" not in again.documents[0]["url"]
    assert accounts(at_sandbox) == {ANA: True, BEN: False}


def test_signing_in_again_ends_the_session_that_was_replaced(at_sandbox: Keyswitch, sandbox: Sandbox) -> None:
    for provider in ("chatgpt", "claude"):
        login(at_sandbox, ANA, provider)
        login(at_sandbox, ANA, provider)
        assert sandbox.log.count(provider, "revoke") == 1
        assert at_sandbox("refresh", provider, "--force").code == 0


def test_at_google_nothing_is_revoked_as_that_would_end_the_new_session(
    at_sandbox: Keyswitch, sandbox: Sandbox
) -> None:
    login(at_sandbox, ANA, "gemini")
    login(at_sandbox, ANA, "gemini")
    assert sandbox.log.count("gemini", "revoke") == 0
    assert at_sandbox("refresh", "gemini", "--force").code == 0


@pytest.mark.parametrize(
    ("typed", "code", "left"),
    [("1", 0, {ANA: True, BEN: False}), ("2", 0, {ANA: False, BEN: True}), ("3", 3, {ANA: True})],
    ids=["beside", "instead", "nothing"],
)
def test_at_a_terminal_it_is_asked(at_sandbox: Keyswitch, typed: str, code: int, left: dict[str, bool]) -> None:
    login(at_sandbox, ANA, "claude")
    screen = at_terminal(at_sandbox, "login", "claude", "--no-browser")
    screen.expect(r"http://\S+/authorize\?\S+")
    approve(screen.after, account=BEN)
    screen.expect("You signed in to Claude as ben@example.test, not as ana@example.test.")
    screen.expect("Type 1, 2, 3 and press Enter:")
    screen.sendline("what?")
    screen.expect("Type 1, 2, 3 and press Enter:")
    screen.sendline(typed)
    screen.expect(pexpect.EOF)
    screen.close()
    assert screen.exitstatus == code
    assert accounts(at_sandbox) == left


def test_a_sign_in_that_is_not_used_yet_says_how_to_use_it(at_sandbox: Keyswitch) -> None:
    login(at_sandbox, ANA, "claude")
    with at_sandbox.started("login", "claude", "--add", "--no-browser") as process:
        assert process.stderr is not None
        assert process.stdout is not None
        approve(next(line for line in process.stderr if "/authorize?" in line).strip(), account=BEN)
        out = process.stdout.read()
    assert out.splitlines()[0] == "Logged in to Claude as ben@example.test (Console, per token)"
    assert "To use this one: keyswitch accounts use claude ben@example.test" in out


def test_add_and_account_exclude_each_other(keyswitch: Keyswitch) -> None:
    assert keyswitch("login", "claude", "--add", "--account", "ana").code == 2


def test_one_account_is_signed_out(two_accounts: Keyswitch, sandbox: Sandbox) -> None:
    ended = two_accounts("logout", "claude", "--account", "ben")
    assert ended.lines == ["Signed out of Claude (ben@example.test). Anthropic confirmed that the session is over."]
    assert ended.err == ""
    assert accounts(two_accounts) == {ANA: True}


def test_after_the_active_account_is_signed_out_the_next_one_is_chosen_by_hand(two_accounts: Keyswitch) -> None:
    ended = two_accounts("logout", "claude", "--account", ANA)
    assert ended.err == (
        "Claude: ben@example.test is signed in, and none is chosen. "
        "Run: keyswitch accounts use claude ben@example.test\n"
    )
    assert two_accounts("status").lines[1] == "❌ Claude: not logged in"
    assert two_accounts("ask", "hello").code == 4
    assert two_accounts("accounts", "use", "claude", "ben").code == 0
    assert two_accounts("ask", "hello").code == 0


def test_logout_of_all_providers_names_no_account(keyswitch: Keyswitch) -> None:
    assert keyswitch("logout", "--all", "--account", "ana").code == 2


def test_status_for_programs_lists_the_accounts_and_how_they_have_been_doing(
    two_accounts: Keyswitch, sandbox: Sandbox
) -> None:
    two_accounts("ask", "hello")
    two_accounts("refresh", "claude", "--force")
    sandbox.revoke_session("claude", BEN)
    two_accounts("refresh", "claude", "--force")
    document = two_accounts("status", "--json").document
    claude = document["providers"][1]
    assert [one["state"] for one in claude["accounts"]] == ["logged_in", "needs_login"]
    # One message and three renewals were accepted, one renewal was refused.
    figures = document["authentications"]
    assert (figures["attempts"], figures["failed"], figures["failed_share"]) == (5, 1, 0.2)
    assert [(one["event"], one["facts"]["provider"]) for one in document["failures"]] == [("session_ended", "claude")]


def test_without_history_the_share_is_unknown_and_not_zero(keyswitch: Keyswitch) -> None:
    assert keyswitch("status", "--json").document["authentications"]["failed_share"] is None


def test_events_tell_what_happened_the_latest_last(two_accounts: Keyswitch) -> None:
    two_accounts("accounts", "use", "claude", "ben")
    two_accounts("use", "gemini-3-pro")
    two_accounts("ask", "hello")
    ended = two_accounts("events")
    assert [line[21:] for line in ended.lines] == [
        "switched to claude-sonnet-5-5 (ana@example.test)",
        "logged in to Claude (ana@example.test)",
        "logged in to Claude (ben@example.test)",
        "Claude account chosen (ben@example.test)",
        "gemini-3-pro not selected: sign in required",
    ]
    assert "Claude answered (ben@example.test)" in two_accounts("events", "--all").lines[-1]
    assert len(two_accounts("events", "-n", "2").lines) == 2
    assert len(two_accounts("events", "--provider", "gemini").lines) == 1
    last = two_accounts("events", "--json").document["events"][-1]
    assert (last["event"], last["facts"]["provider"], last["facts"]["ending"]) == (
        "message_answered",
        "claude",
        "complete",
    )
    assert "@" not in (two_accounts.home / "events.jsonl").read_text("utf-8")


def test_what_is_asked_for_is_found_however_far_back_it_lies(keyswitch: Keyswitch) -> None:
    def line(event: str, provider: str) -> str:
        facts = {"provider": provider, "preset": "opus"}
        return json.dumps({"at": "2026-11-23T12:00:00.000+00:00", "event": event, "pid": 1, "facts": facts}) + "\n"

    lines = line("signed_in", "gemini") + line("message_answered", "claude") * 6000 + line("switched", "claude")
    log = keyswitch.home / "events.jsonl"
    log.write_text(lines, "utf-8")
    log.chmod(0o600)
    assert [words[21:] for words in keyswitch("events").lines] == ["logged in to Gemini", "switched to opus"]
    assert [words[21:] for words in keyswitch("events", "-n", "1").lines] == ["switched to opus"]
    assert len(keyswitch("events", "--provider", "claude", "--all", "-n", "100000").lines) == 6001


def test_no_events_are_no_failure(keyswitch: Keyswitch) -> None:
    ended = keyswitch("events")
    assert (ended.code, ended.out, ended.err) == (0, "", "Nothing has been recorded yet.\n")
    assert keyswitch("events", "--provider", "claude").err == "Nothing about Claude is recorded.\n"
    assert keyswitch("events", "--json").document == {"schema": 1, "events": []}


def test_account_names_are_completed(two_accounts: Keyswitch) -> None:
    def completed(*words: str) -> list[str]:
        line = "keyswitch " + " ".join(words)
        variables = {"_KEYSWITCH_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words))}
        return [answer.partition(",")[2] for answer in two_accounts(**variables).lines if answer]

    assert completed("accounts", "use", "claude", "b") == [BEN]
    assert completed("accounts", "use", "gemini", "b") == []
    assert completed("login", "claude", "--account", "") == [ANA, BEN]
