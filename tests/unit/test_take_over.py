"""Sign-ins of other programs: taken over once, adopted on request, written back for whoever goes back."""

from __future__ import annotations

import pytest

from application.ports.earlier_files import TakenOver
from domain.accounts import tag
from domain.errors import NothingToAdopt, StoreDamaged, StoreLocked
from domain.provider import Provider
from tests.support.credentials import a_record, an_api_key
from tests.support.world import World

SESSION = a_record(Provider.CHATGPT, imported=True)
KEY = an_api_key(Provider.CHATGPT).record


def test_what_was_taken_over_is_told_and_noted_without_whose_it_is() -> None:
    world = World()
    problem = "auth.json: claude: it is no JSON object"
    world.earlier_files.waiting = TakenOver((SESSION, KEY), ("auth.json",), "kept", (problem,))

    assert world.take_over().records == (SESSION, KEY)

    assert world.events.facts("taken_over") == [
        {"provider": "chatgpt", "kind": "oauth", "account": tag(SESSION.key)},
        {"provider": "chatgpt", "kind": "api_key", "account": tag(KEY.key)},
    ]
    assert world.events.facts("not_taken_over") == [{"problem": problem}]
    assert world.take_over() == TakenOver()


def test_a_file_that_cannot_be_used_stops_everything() -> None:
    world = World()
    world.earlier_files.refuse = StoreDamaged("auth.json", "it is a link")

    with pytest.raises(StoreDamaged):
        world.take_over()

    assert world.events.names == []


def test_a_displaced_store_comes_back_and_that_is_noted() -> None:
    world = World()
    world.earlier_files.displaced = True

    world.take_over()
    world.take_over()

    assert world.events.names == ["store_put_back"]


def test_a_store_that_cannot_come_back_now_stops_nobody() -> None:
    world = World()
    world.earlier_files.refuse_to_put_back = StoreLocked("auth.json", "the keyring is locked")

    world.take_over()

    assert world.events.facts("store_not_put_back") == [{"reason": "store_locked"}]


def test_another_programs_sign_in_is_adopted_when_its_owner_asks() -> None:
    world = World()
    world.earlier_files.left = (SESSION,)

    assert world.adopt(Provider.CHATGPT) == (SESSION,)
    assert world.events.facts("adopted") == [{"provider": "chatgpt", "kind": "oauth", "account": tag(SESSION.key)}]


def test_there_may_be_nothing_to_adopt() -> None:
    world = World()
    world.earlier_files.left = (SESSION,)

    with pytest.raises(NothingToAdopt, match="No other program left a Claude sign-in here"):
        world.adopt(Provider.CLAUDE)

    assert world.events.names == []


def test_originals_are_written_where_one_says() -> None:
    world = World()
    assert world.restore_originals() == ()
    world.earlier_files.originals = ("auth.json", "auth_accounts.json")

    assert world.restore_originals("elsewhere") == ("elsewhere/auth.json", "elsewhere/auth_accounts.json")
    assert world.events.facts("originals_restored") == [{"files": 2}]
