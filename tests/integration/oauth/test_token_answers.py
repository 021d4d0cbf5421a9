"""What is taken for tokens, and what is not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.oauth.token_answers import LONGEST_LIFE, AnswerUnusable, read_token_answer, rescued_refresh_token
from domain.secret import Secret


def body(**members: Any) -> bytes:
    return json.dumps({"access_token": "fake-access-1", "token_type": "Bearer", **members}).encode()


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        (3600, 3600), ("3600", 3600), (3599.5, 3599.5), (0, 0), (-5, 0), (10**9, LONGEST_LIFE),
        (True, None), ("soon", None), ([3600], None), ({}, None), (None, None), (10**13, None), ("9" * 40, None),
    ],
)  # fmt: skip
def test_a_life_is_read_as_servers_write_it(given: object, seconds: float | None) -> None:
    assert read_token_answer(body(expires_in=given)).expires_in == seconds


def test_an_endless_life_is_unknown() -> None:
    assert read_token_answer(b'{"access_token": "fake-access-1", "expires_in": 1e999}').expires_in is None


@pytest.mark.parametrize("given", ["openid email", ["openid", "email"]])
def test_scopes_are_read_from_text_and_list(given: object) -> None:
    assert read_token_answer(body(scope=given)).scope == ("openid", "email")


@pytest.mark.parametrize("given", [None, 7, [1], {"a": 1}])
def test_odd_scopes_say_nothing(given: object) -> None:
    assert read_token_answer(body(scope=given)).scope is None


@pytest.mark.parametrize("given", [None, ""])
def test_an_empty_refresh_token_is_none(given: object) -> None:
    assert read_token_answer(body(refresh_token=given)).refresh_token is None


@pytest.mark.parametrize("given", ["x", 7, {"uuid": 7}, {"uuid": "a\nb"}])
def test_an_odd_account_is_absent(given: object) -> None:
    answer = read_token_answer(body(account=given))

    assert answer.account is None or answer.account.uuid is None


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"[]", b"null", b'"token"', b"\xff\xfe", b"{", b"[" * 100_000,
        b'{"detail": "no"}', b'{"error": {"type": "x"}}', b'{"access_token": null}', b'{"access_token": ["a"]}',
        b'{"access_token": ""}', b'{"access_token": "a b"}', b'{"access_token": "a\\nb"}',
        '{"access_token": "ä"}'.encode(), b'{"access_token": "fake-1", "expires_in": ' + b"9" * 5000 + b"}",
        b'{"access_token": "fake-1", "access_token": "fake-2"}', b'{"access_token": "fake-1", "x": NaN}',
        b'{"access_token": "fake-1", "token_type": "mac"}', b'{"access_token": "fake-1", "token_type": 7}',
        b'{"access_token": "fake-1", "refresh_token": "a\\r\\nb"}',
    ],
)  # fmt: skip
def test_what_is_no_token_answer_is_refused_without_a_word_of_it(answer: bytes) -> None:
    with pytest.raises(AnswerUnusable) as caught:
        read_token_answer(answer)

    assert "fake" not in f"{caught.value!r}"
    assert caught.value.__suppress_context__


def test_tokens_are_not_in_the_repr() -> None:
    answer = read_token_answer(body(refresh_token="fake-refresh-1", id_token="fake-id-1"))

    assert "fake" not in f"{answer!r} {answer}"


def test_a_new_refresh_token_is_saved_whatever_else_is_wrong() -> None:
    assert rescued_refresh_token(b'{"refresh_token": "fake-refresh-2"}') == Secret("fake-refresh-2")


@pytest.mark.parametrize("answer", [b"", b"{}", b'{"refresh_token": "a b"}', b'{"refresh_token": 7}'])
def test_what_is_no_refresh_token_is_not(answer: bytes) -> None:
    assert rescued_refresh_token(answer) is None
