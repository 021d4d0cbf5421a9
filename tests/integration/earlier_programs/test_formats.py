"""Every older format, read: what is in it becomes a credential, and what is wrong in it is named and harms no other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.earlier_formats.formats import EarlierFile, NotAnEarlierFile, earlier_accounts, earlier_auth, merged
from adapters.json.strict_json import NotJson
from domain.credential import CredentialKind
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.renewal.freshness import Freshness, Instant, freshness
from domain.session import ApiKey, Credential, Session
from tests.support.credentials import ANA, NOON
from tests.support.earlier_files import (
    USER,
    WORKSPACE,
    accounts,
    an_account,
    by_provider,
    codex_tokens,
    flat,
    jwt,
    nested,
    written,
)
from tests.support.vendor_values import OF_ANOTHER, OF_GOOGLE, OF_OPENAI


def auth(value: Any) -> EarlierFile:
    return earlier_auth(written(value), NOON)


def only(file: EarlierFile) -> Session:
    """The one credential of *file*, which must be a session and have no problems beside it."""
    assert file.problems == ()
    (credential,) = file.credentials
    assert isinstance(credential, Session)
    return credential


def tokens_of(session: Credential | None) -> tuple[str | None, ...]:
    assert isinstance(session, Session)
    given = (session.access_token, session.refresh_token, session.id_token)
    return tuple(token.reveal() if token else None for token in given)


# auth.json


def test_a_flat_file_is_one_imported_chatgpt_session() -> None:
    session = only(auth(flat()))
    assert tokens_of(session) == ("fake-access-chatgpt", "fake-refresh-chatgpt", None)
    record = session.record
    assert (record.provider, record.kind, record.payer) == (Provider.CHATGPT, CredentialKind.OAUTH, Payer.PLAN)
    assert record.imported
    assert record.active
    assert record.renewable
    assert record.access_expires_at == NOON + timedelta(hours=1)
    assert record.obtained_at == NOON
    assert record.label == "ChatGPT account"


def test_a_nested_file_is_an_imported_session_of_the_person_and_workspace_in_its_tokens() -> None:
    tokens = codex_tokens()
    session = only(auth(nested(tokens=tokens)))
    assert tokens_of(session) == (tokens["access_token"], tokens["refresh_token"], tokens["id_token"])
    record = session.record
    assert record.label == ANA
    assert record.imported
    assert record.api_account == WORKSPACE
    assert record.key.account == f"imported:{USER}:{WORKSPACE}"
    assert record.obtained_at == datetime(2026, 11, 23, 11, 30, 0, 123456, tzinfo=UTC)
    assert record.access_expires_at == NOON + timedelta(hours=1)


def test_a_key_beside_a_session_is_a_credential_of_its_own() -> None:
    file = auth(nested(OPENAI_API_KEY="sk-fake-older-key-1234", auth_mode="chatgpt"))
    session, key = file.credentials
    assert isinstance(session, Session)
    assert isinstance(key, ApiKey)
    assert key.value.reveal() == "sk-fake-older-key-1234"
    assert key.record.label == "…1234"
    assert key.record.payer is Payer.API_BILLING
    assert file.unused == ()


def test_a_file_of_a_key_alone_holds_that_key() -> None:
    (key,) = auth({"OPENAI_API_KEY": "sk-fake-older-key-1234", "tokens": None, "last_refresh": None}).credentials
    assert isinstance(key, ApiKey)


def test_a_file_by_provider_holds_a_session_of_each() -> None:
    file = auth(by_provider())
    assert [record.provider for record in file.records] == list(Provider)
    assert [tokens_of(session)[1] for session in file.credentials] == [f"fake-refresh-{name}" for name in Provider]
    assert [record.imported for record in file.records] == [True, False, False]
    assert all(record.active for record in file.records)


def test_the_formats_may_stand_in_one_file() -> None:
    file = auth({**nested(OPENAI_API_KEY="sk-fake-key-1234"), "claude": flat("claude"), "gemini": flat("gemini")})
    assert [(record.provider.value, record.kind.value) for record in file.records] == [
        ("chatgpt", "oauth"),
        ("chatgpt", "api_key"),
        ("claude", "oauth"),
        ("gemini", "oauth"),
    ]


def test_a_session_of_a_client_that_registered_itself_is_no_imported_one() -> None:
    record = only(auth({"chatgpt": flat(client_id="oaiapp_fake", scope="openid email")})).record
    assert not record.imported
    assert record.client_id == "oaiapp_fake"
    assert record.scopes == ("openid", "email")


@pytest.mark.parametrize("empty", [{}, {"OPENAI_API_KEY": None}, {"tokens": None, "claude": None}])
def test_a_file_of_nobody_holds_nothing(empty: dict[str, Any]) -> None:
    assert auth(empty) == EarlierFile()


def test_members_that_mean_nothing_here_are_named() -> None:
    file = auth(nested(agent_identity="fake", personal_access_token="fake"))
    assert file.unused == ("agent_identity", "personal_access_token")


@pytest.mark.parametrize("members", [{"refresh_token": ""}, {"refresh_token": None}])
def test_a_session_without_a_refresh_token_is_kept_and_cannot_be_renewed(members: dict[str, Any]) -> None:
    session = only(auth(flat(**members)))
    assert session.refresh_token is None
    assert not session.record.renewable


# When it ends


@pytest.mark.parametrize(
    "value",
    ["2026-11-23T13:00:00Z", "2026-11-23T15:00:00+02:00", "2026-11-23T13:00:00", 1795438800, "1795438800", 1795438800.0,
     1795438800000],
)  # fmt: skip
def test_the_end_of_a_token_is_understood_in_every_spelling(value: object) -> None:
    assert only(auth(flat(expires_at=value))).record.access_expires_at == NOON + timedelta(hours=1)


def test_an_end_that_is_not_given_is_taken_from_the_token_where_that_says() -> None:
    ends = NOON + timedelta(minutes=20)
    token = jwt({"exp": int(ends.timestamp()), "iat": int((NOON - timedelta(hours=1)).timestamp())})
    record = only(auth({"chatgpt": {"access_token": token, "refresh_token": "fake-refresh"}})).record
    assert record.access_expires_at == ends
    assert record.obtained_at == NOON - timedelta(hours=1)


def test_an_end_that_nobody_knows_stays_unknown() -> None:
    assert only(auth({"chatgpt": {"access_token": "fake-access"}})).record.access_expires_at is None


def test_nothing_was_obtained_in_the_future_or_after_its_end() -> None:
    assert only(auth(nested(last_refresh="2031-01-01T00:00:00Z"))).record.obtained_at == NOON
    ended = NOON - timedelta(days=3)
    assert only(auth(flat(expires_at=ended.isoformat()))).record.obtained_at == ended


# auth_accounts.json


def test_every_account_is_taken_over_and_the_chosen_one_is_active() -> None:
    file = earlier_accounts(
        written(
            accounts(
                an_account("one"),
                an_account("two", mode="chatgpt", tokens=codex_tokens(workspace="ws-fake-team", number=2)),
                an_account("three", mode="apikey", openai_api_key="sk-fake-key-1111"),
                an_account("four", mode="apikey", openai_api_key="sk-fake-key-2222", label="work"),
                active="two",
            )
        ),
        NOON,
    )
    assert file.problems == ()
    assert [(record.api_account or record.label, record.active) for record in file.records] == [
        (WORKSPACE, False),
        ("ws-fake-team", True),
        ("…1111", True),
        ("…2222", False),
    ]
    assert len({record.key for record in file.records}) == 4


def test_an_account_that_names_nobody_is_called_by_its_label_and_id() -> None:
    tokens = {"access_token": "fake-access", "refresh_token": "fake-refresh", "id_token": "not-a-jwt"}
    file = earlier_accounts(written(accounts(an_account("one", tokens=tokens, label="Ana at work"))), NOON)
    record = only(file).record
    assert (record.label, record.key.account) == ("Ana at work", "imported:one")


@pytest.mark.parametrize("content", [b"", b"\n \t", b"{}", b'{"version": 1}'])
def test_a_list_of_nobody_holds_nothing(content: bytes) -> None:
    assert earlier_accounts(content, NOON) == EarlierFile()


@pytest.mark.parametrize("value", [{"version": 2, "accounts": []}, {"version": "1"}, {"accounts": {}}, {"accounts": 3}])
def test_another_version_or_shape_is_refused_as_a_whole(value: object) -> None:
    with pytest.raises(NotAnEarlierFile):
        earlier_accounts(written(value), NOON)


# One credential, one record


def test_one_session_in_both_files_is_taken_once_in_its_newer_state() -> None:
    earlier_files = auth(nested(tokens=codex_tokens(number=1), last_refresh="2026-11-20T00:00:00Z"))
    newer = earlier_accounts(
        written(accounts(an_account("one", tokens=codex_tokens(number=2), last_refresh="2026-11-22T00:00:00Z"))), NOON
    )
    for file in (merged(earlier_files, newer), merged(newer, earlier_files)):
        assert tokens_of(only(file))[1] == f"rt_fake-{USER}-2"


def test_two_entries_that_share_a_refresh_token_are_one_session_whatever_they_call_themselves() -> None:
    file = auth({**nested(), "chatgpt": flat(refresh_token=codex_tokens()["refresh_token"])})
    only(file)


def test_the_file_in_use_says_what_is_active() -> None:
    other = earlier_accounts(
        written(accounts(an_account("two", tokens=codex_tokens(user="user-fake-ben", number=7)), active="two")), NOON
    )
    file = merged(auth(nested()), other)
    assert [record.active for record in file.records] == [True, False]


# What is wrong in it


NO_SIGN_INS: dict[str, tuple[object, str]] = {
    "a text": ("a text", "it is no JSON object"),
    "a list": ([1], "it is no JSON object"),
    "nothing": ({}, 'it has no "access_token"'),
    "a number": ({"access_token": 7}, 'its "access_token" is of the wrong type'),
    "a line break": ({"access_token": "fake\naccess"}, 'its "access_token" is no token'),
    "an accent": ({"access_token": "fake-äccess", "expires_at": "soon"}, 'its "access_token" is no token'),
    "too long": ({"access_token": "x" * 40_000}, 'its "access_token" is no token'),
    "a list of tokens": ({"refresh_token": ["fake"]}, 'its "refresh_token" is of the wrong type'),
}


def test_an_entry_that_signs_nobody_in_is_named_and_its_neighbours_are_taken() -> None:
    for name, (claude, problem) in NO_SIGN_INS.items():
        file = auth({**by_provider(), "claude": claude})
        assert file.problems == (f"claude: {problem}",), name
        assert [record.provider for record in file.records] == [Provider.CHATGPT, Provider.GEMINI], name


ODD: tuple[Any, ...] = (
    "",
    "soon",
    "null",
    True,
    False,
    -1,
    1e300,
    [],
    ["x"],
    {},
    {"x": 1},
    None,
    "ä",
    "\x00",
    "x" * 100_000,
    10**30,
)
SIDE = (
    "expires_at",
    "last_refresh",
    "scope",
    "scopes",
    "client_id",
    "id_token",
    "account_id",
    "email",
    "label",
    "type",
)


def test_what_signs_in_is_taken_whatever_stands_beside_it() -> None:
    for name, value in [(name, value) for name in SIDE for value in ODD]:
        if name == "type" and isinstance(value, str) and value:
            continue  # that says whose it is
        entry = {**flat("claude"), name: value}
        tokens = {**codex_tokens(), name: value}
        for content, provider in (({"claude": entry}, Provider.CLAUDE), (nested(tokens=tokens), Provider.CHATGPT)):
            session = only(auth(content))
            assert session.record.provider is provider, (name, value)
            assert tokens_of(session)[1] is not None, (name, value)
            assert session.record.obtained_at <= NOON
    for value in ODD:
        only(auth(nested(last_refresh=value, auth_mode=value)))


def test_an_end_that_is_no_moment_is_unknown() -> None:
    odd: tuple[Any, ...] = ("", "soon", True, [], {}, 1e300, "2026-99-99")
    for value in odd:
        assert only(auth({"claude": flat("claude", expires_at=value)})).record.access_expires_at is None, value


def test_a_refresh_token_alone_signs_in_and_is_renewed_at_the_first_use() -> None:
    for access in (None, "", 7, "fake\naccess"):
        for entry in (
            {"claude": flat("claude", access_token=access)},
            {"claude": {"refresh_token": "fake-refresh-claude"}},
        ):
            session = only(auth(entry))
            assert tokens_of(session)[1] == "fake-refresh-claude"
            assert session.access_token.sendable
            assert freshness(session.record, Instant(NOON)) is Freshness.EXPIRED


def test_the_names_of_providers_are_read_in_any_case() -> None:
    for name, provider in (("ChatGPT", Provider.CHATGPT), ("CLAUDE", Provider.CLAUDE), ("Gemini", Provider.GEMINI)):
        assert only(auth({name: flat(name)})).record.provider is provider


def test_what_is_no_json_beside_a_token_spoils_nothing() -> None:
    for beside in ('"expires_at": NaN', '"expires_at": -Infinity', '"expires_at": 1e999', f'"expires_at": {"9" * 5000}',
                   '"more": [{"x": 1, "x": 2}]', '"scope": "a", "scope": "b"'):  # fmt: skip
        text = f'{{"access_token": "a", {beside}}}'
        whole = written({"chatgpt": flat(), "claude": "HERE", "gemini": flat("gemini")}).replace(
            b'"HERE"', text.encode()
        )
        file = earlier_auth(whole, NOON)
        assert file.problems == (), beside
        assert [record.provider for record in file.records] == list(Provider), beside


def test_a_token_that_stands_twice_is_not_guessed_at() -> None:
    file = earlier_auth(b'{"claude": {"access_token": "a", "access_token": "b"}}', NOON)
    assert file.problems == ("claude: a member stands twice",)


# Whose it is


def left(value: dict[str, Any]) -> list[tuple[str, Provider | None]]:
    """What is not taken over of a file from which nothing is."""
    file = auth(value)
    assert file.credentials == ()
    return [(entry.why, entry.provider) for entry in file.left]


CLAUDES = {"access_token": "sk-ant-oat01-made-up", "refresh_token": "sk-ant-ort01-made-up"}
GOOGLES = {"access_token": "ya29.made-up", "refresh_token": "1//made-up"}
ENDS = {"expires_at": "2026-11-23T13:00:00Z"}


def test_a_flat_file_is_chatgpts_unless_something_in_it_says_otherwise() -> None:
    only(auth(flat()))
    looks_like_claude = ("it looks like a sign-in of Claude", Provider.CLAUDE)
    looks_like_gemini = ("it looks like a sign-in of Gemini", Provider.GEMINI)
    another = ("it looks like a sign-in of another service", None)
    assert left(CLAUDES | ENDS) == [looks_like_claude]
    assert left(GOOGLES | ENDS) == [looks_like_gemini]
    assert left(flat(refresh_token="sk-ant-ort01-made-up")) == [looks_like_claude]
    assert left({"type": "claude", **CLAUDES, "email": ANA, "expired": "2027-12-05T10:00:00+08:00"}) == [
        looks_like_claude
    ]
    google = {**GOOGLES, "scope": "https://www.googleapis.com/auth/cloud-platform openid", "expiry_date": 1830000000000}
    assert left(google) == [looks_like_gemini]
    assert left(flat(scope="user:inference user:profile")) == [looks_like_claude]
    assert left(flat(access_token=OF_GOOGLE)) == [looks_like_gemini]
    assert left(flat(access_token=OF_ANOTHER)) == [another]
    assert left(flat(type="qwen")) == [another]
    assert left(flat(access_token="gho_madeup000000000")) == [("it looks like a sign-in of GitHub", None)]


def test_a_flat_file_of_other_members_is_taken_only_if_it_says_that_it_is_chatgpts() -> None:
    untold = [("it does not say whose it is", None)]
    assert left(flat(token_type="Bearer")) == untold
    assert left({name: value for name, value in flat().items() if name != "expires_at"}) == untold
    assert left({name: value for name, value in flat().items() if name != "refresh_token"}) == untold
    for proof in (
        {"type": "codex"},
        {"scope": "openid chatgpt.tokens.use.direct"},
        {"client_id": "app_made_up"},
        {"id_token": OF_OPENAI},
        {"access_token": OF_OPENAI},
        {"refresh_token": "rt_made-up-0000-1234"},
    ):
        assert only(auth(flat(token_type="Bearer", **proof))).record.provider is Provider.CHATGPT, proof


def test_a_member_that_holds_anothers_credential_is_left() -> None:
    for name, entry, owner in (
        ("chatgpt", CLAUDES, Provider.CLAUDE),
        ("chatgpt", GOOGLES, Provider.GEMINI),
        ("claude", GOOGLES, Provider.GEMINI),
        ("claude", {"access_token": OF_OPENAI}, Provider.CHATGPT),
        ("gemini", CLAUDES, Provider.CLAUDE),
        ("gemini", {"access_token": "fake", "scope": "user:inference"}, Provider.CLAUDE),
        ("gemini", {"access_token": "gsk_madeup000000000"}, None),
        ("tokens", CLAUDES | {"account_id": "ws"}, Provider.CLAUDE),
        ("OPENAI_API_KEY", "sk-ant-api03-MADE-UP-1234", Provider.CLAUDE),
        ("OPENAI_API_KEY", "gsk_madeup000000000", None),
    ):
        assert [found[1] for found in left({name: entry})] == [owner], name
        file = auth({**by_provider(), name: entry})
        assert [found.provider for found in file.left] == [owner]
        assert len(file.credentials) == (3 if name in ("tokens", "OPENAI_API_KEY") else 2)


def test_tokens_are_codexs_only_with_what_codex_puts_beside_them() -> None:
    bare = {"access_token": "fake-access", "refresh_token": "fake-refresh"}
    assert left({"tokens": bare}) == [("it does not say whose it is", Provider.CHATGPT)]
    for content in ({"tokens": bare, "last_refresh": None}, {"tokens": {**bare, "account_id": "ws"}}):
        only(auth(content))
    only(auth({"tokens": {**bare, "refresh_token": "rt_made-up-0000-1234"}}))


def test_an_entry_that_stands_twice_is_not_guessed_at() -> None:
    text = b'{"claude": {"access_token": "a"}, "gemini": {"access_token": "g"}, "claude": {"access_token": "b"}}'
    file = earlier_auth(text, NOON)
    assert file.problems == ("claude: a member stands twice",)
    assert [record.provider for record in file.records] == [Provider.GEMINI]


@pytest.mark.parametrize("tokens", ["text", {}, {"access_token": 5, "account_id": 5}])
def test_bad_tokens_leave_the_key_beside_them(tokens: object) -> None:
    file = auth({"OPENAI_API_KEY": "sk-fake-key-1234", "tokens": tokens})
    assert [type(credential) for credential in file.credentials] == [ApiKey]
    assert file.problems[0].startswith("tokens: it")


def test_a_bad_account_leaves_the_others() -> None:
    file = earlier_accounts(written(accounts(an_account("one"), 5, {"id": 3, "tokens": {}}, an_account("four"))), NOON)  # type: ignore[arg-type]
    assert file.problems == ("account 2: it is no JSON object", 'account 3: it has no "access_token"')
    only(EarlierFile(file.credentials))


@pytest.mark.parametrize("content", [b"", b"null", b"[]", b"7", b"{", b"\xff{}", b'{"a": 1} x', b"[" * 100_000])
def test_what_is_no_object_is_refused_as_a_whole(content: bytes) -> None:
    with pytest.raises(NotJson):
        earlier_auth(content, NOON)


@pytest.mark.parametrize("value", [{"records": []}, {"format": 2}, {"installed": {}}, {"x": 1}])
def test_an_object_of_another_kind_is_refused_as_a_whole(value: object) -> None:
    with pytest.raises(NotAnEarlierFile):
        auth(value)


def test_no_problem_quotes_what_it_is_about() -> None:
    secret = "fake-secret-value-in-the-wrong-place"
    files = [
        auth({"claude": {"access_token": [secret]}, "gemini": {"access_token": f"{secret}\n"}, "tokens": secret}),
        earlier_accounts(written(accounts({"id": secret, "tokens": secret})), NOON),
    ]
    assert all(file.problems for file in files)
    assert secret not in repr(files)


# Damage

SAMPLES = [
    written(flat()),
    written(nested(OPENAI_API_KEY="sk-fake-key-1234")),
    written({**by_provider(), **nested()}),
]


@given(sample=st.sampled_from(SAMPLES), data=st.data())
def test_any_damage_is_named_or_harmless(sample: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(sample)))
    end = data.draw(st.integers(start, len(sample)))
    read_quietly(sample[:start] + data.draw(st.binary(max_size=16)) + sample[end:])


@pytest.mark.parametrize("sample", SAMPLES, ids=["flat", "nested", "all"])
def test_every_cut_is_named(sample: bytes) -> None:
    for length in range(len(sample) - 1):
        with pytest.raises(NotJson):
            earlier_auth(sample[:length], NOON)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = ["access_token", "refresh_token", "id_token", "expires_at", "account_id", "client_id", "last_refresh", "scope"]
entries = st.dictionaries(st.sampled_from(NAMES), json_values | st.just("fake-token"), max_size=6)


@pytest.mark.slow
@given(
    value=st.dictionaries(
        st.sampled_from(["chatgpt", "claude", "gemini", "tokens", "OPENAI_API_KEY", "last_refresh", *NAMES]),
        entries | json_values,
    )
)
def test_any_value_anywhere_is_named_or_taken(value: dict[str, Any]) -> None:
    read_quietly(written(value))


def read_quietly(content: bytes) -> None:
    """Every credential that comes out can be used, and no two of them spend the same token."""
    for read in (earlier_auth, earlier_accounts):
        try:
            file = read(content, NOON)
        except (NotJson, NotAnEarlierFile):
            continue
        keys = [record.key for record in file.records]
        assert len(set(keys)) == len(keys)
        sessions = [session for session in file.credentials if isinstance(session, Session)]
        spent = [(session.record.provider, tokens_of(session)[1]) for session in sessions if session.refresh_token]
        assert len(set(spent)) == len(spent)
        assert all(record.obtained_at <= NOON for record in file.records)
