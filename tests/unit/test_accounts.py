"""Several accounts of one provider: their names, which one answers, and who may take whose place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from application.ports.oauth_client import Revocation
from application.ports.sign_in_dialog import WhatToKeep
from application.sign_in.keep import ANYBODY, Whose
from domain.accounts import account_names, find_account, tag
from domain.auth_mode import AuthMode
from domain.credential import CredentialRecord, Tombstone
from domain.errors import (
    OtherAccount,
    SessionEnded,
    SignInDeclined,
    SignInNeeded,
    SignInTimedOut,
    StoreLocked,
    StoreNotWritable,
    UnknownAccount,
    UsageError,
)
from domain.provider import Provider
from domain.session import Session, SessionState
from domain.switching import SignInRequired
from tests.support.credentials import NOON, a_record, a_session, an_api_key
from tests.support.error_codes import with_code
from tests.support.fake_oauth import FakeDialog, callback_of
from tests.support.world import World

CLAUDE = Provider.CLAUDE
ANA, BEN = a_record(account="ana"), a_record(account="ben", active=False)
ENDED = Tombstone("invalid_grant", NOON)


def two_accounts() -> World:
    return World(a_session(account="ana"), a_session(account="ben", active=False))


def actives(world: World) -> list[str]:
    return [record.label for record in world.sessions.records() if record.active]


# Names


def test_an_account_is_called_by_its_label_and_two_that_share_one_are_told_apart() -> None:
    other = replace(a_record(account="ana-at-work"), label="Ana@example.test")
    names = account_names([ANA, other, BEN])
    assert names[BEN.key] == "ben@example.test"
    assert names[ANA.key] == f"ana@example.test#{tag(ANA.key)[:4]}"
    assert names[other.key] == f"Ana@example.test#{tag(other.key)[:4]}"
    assert names[ANA.key] != names[other.key]


def test_one_label_at_two_providers_is_no_clash() -> None:
    gemini = a_record(Provider.GEMINI)
    assert set(account_names([ANA, gemini]).values()) == {"ana@example.test"}


@pytest.mark.parametrize("text", ["ben@example.test", "BEN@Example.Test", "ben", "  b ", tag(BEN.key)])
def test_a_name_or_its_beginning_means_an_account(text: str) -> None:
    assert find_account(text, CLAUDE, [ANA, BEN, a_record(Provider.GEMINI, account="ben")]) == BEN


def test_a_whole_name_means_its_account_even_where_another_begins_so() -> None:
    longer = replace(a_record(account="longer"), label="ben@example.test.example")
    assert find_account("ben@example.test", CLAUDE, [BEN, longer]) == BEN


def test_a_near_miss_gets_a_suggestion() -> None:
    with pytest.raises(UnknownAccount) as unknown:
        find_account("bne", CLAUDE, [ANA, BEN])
    assert unknown.value.suggestion == "ben@example.test"
    assert str(unknown.value) == (
        'Claude has no account "bne" here. Did you mean ben@example.test? Accounts: ana@example.test, ben@example.test.'
    )


@pytest.mark.parametrize("text", ["", "   ", "zzz"])
def test_nonsense_means_nobody(text: str) -> None:
    with pytest.raises(UnknownAccount):
        find_account(text, CLAUDE, [ANA, BEN])


def test_where_nobody_is_signed_in_that_is_said() -> None:
    with pytest.raises(UnknownAccount, match="Nobody is signed in there"):
        find_account("ana", CLAUDE, [a_record(Provider.GEMINI)])


def test_a_beginning_that_several_share_means_none_of_them() -> None:
    bert = a_record(account="bert")
    with pytest.raises(UsageError, check=with_code("ambiguous_account")) as ambiguous:
        find_account("be", CLAUDE, [ANA, BEN, bert])
    assert "could be ben@example.test or bert@example.test of Claude" in str(ambiguous.value)


# Choosing


def test_a_person_chooses_the_account_that_answers() -> None:
    world = two_accounts()
    chosen = world.choose_account(CLAUDE, "ben")
    assert (chosen.name, chosen.changed) == ("ben@example.test", True)
    assert actives(world) == ["ben@example.test"]
    assert world.events.facts("account_chosen") == [{"provider": "claude", "account": tag(BEN.key)}]
    assert world.status().providers[1].credential == replace(BEN, active=True)


def test_choosing_the_active_one_changes_nothing() -> None:
    world = two_accounts()
    before = world.sessions.stamp()
    assert world.choose_account(CLAUDE, "ana").changed is False
    assert world.sessions.stamp() == before
    assert world.events.names == []


def test_an_account_whose_session_ended_is_not_chosen() -> None:
    world = World(a_session(account="ana"), a_session(account="ben", active=False, tombstone=ENDED))
    with pytest.raises(SessionEnded, match="Nothing was changed") as ended:
        world.choose_account(CLAUDE, "ben")
    assert ended.value.account == "ben@example.test"
    assert actives(world) == ["ana@example.test"]
    assert world.events.names == ["selection_refused"]


def test_an_api_key_that_was_chosen_says_which_sign_in_answers_before_it() -> None:
    world = World(a_session(account="ana"), an_api_key())
    assert world.choose_account(CLAUDE, "…1234").behind == "ana@example.test"


def test_no_other_account_steps_in_for_the_active_one() -> None:
    """Spending another account is its owner's decision, and vendors forbid rotation."""
    world = World(
        a_session(account="ana", tombstone=ENDED),
        a_session(account="ben", active=False),
        model="claude-opus-4.1",
        mode=AuthMode.CLAUDE,
    )
    assert world.snapshot().selection is None
    assert isinstance(world.select("claude-opus-4.1"), SignInRequired)
    assert world.auth.logged_in_providers() == ()
    status = world.status().providers[1]
    assert (status.state, status.credential and status.credential.label) == (
        SessionState.NEEDS_SIGN_IN,
        "ana@example.test",
    )


# Signing in


async def sign_in(
    world: World, account: str, dialog: FakeDialog | None = None, *, whose: Whose = ANYBODY
) -> CredentialRecord:
    world.listener.callbacks.put_nowait(callback_of(account))
    return (await world.sign_in.by_browser(CLAUDE, dialog or FakeDialog(), whose=whose, seconds=5)).record


async def test_somebody_else_never_takes_the_place_of_the_account_that_was_expected() -> None:
    world, dialog = World(a_session(account="ana")), FakeDialog()
    with pytest.raises(OtherAccount) as other:
        await sign_in(world, "ben", dialog)
    assert "ben@example.test signed in where ana@example.test was expected" in str(other.value)
    assert world.sessions.records() == (ANA,)
    assert [(one.name, one.expected) for one in dialog.newcomers] == [("ben@example.test", "ana@example.test")]
    assert [session.record.label for session in world.oauth.revoked] == ["ben@example.test"]
    assert [page.succeeded for page in world.listener.pages] == [False]
    assert world.events.facts("sign_in_failed") == [{"provider": "claude", "reason": "other_account"}]


@pytest.mark.parametrize(
    ("decision", "active"),
    [(WhatToKeep.BESIDE, "ana@example.test"), (WhatToKeep.INSTEAD, "ben@example.test")],
)
async def test_a_person_may_keep_both(decision: WhatToKeep, active: str) -> None:
    world = World(a_session(account="ana"))
    record = await sign_in(world, "ben", FakeDialog(keep=decision))
    assert record.label == "ben@example.test"
    assert record.active is (active == "ben@example.test")
    assert [one.label for one in world.sessions.records()] == ["ana@example.test", "ben@example.test"]
    assert actives(world) == [active]
    assert world.oauth.revoked == []


async def test_a_person_may_discard_the_newcomer() -> None:
    world = World(a_session(account="ana"))
    with pytest.raises(SignInDeclined):
        await sign_in(world, "ben", FakeDialog(keep=WhatToKeep.NOTHING))
    assert world.sessions.records() == (ANA,)


async def test_a_question_that_nobody_answers_ends_with_the_time() -> None:
    world = World(a_session(account="ana"))
    world.listener.callbacks.put_nowait(callback_of("ben"))
    with pytest.raises(SignInTimedOut):
        await world.sign_in.by_browser(CLAUDE, FakeDialog(undecided=True), seconds=600)
    assert world.sessions.records() == (ANA,)


async def test_a_discarded_sign_in_of_a_stored_account_is_not_ended_at_the_provider() -> None:
    """That could end the stored session with it."""
    world = two_accounts()
    with pytest.raises(OtherAccount):
        await sign_in(world, "ben")
    assert world.oauth.revoked == []
    assert world.sessions.records() == (ANA, BEN)


async def test_a_further_account_is_added_without_the_hints_of_the_first_and_is_not_used_yet() -> None:
    world = World(a_session(account="ana"))
    record = await sign_in(world, "ben", whose=Whose(further=True))
    assert record.active is False
    assert actives(world) == ["ana@example.test"]
    assert world.oauth.hints == [None]


async def test_a_further_account_that_is_there_already_signs_in_again_as_itself() -> None:
    world = World(a_session(account="ana"))
    record = await sign_in(world, "ana", whose=Whose(further=True))
    assert record.active is True
    assert len(world.sessions.records()) == 1


async def test_a_sign_in_can_be_bound_to_an_account_that_is_not_the_active_one() -> None:
    world = two_accounts()
    record = await sign_in(world, "ben", whose=Whose(BEN.key))
    assert record.active is False
    assert actives(world) == ["ana@example.test"]
    assert [hint and hint.record.label for hint in world.oauth.hints] == ["ben@example.test"]
    with pytest.raises(OtherAccount):
        await sign_in(world, "ana", whose=Whose(BEN.key))


async def test_an_account_that_is_gone_cannot_sign_in_again() -> None:
    world = World(a_session(account="ana"))
    with pytest.raises(SignInNeeded):
        await sign_in(world, "ben", whose=Whose(BEN.key))
    assert world.browser.opened == []


async def test_whoever_comes_first_where_no_account_is_active_becomes_it() -> None:
    world = World(a_session(account="ben", active=False))
    record = await sign_in(world, "carla")
    assert record.active
    assert actives(world) == ["carla@example.test"]


async def test_a_damaged_store_does_not_keep_anybody_from_signing_in_again() -> None:
    world = World(a_session(account="ana"))
    world.sessions.refuse_to_load = StoreLocked("auth.json", "the keyring is locked")
    await sign_in(world, "ana")
    world.sessions.refuse_to_load = None
    assert [record.label for record in world.sessions.records()] == ["ana@example.test"]
    assert world.oauth.revoked == []


async def test_two_accounts_of_one_label_are_told_apart_in_the_result() -> None:
    world = World(a_session(account="work", label="ana@example.test"))
    world.listener.callbacks.put_nowait(callback_of("ana"))
    signed_in = await world.sign_in.by_browser(CLAUDE, FakeDialog(), whose=Whose(further=True))
    assert signed_in.name == f"ana@example.test#{tag(ANA.key)[:4]}"


# What a repeated sign-in replaces


async def test_the_session_that_was_replaced_is_ended_once_the_new_one_is_stored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = a_session(account="ana")
    world = World(old)
    stored_when_asked: list[str] = []
    revoke = world.oauth.revoke

    async def watched(session: Session) -> Revocation:
        stored_when_asked.append(world.sessions.records()[0].session_id)
        return await revoke(session)

    monkeypatch.setattr(world.oauth, "revoke", watched)
    record = await sign_in(world, "ana")
    assert record.session_id != old.record.session_id
    assert world.oauth.revoked == [old]
    assert stored_when_asked == [record.session_id]
    assert world.events.facts("signed_in")[0]["earlier_session"] == "confirmed"


async def test_where_that_would_end_the_new_session_too_the_provider_is_not_asked() -> None:
    world = World(a_session(account="ana"))
    world.oauth.revocation_spreads = True
    await sign_in(world, "ana")
    assert world.oauth.revoked == []
    assert world.events.facts("signed_in")[0]["earlier_session"] == "withheld"


async def test_a_refresh_token_that_came_again_is_not_ended() -> None:
    world = World(a_session(account="ana"))
    await sign_in(world, "ana")
    first = world.sessions.load(ANA.key)
    world.oauth.signed_in = 0
    await sign_in(world, "ana")
    assert first not in world.oauth.revoked
    assert len(world.oauth.revoked) == 1


async def test_the_old_session_is_there_for_as_long_as_the_new_one_is_not_stored() -> None:
    world = World(a_session(account="ana"))
    world.sessions.refuse_to_write = StoreNotWritable("auth.json", "the disk is full")
    with pytest.raises(StoreNotWritable):
        await sign_in(world, "ana")
    assert world.sessions.load(ANA.key) == a_session(account="ana")
    assert world.oauth.revoked == []


# Signing out


async def test_one_account_is_signed_out_and_the_others_stay() -> None:
    world = two_accounts()
    (gone,) = await world.sign_out(CLAUDE, account=BEN.key)
    assert gone.record.label == "ben@example.test"
    assert world.sessions.records() == (ANA,)


async def test_after_the_active_account_is_signed_out_nobody_takes_its_place() -> None:
    world = two_accounts()
    await world.sign_out(CLAUDE, account=ANA.key)
    status = world.status().providers[1]
    assert (status.state, status.credential, status.unchosen) == (SessionState.NOT_LOGGED_IN, None, True)
    assert actives(world) == []


async def test_all_accounts_of_a_provider_are_signed_out_together() -> None:
    world = two_accounts()
    assert len(await world.sign_out(CLAUDE)) == 2
    assert world.sessions.records() == ()
