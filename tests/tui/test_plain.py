"""The chat line by line."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from adapters.catalogue.builtin import load_catalogue
from application.ports.chat_client import Done, TextDelta
from application.settings import Settings
from domain.auth_mode import AuthMode
from domain.conversation import StopReason, Usage
from domain.errors import AuthRejected, Offline, Refused
from domain.provider import Provider
from entrypoints.chat.options import TuiOptions
from entrypoints.plain import plain_chat
from entrypoints.plain.sign_in_dialog import LineDialog
from tests.support.credentials import a_session, an_api_key
from tests.support.fake_oauth import callback_of
from tests.support.tui_world import TuiWorld, selecting


def said(
    world: TuiWorld,
    *lines: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    save: bool = True,
) -> str:
    """What is printed for *lines* of input, and an end of input after them."""
    rest: Iterator[str] = iter(lines)

    def typed(prompt: str = "") -> str:
        try:
            return next(rest)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("builtins.input", typed)
    assert plain_chat.run(world.services, world.light, TuiOptions(plain=True, ascii=True, save=save)) == 0
    return capsys.readouterr().out


async def nothing_pasted(dialog: LineDialog) -> str:
    await asyncio.Event().wait()
    raise AssertionError("nothing was pasted")


@pytest.fixture
def world() -> TuiWorld:
    settings = selecting("gpt-5.1-medium", AuthMode.CHATGPT)
    return TuiWorld(
        a_session(Provider.CHATGPT), a_session(Provider.CLAUDE), settings=settings, catalogue=load_catalogue()
    )


def test_a_message_is_answered_with_its_receipt_and_a_switch_is_confirmed(
    world: TuiWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = said(world, "hello", "/model claude-opus-4.1", "again", "/quit", monkeypatch=monkeypatch, capsys=capsys)
    assert "Hello from the fake.\n(GPT-6.1 Sol - ChatGPT OAuth - Using ChatGPT plan, 12:00" in out
    assert "Switched to Claude Opus 4.1 (Claude OAuth)" in out
    assert "(Claude Opus 5.5 - Claude OAuth - pays: Console, per token" in out
    assert out.isascii()
    assert world.closed == 1


def test_the_last_answer_is_copied_by_the_program_of_the_system(
    world: TuiWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world.clipboard.tool = "xclip"
    out = said(world, "hello", "/copy", "/copy 1", monkeypatch=monkeypatch, capsys=capsys)
    assert world.clipboard.text == "Hello from the fake."
    assert "The last answer copied with xclip." in out
    assert "The last answer has no block of code." in out


def test_why_an_answer_ended_is_said_below_it(
    world: TuiWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world.chat.answers = [(TextDelta("Half of"), Done(StopReason.PAUSED, Usage()))]

    out = said(world, "hello", monkeypatch=monkeypatch, capsys=capsys)

    assert "The model paused, and its answer is not finished. Ask it to go on." in out


def test_status_models_and_trouble_are_sentences(
    world: TuiWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = ("/login --status", "/model", "/model gemini-3-pro", "/login gemni", "/nothing", "/logout gemini")
    out = said(world, *lines, monkeypatch=monkeypatch, capsys=capsys)
    assert "[x] Gemini: not logged in" in out
    assert "gemini-3-pro: Gemini 3 Pro, [!] Run /login --provider=gemini first" in out
    assert "Gemini 3 Pro requires Gemini login. Run /login --provider=gemini" in out
    assert "Did you mean gemini?" in out
    assert 'There is no command "/nothing".' in out
    assert "Nobody was logged in to Gemini." in out


def test_signing_in_by_the_browser(
    world: TuiWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world.listener.callbacks.put_nowait(callback_of())
    monkeypatch.setattr(LineDialog, "pasted", nothing_pasted)
    out = said(world, "/login gemini", "/model flash", monkeypatch=monkeypatch, capsys=capsys)
    assert "http://127.0.0.1:1455/go/K7Q2" in out
    assert out.index("your Cloud project is billed") < out.index("open this link"), "who pays is said first"
    assert "[ok] Logged in to Gemini as ana@example.test (Google Cloud project)." in out
    assert "(Gemini OAuth)" in out


def test_the_keys_of_the_screen_are_not_offered_where_there_are_none(
    world: TuiWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world.chat.answers = [(Offline(Provider.CHATGPT, "no route"),)]
    out = said(world, "hello", "/help", monkeypatch=monkeypatch, capsys=capsys)
    assert "is ready. Type a message and press Enter." in out
    assert "no route. Your message is parked. /outbox send 1 sends it, /model picks another model." in out
    assert "/quit: leave" in out
    for key in ("Ctrl+J", "F2", "Enter tries again"):
        assert key not in out


def test_the_status_names_each_account_and_who_pays(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sessions = a_session(Provider.CHATGPT), a_session(account="ana"), a_session(account="ben", active=False)
    world = TuiWorld(*sessions, settings=selecting("gpt-5.1-medium", AuthMode.CHATGPT), catalogue=load_catalogue())
    out = said(world, "/status", monkeypatch=monkeypatch, capsys=capsys)
    assert "[ok] ChatGPT: logged in (renews itself)\n    ana@example.test, Using ChatGPT plan\n" in out
    assert "[ok] Claude: logged in (renews itself)\n    ana@example.test, pays: Console, per token\n" in out
    assert "    ben@example.test - not in use" in out


def test_a_plan_is_named_with_the_link_to_manage_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world = TuiWorld(settings=selecting("gpt-5.1-medium", AuthMode.CHATGPT), catalogue=load_catalogue())
    world.listener.callbacks.put_nowait(callback_of())
    monkeypatch.setattr(LineDialog, "pasted", nothing_pasted)
    out = said(world, "/login chatgpt", monkeypatch=monkeypatch, capsys=capsys)
    assert "Using ChatGPT plan: what you send counts toward its limits. Manage usage: https://chatgpt.com" in out


def test_who_pays_is_asked_before_it_changes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = selecting("gpt-5.1-medium", AuthMode.CHATGPT)
    world = TuiWorld(
        a_session(Provider.CHATGPT), an_api_key(Provider.CLAUDE), settings=settings, catalogue=load_catalogue()
    )
    out = said(world, "/model opus", "n", "/model opus", "y", monkeypatch=monkeypatch, capsys=capsys)
    assert out.count("would be paid by: API key, per token.") == 2
    assert out.count("Switched to Claude Opus 5.5 (Claude API key)") == 1


def test_without_plan_use_a_message_is_not_sent_and_each_line_says_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    session = a_session(Provider.CHATGPT, plan_scope="plan.use", scopes=("openid",))
    settings = selecting("gpt-5.1-medium", AuthMode.CHATGPT)
    world = TuiWorld(session, settings=settings, catalogue=load_catalogue())
    out = said(world, "hello", "/model", "/login --status", "/quit", monkeypatch=monkeypatch, capsys=capsys)
    assert "use of the ChatGPT plan is off: that permission was not given. Nothing was sent or changed." in out
    assert "Run /login --provider=chatgpt" in out
    assert "gpt-5.1-medium: GPT-5.1 Medium, [!] plan use is off. Run /login --provider=chatgpt first" in out
    assert "[x] ChatGPT: logged in, plan use is off (renews itself)" in out
    assert world.chat.requests == []


def test_a_key_beside_a_sign_in_without_plan_use_answers_only_once_it_is_agreed_to(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    session = a_session(Provider.CHATGPT, plan_scope="plan.use", scopes=("openid",))
    settings = selecting("gpt-5.1-medium", AuthMode.CHATGPT)
    world = TuiWorld(session, an_api_key(Provider.CHATGPT), settings=settings, catalogue=load_catalogue())
    lines = ("hello", "/model gpt-5.1-medium", "y", "hello again", "/quit")
    out = said(world, *lines, monkeypatch=monkeypatch, capsys=capsys)
    assert "GPT-5.1 Medium would be paid by: API key, per token." in out
    assert [request.turns[-1].text for request, _ in world.chat.requests] == ["hello again"]


def test_a_conversation_whose_sign_in_went_goes_on_with_the_next_one(
    world: TuiWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world.listener.callbacks.put_nowait(callback_of())
    monkeypatch.setattr(LineDialog, "pasted", nothing_pasted)
    lines = ("one", "/logout", "two", "/login chatgpt", "three", "/accounts use chatgpt ana", "/quit", "four")
    out = said(world, *lines, monkeypatch=monkeypatch, capsys=capsys)
    assert "Logged out of ChatGPT (ana@example.test) here, " in out
    assert "no other takes its place. /login --provider=chatgpt signs in again." in out
    assert "Your message is parked. After the login, /outbox send 1 sends it." in out
    assert "ChatGPT already uses ana@example.test (pays: plan)." in out
    assert [request.turns[-1].text for request, _ in world.chat.requests] == ["one", "three"]


def test_a_key_is_tested_and_stored_by_a_question_and_nothing_else_pays_by_it(
    world: TuiWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world.chat.checks[Provider.GEMINI] = [AuthRejected(Provider.GEMINI), Offline(Provider.GEMINI, "no route")]
    bad, good = "AIzaSyMADE-UP-0000", "AQ.made-up-0000-1111"
    lines = (
        "/login --provider=gemini --api-key",
        "two words",
        bad,
        good,
        "n",
        good,
        "hello",
        "/login gemini --api-key",
    )
    out = said(world, *lines, monkeypatch=monkeypatch, capsys=capsys)
    assert "Whoever owns the key pays Google for each token" in out
    assert "Gemini does not accept this key" in out
    assert "could not be tested. Gemini cannot be reached: no route." in out
    assert "Stored the Gemini API key …1111. Pays: API key, per token." in out
    assert out.endswith("No key was stored.\n")
    assert [credential.record.provider for _, credential in world.chat.requests] == [Provider.CHATGPT]
    assert not [value for value in (bad, good) if value in out]


def test_the_last_message_is_edited_and_answered_anew(
    world: TuiWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = ("/retry", "hello", "again", "/edit once more", "/retry", "/edit")
    out = said(world, *lines, monkeypatch=monkeypatch, capsys=capsys)
    asked = [[turn.text for turn in request.turns][::2] for request, _ in world.chat.requests]
    assert asked == [["hello"], ["hello", "again"], ["hello", "once more"], ["hello", "once more"]]
    assert "There is no message in this conversation yet." in out
    assert out.count("/edit - brings them back.") == 2
    assert out.endswith("once more\n/edit TEXT sends TEXT in its place.\n")


def test_who_has_no_client_is_led_to_what_works_and_each_line_that_is_named_does(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    models = {Provider.CLAUDE: "claude-opus-4.1", Provider.GEMINI: "gemini-3-pro"}
    keys = {Provider.CLAUDE: "sk-ant-fake-0000", Provider.GEMINI: "AQ.made-up-0000"}
    settings = Settings(clients=frozenset({Provider.CHATGPT}))
    wrong = []
    for provider, model in models.items():
        world = TuiWorld(settings=settings, catalogue=load_catalogue())
        by_key = f"/login --provider={provider} --api-key"
        lines = (f"/model {model}", f"/login --provider={provider}", "", "/model", by_key, keys[provider], "hello")
        out = said(world, *lines, monkeypatch=monkeypatch, capsys=capsys)
        expected = (
            f"requires {provider.label} login. Run /login --provider={provider}\n",
            f"You have no OAuth client for {provider.label}, but an API key works: {by_key}\n",
            f"Signing in to {provider.label} needs an OAuth client of your own, and none is configured.\n",
            f"docs/how-to/sign-in-{provider}.md\nNothing was changed.\n",
            f"[!] Run {by_key} first\n",
            "Hello from the fake.",
        )
        wrong += [(provider, line) for line in expected if line not in out]
    assert wrong == []


def test_a_retry_that_came_to_nothing_is_retried_and_cuts_off_no_more(
    world: TuiWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = (TextDelta("Because."), Done(StopReason.END, Usage(1, 1)))
    refused, offline = (Refused(Provider.CHATGPT, "not today"),), (Offline(Provider.CHATGPT, "no route"),)
    world.chat.answers = [answer, answer, refused, offline, answer]
    lines = ("one", "two", "/retry", "/retry", "/retry", "/edit -")
    out = said(world, *lines, monkeypatch=monkeypatch, capsys=capsys)
    asked = [[turn.text for turn in request.turns][::2] for request, _ in world.chat.requests]
    assert asked == [["one"], ["one", "two"], *[["one", "two"]] * 3]
    assert out.count("/edit - brings them back.") == 1
    assert world.outbox.messages == {}, "the parked one was sent, and no copy of it"
    assert out.endswith("is back with its answer. The other version is kept, too.\n")


def test_nothing_is_said_to_be_kept_where_nothing_is_saved(
    world: TuiWorld, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = ("one", "/edit two", "/edit -")
    out = said(world, *lines, monkeypatch=monkeypatch, capsys=capsys, save=False)
    assert out.endswith("is back with its answer. The other version is gone: nothing is saved here.\n")
