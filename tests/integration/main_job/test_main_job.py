"""Three sign-ins, one picker, the right sign-in behind every answer: proven by the sandbox's own log."""

from __future__ import annotations

import asyncio
import os
from uuid import uuid4

import pytest

from application.use_cases.send_message import Answered
from domain.conversation import Conversation, Role
from domain.conversations.thread import Thread
from domain.errors import Refused
from domain.provider import Provider
from domain.switching import SignInRequired, SwitchTo
from entrypoints.light import light_services
from entrypoints.sandboxed import OpenSandbox
from entrypoints.services import Services
from entrypoints.words.accounts import status_line
from tests.support.approving_person import sign_in


async def select(services: Services, name: str) -> SwitchTo:
    switch = await asyncio.to_thread(services.light.auth.switch_provider, name)
    assert isinstance(switch, SwitchTo)
    return switch


async def ask(services: Services, thread: Thread, name: str, text: str) -> str:
    switch = await select(services, name)
    events = [event async for event in services.send(thread, text, switch.selection)]
    assert isinstance(events[-1], Answered)
    return events[-1].answer.text


def a_thread(services: Services) -> Thread:
    return Thread(Conversation(uuid4().hex, services.light.clock.now()))


async def test_signed_in_to_three_selecting_claude_opus_switches_and_the_next_message_goes_to_claude(
    opened: OpenSandbox,
) -> None:
    services = opened.services()
    for provider in Provider:
        await sign_in(services, provider)
    switch = await select(services, "Claude Opus 4.1")
    assert switch.lines[0] == "Switched to Claude Opus 4.1 (Claude OAuth)"
    await ask(services, a_thread(services), "Claude Opus 4.1", "hello")
    chat = [entry for entry in opened.requests() if entry.kind == "chat"]
    assert [(entry.provider, entry.own_live_token, entry.foreign_token) for entry in chat] == [("claude", True, False)]
    assert chat[0].wire_model == switch.selection.answering.model.id
    await services.close()


async def test_signed_in_to_chatgpt_only_selecting_claude_changes_nothing_until_claude_is_signed_in(
    opened: OpenSandbox,
) -> None:
    services = opened.services()
    await sign_in(services, Provider.CHATGPT)
    before = (opened.home / "config.toml").read_bytes()
    refused = await asyncio.to_thread(services.light.auth.switch_provider, "claude-opus-4.1")
    assert isinstance(refused, SignInRequired)
    assert refused.sentence == "Claude Opus requires Claude login."
    assert (opened.home / "config.toml").read_bytes() == before
    assert "selection_refused" in (opened.home / "events.jsonl").read_text("utf-8")
    await sign_in(services, Provider.CLAUDE)
    assert (await select(services, "claude-opus-4.1")).lines[0] == "Switched to Claude Opus 4.1 (Claude OAuth)"
    await services.close()


async def test_the_status_is_computed_from_the_store(opened: OpenSandbox) -> None:
    services = opened.services()
    await sign_in(services, Provider.CHATGPT)
    report = services.light.auth.status()
    lines = [status_line(status, report.at) for status in report.providers]
    assert lines[0] == "✅ ChatGPT: logged in (expires in 30 days)"
    assert lines[2] == "❌ Gemini: not logged in"
    await services.sign_out(Provider.CHATGPT)
    assert status_line(services.light.auth.status().providers[0], report.at) == "❌ ChatGPT: not logged in"
    await services.close()


async def test_a_preset_of_the_users_own_is_listed_selected_and_answered(opened: OpenSandbox) -> None:
    with (opened.home / "config.toml").open("a", encoding="utf-8") as config:
        config.write('\n[presets.thinker]\nmodel = "claude-opus-5-5"\nlabel = "My Thinker"\nlevel = "high"\n')
    services = opened.services()
    await sign_in(services, Provider.CLAUDE)
    snapshot = services.light.auth.snapshot()
    assert "thinker" in {preset.id for preset in snapshot.catalogue.shown(snapshot.given.now.date())}
    answer = await ask(services, a_thread(services), "my thinker", "hello")
    assert "claude-opus-5-5" in answer
    await services.close()


async def test_a_conversation_goes_round_all_providers_with_its_history_and_no_400(opened: OpenSandbox) -> None:
    services = opened.services()
    for provider in Provider:
        await sign_in(services, provider)
    thread = a_thread(services)
    answers = [
        await ask(services, thread, name, f"question {number}")
        for number, name in enumerate(("gpt", "opus", "gemini", "gpt"))
    ]
    assert "6 earlier turns came along" in answers[-1]
    chat = [entry for entry in opened.requests() if entry.kind == "chat"]
    assert [entry.provider for entry in chat] == ["chatgpt", "claude", "gemini", "chatgpt"]
    assert {entry.status for entry in chat} == {200}
    stored = services.conversations.load(thread.conversation.id)
    assert stored is not None
    assert [turn.role for turn in stored.turns] == [Role.USER, Role.ASSISTANT] * 4
    await services.close()


async def test_a_retired_id_asked_for_by_its_address_gets_the_vendors_own_refusal(opened: OpenSandbox) -> None:
    services = opened.services()
    await sign_in(services, Provider.CLAUDE)
    with pytest.raises(Refused, match="claude-opus-4-1-20250805"):
        await ask(services, a_thread(services), "claude/claude-opus-4-1-20250805", "hello")
    assert opened.requests()[-1].status == 404
    await services.close()


async def test_model_and_sign_in_come_back_after_a_restart(opened: OpenSandbox) -> None:
    first = opened.services()
    await sign_in(first, Provider.CLAUDE)
    await select(first, "haiku")
    await first.close()
    again = light_services(opened.home, opened.environ).load()
    selection = again.light.auth.snapshot().selection
    assert selection is not None
    assert (selection.preset.provider, selection.means) == (Provider.CLAUDE, "Claude OAuth")
    assert "Hello from the Claude sandbox" in await ask(again, a_thread(again), selection.preset.id, "hello")
    await again.close()


async def test_a_key_in_the_environment_is_never_sent_unless_config_says_so(opened: OpenSandbox) -> None:
    environ = {**opened.environ, "ANTHROPIC_API_KEY": "sk-ant-fake-environment-0000"}
    services = light_services(opened.home, environ, consent=opened.approve).load()
    assert isinstance(services.light.auth.switch_provider("opus"), SignInRequired)
    await sign_in(services, Provider.CLAUDE)
    await ask(services, a_thread(services), "opus", "hello")
    assert opened.requests()[-1].own_live_token
    await services.close()


async def test_an_expired_session_is_renewed_once_and_the_message_goes_through(opened: OpenSandbox) -> None:
    services = opened.services()
    for provider in Provider:
        await sign_in(services, provider)
        opened.sandbox.expire_access_tokens(provider.value)
    for name in ("gpt", "opus", "gemini"):
        await ask(services, a_thread(services), name, "hello")
    renewals = [entry.provider for entry in opened.requests() if entry.kind == "refresh"]
    assert sorted(renewals) == ["chatgpt", "claude", "gemini"]
    await services.close()


def test_the_home_of_the_sandbox_knows_no_key_of_the_environment(opened: OpenSandbox) -> None:
    assert not [name for name in opened.environ if name.endswith("_API_KEY")]
    assert opened.environ["CODE_HOME"] == str(opened.home) != os.environ.get("CODE_HOME")
