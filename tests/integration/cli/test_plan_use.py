"""A ChatGPT sign-in on whose consent page the permission to use the plan was unticked, by the command."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from adapters.sandbox.chatgpt.oauth import PLAN_SCOPE, SCOPES
from adapters.sandbox.scripted_browser import approve
from adapters.sandbox.server import Sandbox
from tests.integration.cli.test_signing_in import finish
from tests.support.command import Ended, Keyswitch

pytestmark = pytest.mark.slow

ANA = "ana@example.test"
API_KEY = "sk-fake-key-of-ana-0000-1234"


def answering(*unticked: str, account: str = ANA) -> Callable[[str], str]:
    return lambda url: approve(url, account=account, scopes_unticked=unticked)


def login(keyswitch: Keyswitch, *unticked: str) -> Ended:
    with keyswitch.started("login", "chatgpt", "--no-browser", "--json") as process:
        return finish(process, answering(*unticked))


@pytest.fixture
def plan_off(at_sandbox: Keyswitch) -> Keyswitch:
    """Ana signed in to ChatGPT, and unticked use of her plan."""
    assert login(at_sandbox, PLAN_SCOPE).code == 0
    return at_sandbox


def calls(sandbox: Sandbox) -> list[str]:
    """What reached the API of ChatGPT."""
    return [entry.kind for entry in sandbox.log.entries() if entry.provider == "chatgpt" and entry.kind in _API]


_API = {"chat", "models"}


def test_she_is_signed_in_and_every_list_says_that_plan_use_is_off(plan_off: Keyswitch) -> None:
    status = plan_off("status")
    assert status.code == 4
    assert status.lines[0] == "❌ ChatGPT: logged in, plan use is off (expires in 30 days)"
    assert (
        "Sign in again and tick it: keyswitch login chatgpt, or use an API key: keyswitch login chatgpt --api-key"
        in status.err
    )
    document = plan_off("status", "--json")
    chatgpt = document.document["providers"][0]
    assert (document.code, document.document["usable"]) == (4, False)
    assert (chatgpt["state"], chatgpt["signed_in"], chatgpt["usable"]) == ("logged_in", True, False)
    assert (chatgpt["plan_use"], chatgpt["accounts"][0]["plan_use"]) == ("off", "off")
    assert "logged in, plan use is off" in plan_off("accounts").out
    models = plan_off("models", "--json").document["models"]
    assert {one["state"] for one in models if one["provider"] == "chatgpt"} == {"Plan use is off"}


def test_the_sign_in_itself_says_so(at_sandbox: Keyswitch) -> None:
    signed_in = login(at_sandbox, PLAN_SCOPE).documents[-1]
    assert (signed_in["event"], signed_in["plan_use"]) == ("signed_in", "off")
    assert login(at_sandbox).documents[-1]["plan_use"] == "on"


def test_a_question_ends_with_the_code_and_never_reaches_the_api(plan_off: Keyswitch, sandbox: Sandbox) -> None:
    sandbox.log.clear()
    for arguments in (("ask", "--json", "hello"), ("ask", "-m", "gpt-5.1-high", "--json", "hello")):
        ended = plan_off(*arguments)
        error = ended.document["error"]
        assert (ended.code, error["code"], error["fix"]) == (4, "plan_use_off", "keyswitch login chatgpt")
        assert "use of the ChatGPT plan is off" in error["message"]
    said = plan_off("ask", "hello").err.splitlines()
    assert said[-2].startswith("keyswitch: error: You are signed in to ChatGPT, but use of the ChatGPT plan is off:")
    assert said[-2].endswith("[plan_use_off]")
    assert said[-1] == "  run: keyswitch login chatgpt"
    checked = plan_off("status", "--check", "--json")
    assert checked.document["checks"][0]["error"]["code"] == "plan_use_off"
    assert checked.code == 4
    assert plan_off("use", "gpt-5.1-high").code == 4
    assert calls(sandbox) == []


def test_signing_in_again_with_the_permission_ticked_mends_it(plan_off: Keyswitch, sandbox: Sandbox) -> None:
    again = login(plan_off)
    assert "dynamic_agent_client" not in again.documents[0]["url"]
    status = plan_off("status", "--json").document
    assert (status["usable"], status["providers"][0]["plan_use"]) == (True, "on")
    assert len(status["providers"][0]["accounts"]) == 1
    sandbox.log.clear()
    assert plan_off("ask", "hello").code == 0
    assert calls(sandbox) == ["chat"]


def test_the_permission_may_go_and_come_with_a_renewal(at_sandbox: Keyswitch, sandbox: Sandbox) -> None:
    login(at_sandbox)
    sandbox.set_scopes("chatgpt", ANA, tuple(scope for scope in SCOPES if scope != PLAN_SCOPE))
    assert at_sandbox("refresh", "chatgpt", "--force").code == 0
    sandbox.log.clear()
    assert at_sandbox("ask", "hello").code == 4
    assert calls(sandbox) == []

    sandbox.set_scopes("chatgpt", ANA, SCOPES)
    assert at_sandbox("refresh", "chatgpt", "--force").code == 0
    assert at_sandbox("ask", "hello").code == 0


def test_a_permission_that_goes_with_the_renewal_of_a_message_stops_that_message(
    at_sandbox: Keyswitch, sandbox: Sandbox
) -> None:
    login(at_sandbox)
    sandbox.set_scopes("chatgpt", ANA, tuple(scope for scope in SCOPES if scope != PLAN_SCOPE))
    sandbox.expire_access_tokens("chatgpt")
    sandbox.log.clear()
    ended = at_sandbox("ask", "hello")
    assert ended.code == 4
    assert "use of the ChatGPT plan is off" in ended.err
    assert calls(sandbox) == ["chat"], "the one that was refused for its old token"
    assert sandbox.log.count("chatgpt", "refresh") == 1


def test_an_api_key_beside_it_is_used_only_once_somebody_agrees(plan_off: Keyswitch, sandbox: Sandbox) -> None:
    assert plan_off("login", "chatgpt", "--api-key", typed=f"{API_KEY}\n").code == 0
    sandbox.log.clear()
    refused = plan_off("ask", "--json", "hello")
    assert (refused.code, refused.document["error"]["code"]) == (2, "payer_change")
    assert calls(sandbox) == []
    assert plan_off("use", "gpt-5.1-medium", "--yes").code == 0
    assert "API key" in plan_off("status").lines[0]
