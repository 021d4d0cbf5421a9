"""Another program writes its own file in the place of ours, or takes ours away: nobody here is signed out by that, its
sign-in is shown and left to it, and its file is kept before ours comes back.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapters.earlier_programs.accounts_file import others_at_work
from adapters.earlier_programs.found import FoundSignIns
from adapters.earlier_programs.take_over import EarlierFiles
from adapters.json.check_sums import checked_entry
from adapters.master_key.in_file import KeyFile
from adapters.session_store import originals
from adapters.session_store.auth_file import read_document
from adapters.session_store.originals import Originals, Why
from adapters.session_store.store import SealedFileStore
from application.ports.earlier_files import TakenOver
from domain.credential import CredentialKind, Setback
from domain.earlier_sign_in import EarlierSignIn
from domain.errors import StoreBusy, StoreDamaged, StoreError, StoreLocked
from domain.provider import Provider
from tests.integration.conftest import Put, kept, loaded
from tests.support.credentials import ANA, NOON, a_record, a_session
from tests.support.earlier_files import accounts, an_account, codex_tokens, flat, nested, written
from tests.support.fixed_clock import FixedClock

FOREIGN: dict[str, Any] = {
    "flat": flat(),
    "nested": nested(),
    "a key": {"OPENAI_API_KEY": "sk-fake-foreign-1234"},
    "nobody": {"OPENAI_API_KEY": None},
    "empty object": {},
    "unknown": {"installed": {"client_id": "fake"}},
}
every_foreign_file = pytest.mark.parametrize("value", FOREIGN.values(), ids=FOREIGN)


@pytest.fixture
def found(home: Path) -> FoundSignIns:
    return FoundSignIns(home=home, person=None, clock=FixedClock())


# Ours goes on


@every_foreign_file
def test_a_file_in_the_place_of_ours_ends_no_session(
    value: dict[str, Any], put: Put, three: SealedFileStore, home: Path
) -> None:
    mine = loaded(three)
    path = put(value)
    assert loaded(three) == mine
    assert three.damaged() == ()
    assert path.read_bytes() == written(value)  # reading changes nothing
    assert others_at_work(home)


@every_foreign_file
def test_ours_comes_back_and_the_other_file_is_kept_as_it_was(
    value: dict[str, Any], put: Put, three: SealedFileStore, earlier_files: EarlierFiles, home: Path
) -> None:
    mine = loaded(three)
    put(value)
    assert earlier_files.take_over() == TakenOver()  # nothing of it becomes ours unasked
    assert earlier_files.put_back()
    assert loaded(three) == mine
    assert kept(home) == [("auth.json", Why.REPLACED, written(value))]
    assert (home / "auth.json.old.sealed").stat().st_mode & 0o777 == 0o600
    assert not others_at_work(home)
    assert not earlier_files.put_back()


@pytest.mark.parametrize("use", ["save", "annotate", "remove", "activate"])
@every_foreign_file
def test_whatever_writes_puts_ours_back_first_and_keeps_the_other(
    value: dict[str, Any], use: str, put: Put, three: SealedFileStore, home: Path
) -> None:
    put(value)
    claude = a_record(Provider.CLAUDE)
    match use:
        case "save":
            three.save(a_session(Provider.CLAUDE, generation=2))
        case "annotate":
            three.annotate(a_record(Provider.CLAUDE, setback=Setback("down", 1, NOON)))
        case "remove":
            assert three.remove(claude.key)
        case _:
            assert three.activate(claude.key)
    assert kept(home) == [("auth.json", Why.REPLACED, written(value))]
    assert len(three.records()) == (2 if use == "remove" else 3)
    path, copy = home / "auth.json", home / "auth.json.old.sealed"
    assert three.notices() == (f"{path} was another program's; your sign-ins are back, and its file is in {copy}.",)


def test_a_renewal_under_way_is_stored_all_the_same(put: Put, three: SealedFileStore, home: Path) -> None:
    fresh = a_session(Provider.CLAUDE, generation=2)
    with three.renewing(fresh.record.key, timeout=1), three.reserve(fresh.record.key) as reservation:
        put(nested())
        assert reservation.commit(fresh)
    assert three.load(fresh.record.key) == fresh
    assert kept(home) == [("auth.json", Why.REPLACED, written(nested()))]


@pytest.mark.parametrize("content", [None, b"", b"\n"], ids=["gone", "empty", "blank"])
def test_a_file_that_is_gone_or_empty_comes_back(
    content: bytes | None, three: SealedFileStore, earlier_files: EarlierFiles, home: Path
) -> None:
    mine = loaded(three)
    (home / "auth.json").unlink()
    if content is not None:
        (home / "auth.json").write_bytes(content)
    assert loaded(three) == mine
    assert earlier_files.put_back()
    assert loaded(three) == mine
    assert not (home / "auth.json.old.sealed").exists()


def test_a_home_that_everybody_signed_out_of_adopts_nobody(
    put: Put, three: SealedFileStore, earlier_files: EarlierFiles, home: Path
) -> None:
    for record in three.records():
        three.remove(record.key)
    put(nested())
    assert three.records() == ()
    assert earlier_files.take_over() == TakenOver()
    assert earlier_files.put_back()
    assert three.records() == ()
    assert len(kept(home)) == 1


def test_damage_is_not_taken_for_another_program(
    three: SealedFileStore, earlier_files: EarlierFiles, home: Path
) -> None:
    good = (home / "auth.json").read_bytes()
    (home / "auth.json").write_bytes(good[: len(good) // 2])
    assert others_at_work(home)
    assert earlier_files.put_back()
    assert (home / "auth.json").read_bytes() == good
    assert (home / "auth.json.damaged").read_bytes() == good[: len(good) // 2]
    assert not (home / "auth.json.old.sealed").exists()


def test_without_a_good_copy_of_ours_the_other_file_stays_and_that_is_said(
    put: Put, three: SealedFileStore, home: Path
) -> None:
    (home / "auth.json.bak").write_bytes(b"\x00")
    path = put(nested())
    with pytest.raises(StoreDamaged, match=r"auth\.json\.bak"):
        three.records()
    with pytest.raises(StoreDamaged):
        three.save(a_session())
    assert path.read_bytes() == written(nested())


def test_without_the_master_key_the_other_file_stays_where_it_is(
    put: Put, three: SealedFileStore, earlier_files: EarlierFiles, home: Path
) -> None:
    (home / "master.key").unlink()
    path = put(nested())
    for write in (earlier_files.put_back, lambda: three.remove(a_record().key)):
        with pytest.raises(StoreLocked):
            write()
    assert path.read_bytes() == written(nested())
    assert len(three.records()) == 3


def test_a_program_that_will_not_stop_is_named_in_the_end(
    put: Put, three: SealedFileStore, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(nested())
    monkeypatch.setattr(three._file, "put_back", lambda: put(nested(x=1)))
    with pytest.raises(StoreBusy, match="again and again"):
        three.save(a_session())


# Theirs is shown


def test_a_sign_in_that_stands_in_our_place_is_shown_with_whose_it_is(
    put: Put, three: SealedFileStore, found: FoundSignIns, home: Path
) -> None:
    put(nested(OPENAI_API_KEY="sk-fake-foreign-1234"))
    place = str(home / "auth.json")
    assert found.found() == (
        EarlierSignIn(Provider.CHATGPT, CredentialKind.OAUTH, place, ANA, adoptable=True),
        EarlierSignIn(Provider.CHATGPT, CredentialKind.API_KEY, place, "…1234", adoptable=True),
    )


def test_it_is_still_shown_when_ours_is_back(
    put: Put, three: SealedFileStore, earlier_files: EarlierFiles, found: FoundSignIns, home: Path
) -> None:
    put(nested())
    earlier_files.put_back()
    (sign_in,) = found.found()
    assert (sign_in.place, sign_in.label) == (str(home / "auth.json.old.sealed"), ANA)


def test_a_list_of_accounts_that_appears_later_is_shown_and_stays(
    put: Put, three: SealedFileStore, earlier_files: EarlierFiles, found: FoundSignIns
) -> None:
    path = put(accounts(an_account("one")), "auth_accounts.json")
    assert [sign_in.label for sign_in in found.found()] == [ANA]
    assert earlier_files.take_over() == TakenOver()
    assert path.exists()
    assert {record.provider for record in three.records()} == set(Provider)


def test_what_is_about_to_be_taken_over_is_no_find(put: Put, found: FoundSignIns, store: SealedFileStore) -> None:
    put(nested())
    put(accounts(an_account("one")), "auth_accounts.json")
    assert found.found() == ()
    assert [record.label for record in store.records()] == [ANA]


def test_what_was_written_back_is_no_find(put: Put, earlier_files: EarlierFiles, found: FoundSignIns) -> None:
    put(nested())
    earlier_files.take_over()
    earlier_files.restore(None)
    assert found.found() == ()


def test_files_of_other_programs_elsewhere_are_seen_and_never_opened(home: Path, tmp_path: Path) -> None:
    person = tmp_path / "person"
    for name in (".codex/auth.json", ".claude/.credentials.json", ".gemini/oauth_creds.json"):
        (person / name).parent.mkdir(parents=True)
        (person / name).symlink_to("/nowhere")  # whoever opens it fails
    finds = FoundSignIns(home=home, person=person, clock=FixedClock()).found()
    assert [(sign_in.provider, sign_in.place, sign_in.label, sign_in.adoptable) for sign_in in finds] == [
        (Provider.CHATGPT, "~/.codex/auth.json", "", False),
        (Provider.CLAUDE, "~/.claude/.credentials.json", "", False),
        (Provider.GEMINI, "~/.gemini/oauth_creds.json", "", False),
    ]


@pytest.mark.parametrize("content", [b"{", b'{"format": 9, "kept": []}', b"[]"])
def test_what_cannot_be_read_is_left_out(
    content: bytes, three: SealedFileStore, found: FoundSignIns, home: Path
) -> None:
    (home / "auth.json.old.sealed").write_bytes(content)
    (home / "auth_accounts.json").write_bytes(b"{")
    assert found.found() == ()
    (home / "auth.json").write_bytes(b"\x00")
    assert found.found() == ()


# Theirs had the place first

NOT_OURS: dict[str, Any] = {
    "an agent's identity": {"auth_mode": "agentIdentity", "agent_identity": "eyJhbGciOiJSUzI1NiJ9.e30.made-up"},
    "a personal access token": {"auth_mode": "personalAccessToken", "personal_access_token": "pat-made-up-0001"},
    "a flat Claude sign-in": {
        "type": "claude",
        "access_token": "sk-ant-oat01-made-up",
        "refresh_token": "sk-ant-ort01-x",
    },
    "a flat Google sign-in": {
        "access_token": "ya29.made-up",
        "refresh_token": "1//made-up",
        "expiry_date": 1830000000000,
    },
    "nobody knows whose": {"access_token": "fake", "refresh_token": "fake", "token_type": "Bearer"},
    "another program's list": {"anthropic": {"type": "oauth", "access": "fake"}, "openrouter": {"type": "api"}},
    "nothing of use": {"claude": {"expires_at": ""}, "chatgpt": 5},
    "another vendor's key": {"OPENAI_API_KEY": "sk-ant-api03-MADE-UP-1234"},
}


def test_a_file_in_which_nothing_is_ours_stays_and_stands_in_nobodys_way(
    put: Put, store: SealedFileStore, earlier_files: EarlierFiles, found: FoundSignIns, home: Path
) -> None:
    for name, value in NOT_OURS.items():
        path = put(value)
        assert earlier_files.take_over().records == (), name
        assert not others_at_work(home), name
        assert store.records() == ()
        assert not earlier_files.put_back()
        assert path.read_bytes() == written(value), name
        left = found.found()
        assert left, name
        assert all(sign_in.why and not sign_in.adoptable and sign_in.place == str(path) for sign_in in left), name
        path.unlink()


@pytest.mark.parametrize("name", NOT_OURS)
def test_our_store_is_made_beside_it_and_found_there(
    name: str, put: Put, store: SealedFileStore, earlier_files: EarlierFiles, found: FoundSignIns, home: Path
) -> None:
    path = put(NOT_OURS[name])
    for provider in Provider:
        store.save(a_session(provider), activate=True)
    fresh = a_session(Provider.CLAUDE, generation=2)
    with store.renewing(fresh.record.key, timeout=1), store.reserve(fresh.record.key) as reservation:
        assert reservation.commit(fresh)
    assert store.remove(a_record(Provider.GEMINI).key)
    assert path.read_bytes() == written(NOT_OURS[name])
    assert {record.provider: record.generation for record in store.records()} == {
        Provider.CHATGPT: 1,
        Provider.CLAUDE: 2,
    }
    assert not others_at_work(home)
    assert earlier_files.take_over() == TakenOver()
    assert len(found.found()) >= 1

    (home / "auth.keyswitch.json").unlink()  # the good copy says where the store is, too
    assert len(store.records()) == 2
    assert earlier_files.put_back()
    path.unlink()  # and whatever becomes of theirs moves ours nowhere
    assert [record.provider for record in store.records() if store.load(record.key)] == [
        Provider.CHATGPT,
        Provider.CLAUDE,
    ]
    assert not path.exists()


def test_what_says_nothing_gives_the_place_up(
    put: Put, store: SealedFileStore, found: FoundSignIns, home: Path
) -> None:
    for value in ({}, {"OPENAI_API_KEY": None, "tokens": None, "last_refresh": None}):
        put(value)
        assert found.found() == ()
        store.save(a_session())
        assert not (home / "auth.keyswitch.json").exists()
        assert len(store.records()) == 1
        for path in (home / "auth.json", home / "auth.json.bak"):
            path.unlink()


def test_a_sign_in_that_another_program_makes_there_later_is_adopted_on_request(
    put: Put, store: SealedFileStore, earlier_files: EarlierFiles, found: FoundSignIns, home: Path
) -> None:
    put(NOT_OURS["a personal access token"])
    store.save(a_session(Provider.CLAUDE), activate=True)
    path = put(nested())
    assert earlier_files.take_over() == TakenOver()
    assert [(sign_in.label, sign_in.adoptable) for sign_in in found.found()] == [(ANA, True)]
    (record,) = earlier_files.adopt(Provider.CHATGPT)
    assert {one.provider for one in store.records()} == {Provider.CHATGPT, Provider.CLAUDE}
    assert loaded(store)[record.key.account][1] == codex_tokens()["refresh_token"]
    assert not path.exists()
    assert kept(home) == [("auth.json", Why.REPLACED, written(nested()))]
    assert found.found() == ()


def test_an_entry_that_cannot_be_used_is_shown_before_its_neighbours_are_taken_over(
    put: Put, found: FoundSignIns, store: SealedFileStore
) -> None:
    put({"chatgpt": flat(), "claude": {"expires_at": ""}, "gemini": {"access_token": "sk-ant-oat01-made-up"}})
    put(accounts(5), "auth_accounts.json")  # type: ignore[arg-type]
    assert [(sign_in.provider, sign_in.why) for sign_in in found.found()] == [
        (Provider.CLAUDE, 'claude: it has no "access_token"'),
        (Provider.CLAUDE, "gemini: it looks like a sign-in of Claude"),
        (None, "account 1: it is no JSON object"),
    ]
    assert [record.provider for record in store.records()] == [Provider.CHATGPT]


# Theirs becomes ours, if its owner says so


def test_it_is_adopted_on_request_and_is_the_active_one(
    put: Put, three: SealedFileStore, earlier_files: EarlierFiles, found: FoundSignIns
) -> None:
    tokens = codex_tokens()
    put(nested(tokens=tokens))
    (record,) = earlier_files.adopt(Provider.CHATGPT)
    assert (record.label, record.imported, record.active) == (ANA, True, True)
    assert loaded(three)[record.key.account][1] == tokens["refresh_token"]
    assert [one.active for one in three.records() if one.provider is Provider.CHATGPT] == [False, True]
    assert found.found() == ()
    assert earlier_files.adopt(Provider.CHATGPT) == ()


def test_the_newest_of_several_copies_is_adopted(put: Put, three: SealedFileStore, earlier_files: EarlierFiles) -> None:
    for number in (1, 2, 3):
        put(nested(tokens=codex_tokens(number=number), last_refresh=f"2026-11-2{number}T00:00:00Z"))
        earlier_files.put_back()
    (record,) = earlier_files.adopt(Provider.CHATGPT)
    assert loaded(three)[record.key.account][1] == codex_tokens(number=3)["refresh_token"]


def test_a_key_and_a_list_of_accounts_are_adopted_with_it(
    put: Put, three: SealedFileStore, earlier_files: EarlierFiles, found: FoundSignIns, home: Path
) -> None:
    put(nested(OPENAI_API_KEY="sk-fake-foreign-1234"))
    team = codex_tokens(workspace="ws-fake-team", number=2)
    put(accounts(an_account("one"), an_account("two", tokens=team)), "auth_accounts.json")
    assert len(earlier_files.adopt(Provider.CHATGPT)) == 3
    assert not (home / "auth_accounts.json").exists()
    assert found.found() == ()
    assert [name for name, _, _ in kept(home)] == ["auth.json", "auth_accounts.json"]


def test_another_providers_sign_in_in_the_same_file_stays_a_find(
    put: Put, three: SealedFileStore, earlier_files: EarlierFiles, found: FoundSignIns
) -> None:
    put({"chatgpt": flat(), "gemini": flat("gemini")})
    earlier_files.adopt(Provider.GEMINI)
    assert [sign_in.provider for sign_in in found.found()] == [Provider.CHATGPT]


def test_a_session_that_is_ours_already_is_replaced_by_the_newer_sign_in(
    put: Put, store: SealedFileStore, earlier_files: EarlierFiles
) -> None:
    put(nested())
    earlier_files.take_over()
    (before,) = store.records()
    put(nested(tokens=codex_tokens(number=2)))
    (record,) = earlier_files.adopt(Provider.CHATGPT)
    assert record.key == before.key
    assert record.session_id != before.session_id
    assert loaded(store)[record.key.account][1] == codex_tokens(number=2)["refresh_token"]


def test_a_copy_that_cannot_be_opened_hides_no_other(
    put: Put, three: SealedFileStore, earlier_files: EarlierFiles, home: Path
) -> None:
    put(nested(tokens=codex_tokens(user="user-fake-ben", email="ben@example.test")))
    earlier_files.put_back()
    path = home / "auth.json.old.sealed"
    path.write_bytes(path.read_bytes().replace(b'"file":"auth.json"', b'"file":"auth.jsan"'))
    put(nested())
    assert [record.label for record in earlier_files.adopt(Provider.CHATGPT)] == [ANA]


def test_nobody_else_is_touched_by_an_adoption(put: Put, three: SealedFileStore, earlier_files: EarlierFiles) -> None:
    mine = loaded(three)
    put(nested())
    earlier_files.adopt(Provider.CHATGPT)
    assert mine.items() <= loaded(three).items()
    assert three.load(a_record(Provider.CLAUDE).key) == a_session(Provider.CLAUDE)


# What is kept has an end


def test_a_later_file_of_the_same_account_takes_the_place_of_the_earlier_one(
    put: Put, three: SealedFileStore, earlier_files: EarlierFiles, home: Path
) -> None:
    for number in (1, 2):
        put(nested(tokens=codex_tokens(number=number)))
        earlier_files.put_back()
    put(nested(tokens=codex_tokens(user="user-fake-ben")))
    earlier_files.put_back()
    assert [content for _, _, content in kept(home)] == [
        written(nested(tokens=codex_tokens(number=2))),
        written(nested(tokens=codex_tokens(user="user-fake-ben"))),
    ]


def test_files_that_were_replaced_are_limited_and_what_was_taken_over_stays(
    put: Put, store: SealedFileStore, earlier_files: EarlierFiles, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(originals, "MOST_REPLACED", 3)
    first = put(nested()).read_bytes()
    earlier_files.take_over()
    for number in range(5):
        put({"x": number})
        earlier_files.put_back()
    assert [content for _, _, content in kept(home)] == [first, *(written({"x": number}) for number in (2, 3, 4))]


@pytest.mark.parametrize("content", [b"\x00", b'{"format": 9, "kept": []}'])
def test_kept_files_that_cannot_be_read_are_not_overwritten(
    content: bytes, put: Put, three: SealedFileStore, earlier_files: EarlierFiles, home: Path
) -> None:
    (home / "auth.json.old.sealed").write_bytes(content)
    path = put(nested())
    with pytest.raises(StoreError):
        earlier_files.put_back()
    assert (home / "auth.json.old.sealed").read_bytes() == content
    assert path.read_bytes() == written(nested())


def test_a_kept_file_that_was_changed_is_refused(
    put: Put, three: SealedFileStore, earlier_files: EarlierFiles, home: Path
) -> None:
    put(nested())
    earlier_files.put_back()
    files, key = Originals(home), KeyFile(home=home).fetch()
    assert key is not None
    (entry,) = files.entries()
    raw = {**entry.raw, "bound": {**entry.raw["bound"], "kept_at": "2026-01-01T00:00:00+00:00"}}
    changed = originals._parsed(checked_entry(raw))
    with pytest.raises(StoreDamaged, match="changed since it was sealed"):
        files.content(changed, key)


def test_our_own_document_knows_what_stands_in_its_place(put: Put, three: SealedFileStore, home: Path) -> None:
    put(nested())
    document = read_document(home / "auth.json")
    assert document.replacement == written(nested())
    assert document.restored
    assert len(document.records) == 3
