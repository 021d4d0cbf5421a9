"""Where the sessions of another program belong, as data, and what a person's config may change of it."""

from __future__ import annotations

import pytest

from adapters.providers.profile import load_profile
from adapters.providers.setting_checks import Body
from domain.errors import ConfigError
from domain.provider import Provider
from tests.support.credentials import a_record
from tests.support.earlier_files import CODEX_CLIENT

LOCAL = "http://127.0.0.1:4711"
GPT = Provider.CHATGPT


def test_an_imported_session_keeps_its_client_and_its_addresses() -> None:
    profile = load_profile(GPT, {}).of(a_record(GPT, imported=True, client_id=""))

    assert profile.client_id == CODEX_CLIENT
    assert profile.token_url == "https://auth.openai.com/oauth/token"
    assert profile.revoke_url == "https://auth.openai.com/oauth/revoke"
    assert profile.refresh_body is Body.JSON
    assert profile.api_base == "https://chatgpt.com/backend-api/codex"
    assert profile.registration is None
    assert profile.issuer is None
    assert profile.traits.rotates


def test_every_other_session_has_the_profile_of_its_provider() -> None:
    profile = load_profile(GPT, {})
    assert profile.of(a_record(GPT)) is profile
    claude = load_profile(Provider.CLAUDE, {})
    assert claude.of(a_record(Provider.CLAUDE, imported=True)) is claude


def test_no_sign_in_of_ours_has_that_client() -> None:
    profile = load_profile(GPT, {})
    assert profile.client_id is None
    assert profile.registration is not None
    assert profile.registration.client_id != CODEX_CLIENT


def test_a_config_may_put_another_server_in_the_vendors_place() -> None:
    table = {"client_id": "fake-older", "token_url": f"{LOCAL}/t", "api_base": LOCAL, "refresh_body": "form"}
    profile = load_profile(GPT, {"imported": table}).of(a_record(GPT, imported=True, client_id=""))

    assert (profile.client_id, profile.token_url, profile.api_base) == ("fake-older", f"{LOCAL}/t", LOCAL)
    assert profile.refresh_body is Body.FORM
    assert profile.revoke_url is None  # the vendor's belongs to another server


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text", "imported must be a table"),
        ({"token_url": "http://auth.example.test/t"}, "imported has a token_url that must be an https address"),
        ({"authorize_url": LOCAL}, "imported must hold no authorize_url"),
        ({"client_id": 3}, "imported has a client_id that must be a text"),
    ],
)
def test_what_makes_no_sense_is_named_with_its_key(value: object, expected: str) -> None:
    with pytest.raises(ConfigError, match=expected):
        load_profile(GPT, {"imported": value})


def test_other_providers_have_no_such_table() -> None:
    assert load_profile(Provider.CLAUDE, {"imported": {}}).notices == (
        "providers.claude.imported is not a setting of this version",
    )
