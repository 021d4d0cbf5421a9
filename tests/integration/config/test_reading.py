from __future__ import annotations

import os
from pathlib import Path

import pytest
from pytest_mock import MockerFixture

from adapters.config.toml_config import TomlConfig
from application.settings import EnvKeys, KeyPreference, Looks, Settings
from domain.auth_mode import AuthMode
from domain.errors import ConfigError
from domain.model import Preset, ReasoningLevel
from domain.provider import Provider
from domain.text.key_command import KeyCommand
from tests.integration.config.conftest import Write

FULL = """
model = "claude-opus-4.1"
active_auth_provider = "Claude"
[auth]
env_keys = "fallback"
key_source = "file"
[ui]
theme = "dark"
[providers.claude]
client_id = "ana-client"
scopes = ["a", "b"]
[providers.gemini]
client_secret_file = "client_secret.json"
[presets.quick]
model = "gpt-6-luna"
[presets."Ana's best"]
model = "some-model"
provider = "Anthropic"
label = "Best"
tagline = "mine"
family = "Bests"
level = "HIGH"
aliases = ["best"]
[unknown.to.us]
kept = true
"""


def test_an_absent_file_says_nothing(config: TomlConfig) -> None:
    assert config.read() == Settings(clients=frozenset({Provider.CHATGPT}))
    assert config.provider_tables() == {}
    assert config.stamp() is None


def test_an_empty_file_says_nothing(wrote: Write) -> None:
    assert wrote("").read() == Settings(clients=frozenset({Provider.CHATGPT}))


def test_everything_in_a_full_file_is_read(wrote: Write) -> None:
    assert wrote(FULL).read() == Settings(
        model="claude-opus-4.1",
        active_auth_provider=AuthMode.CLAUDE,
        env_keys=EnvKeys.FALLBACK,
        key_source=KeyPreference.FILE,
        clients=frozenset(Provider),
        ui=Looks(theme="dark"),
        presets=(
            Preset("quick", "quick", "gpt-6-luna", Provider.CHATGPT, own=True),
            Preset(
                id="Ana's best",
                label="Best",
                model="some-model",
                provider=Provider.CLAUDE,
                tagline="mine",
                family="Bests",
                level=ReasoningLevel.HIGH,
                aliases=("best",),
                own=True,
            ),
        ),
    )


def test_provider_tables_are_given_as_they_are(wrote: Write) -> None:
    assert wrote(FULL).provider_tables() == {
        "claude": {"client_id": "ana-client", "scopes": ["a", "b"]},
        "gemini": {"client_secret_file": "client_secret.json"},
    }


def test_a_byte_order_mark_and_windows_line_ends_are_read(wrote: Write) -> None:
    assert wrote('\ufeffmodel = "gpt-5.1-low"\r\n[ui]\r\na = 1\r\n').read().model == "gpt-5.1-low"


def test_a_secret_without_an_id_makes_no_client(wrote: Write) -> None:
    store = wrote('[providers.claude]\nclient_secret_file = "x"\n[providers.gemini]\nclient_secret = "y"')
    assert store.read().clients == {Provider.CHATGPT}


@pytest.mark.parametrize("mode", [0o622, 0o660, 0o602])
def test_a_file_that_others_can_write_draws_a_notice(wrote: Write, config_path: Path, mode: int) -> None:
    store = wrote("")
    config_path.chmod(mode)
    (notice,) = store.read().notices
    assert notice == f"{config_path} can be changed by other users of this machine: chmod go-w {config_path}"


def test_a_file_that_belongs_to_somebody_else_draws_a_notice(
    wrote: Write, config_path: Path, mocker: MockerFixture
) -> None:
    store = wrote("")
    if os.geteuid() == 0:
        os.chown(config_path, 65534, -1)
    else:  # only root can give files away
        mocker.patch("os.geteuid", return_value=os.geteuid() + 1)
    (notice,) = store.read().notices
    told = f"{config_path} belongs to another user, who can change it: sudo chown {os.geteuid()} {config_path}"
    assert notice == told


def test_a_file_that_others_can_only_read_draws_none(wrote: Write, config_path: Path) -> None:
    store = wrote("")
    config_path.chmod(0o644)
    assert store.read().notices == ()


def test_where_model_and_sign_in_disagree_the_model_counts(wrote: Write) -> None:
    settings = wrote('model = "claude-opus-4.1"\nactive_auth_provider = "chatgpt"').read()
    assert settings.active_auth_provider is AuthMode.CLAUDE
    assert settings.notices == (
        "The config names claude-opus-4.1 and a ChatGPT sign-in: the model counts, and Claude OAuth goes with it.",
    )


def test_a_key_goes_with_any_model(wrote: Write) -> None:
    settings = wrote('model = "claude-opus-4.1"\nactive_auth_provider = "apikey"').read()
    assert (settings.active_auth_provider, settings.notices) == (AuthMode.APIKEY, ())


def test_whose_a_preset_of_the_file_is_comes_before_what_its_name_looks_like(wrote: Write) -> None:
    text = 'model = "gpt-x"\nactive_auth_provider = "claude"\n[presets.gpt-x]\nmodel = "m"\nprovider = "claude"'
    assert wrote(text).read().active_auth_provider is AuthMode.CLAUDE


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("model = 5", "model: expected one line of text in quotes, found the number 5"),
        ('model = ""', 'model: expected one line of text in quotes, found the text ""'),
        ('model = "a\\u001b[31m"', r'model: expected one line of text in quotes, found the text "a\x1b[31m"'),
        ("model = true", "model: expected one line of text in quotes, found true"),
        ("model = 2026-11-23", "model: expected one line of text in quotes, found a date or time"),
        ("model = []", "model: expected one line of text in quotes, found a list"),
        (
            'active_auth_provider = "calude"',
            (
                "active_auth_provider: expected one of apikey, chatgpt, claude, gemini, "
                'found the text "calude"; did you mean "claude"?'
            ),
        ),
        (
            "active_auth_provider = 1",
            "active_auth_provider: expected one of apikey, chatgpt, claude, gemini, found the number 1",
        ),
        ('auth = "file"', 'auth: expected a table, found the text "file"'),
        ("auth.env_keys = true", 'auth.env_keys: expected "ignore" or "fallback", found true'),
        (
            'auth.key_source = "keyrig"',
            (
                'auth.key_source: expected "auto", "keyring", "file" or "passphrase", '
                'found the text "keyrig"; did you mean "keyring"?'
            ),
        ),
        ("ui = 1", "ui: expected a table, found the number 1"),
        ("providers = []", "providers: expected a table, found a list"),
        ("providers.claude = 1", "providers.claude: expected a table, found the number 1"),
        (
            "[providers.cluade]",
            'providers.cluade: Unknown provider "cluade". Did you mean claude? Providers: chatgpt, claude, gemini',
        ),
        (
            "providers.claude.client_id = ['x']",
            "providers.claude.client_id: expected one line of text in quotes, found a list",
        ),
        (
            'providers.claude.key_command = "pass show anthropic"',
            (
                'providers.claude.key_command: expected a list, the program first: ["pass", "show", "anthropic"]; '
                "found a text, and no shell reads it"
            ),
        ),
        (
            "providers.claude.key_command = 1",
            (
                'providers.claude.key_command: expected a list, the program first: ["pass", "show", "anthropic"]; '
                "found something else"
            ),
        ),
        (
            "providers.claude.key_command = []",
            (
                'providers.claude.key_command: expected a list, the program first: ["pass", "show", "anthropic"]; '
                "found no program"
            ),
        ),
        (
            'providers.claude.key_command = ["pass", 1]',
            (
                'providers.claude.key_command: expected a list, the program first: ["pass", "show", "anthropic"]; '
                "each must be one line of text in quotes"
            ),
        ),
        ("presets.mine = 1", "presets.mine: expected a table, found the number 1"),
        ("[presets.mine]", "presets.mine.model: expected the id of a model, found nothing"),
        (
            '[presets."my own"]\nmodel = "llama-4"',
            'presets."my own".provider: llama-4 does not tell it; expected one of chatgpt, claude, gemini',
        ),
        (
            '[presets.mine]\nmodel = "m"\nprovider = "gemni"',
            'presets.mine.provider: Unknown provider "gemni". Did you mean gemini? Providers: chatgpt, claude, gemini',
        ),
        (
            '[presets.mine]\nmodel = "gpt-5.1"\nlevel = "hgih"',
            (
                'presets.mine.level: expected "minimal", "low", "medium", "high" or "xhigh", '
                'found the text "hgih"; did you mean "high"?'
            ),
        ),
        (
            '[presets.mine]\nmodel = "gpt-5.1"\naliases = "m"',
            'presets.mine.aliases: expected a list of texts, found the text "m"',
        ),
        (
            '[presets.mine]\nmodel = "gpt-5.1"\naliases = [1]',
            "presets.mine.aliases: expected a list of texts, found a list",
        ),
        (
            '[presets."\\u0007"]\nmodel = "gpt-5.1"',
            r'presets."\x07": expected a name of visible characters for a preset',
        ),
    ],
)
def test_a_value_that_makes_no_sense_is_named_with_what_is_expected(
    wrote: Write, config_path: Path, text: str, problem: str
) -> None:
    store = wrote(text)
    named = [notice.replace("? It is", "?. It is") for notice in store.read().notices]
    assert f"{config_path}: {problem}. It is ignored, and left as it is." in named
    store.migrate(lambda _: False)
    assert config_path.read_text() == text
    store.select("gpt-5.1-low", AuthMode.CHATGPT)
    chosen = store.read()
    assert (chosen.model, chosen.active_auth_provider) == ("gpt-5.1-low", AuthMode.CHATGPT)


KEYS = (
    "model",
    "active_auth_provider",
    "using_chatgpt_auth",
    "preferred_auth_method",
    "auth",
    "auth.env_keys",
    "auth.key_source",
    "auth.strict_renewal",
    "auth.claude_profile",
    "ui",
    "ui.theme",
    "presets",
    "presets.x",
    "presets.x.model",
    "providers",
    "providers.grok",
    "providers.grok.client_id",
    "providers.claude",
    "providers.claude.client_id",
    "something.new",
)
VALUES = ('"grok"', '""', "5", "1.5", "true", "[]", '["x"]', "{}", "{ a = 1 }", "2026-11-30", '"\\u001b"', "nan")


def test_no_value_of_another_version_stops_a_command(wrote: Write) -> None:
    for key, value in ((key, value) for key in KEYS for value in VALUES):
        store = wrote(f"{key} = {value}\n")
        store.read()
        store.provider_tables()
        store.migrate(lambda _: True)
        store.select("gpt-5.1-low", AuthMode.CHATGPT)
        assert store.read().active_auth_provider is AuthMode.CHATGPT, (key, value)


def test_a_place_for_the_master_key_that_is_not_known_is_no_reason_to_take_another(wrote: Write) -> None:
    store = wrote('[auth]\nkey_source = "tpm"\n')
    assert store.read().key_source is KeyPreference.AUTO
    with pytest.raises(ConfigError, match="key_source"):
        store.key_source()


def test_two_tables_for_one_provider_are_not_guessed_at(wrote: Write) -> None:
    store = wrote('[providers.openai]\nclient_id = "a"\n[providers.chatgpt]\nclient_id = "b"\n')
    for read in (store.read, store.provider_tables):
        with pytest.raises(ConfigError, match="same provider"):
            read()


def test_a_long_value_is_cut(wrote: Write) -> None:
    store = wrote(f'active_auth_provider = "{"a" * 500}"')
    assert f'found the text "{"a" * 59}…"' in str(store.read().notices)


def test_a_client_secret_never_shows_in_an_error(wrote: Write) -> None:
    store = wrote('[providers.gemini]\nclient_secret = "fake-secret-1"\nclient_id = 7')
    assert "client_id" in str(store.read().notices)
    assert "fake-secret-1" not in str(store.read().notices)


def test_an_edit_that_leaves_the_stamp_as_it_was_is_read_all_the_same(wrote: Write, config_path: Path) -> None:
    store = wrote('model = "claude-opus-4.1"\n[providers.claude]\nclient_id = "one"\n')
    moment, stamp = config_path.stat().st_mtime_ns, store.stamp()
    assert (store.read().model, store.provider_tables()) == ("claude-opus-4.1", {"claude": {"client_id": "one"}})
    wrote('model = "claude-opus-4.5"\n[providers.claude]\nclient_id = "two"\n')
    os.utime(config_path, ns=(moment, moment))
    assert store.stamp() == stamp
    assert (store.read().model, store.provider_tables()) == ("claude-opus-4.5", {"claude": {"client_id": "two"}})


def test_permissions_that_change_alone_are_noticed(wrote: Write, config_path: Path) -> None:
    store = wrote('model = "claude-opus-4.1"\n')
    assert store.read().notices == ()
    config_path.chmod(0o666)
    assert "can be changed by other users" in str(store.read().notices)


def test_a_command_for_a_key_is_read_only_where_nobody_else_can_write_it(
    wrote: Write, config_path: Path, tmp_path: Path
) -> None:
    tmp_path.chmod(0o700)
    store = wrote('[providers.claude]\nkey_command = ["pass", "show", "anthropic"]\n')
    command = KeyCommand(Provider.CLAUDE, ("pass", "show", "anthropic"))
    assert (store.read().key_commands, store.read().notices) == ((command,), ())

    config_path.chmod(0o620)
    found = store.read()
    assert found.key_commands == ()
    refused = f"providers.claude.key_command is not run: others can write {config_path}: chmod go-w {config_path}"
    assert refused in found.notices
    config_path.chmod(0o600)

    in_place = f"providers.claude.key_command is not run: others can put another file in the place of {config_path}"
    for mode in (0o770, 0o702):
        tmp_path.chmod(mode)
        found = store.read()
        assert (found.key_commands, found.notices) == ((), (f"{in_place}: chmod go-w {tmp_path}",))
    tmp_path.chmod(0o700)
    assert store.read().key_commands == (command,)

    elsewhere = tmp_path / "dotfiles"
    elsewhere.mkdir(mode=0o700)
    config_path.rename(elsewhere / "mine.toml")
    config_path.symlink_to(elsewhere / "mine.toml")
    assert store.read().key_commands == (command,)
    elsewhere.chmod(0o777)
    assert store.read().notices == (f"{in_place}: chmod go-w {elsewhere}",)
    elsewhere.chmod(0o1777)  # a shared folder: only its owner can put something in the place of another's file
    assert store.read().key_commands == (command,)
