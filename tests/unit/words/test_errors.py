"""Every error that a person can meet comes with a next step, an exit code and a code for scripts."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from domain import errors
from domain.errors import KeyswitchError
from domain.provider import Provider
from entrypoints.cli.failure import CommandError, error_document
from entrypoints.exit_code import ExitCode
from entrypoints.words.errors import ROWS, command_for, error_sentence, exit_code, trouble
from tests.support.error_codes import classes, codes_of

CLAUDE = Provider.CLAUDE
RESET = datetime(2026, 11, 23, 17, 40, tzinfo=UTC)

CASES: list[tuple[KeyswitchError, ExitCode, str, str]] = [
    (errors.UsageError("no"), ExitCode.USAGE, "", ""),
    (errors.UnknownName("unknown_provider", "claud", suggestion="claude"), ExitCode.USAGE, "keyswitch login claude",
     "/login --provider=claude"),
    (errors.UnknownName("unknown_provider", "x", suggestion=None), ExitCode.USAGE, "", "/login"),
    (errors.UnknownName("unknown_model", "opsu", suggestion="opus"), ExitCode.USAGE, "keyswitch use opus",
     "/model opus"),
    (errors.UnknownName("unknown_model", "x", suggestion=None), ExitCode.USAGE, "keyswitch models", "/model"),
    (errors.SignInNeeded(CLAUDE, "Claude Opus"), ExitCode.SIGN_IN_NEEDED, "keyswitch login claude",
     "/login --provider=claude"),
    (errors.SessionEnded(CLAUDE, "invalid_grant"), ExitCode.SIGN_IN_NEEDED, "keyswitch login claude",
     "/login --provider=claude"),
    (errors.AuthRejected(CLAUDE), ExitCode.SIGN_IN_NEEDED, "keyswitch login claude", "/login --provider=claude"),
    (errors.SourceUnusable("default", "it is signed out"), ExitCode.SIGN_IN_NEEDED, "ant auth login", ""),
    (
        errors.SourceUnusable("pass show x", "It printed nothing.", provider=CLAUDE, code="key_command"),
        ExitCode.SIGN_IN_NEEDED, "pass show x", "Run it in a terminal to see what it does. Enter tries again.",
    ),
    (
        errors.SourceUnusable("x --pin ****", "It printed nothing.", provider=CLAUDE, code="key_command"),
        ExitCode.SIGN_IN_NEEDED, "keyswitch doctor", "Run it in a terminal to see what it does. Enter tries again.",
    ),
    (errors.RefreshInterrupted(CLAUDE, "at 13:54 UTC"), ExitCode.SIGN_IN_NEEDED, "keyswitch login claude",
     "/login --provider=claude"),
    (errors.ClientRefused(CLAUDE, "invalid_client"), ExitCode.CONFIG, "keyswitch config check", "/doctor"),
    (errors.RenewalPaused(CLAUDE, "503", seconds=4), ExitCode.UNAVAILABLE, "keyswitch models --available", "/model"),
    (errors.NoClient(CLAUDE), ExitCode.CONFIG, "keyswitch login claude --api-key", "/login --provider=claude"),
    (errors.SignInDeclined(CLAUDE, "you declined"), ExitCode.CANCELLED, "keyswitch login claude",
     "/login --provider=claude"),
    (errors.SignInTimedOut(CLAUDE, "nobody came"), ExitCode.CANCELLED, "keyswitch login claude",
     "/login --provider=claude"),
    (errors.SignInError(CLAUDE, "no codes", code="device_not_offered"), ExitCode.CONFIG,
     "keyswitch login claude --no-browser", "/login --provider=claude"),
    (errors.SignInError(CLAUDE, "bad code"), ExitCode.ERROR, "keyswitch login claude", "/login --provider=claude"),
    (errors.ConfigError("/c.toml", "line 3"), ExitCode.CONFIG, "edit /c.toml", "Edit it; the app follows by itself."),
    (errors.StoreDamaged("/auth.json", "broken"), ExitCode.CONFIG, "keyswitch doctor", ""),
    (errors.StoreNotWritable("/auth.json", "disk full"), ExitCode.CONFIG, "keyswitch doctor", ""),
    (errors.StoreLocked("/auth.json", "locked"), ExitCode.CONFIG, "keyswitch status", ""),
    (errors.Offline(CLAUDE, "no route"), ExitCode.UNAVAILABLE, "keyswitch models --available", "/model"),
    (errors.Overloaded(CLAUDE), ExitCode.UNAVAILABLE, "keyswitch models --available", "/model"),
    (errors.BrokenStream(CLAUDE), ExitCode.UNAVAILABLE, "", ""),
    (errors.AnswerUnreadable(CLAUDE, "html"), ExitCode.UNAVAILABLE, "", ""),
    (errors.LimitReached(CLAUDE, resets_at=RESET), ExitCode.LIMIT, "keyswitch models --available", "/model"),
    (errors.Refused(CLAUDE, "policy"), ExitCode.ERROR, "keyswitch models --available", "/model"),
    (CommandError("GPT-5.5 cannot be used.", code="not_possible"), ExitCode.ERROR, "", ""),
    (errors.PayerChange(CLAUDE, "Opus"), ExitCode.USAGE, "", ""),
]  # fmt: skip


def in_app(typed: str) -> str:
    """How the app says that *typed* is the next step."""
    if typed in ("", "/model"):
        return f"Enter tries again{typed and ', /model picks another model'}."
    return f"Run {typed}" if typed.startswith("/") else typed


@pytest.mark.parametrize(("error", "code", "command", "typed"), CASES, ids=lambda value: type(value).__name__)
def test_an_error_leads_to_the_next_step(error: KeyswitchError, code: ExitCode, command: str, typed: str) -> None:
    assert exit_code(error) is code
    assert command_for(error) == command
    assert trouble(error) == f"{error_sentence(error)} {in_app(typed)}"


@pytest.mark.parametrize("error", [case[0] for case in CASES], ids=lambda error: type(error).__name__)
def test_an_error_for_programs_has_code_message_and_fix(error: KeyswitchError) -> None:
    document = error_document(error)
    assert document["code"] == error.code
    assert document["message"] == error_sentence(error)
    assert document["message"][-1] in ".!?"
    assert document["fix"] == command_for(error)
    assert document.get("provider") == (CLAUDE.value if getattr(error, "provider", None) else None)


def test_agreeing_to_a_payer_is_a_command_of_its_own() -> None:
    error = errors.PayerChange(CLAUDE, "Claude Opus 4.1", command="keyswitch use opus --yes")
    assert command_for(error) == "keyswitch use opus --yes"
    assert exit_code(error) is ExitCode.USAGE


def test_a_limit_says_when_it_resets_only_where_the_provider_does() -> None:
    assert "It resets on Mon 23 Nov at 17:40 UTC." in error_sentence(errors.LimitReached(CLAUDE, resets_at=RESET))
    assert "resets" not in error_sentence(errors.LimitReached(CLAUDE))
    assert error_document(errors.LimitReached(CLAUDE, resets_at=RESET))["resets_at"] == "2026-11-23T17:40:00Z"


def test_a_wait_that_the_provider_asks_for_is_said() -> None:
    assert "It asks to wait 30 s." in error_sentence(errors.Overloaded(CLAUDE, retry_after=30))


def test_a_providers_words_cannot_command_the_terminal() -> None:
    text = error_sentence(errors.Refused(CLAUDE, "no \x1b]0;owned\x07\u202e\nkeyswitch: error: fake"))
    assert text == "Claude refused the request: no keyswitch: error: fake."


def test_exit_codes_are_those_that_scripts_were_promised() -> None:
    assert {code.name: code.value for code in ExitCode} == {
        "OK": 0, "ERROR": 1, "USAGE": 2, "CANCELLED": 3, "SIGN_IN_NEEDED": 4, "UNAVAILABLE": 5, "LIMIT": 6,
        "CONFIG": 7, "ENDS_SOON": 8, "CRASH": 70, "INTERRUPTED": 130,
    }  # fmt: skip


def test_only_what_came_of_an_answer_is_told_as_its_text() -> None:
    other = errors.OtherAccount(CLAUDE, expected="ana@example.test", came="ben@example.test")
    assert [error for error in (other, *(case[0] for case in CASES)) if "text" in error_document(error)] == []
    broken = errors.BrokenStream(CLAUDE)
    broken.answer_so_far = "Hello"
    assert error_document(broken)["text"] == "Hello"


def test_every_code_of_every_error_has_its_row_and_no_row_is_left_over() -> None:
    kinds = set(classes())
    assert len({kind.__name__ for kind in kinds}) == len(kinds)
    assert set().union(*map(codes_of, kinds)) == set(ROWS)


def test_the_tree_of_errors_in_the_docstring_is_the_one_in_the_code() -> None:
    drawn: dict[str, tuple[str, set[str]]] = {}
    above: list[str] = []
    for bars, name, codes in re.findall(r"^ {4}([│├└─ ]*)([A-Z]\w+) +(.+)$", errors.__doc__ or "", re.MULTILINE):
        del above[len(bars) // 3 :]
        drawn[name] = (above[-1] if above else "Exception", set(codes.split(", ")))
        above.append(name)
    kinds = [kind for kind in classes() if kind.__module__.startswith("domain.")]
    assert {name: parent for name, (parent, _) in drawn.items()} == {
        kind.__name__: kind.__bases__[0].__name__ for kind in kinds
    }
    assert [kind for kind in kinds if not drawn[kind.__name__][1] <= codes_of(kind)] == []
    assert {code for _, codes in drawn.values() for code in codes} == set().union(*map(codes_of, kinds))


def test_a_limit_says_when_it_resets_and_where_it_is_managed() -> None:
    error = errors.LimitReached(Provider.CHATGPT, "used up", manage_url="https://chatgpt.example.test/usage")
    assert error_sentence(error) == (
        "The ChatGPT limit is reached: used up. Manage usage: https://chatgpt.example.test/usage"
    )
    assert error_sentence(errors.LimitReached(Provider.CLAUDE)) == "The Claude limit is reached."
