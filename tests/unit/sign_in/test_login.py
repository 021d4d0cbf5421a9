"""Signing in and out."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

import pytest

from application.ports.oauth_client import Revocation
from application.ports.sign_in_listener import PortTaken
from domain.auth_mode import AuthMode
from domain.credential import CredentialKey, CredentialKind
from domain.errors import (
    KeyringUnavailable,
    KeyswitchError,
    LinkOpenedTwice,
    ListenerUnavailable,
    NoClient,
    Offline,
    SignInDeclined,
    SignInError,
    SignInTimedOut,
    StoreDamaged,
    StoreLocked,
    StoreNotWritable,
    UsageError,
)
from domain.provider import Provider
from domain.session import ApiKey, Session
from domain.text.secret import Secret
from tests.support.credentials import a_session, an_api_key
from tests.support.error_codes import with_code
from tests.support.fake_oauth import STATE, FakeDialog, callback_of
from tests.support.world import World

KEY = CredentialKey(Provider.CLAUDE, "ana")


async def test_a_redirect_signs_in_and_the_page_comes_after_the_session_is_stored() -> None:
    world, dialog = World(model="gpt", mode=AuthMode.CHATGPT), FakeDialog()
    world.listener.callbacks.put_nowait(callback_of("ana"))
    signed_in = await world.sign_in.by_browser(Provider.CLAUDE, dialog)
    assert signed_in.record.label == "ana@example.test"
    assert isinstance(world.sessions.load(KEY), Session)
    assert [page.succeeded for page in world.listener.pages] == [True]
    assert world.browser.opened == ["http://127.0.0.1:1455/go/K7Q2"]
    assert dialog.links[0].short_url == "http://127.0.0.1:1455/go/K7Q2"
    assert world.events.names == ["signed_in"]
    assert not world.listener.open


async def test_where_a_code_is_shown_on_a_page_the_listener_only_shortens_the_link() -> None:
    world, dialog = World(), FakeDialog(f"code-of-ana#{STATE}")
    world.oauth.code_page = "https://claude.example.test/oauth/code/callback"
    assert (await world.sign_in.by_browser(Provider.CLAUDE, dialog)).record.key == KEY
    link = dialog.links[0]
    assert (link.redirect_uri, link.listening) == (world.oauth.code_page, False)
    assert link.short_url == "http://127.0.0.1:1455/go/K7Q2"


async def test_a_sign_in_waits_for_the_one_of_another_window_and_says_so_once() -> None:
    world, dialog = World(), FakeDialog(f"code-of-ana#{STATE}")
    world.turns.held = 3
    assert (await world.sign_in.by_browser(Provider.CLAUDE, dialog)).record.key == KEY
    assert dialog.waited_for == [4242]
    assert len(world.browser.opened) == 1
    assert world.turns.taken == 0, "and lets the next one in"


async def test_what_another_window_signed_in_to_meanwhile_is_the_result_without_a_second_browser() -> None:
    world, dialog = World(), FakeDialog()
    world.turns.held = 3
    world.turns.before_free = lambda: world.sessions.save(a_session(), activate=True)
    assert (await world.sign_in.by_browser(Provider.CLAUDE, dialog)).record == a_session().record
    assert world.browser.opened == []


async def test_a_sign_in_of_another_window_to_another_provider_is_no_result_here() -> None:
    world, dialog = World(), FakeDialog(f"code-of-ana#{STATE}")
    world.turns.held = 1
    world.turns.before_free = lambda: world.sessions.save(a_session(Provider.GEMINI), activate=True)
    assert (await world.sign_in.by_browser(Provider.CLAUDE, dialog)).record.key == KEY


async def test_waiting_for_another_window_ends_with_the_time_of_the_attempt() -> None:
    world = World()
    world.turns.held = 10_000
    with pytest.raises(SignInTimedOut, match="another window was signing in"):
        await world.sign_in.by_browser(Provider.CLAUDE, FakeDialog(), seconds=60)


async def test_the_first_sign_in_of_an_empty_home_selects_its_default() -> None:
    world = World()
    world.listener.callbacks.put_nowait(callback_of())
    signed_in = await world.sign_in.by_browser(Provider.CLAUDE, FakeDialog())
    assert signed_in.selected is not None
    assert world.config.read().model == "claude-opus-5-5"


async def test_a_later_sign_in_changes_no_selection() -> None:
    world = World(a_session(Provider.CHATGPT), model="gpt-5.1-medium", mode=AuthMode.CHATGPT)
    world.listener.callbacks.put_nowait(callback_of())
    signed_in = await world.sign_in.by_browser(Provider.CLAUDE, FakeDialog())
    assert signed_in.selected is None
    assert world.config.read().model == "gpt-5.1-medium"


async def test_a_pasted_address_signs_in_as_well() -> None:
    world, dialog = World(), FakeDialog(f"http://127.0.0.1:1455/callback?code=code-of-ana&state={STATE}")
    assert (await world.sign_in.by_browser(Provider.CLAUDE, dialog)).record.key == KEY


async def test_a_paste_that_does_not_help_is_answered_and_the_sign_in_goes_on() -> None:
    dialog = FakeDialog("nonsense://?x=1", "code-of-ana#wrong-state", f"code-of-ana#{STATE}")
    world = World()
    assert (await world.sign_in.by_browser(Provider.CLAUDE, dialog)).record.key == KEY
    assert len(dialog.refused) == 2
    assert "state" in dialog.refused[1]


async def test_without_a_port_no_browser_is_sent_to_an_address_that_somebody_else_may_hold() -> None:
    for listen in (True, False):
        world, dialog = World(), FakeDialog(f"code-of-ana#{STATE}")
        world.listener.port_taken = True
        with pytest.raises(ListenerUnavailable):
            await world.sign_in.by_browser(Provider.CLAUDE, dialog, listen=listen)
        assert (dialog.links, world.browser.opened) == ([], [])


async def test_without_a_port_a_code_that_a_page_shows_can_still_be_pasted() -> None:
    world, dialog = World(), FakeDialog(f"code-of-ana#{STATE}")
    world.listener.port_taken = True
    world.oauth.code_page = "https://claude.example.test/oauth/code/callback"
    await world.sign_in.by_browser(Provider.CLAUDE, dialog)
    assert dialog.links[0].short_url is None
    assert not dialog.links[0].listening
    assert world.browser.opened[0].startswith("https://claude.example.test/")


async def test_pasting_alone_holds_the_address_without_listening() -> None:
    world, dialog = World(), FakeDialog(f"code-of-ana#{STATE}")
    await world.sign_in.by_browser(Provider.CLAUDE, dialog, listen=False)
    assert (world.listener.held, dialog.links[0].listening) == (1, False)
    assert dialog.links[0].redirect_uri == world.listener.redirect_uri


async def test_a_port_that_is_taken_is_told_of_with_the_link() -> None:
    world, dialog = World(), FakeDialog(f"code-of-ana#{STATE}")
    world.listener.taken = PortTaken(1456, "nc (process 42)", 40123, foreseen=False)
    await world.sign_in.by_browser(Provider.CLAUDE, dialog)
    assert dialog.links[0].taken == world.listener.taken


async def test_a_declined_consent_changes_nothing_and_the_page_says_so() -> None:
    world = World(a_session())
    world.listener.callbacks.put_nowait({"error": "access_denied", "state": STATE})
    with pytest.raises(SignInDeclined):
        await world.sign_in.by_browser(Provider.CLAUDE, FakeDialog())
    assert world.sessions.load(KEY) == a_session()
    assert [page.succeeded for page in world.listener.pages] == [False]
    assert world.events.facts("sign_in_failed") == [{"provider": "claude", "reason": "sign_in_declined"}]


async def test_nobody_finishing_it_in_time_changes_nothing() -> None:
    world = World(a_session())
    with pytest.raises(SignInTimedOut):
        await world.sign_in.by_browser(Provider.CLAUDE, FakeDialog(), seconds=0.01)
    assert world.sessions.load(KEY) == a_session()
    assert not world.listener.open


async def test_without_a_client_nothing_is_opened() -> None:
    world = World()
    world.oauth.without_client.add(Provider.GEMINI)
    with pytest.raises(NoClient):
        await world.sign_in.by_browser(Provider.GEMINI, FakeDialog())
    assert world.browser.opened == []


async def test_a_session_that_cannot_be_stored_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    world.listener.callbacks.put_nowait(callback_of())

    def full(*args: object, **kwargs: object) -> None:
        raise StoreNotWritable("auth.json", "the disk is full")

    monkeypatch.setattr(world.sessions, "save", full)
    with pytest.raises(StoreNotWritable):
        await world.sign_in.by_browser(Provider.CLAUDE, FakeDialog())
    assert [page.succeeded for page in world.listener.pages] == [False]


async def test_cancelling_closes_the_listener() -> None:
    world, dialog = World(), FakeDialog()
    task = asyncio.create_task(world.sign_in.by_browser(Provider.CLAUDE, dialog))
    await dialog.linked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not world.listener.open


async def test_signing_in_again_hands_the_last_session_over_for_its_hints() -> None:
    world = World(a_session())
    world.listener.callbacks.put_nowait(callback_of())
    await world.sign_in.by_browser(Provider.CLAUDE, FakeDialog(), open_browser=False)
    assert world.oauth.hints == [a_session()]
    assert world.browser.opened == []


async def test_signing_out_removes_the_session_and_says_what_was_confirmed() -> None:
    world = World(a_session(), a_session(Provider.GEMINI))
    gone = await world.sign_out(Provider.CLAUDE)
    assert [out.revocation for out in gone] == [Revocation.CONFIRMED]
    assert world.oauth.revoked == [a_session()]
    assert [record.provider for record in world.sessions.records()] == [Provider.GEMINI]


async def test_signing_out_locally_does_not_ask_the_provider() -> None:
    world = World(a_session(), an_api_key())
    gone = await world.sign_out(Provider.CLAUDE, revoke=False)
    assert len(gone) == 2
    assert world.oauth.revoked == []
    assert world.sessions.records() == ()


async def test_a_record_that_cannot_be_read_can_still_be_signed_out() -> None:
    world = World(a_session())
    world.sessions.refuse_to_load = StoreDamaged("auth.json", "the record does not authenticate")
    gone = await world.sign_out(Provider.CLAUDE)
    assert [out.revocation for out in gone] == [Revocation.UNREADABLE]
    assert world.sessions.records() == ()


@pytest.mark.parametrize("code", ["keyring_locked", "keyring_timeout"])
async def test_nobody_is_signed_out_while_the_tokens_that_would_end_the_session_are_out_of_reach(
    code: Literal["keyring_locked", "keyring_timeout"],
) -> None:
    world = World(a_session(), an_api_key())
    world.sessions.refuse_to_load = KeyringUnavailable("auth.json", "the keyring is locked", code=code)
    nobody = "Nobody was signed out: without its tokens Anthropic cannot be asked"
    with pytest.raises(StoreLocked, check=with_code("sign_out_locked"), match=nobody):
        await world.sign_out(Provider.CLAUDE)
    assert len(world.sessions.records()) == 2
    assert len(await world.sign_out(Provider.CLAUDE, revoke=False)) == 2
    assert world.sessions.records() == ()


async def test_a_store_that_cannot_take_a_session_is_told_of_before_anybody_signs_in() -> None:
    world = World()
    world.sessions.refuse_to_write = KeyringUnavailable("auth.json", "the keyring is locked", code="keyring_locked")
    with pytest.raises(KeyringUnavailable):
        await world.sign_in.by_browser(Provider.CLAUDE, FakeDialog())
    with pytest.raises(KeyringUnavailable):
        await world.sign_in.by_device(Provider.CLAUDE, FakeDialog(), seconds=60)
    assert world.browser.opened == []
    assert (world.oauth.attempts, world.oauth.polls) == (0, 0)


async def test_what_another_window_signed_out_in_between_is_not_told_of_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(a_session())
    seen = world.sessions.records()
    await world.sign_out(Provider.CLAUDE)
    monkeypatch.setattr(world.sessions, "records", lambda: seen)
    assert await world.sign_out(Provider.CLAUDE) == ()
    assert len(world.events.facts("signed_out")) == 1
    assert len(world.oauth.revoked) == 1


async def test_signing_out_of_nothing_is_no_error() -> None:
    assert await World().sign_out(Provider.CLAUDE) == ()


def test_a_pasted_key_is_stored_under_its_last_four_characters() -> None:
    world = World()
    record = world.store_api_key(Provider.CLAUDE, Secret("  sk-ant-fake-0000-9876\n")).record
    assert record.label == "…9876"
    stored = world.sessions.load(record.key)
    assert isinstance(stored, ApiKey)
    assert stored.value == Secret("sk-ant-fake-0000-9876")
    assert record.kind is CredentialKind.API_KEY


def test_a_pasted_key_belongs_to_the_address_that_was_configured_when_it_was_pasted() -> None:
    record = World().store_api_key(Provider.CLAUDE, Secret("sk-ant-fake-0000-9876")).record
    assert record.api_base == "https://api.claude.example.test"


@pytest.mark.parametrize("text", ["", "   ", "two words", "sk-\x1b[31m", "schlüssel-0000-1234"])
def test_what_cannot_be_a_key_is_refused(text: str) -> None:
    world = World()
    with pytest.raises(UsageError):
        world.store_api_key(Provider.CLAUDE, Secret(text))
    assert world.sessions.records() == ()


async def test_a_link_that_two_browsers_opened_ends_the_sign_in_on_both_sides() -> None:
    world = World(a_session())
    world.listener.shared = True
    world.listener.callbacks.put_nowait(callback_of("mallory"))
    with pytest.raises(LinkOpenedTwice, match="second browser, which may be somebody else's"):
        await world.sign_in.by_browser(Provider.CLAUDE, FakeDialog())
    assert world.sessions.load(KEY) == a_session()
    assert [(page.heading, page.succeeded) for page in world.listener.pages] == [("Sign-in failed", False)]
    assert world.oauth.signed_in == 0


async def test_a_link_that_a_second_browser_opens_during_the_exchange_leaves_no_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    exchange = world.oauth.exchange

    async def shared_meanwhile(*args: Any, **kwargs: Any) -> Session:
        session = await exchange(*args, **kwargs)
        world.listener.shared = True
        return session

    monkeypatch.setattr(world.oauth, "exchange", shared_meanwhile)
    world.listener.callbacks.put_nowait(callback_of("mallory"))
    with pytest.raises(LinkOpenedTwice):
        await world.sign_in.by_browser(Provider.CLAUDE, FakeDialog())
    assert world.sessions.records() == ()
    assert [session.record.key.account for session in world.oauth.revoked] == ["mallory"]


async def test_whoever_comes_where_nobody_was_expected_is_named_before_anything_is_selected() -> None:
    world, dialog = World(), FakeDialog()
    selected: list[str | None] = []
    dialog.when_somebody_came = lambda: selected.append(world.config.read().model)
    world.listener.callbacks.put_nowait(callback_of())
    signed_in = await world.sign_in.by_browser(Provider.CLAUDE, dialog)
    assert dialog.came == ["ana@example.test"]
    assert selected == [None]
    assert signed_in.selected is not None


async def test_the_account_that_was_expected_is_not_named_beforehand() -> None:
    world, dialog = World(a_session()), FakeDialog()
    world.listener.callbacks.put_nowait(callback_of())
    await world.sign_in.by_browser(Provider.CLAUDE, dialog)
    assert dialog.came == []


async def test_a_callback_that_is_refused_is_told_on_both_sides_and_the_right_one_still_signs_in() -> None:
    world, dialog = World(), FakeDialog()
    world.listener.refusals.put_nowait("a browser brought nonsense")
    world.listener.callbacks.put_nowait({"code": "code-of-mallory", "state": "wrong"})
    world.listener.callbacks.put_nowait(callback_of("ana"))
    assert (await world.sign_in.by_browser(Provider.CLAUDE, dialog)).record.key == KEY
    assert len(dialog.refused_callbacks) == 2
    assert [page.heading for page in world.listener.pages] == ["That answer was refused", "Signed in to Claude"]
    assert "goes on waiting" in world.listener.pages[0].detail


@pytest.mark.parametrize(
    "trouble",
    [SignInError(Provider.CLAUDE, "the code was not accepted"), Offline(Provider.CLAUDE, "no network")],
)
async def test_a_paste_that_the_provider_refuses_is_asked_for_again(
    trouble: KeyswitchError, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, dialog = (
        World(),
        FakeDialog(f"code-of-ana#{STATE}", f"?error=access_denied&state={STATE}", f"code-of-ana#{STATE}"),
    )
    exchange, troubles = world.oauth.exchange, [trouble]

    async def refusing_once(*args: Any, **kwargs: Any) -> Session:
        if troubles:
            raise troubles.pop()
        return await exchange(*args, **kwargs)

    monkeypatch.setattr(world.oauth, "exchange", refusing_once)
    assert (await world.sign_in.by_browser(Provider.CLAUDE, dialog)).record.key == KEY
    assert len(dialog.refused) == 2
