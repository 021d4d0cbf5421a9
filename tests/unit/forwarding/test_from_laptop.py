"""What a laptop lends, as a machine uses it that has none of it: who answers, who pays, and what is said of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import suppress
from datetime import timedelta

import pytest

from application.settings import LaptopUse, Settings
from domain.credential import CredentialKind, CredentialRecord, Tombstone
from domain.errors import AuthRejected, KeyswitchError, Offline, SignInNeeded, UsageError
from domain.provider import Provider
from domain.records import replace
from domain.selection import Selection
from domain.session import Credential, Forwarded, OwnCredential
from domain.switching import PayerChanges, SignInRequired, SwitchTo
from entrypoints.cli.account_report import account_documents
from entrypoints.cli.status_document import status_document
from entrypoints.words.accounts import status_lines
from entrypoints.words.errors import command_for, error_sentence
from tests.support.credentials import NOON, a_session, an_api_key
from tests.support.fake_laptops import a_forwarded_record
from tests.support.world import World

CLAUDE = Provider.CLAUDE
BENS = a_forwarded_record(CLAUDE, account="ben")


def with_laptop(*credentials: OwnCredential, laptop: LaptopUse = LaptopUse.FALLBACK, **how: CredentialRecord) -> World:
    settings = Settings(model="opus", clients=frozenset(Provider), laptop=laptop)
    world = World(*credentials, settings=settings)
    world.laptops.lend(how.get("lent", BENS))
    return world


def answers(world: World) -> str:
    """Whose credential answers a conversation that begins, or which answer the decision is."""
    switch = world.select("opus", save=False)
    return switch.selection.credential.label if isinstance(switch, SwitchTo) else type(switch).__name__


def test_what_is_kept_here_answers_first_unless_config_says_otherwise() -> None:
    ended = a_session(CLAUDE, tombstone=Tombstone("invalid_grant", NOON))
    key = a_forwarded_record(CLAUDE, account="key-1", kind=CredentialKind.API_KEY, label="…1234")
    found = {
        "nothing here": answers(with_laptop()),
        "a sign-in here": answers(with_laptop(a_session(CLAUDE))),
        "a key here": answers(with_laptop(an_api_key(CLAUDE))),
        "an ended sign-in here": answers(with_laptop(ended)),
        "the laptop first": answers(with_laptop(a_session(CLAUDE), laptop=LaptopUse.FIRST)),
        "the laptop never": answers(with_laptop(a_session(CLAUDE), laptop=LaptopUse.NEVER)),
        "the laptop never, nothing here": answers(with_laptop(laptop=LaptopUse.NEVER)),
        "a key of the laptop": answers(with_laptop(lent=key)),
    }
    assert found == {
        "nothing here": "ben@example.test",
        "a sign-in here": "ana@example.test",
        "a key here": "…1234",
        "an ended sign-in here": "PayerChanges",
        "the laptop first": "ben@example.test",
        "the laptop never": "ana@example.test",
        "the laptop never, nothing here": "SignInRequired",
        "a key of the laptop": "…1234",
    }


def test_from_a_plan_to_a_key_of_the_laptop_somebody_is_asked() -> None:
    world = with_laptop(
        a_session(Provider.CHATGPT),
        lent=replace(BENS, key=a_forwarded_record(CLAUDE, account="key-1", kind=CredentialKind.API_KEY).key),
    )
    before = world.select("gpt-5.1-medium", save=False)
    assert isinstance(before, SwitchTo)
    assert isinstance(world.select("opus", save=False, current=before.selection.held), PayerChanges)


def test_a_change_to_the_laptop_says_so_and_a_conversation_keeps_what_it_began_with() -> None:
    world = with_laptop(a_session(Provider.CHATGPT))
    before = world.select("gpt-5.1-medium", save=False)
    assert isinstance(before, SwitchTo)
    switch = world.select("opus", save=False, current=before.selection.held)
    assert isinstance(switch, SwitchTo)
    assert switch.lines[0].endswith("(Claude from laptop)")
    assert "Pays: Console, per token (ben@example.test, from laptop)" in switch.lines[-1]

    held = switch.selection.held
    world.sessions.save(a_session(CLAUDE), activate=True)  # somebody signs in here meanwhile
    for moment in ("with a sign-in here", "asleep"):
        resumed = world.snapshot(held=held.credential).resumed(held)
        assert isinstance(resumed, SwitchTo), moment
        assert held.is_of(resumed.selection.credential), moment
        world.laptops.fall_asleep()
    assert answers(world) == "ana@example.test"

    world.config.settings = replace(world.config.settings, laptop=LaptopUse.NEVER)
    assert isinstance(world.snapshot(held=held.credential).resumed(held), SignInRequired)


def selected(world: World) -> Selection:
    switch = world.select("opus", save=False)
    assert isinstance(switch, SwitchTo)
    return switch.selection


async def sent(world: World, selection: Selection, error: KeyswitchError | None = None) -> list[Credential]:
    """What a message goes out with; the provider answers with *error*, or well."""
    tried: list[Credential] = []

    async def asked(credential: Credential) -> AsyncGenerator[str, None]:
        tried.append(credential)
        if error is not None:
            raise error
        yield "answer"

    stream = world.credentials.stream(asked, selection.credential, purpose="Opus", held=selection.held)
    with suppress(AuthRejected):
        async for _ in stream:
            pass
    return tried


async def test_a_refusal_is_not_asked_about_again_here_and_names_what_helps_on_the_laptop() -> None:
    world, refused = with_laptop(), AuthRejected(CLAUDE, "revoked")
    assert [type(one) for one in await sent(world, selected(world), refused)] == [Forwarded]
    assert error_sentence(refused).endswith("It is kept. On the laptop, run: keyswitch login claude")
    assert command_for(refused) == ""


async def test_a_laptop_that_fell_asleep_makes_a_message_wait() -> None:
    world = with_laptop()
    selection = selected(world)
    world.laptops.fall_asleep()
    with pytest.raises(Offline, match="Claude cannot be reached: laptop not reachable"):
        await sent(world, selection)


async def test_another_sign_in_under_the_same_name_is_not_used() -> None:
    key = a_forwarded_record(CLAUDE, account="key-1", kind=CredentialKind.API_KEY, session_id="the first")
    world = with_laptop(lent=key)
    selection = selected(world)
    world.laptops.take_back(key)
    world.laptops.lend(replace(key, session_id="the second"))
    with pytest.raises(SignInNeeded, match="no other takes its place"):
        await sent(world, selection)


async def test_nothing_of_it_is_chosen_or_signed_out_from_here() -> None:
    world = with_laptop(a_session(CLAUDE))
    with pytest.raises(UsageError) as chosen:
        world.choose_account(CLAUDE, "ben@example.test")
    with pytest.raises(UsageError) as signed_out:
        await world.sign_out(CLAUDE, account=BENS.key)
    assert [error_sentence(caught.value).partition(" On the")[2] for caught in (chosen, signed_out)] == [
        " laptop, run: keyswitch accounts use claude",
        " laptop, run: keyswitch logout claude",
    ]
    assert [one.record.label for one in await world.sign_out(CLAUDE)] == ["ana@example.test"]
    assert await world.refresh_all(CLAUDE, force=True) == ()


def test_status_has_it_on_a_line_of_its_own_with_account_and_payer() -> None:
    both, alone = with_laptop(a_session(CLAUDE)), with_laptop()
    lines = {}
    for name, world in (("both", both), ("alone", alone)):
        (claude,) = (one for one in world.status().providers if one.provider is CLAUDE)
        lines[name] = status_lines(claude, NOON + timedelta(minutes=1))
    assert lines == {
        "both": [
            "✅ Claude: logged in (renews itself)",
            "    ana@example.test, pays: Console, per token",
            "    ben@example.test (Console, per token) · from laptop",
        ],
        "alone": [
            "✅ Claude: logged in, from laptop (renewed there)",
            "    ben@example.test (Console, per token) · from laptop",
        ],
    }


def test_programs_are_told_what_is_the_laptops() -> None:
    world = with_laptop(a_session(CLAUDE))
    report, track = world.status(), world.track_record()
    told = {
        one["account"]: (one["kind"], one["from_laptop"], one["stored"]) for one in account_documents(report, track)
    }
    assert told == {
        "ana@example.test": ("oauth", False, True),
        "ben@example.test": ("forwarded", True, False),
    }
    (claude,) = (one for one in status_document(with_laptop().status(), track)["providers"] if one["id"] == "claude")
    assert (claude["from_laptop"], claude["storage"], claude["can_refresh"]) == (True, "laptop", False)


def test_that_a_laptop_is_silent_or_should_answer_and_is_not_there_is_said() -> None:
    silent = with_laptop()
    silent.laptops.fall_asleep()
    assert any("not reachable" in notice for notice in silent.status().notices)
    missing = with_laptop(a_session(CLAUDE), laptop=LaptopUse.FIRST)
    missing.laptops.take_back(BENS)
    assert 'No laptop is connected (auth.laptop = "first"): what is signed in here answers.' in missing.status().notices
