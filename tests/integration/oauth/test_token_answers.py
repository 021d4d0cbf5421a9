"""What is taken for tokens, and what is not."""

from __future__ import annotations

import json
from typing import Any

import httpx2

from adapters.oauth.token_answers import LONGEST_LIFE, TokenAnswer, tokens_in
from domain.text.secret import Secret

JSON = {"content-type": "application/json"}


def body(**members: Any) -> bytes:
    return json.dumps({"access_token": "fake-access-1", "token_type": "Bearer", **members}).encode()


def read(content: bytes, status: int = 200) -> TokenAnswer | None:
    return tokens_in(httpx2.Response(status, headers=JSON, content=content))


def good(content: bytes) -> TokenAnswer:
    answer = read(content)
    assert answer is not None
    return answer


def test_a_life_is_read_as_servers_write_it() -> None:
    lives: list[tuple[object, float | None]] = [
        (3600, 3600), ("3600", 3600), (3599.5, 3599.5), (0, 0), (-5, 0), (10**9, LONGEST_LIFE),
        (True, None), ("soon", None), ([3600], None), ({}, None), (None, None), (10**13, None), ("9" * 40, None),
    ]  # fmt: skip
    assert [(given, good(body(expires_in=given)).expires_in) for given, _ in lives] == lives


def test_an_endless_life_is_unknown() -> None:
    assert good(b'{"access_token": "fake-access-1", "expires_in": 1e999}').expires_in is None


def test_scopes_are_read_from_text_and_list_and_odd_ones_say_nothing() -> None:
    for given in ("openid email", ["openid", "email"]):
        assert good(body(scope=given)).scope == ("openid", "email")
    for odd in (None, 7, [1], {"a": 1}):
        assert good(body(scope=odd)).scope is None


def test_an_empty_refresh_token_is_none_and_nothing_odd() -> None:
    for given in (None, ""):
        answer = good(body(refresh_token=given))
        assert (answer.refresh_token, answer.oddities) == (None, ())


def test_an_odd_account_is_absent() -> None:
    for given in ("x", 7, {"uuid": 7}, {"uuid": "a\nb"}):
        answer = good(body(account=given))
        assert answer.account is None or answer.account.uuid is None


NO_TOKENS = (
    b"", b"[]", b"null", b'"token"', b"\xff\xfe", b"{", b"[" * 100_000, b'{"a":' * 100_000, b'"{"', b'"\\"{\\""',
    b'{"detail": "no"}', b'{"error": {"type": "x"}}', b'{"access_token": null}', b'{"access_token": ["a"]}',
    b'{"access_token": ""}', b'{"access_token": "a b"}', b'{"access_token": "a\\nb"}', b'{"access_token": "a\nb"}',
    '{"access_token": "ä"}'.encode(), b'{"access_token": "a\xffb"}', b'{"refresh_token": "a\\r\\nb"}',
    b'{"access_token": "fake-1", "refresh_token": "fake-r', b'<html>"refresh_token": "fake-2"</html>',
    b'{"hint": "send \'refresh_token\': \'fake-2\' again"}', b'{"hint": "\\"refresh_token\\": 7"}',
    b'{"error_description": "send \\"refresh_token\\": \\"fake-2\\" again"}', b"refresh_token=a b", b"\x1f\x8b\x00",
    b'{"refresh_token": "' + b"x" * 40_000 + b'"}',
)  # fmt: skip


def test_what_is_no_token_is_never_taken_for_one() -> None:
    assert [answer for answer in NO_TOKENS if read(answer) is not None] == []


def test_only_a_good_status_brings_tokens() -> None:
    statuses = (100, 199, 300, 302, 400, 401, 500)
    assert [status for status in statuses if read(body(refresh_token="fake-refresh-2"), status) is not None] == []


def test_a_token_of_another_type_is_told() -> None:
    bearers: dict[object, bool] = {
        "Bearer": True, "BEARER ": True, "": True, None: True, 7: True, "mac": False, "DPoP": False,
    }  # fmt: skip
    assert {given: good(body(token_type=given)).is_bearer for given in bearers} == bearers


def test_of_repeated_members_the_last_usable_one_counts_and_a_name_of_another_case_comes_second() -> None:
    twice = b'{"access_token": "fake-1", "access_token": "fake-2", "access_token": null, "Access_Token": "fake-3"}'

    answer = good(twice)

    assert answer.access_token == Secret("fake-2")
    assert answer.oddities == ("access_token more than once", "access_token spelled differently")


def test_one_damaged_byte_costs_no_refresh_token_that_it_is_not_in() -> None:
    """At every place, a byte too many, one too few, and another one; the few that are named need two to be guessed."""
    kept = {
        "access_token": "at-2",
        "refresh_token": "rt-2",
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": "chat",
    }
    whole = json.dumps(kept).encode()
    start, end = whole.index(b'"refresh_token"'), whole.index(b'rt-2"') + len(b'rt-2"')
    lost = set()
    for place in [*range(start), *range(end, len(whole))]:
        for byte in b"\x00\"',<\\]{}0\xff":
            for damaged in (whole[:place] + bytes([byte]) + whole[place + rest :] for rest in (0, 1)):
                answer = read(damaged)
                if answer is None or answer.refresh_token != Secret("rt-2"):
                    lost.add((place, chr(byte)))
        assert good(whole[:place] + whole[place + 1 :]).refresh_token == Secret("rt-2")
    assert lost <= {(0, "<"), (start - 2, "\\"), (start - 1, "\\"), (start, "\\")}
    assert all(good(whole[:cut]).refresh_token == Secret("rt-2") for cut in range(end, len(whole)))


def test_tokens_are_not_in_the_repr() -> None:
    answer = good(body(refresh_token="fake-refresh-1", id_token="fake-id-1"))

    assert "fake" not in f"{answer!r} {answer}"
