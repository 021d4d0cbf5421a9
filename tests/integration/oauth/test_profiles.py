"""What a provider is, and what a person's config may change of it."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from adapters.providers.profile import ConfiguredProfiles, Tables, load_profile
from adapters.providers.setting_checks import CHECKS, Body
from domain.errors import ConfigError
from domain.provider import Provider
from tests.support.odd_files import NO_FILE, Oddity, Place, link, oversized, random_bytes

LOCAL = "http://127.0.0.1:4711"
DESKTOP = {"installed": {"client_id": "fake-file-client", "client_secret": "fake-file-secret", "project_id": "p-1"}}


def test_only_chatgpt_has_a_sign_in_without_a_client_of_ones_own() -> None:
    assert [provider for provider in Provider if load_profile(provider, {}).has_client] == [Provider.CHATGPT]


@pytest.mark.parametrize("provider", Provider)
def test_every_default_address_is_https(provider: Provider) -> None:
    profile = load_profile(provider, {})

    addresses = [profile.authorize_url, profile.token_url, profile.revoke_url, profile.issuer, profile.api_base]
    assert all(address.startswith("https://") for address in addresses if address)


def test_every_key_of_a_table_reaches_the_profile() -> None:
    table: dict[str, object] = {
        "client_id": "fake-client", "client_secret": "fake-secret-1", "authorize_url": f"{LOCAL}/a",
        "token_url": f"{LOCAL}/t", "revoke_url": f"{LOCAL}/r", "device_authorization_url": f"{LOCAL}/d",
        "issuer": LOCAL, "scopes": ["chat"], "authorize_params": {"audience": "x"}, "redirect_host": "::1",
        "code_page": "https://login.example.test/code",
    "redirect_path": "/back", "redirect_ports": [1457, 0], "token_body": "json", "refresh_body": "json",
        "quota_project": "p-2", "api_base": f"{LOCAL}/v1",
    }  # fmt: skip
    assert table.keys() | {"client_secret_file", "imported"} == CHECKS.keys()

    profile = load_profile(Provider.CLAUDE, table)

    lists = {"scopes": ("chat",), "redirect_ports": (1457, 0), "token_body": Body.JSON, "refresh_body": Body.JSON}
    for key, value in {**table, **lists}.items():
        if key != "client_secret":
            assert getattr(profile, key) == value, key
    assert profile.client_secret is not None
    assert profile.client_secret.reveal() == "fake-secret-1"
    assert "fake-secret-1" not in repr(profile)


WRONG_KIND: tuple[tuple[str, object, str], ...] = (
    ("client_id", 7, "a text of one line"),
    ("client_id", "", "a text of one line"),
    ("client_secret", ["fake-secret-1"], "a text of one line"),
    ("authorize_url", "http://auth.example.test/a", "https"),
    ("token_url", "ftp://127.0.0.1/t", "https"),
    ("token_url", "https://ana:pw@auth.example.test/t", "https"),
    ("token_url", "https://127.0.0.1.example.test:0/t", "https"),
    ("token_url", "http://localhost.example.test/t", "https"),
    ("revoke_url", "https://", "https"),
    ("api_base", "https://[::1", "https"),
    ("issuer", 1, "https"),
    ("quota_project", "pr\u00f6ject", "goes into a header"),
    ("quota_project", "a b", "goes into a header"),
    ("quota_project", "a\r\nb", "goes into a header"),
    ("quota_project", "\x7f", "goes into a header"),
    ("scopes", "openid email", "list of words"),
    ("scopes", ["openid email"], "list of words"),
    ("authorize_params", {"prompt": 1}, "table of texts"),
    ("authorize_params", {"state": "x"}, "leave state to keyswitch"),
    ("redirect_host", "0.0.0.0", "127.0.0.1"),
    ("redirect_path", "callback", "a path"),
    ("redirect_path", "/go/x", "other than /go/"),
    ("redirect_ports", [], "port numbers"),
    ("redirect_ports", [True], "port numbers"),
    ("redirect_ports", [70_000], "port numbers"),
    ("token_body", "xml", '"form" or "json"'),
    ("client_secret_file", "/nowhere/client.json", "cannot be read"),
)


def test_a_value_of_the_wrong_kind_is_named_with_what_is_expected(subtests: pytest.Subtests) -> None:
    for key, value, expected in WRONG_KIND:
        with subtests.test(f"{key} = {value!r}"):
            with pytest.raises(ConfigError) as caught:
                load_profile(Provider.CLAUDE, {key: value})
            assert f"providers.claude.{key}" in str(caught.value)
            assert expected in str(caught.value)
            assert "fake-secret-1" not in str(caught.value)


def test_another_server_takes_nothing_along_from_the_vendor() -> None:
    profile = load_profile(Provider.GEMINI, {"authorize_url": f"{LOCAL}/a", "token_url": f"{LOCAL}/t"})
    assert (profile.revoke_url, profile.issuer) == (None, None)

    discovered = load_profile(Provider.CHATGPT, {"issuer": LOCAL})
    assert (discovered.authorize_url, discovered.token_url) == (None, None)


def test_another_server_is_assumed_to_spend_refresh_tokens() -> None:
    assert not load_profile(Provider.GEMINI, {}).traits.rotates
    assert load_profile(Provider.GEMINI, {"token_url": f"{LOCAL}/t"}).traits.rotates


def test_a_client_of_ones_own_turns_self_registration_off() -> None:
    profile = load_profile(Provider.CHATGPT, {"client_id": "fake-client"})

    assert profile.registration is None
    assert (profile.required_scopes, profile.plan_scope) == ((), "")
    assert profile.scopes == ("openid", "profile", "email", "offline_access")


def test_googles_client_file_gives_client_and_project(tmp_path: Path) -> None:
    path = tmp_path / "client_secret.json"
    path.write_text(json.dumps(DESKTOP))

    profile = load_profile(Provider.GEMINI, {"client_secret_file": str(path)})

    assert (profile.client_id, profile.quota_project) == ("fake-file-client", "p-1")
    assert profile.client_secret is not None
    assert profile.client_secret.reveal() == "fake-file-secret"


def test_a_relative_path_counts_from_the_config_and_never_from_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = tmp_path / "home", tmp_path / "downloaded-project"
    for folder, name in ((ours, "fake-ours"), (theirs, "fake-theirs")):
        folder.mkdir()
        (folder / "client.json").write_text(json.dumps({"installed": {"client_id": name}}), "utf-8")
    monkeypatch.chdir(theirs)
    table = {"client_secret_file": "client.json"}
    assert load_profile(Provider.GEMINI, table, folder=ours).client_id == "fake-ours"
    with pytest.raises(ConfigError, match="cannot be read"):
        load_profile(Provider.GEMINI, table)


def test_a_secret_from_the_file_does_not_go_with_another_client(tmp_path: Path) -> None:
    path = tmp_path / "client_secret.json"
    path.write_text(json.dumps(DESKTOP))

    profile = load_profile(Provider.GEMINI, {"client_secret_file": str(path), "client_id": "fake-other"})

    assert profile.client_id == "fake-other"
    assert profile.client_secret is None


@pytest.mark.parametrize("oddity", [*NO_FILE, oversized, random_bytes], ids=lambda oddity: oddity.__name__)
def test_something_odd_in_the_place_of_a_client_file_is_refused_at_once(tmp_path: Path, oddity: Oddity) -> None:
    place = Place(tmp_path / "client_secret.json", tmp_path, b"", random.Random(1))
    if oddity is link:  # which may lead to the file, if one is there
        place.path.symlink_to("/dev/null")
    else:
        oddity(place)

    with pytest.raises(ConfigError, match="cannot be read"):
        load_profile(Provider.GEMINI, {"client_secret_file": str(place.path)})


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ('{"web": {"client_id": "x"}}', "Desktop app"),
        ('{"installed": {}}', "without"),
        ('{"installed": "x"}', "without"),
        ("[]", "without"),
        ("no json", "cannot be read"),
        ("[" * 100_000, "cannot be read"),
    ],
)
def test_a_client_file_of_the_wrong_kind_is_refused(tmp_path: Path, document: str, expected: str) -> None:
    path = tmp_path / "client_secret.json"
    path.write_text(document)

    with pytest.raises(ConfigError, match=expected):
        load_profile(Provider.GEMINI, {"client_secret_file": str(path)})


def test_a_slip_in_a_key_is_pointed_out() -> None:
    (notice,) = load_profile(Provider.CLAUDE, {"tokn_url": "x"}).notices

    assert "did you mean token_url?" in notice


@pytest.mark.parametrize("host", ["claude.ai", "claude.com"])
def test_signing_in_with_a_claude_plan_is_warned_about(host: str) -> None:
    (notice,) = load_profile(Provider.CLAUDE, {"authorize_url": f"https://{host}/oauth/authorize"}).notices

    assert "Anthropic limits" in notice


def test_the_console_and_googles_own_scopes_are_not_warned_about() -> None:
    assert load_profile(Provider.CLAUDE, {"client_id": "fake-client"}).notices == ()
    assert load_profile(Provider.GEMINI, {"client_id": "fake-client"}).notices == ()


def test_a_scope_that_google_refuses_is_warned_about() -> None:
    scope = "https://www.googleapis.com/auth/generative-language"

    (notice,) = load_profile(Provider.GEMINI, {"scopes": [scope]}).notices

    assert "invalid_scope" in notice


def test_the_client_of_another_program_is_refused() -> None:
    with pytest.raises(ConfigError, match="under another program's name"):
        load_profile(Provider.CHATGPT, {"client_id": "app_EMoamEEZ73f0CkXaXp7hrann"})


def test_a_profile_is_checked_once_until_the_config_changes(tmp_path: Path) -> None:
    tables: list[Tables] = [{"claude": {"client_id": "fake-first"}}]
    profiles = ConfiguredProfiles(tables=lambda: tables[-1], folder=tmp_path)
    first = profiles(Provider.CLAUDE)
    assert profiles(Provider.CLAUDE) is first
    tables.append({"claude": {"client_id": "fake-second"}})
    assert (first.client_id, profiles(Provider.CLAUDE).client_id) == ("fake-first", "fake-second")
    tables.append({"claude": {"client_id": 7}})
    for _ in range(2):
        with pytest.raises(ConfigError, match="client_id"):
            profiles(Provider.CLAUDE)


def test_a_client_file_is_read_anew_though_the_config_stays_the_same(tmp_path: Path) -> None:
    tables = {"gemini": {"client_secret_file": "client.json"}}
    profiles = ConfiguredProfiles(tables=lambda: tables, folder=tmp_path)
    for name in ("fake-first", "fake-other"):
        (tmp_path / "client.json").write_text(json.dumps({"installed": {"client_id": name}}), "utf-8")
        assert profiles(Provider.GEMINI).client_id == name
