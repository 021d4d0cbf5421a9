"""Providers, auth modes, suggestions."""

from __future__ import annotations

import json
import tomllib

import pytest

from domain.auth_mode import AuthMode
from domain.errors import UnknownName
from domain.names import parse_auth_mode, parse_provider
from domain.provider import Provider
from tests.support.error_codes import with_code


@pytest.mark.parametrize("mode", AuthMode)
def test_a_mode_survives_json_and_toml(mode: AuthMode) -> None:
    assert parse_auth_mode(json.loads(json.dumps({"mode": mode}))["mode"]) is mode
    assert parse_auth_mode(tomllib.loads(f'mode = "{mode}"')["mode"]) is mode


@pytest.mark.parametrize(
    ("written", "mode"), [("ApiKey", AuthMode.APIKEY), (" CLAUDE ", AuthMode.CLAUDE), ("gemini", AuthMode.GEMINI)]
)
def test_a_mode_is_read_whatever_its_case(written: str, mode: AuthMode) -> None:
    assert parse_auth_mode(written) is mode


def test_an_unknown_mode_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownName, check=with_code("unknown_auth_mode")) as caught:
        parse_auth_mode("chatgtp")
    assert str(caught.value) == (
        'Unknown sign-in "chatgtp". Did you mean chatgpt? Known: apikey, chatgpt, claude, gemini.'
    )


@pytest.mark.parametrize("value", [None, 3, True, ["claude"], {"a": 1}])
def test_a_mode_that_is_no_string_is_refused(value: object) -> None:
    with pytest.raises(UnknownName, check=with_code("unknown_auth_mode")):
        parse_auth_mode(value)


def test_an_unknown_provider_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownName, check=with_code("unknown_provider")) as caught:
        parse_provider("claud")
    assert str(caught.value) == 'Unknown provider "claud". Did you mean claude? Providers: chatgpt, claude, gemini.'


def test_nothing_is_suggested_for_what_resembles_nothing() -> None:
    with pytest.raises(UnknownName, check=with_code("unknown_provider")) as caught:
        parse_provider("mistral")
    assert caught.value.suggestion is None
    assert "Did you mean" not in str(caught.value)


@pytest.mark.parametrize(
    ("written", "provider"),
    [
        ("ChatGPT", Provider.CHATGPT),
        ("openai", Provider.CHATGPT),
        ("Anthropic", Provider.CLAUDE),
        ("google ", Provider.GEMINI),
    ],
)
def test_a_vendor_name_means_its_provider(written: str, provider: Provider) -> None:
    assert parse_provider(written) is provider


@pytest.mark.parametrize("provider", Provider)
def test_every_provider_has_an_oauth_mode_that_leads_back_to_it(provider: Provider) -> None:
    assert AuthMode.oauth(provider).provider is provider
    assert AuthMode.APIKEY.provider is None
