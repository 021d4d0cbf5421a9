"""One table says what keys and tokens look like, for every door and every filter."""

from __future__ import annotations

import pytest

from domain.provider import Provider
from domain.text.secret import Secret
from domain.text.vendor_secrets import (
    holds_secret,
    mark_of,
    mark_of_issuer,
    mark_of_scopes,
    mark_of_type,
    masked,
    masked_arguments,
)
from tests.support.earlier_files import jwt
from tests.support.vendor_values import HARMLESS, MARKED, UNMARKED


def test_the_owner_and_the_kind_of_every_form_are_told() -> None:
    for value, (provider, kind) in MARKED.items():
        mark = Secret(value).mark
        assert mark is not None, value
        assert (mark.provider, mark.kind) == (provider, kind), value
        assert mark.vendor, value


def test_what_may_be_anybodys_is_nobodys() -> None:
    assert [value for value in UNMARKED if mark_of(value)] == []


def test_every_form_is_found_in_a_text_and_masked_there() -> None:
    frames = ("{}", "because of {}, it failed", '{{"key": "{}"}}', "x={}&y=1", "({})", "--{}", "/{}", "'{}'.")
    for value in MARKED:
        for frame in frames:
            if frame == "/{}" and value.startswith(("1//", "4/0")):
                continue  # so would parts of an address look
            text = frame.format(value)
            assert holds_secret(text), text
            assert masked(text) == frame.format("****"), text


def test_a_text_without_a_key_stays_as_it_is() -> None:
    for text in HARMLESS:
        assert not holds_secret(text), text
        assert masked(text) == text
        assert masked_arguments(text) == text or "guid=" in text


def test_of_what_somebody_typed_a_long_word_of_letters_and_digits_goes_as_well() -> None:
    typed = 'Unknown command "0123456789abcdef0123456789abcdef". Did you mean ask?'
    assert masked_arguments(typed) == 'Unknown command "****". Did you mean ask?'
    assert masked(typed) == typed


@pytest.mark.parametrize(
    ("issuer", "provider"),
    [
        ("https://auth.openai.com", Provider.CHATGPT),
        ("https://auth.openai.com/", Provider.CHATGPT),
        ("https://accounts.google.com", Provider.GEMINI),
        ("accounts.google.com", Provider.GEMINI),
        ("https://platform.claude.com", Provider.CLAUDE),
        ("https://auth.openai.com.example.test", None),
        ("https://example.test/auth.openai.com", None),
        ("https://auth.openai.com@example.test", None),
        ("https://[", None),
    ],
)
def test_an_issuer_is_known_by_its_host(issuer: str, provider: Provider | None) -> None:
    mark = mark_of_issuer(issuer)
    assert mark is not None
    assert mark.provider is provider


def test_a_stand_in_on_this_machine_proves_nothing() -> None:
    assert mark_of_issuer("http://127.0.0.1:8080") is None
    assert mark_of(jwt({"iss": "http://localhost:8080/chatgpt"})) is None


def test_scopes_that_one_vendor_alone_knows_tell_whose_they_are() -> None:
    def owners(text: str) -> set[Provider | None]:
        return {mark.provider for mark in mark_of_scopes(text.split())}

    assert owners("openid profile email offline_access") == set()
    assert owners("openid chatgpt.tokens.use.direct") == {Provider.CHATGPT}
    assert owners("user:inference user:profile") == {Provider.CLAUDE}
    assert owners("https://www.googleapis.com/auth/cloud-platform openid") == {Provider.GEMINI}
    assert owners("user:inference https://www.googleapis.com/auth/x") == {Provider.CLAUDE, Provider.GEMINI}


def test_a_type_names_a_provider_somebody_else_or_nobody() -> None:
    def owner(name: str) -> Provider | str | None:
        mark = mark_of_type(name)
        return (mark.provider or "another's") if mark else None

    assert [owner(name) for name in ("claude", "Anthropic", "claude-code")] == [Provider.CLAUDE] * 3
    assert [owner(name) for name in ("codex", "OPENAI", " chatgpt ")] == [Provider.CHATGPT] * 3
    assert [owner(name) for name in ("gemini", "google", "authorized_user")] == [Provider.GEMINI] * 3
    assert [owner(name) for name in ("qwen", "github-copilot")] == ["another's"] * 2
    assert [owner(name) for name in ("", "oauth", "Bearer", "api_key")] == [None] * 4
