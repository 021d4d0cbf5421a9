"""No advice ends for want of an OAuth client: every remedy is followed, with a client and without one."""

from __future__ import annotations

import shlex
from datetime import timedelta
from itertools import product

import pytest

from domain import errors
from domain.errors import KeyswitchError
from domain.finding import Area, Finding, Verdict
from domain.provider import Provider
from entrypoints.chat import slash
from entrypoints.words.errors import ROWS, command_for
from entrypoints.words.ways_in import below, that_works, with_fixes_that_work


def all_about(provider: Provider) -> list[KeyswitchError]:
    """An error of each kind that names a provider."""
    reason = "made up"
    return [
        errors.SignInNeeded(provider, "A model"),
        errors.SignInNeeded(provider, "A model", held="…1234", is_key=True),
        errors.PlanUseOff(provider),
        errors.PlanUseOff(provider, account="ana"),
        errors.SessionEnded(provider, reason),
        errors.SessionEnded(provider, reason, account="ana"),
        errors.RefreshInterrupted(provider, reason),
        errors.AuthRejected(provider),
        errors.NoClient(provider),
        errors.NothingToAdopt(provider),
        errors.SignInError(provider, reason),
        errors.SignInError(provider, reason, code="device_not_offered"),
        errors.SignInDeclined(provider, reason),
        errors.SignInTimedOut(provider, reason),
        errors.SignInRefused(provider, reason, client_id="fake"),
        errors.OtherAccount(provider, expected="ana", came="ben"),
        errors.LinkOpenedTwice(provider),
        errors.CallbackUnusable(provider, reason),
        errors.ListenerUnavailable(provider, reason),
        errors.UsageError("no", code="key_of_another", provider=provider),
        errors.UnknownName("unknown_provider", "x", suggestion=provider.value),
        errors.Refused(provider, reason),
        errors.ClientRefused(provider, reason),
        errors.LimitReached(provider, resets_in=timedelta(hours=1)),
        errors.Offline(provider, reason),
        errors.Overloaded(provider),
        errors.RenewalPaused(provider, reason, seconds=1),
    ]


def begins_a_sign_in(command: str) -> bool:
    words = shlex.split(command)
    return words[:2] == ["keyswitch", "login"] and not {"--api-key", "--adopt", "--status"} & set(words)


def test_every_command_that_an_error_leads_to_works_with_the_clients_that_there_are() -> None:
    wrong = []
    for provider, has_client in product(Provider, (True, False)):
        clients = [provider] if has_client else []
        for error in all_about(provider):
            first = command_for(error)
            helps = that_works(first, clients)
            if has_client and helps != first:
                wrong.append(f"{error.code}: {helps}, although {first} works")
            if not has_client and begins_a_sign_in(helps):
                wrong.append(f"{error.code}: {helps} ends in no_client")
    assert wrong == []


def test_every_line_that_an_error_leads_to_in_a_chat_is_a_command_of_it() -> None:
    for provider in Provider:
        for error in all_about(provider):
            remedy = ROWS[error.code].in_app
            line = remedy(error) if callable(remedy) else remedy
            if line and line.startswith("/"):
                assert slash.is_command(line), line
                assert line.split()[0] in {one.text for one in slash.help_lines()}


@pytest.mark.parametrize("provider", Provider)
def test_the_way_that_works_stands_below_for_who_needs_it_alone(provider: Provider) -> None:
    assert below(provider, [provider], "Ctrl+K") == ""
    assert below(provider, [], "Ctrl+K").endswith("an API key works: Ctrl+K")


def test_a_fix_of_the_doctor_works_as_well() -> None:
    finding = Finding(Area.STORE, Verdict.PROBLEM, "a record is damaged", "keyswitch login claude")
    assert [one.fix for one in with_fixes_that_work([finding], [])] == ["keyswitch login claude --api-key"]
    assert [one.fix for one in with_fixes_that_work([finding], [Provider.CLAUDE])] == ["keyswitch login claude"]
