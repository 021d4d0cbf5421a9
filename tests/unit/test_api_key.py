"""Several keys a provider: each is an account, a replacement is said, and what the log has of an earlier one stays."""

from __future__ import annotations

import pytest

from application.use_cases.api_key import StoredKey
from domain.accounts import account_names, find_account, tag
from domain.auth_mode import AuthMode
from domain.errors import PayerChange, UnknownAccount, UsageError
from domain.provider import Provider
from domain.text.secret import Secret
from entrypoints.words.account_changes import key_stored_words
from entrypoints.words.errors import command_for
from tests.support.credentials import a_session, an_api_key
from tests.support.world import World

ONE, TWO, THREE = (f"sk-ant-fake-key-0000-{end}" for end in ("1111", "2222", "3333"))


def store(world: World, value: str, **how: object) -> StoredKey:
    return world.store_api_key(Provider.CLAUDE, Secret(value), **how)  # type: ignore[arg-type]  # by name


def mode(world: World) -> AuthMode | None:
    return world.config.settings.active_auth_provider


def keys(world: World) -> dict[str, bool]:
    names = account_names(world.sessions.records())
    return {names[record.key]: record.active for record in world.sessions.records()}


def test_a_further_key_leaves_the_first_and_a_key_in_its_place_says_which_went() -> None:
    world = World()
    first = store(world, ONE)
    further = store(world, TWO, add=True)
    assert keys(world) == {"…1111": True, "…2222": False}
    assert further.replaced is None
    assert key_stored_words(further)[1].startswith("Claude goes on with the key that was active. To use this one: ")
    third = store(world, THREE)
    assert keys(world) == {"…2222": False, "…3333": True}
    assert third.replaced is not None
    assert third.replaced.key == first.record.key
    assert "It takes the place of the key …1111" in key_stored_words(third)[1]


def test_a_named_key_takes_the_place_of_its_namesake_alone_and_can_be_found_by_name_and_by_its_end() -> None:
    world = World()
    store(world, ONE)
    store(world, TWO, name="work", add=True)
    assert keys(world) == {"…1111": True, "work (…2222)": False}
    with pytest.raises(UsageError, match="has a key called"):
        store(world, THREE, name="Work", add=True)
    assert store(world, THREE, name="Work").replaced is not None
    assert keys(world) == {"…1111": False, "Work (…3333)": True}
    records = world.sessions.records()
    found = [find_account(text, Provider.CLAUDE, records).label for text in ("work", "3333", "…3333", "…1111", "1111")]
    assert found == ["Work (…3333)", "Work (…3333)", "Work (…3333)", "…1111", "…1111"]


def test_every_key_has_its_own_tag_and_the_same_key_keeps_its_own() -> None:
    world = World()
    stored = [store(world, value).record.key for value in (ONE, TWO, ONE, TWO)]
    assert len(set(stored)) == 4
    again = store(world, TWO)
    assert (again.known, again.replaced, again.record.key) == (True, None, stored[-1])
    tags = [facts["account"] for facts in world.events.facts("api_key_stored")]
    assert tags == [tag(key) for key in (*stored, stored[-1])]


def test_a_key_that_an_earlier_keyswitch_stored_stays_and_can_be_replaced() -> None:
    world = World(an_api_key(Provider.CLAUDE))
    store(world, ONE, add=True)
    assert keys(world) == {"…1234": True, "…1111": False}
    assert store(world, TWO).replaced == an_api_key(Provider.CLAUDE).record
    assert keys(world) == {"…1111": False, "…2222": True}


@pytest.mark.parametrize("name", ["two\x1b[31m", "n" * 41, ONE])
def test_what_is_no_name_is_refused(name: str) -> None:
    world = World()
    with pytest.raises(UsageError, match="no name for a key"):
        store(world, ONE, name=name)
    assert world.sessions.records() == ()


def test_a_key_is_chosen_like_an_account_and_the_saved_sign_in_goes_along() -> None:
    world = World(a_session(Provider.CLAUDE), model="opus", mode=AuthMode.CLAUDE)
    store(world, ONE)
    chosen = world.choose_account(Provider.CLAUDE, "1111")
    assert (chosen.changed, chosen.behind) == (True, "")
    assert mode(world) is AuthMode.APIKEY
    assert world.choose_account(Provider.CLAUDE, "ana").changed
    assert mode(world) is AuthMode.CLAUDE


def test_a_key_that_a_plan_would_give_way_to_asks_and_one_of_another_provider_says_what_answers_before_it() -> None:
    world = World(
        a_session(Provider.CHATGPT), a_session(Provider.CLAUDE), model="gpt-5.1-medium", mode=AuthMode.CHATGPT
    )
    world.store_api_key(Provider.CHATGPT, Secret("sk-fake-key-0000-1111"))
    with pytest.raises(PayerChange):
        world.choose_account(Provider.CHATGPT, "1111")
    assert mode(world) is AuthMode.CHATGPT
    assert world.choose_account(Provider.CHATGPT, "1111", payer_agreed=True).changed
    assert mode(world) is AuthMode.APIKEY
    store(world, ONE)
    world.config.select("gpt-5.1-medium", AuthMode.CHATGPT)
    assert world.choose_account(Provider.CLAUDE, "1111").behind == "ana@example.test"


def test_where_only_a_key_is_stored_a_sign_in_that_is_asked_for_says_what_is_there() -> None:
    world = World()
    store(world, ONE)
    with pytest.raises(UnknownAccount) as caught:
        find_account("ben", Provider.CLAUDE, world.sessions.records(), keys=False)
    assert str(caught.value).endswith("Claude has an API key (…1111) and no sign-in.")
    assert command_for(caught.value) == "keyswitch accounts use claude …1111"
