from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.config.toml_edit import TomlText
from application.settings import EnvKeys
from domain.auth_mode import AuthMode
from domain.provider import Provider
from tests.integration.config.conftest import Write
from tests.integration.config.test_editing import toml_texts

EnvKeyPresent = Callable[[Provider], bool]


def nowhere(provider: Provider) -> bool:
    return False


def only_openai(provider: Provider) -> bool:
    return provider is Provider.CHATGPT


OLD_AND_NEW = [
    ("using_chatgpt_auth = true", AuthMode.CHATGPT),
    ("using_chatgpt_auth = false", AuthMode.APIKEY),
    ('preferred_auth_method = "chatgpt"', AuthMode.CHATGPT),
    ('preferred_auth_method = "ApiKey"', AuthMode.APIKEY),
    ('preferred_auth_method = " CHATGPT "', AuthMode.CHATGPT),
    ('using_chatgpt_auth = true\npreferred_auth_method = "chatgpt"', AuthMode.CHATGPT),
    ('using_chatgpt_auth = false\npreferred_auth_method = "chatgpt"', AuthMode.APIKEY),
]


@pytest.mark.parametrize(("text", "mode"), OLD_AND_NEW)
def test_old_keys_are_understood_before_they_are_replaced(
    wrote: Write, config_path: Path, text: str, mode: AuthMode
) -> None:
    assert wrote(text).read().active_auth_provider is mode
    assert config_path.read_text() == text


@pytest.mark.parametrize(("text", "mode"), OLD_AND_NEW)
def test_old_keys_are_replaced_by_what_they_mean(wrote: Write, config_path: Path, text: str, mode: AuthMode) -> None:
    store = wrote(f"{text}\n")
    sentences = store.migrate(nowhere)
    assert config_path.read_text() == f'active_auth_provider = "{mode}"\n'
    assert sentences[0].startswith(f'The config now has active_auth_provider = "{mode}" in place of ')
    assert store.read().active_auth_provider is mode


def test_a_second_migration_says_and_does_nothing(wrote: Write) -> None:
    store = wrote("using_chatgpt_auth = true\n")
    store.migrate(nowhere)
    before = store.stamp()
    assert store.migrate(nowhere) == ()
    assert store.stamp() == before


@pytest.mark.parametrize("text", ["", 'model = "gpt-5"\n[profiles.a]\nusing_chatgpt_auth = true\n'])
def test_a_file_without_old_keys_at_its_top_is_left_alone(wrote: Write, config_path: Path, text: str) -> None:
    store = wrote(text)
    assert store.migrate(nowhere) == ()
    assert config_path.read_text() == text
    assert store.read().active_auth_provider is None


def test_an_absent_file_stays_absent(wrote: Write, config_path: Path) -> None:
    store = wrote("")
    config_path.unlink()
    assert store.migrate(nowhere) == ()
    assert not config_path.exists()


def test_keys_that_disagree_are_said(wrote: Write) -> None:
    sentences = wrote('preferred_auth_method = "apikey"\nusing_chatgpt_auth = true\n').migrate(nowhere)
    assert sentences == (
        'The config now has active_auth_provider = "chatgpt" in place of using_chatgpt_auth and preferred_auth_method.',
        (
            "using_chatgpt_auth and preferred_auth_method disagreed: using_chatgpt_auth counts, "
            "since it said what was in use."
        ),
    )


def test_an_existing_new_key_wins_and_the_old_one_goes(wrote: Write, config_path: Path) -> None:
    store = wrote('using_chatgpt_auth = true\nactive_auth_provider = "gemini"\n')
    assert store.read().active_auth_provider is AuthMode.GEMINI
    assert store.migrate(nowhere) == (
        "using_chatgpt_auth went from the config: active_auth_provider is set and counts.",
    )
    assert config_path.read_text() == 'active_auth_provider = "gemini"\n'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            'preferred_auth_method = "oauth"',
            'preferred_auth_method: expected "chatgpt" or "apikey", found the text "oauth"',
        ),
        ("preferred_auth_method = 1", 'preferred_auth_method: expected "chatgpt" or "apikey", found the number 1'),
        ('using_chatgpt_auth = "yes"', 'using_chatgpt_auth: expected true or false, found the text "yes"'),
        (
            'using_chatgpt_auth = true\npreferred_auth_method = "claude"',
            'preferred_auth_method: expected "chatgpt" or "apikey", found the text "claude"',
        ),
    ],
)
def test_an_unknown_old_value_is_named_and_the_file_left_alone(
    wrote: Write, config_path: Path, text: str, problem: str
) -> None:
    store = wrote(text)
    assert f"{config_path}: {problem}. It is ignored, and left as it is." in store.read().notices
    assert store.migrate(nowhere) == ()
    assert config_path.read_text() == text


def test_an_unknown_old_value_beside_a_new_key_is_named_and_harmless(wrote: Write, config_path: Path) -> None:
    text = 'preferred_auth_method = "oauth"\nactive_auth_provider = "claude"\n'
    store = wrote(text)
    assert store.migrate(nowhere) == ()
    settings = store.read()
    assert settings.active_auth_provider is AuthMode.CLAUDE
    assert settings.notices == (
        f"{config_path}: preferred_auth_method is out of date and ignored; active_auth_provider is set.",
    )
    assert config_path.read_text() == text


def test_where_model_and_provider_disagree_the_model_wins_and_that_is_said_once(
    wrote: Write, config_path: Path
) -> None:
    store = wrote('model = "claude-opus-4.1"\nusing_chatgpt_auth = true\n')
    assert store.migrate(nowhere) == (
        'The config now has active_auth_provider = "claude" in place of using_chatgpt_auth.',
        "The config names claude-opus-4.1 and a ChatGPT sign-in: the model counts, and Claude OAuth goes with it.",
    )
    assert store.read().notices == ()
    assert tomllib.loads(config_path.read_text()) == {"model": "claude-opus-4.1", "active_auth_provider": "claude"}


# Keys in the environment


@pytest.mark.parametrize("model", ["", 'model = "gpt-5.1-low"\n'])
def test_a_user_of_an_environment_key_may_go_on_using_it_and_is_told(
    wrote: Write, config_path: Path, model: str
) -> None:
    store = wrote(f"{model}using_chatgpt_auth = false\n")
    sentences = store.migrate(only_openai)
    assert sentences[-1] == (
        'Your ChatGPT API key is in the environment alone, so the config now allows that: auth.env_keys = "fallback".'
    )
    assert store.read().env_keys is EnvKeys.FALLBACK
    assert tomllib.loads(config_path.read_text())["auth"] == {"env_keys": "fallback"}


@pytest.mark.parametrize(
    ("text", "present"),
    [
        ("using_chatgpt_auth = false\n", nowhere),
        ("using_chatgpt_auth = true\n", only_openai),
        ('model = "claude-opus-4.1"\nusing_chatgpt_auth = false\n', only_openai),
        ('using_chatgpt_auth = false\n[auth]\nenv_keys = "ignore"\n', only_openai),
        ('using_chatgpt_auth = false\nactive_auth_provider = "apikey"\n', only_openai),
    ],
    ids=["no-key", "chatgpt", "of-another-provider", "already-decided", "new-key-set"],
)
def test_nobody_else_starts_to_use_environment_keys(wrote: Write, text: str, present: EnvKeyPresent) -> None:
    store = wrote(text)
    store.migrate(present)
    assert store.read().env_keys is EnvKeys.IGNORE


# Nothing else changes


def test_the_remark_behind_an_old_key_goes_to_the_new_one(wrote: Write, config_path: Path) -> None:
    wrote("# Ana's\n\nusing_chatgpt_auth = true # plan\nz = 1 # kept\n").migrate(nowhere)
    assert config_path.read_text() == '# Ana\'s\n\nactive_auth_provider = "chatgpt"  # plan\nz = 1 # kept\n'


@given(
    before=toml_texts(),
    old=st.sampled_from(
        ["using_chatgpt_auth = true\n", "using_chatgpt_auth=false\n", "using_chatgpt_auth   =  true\n"]
    ),
)
def test_nothing_else_in_any_file_changes_by_a_byte(before: str, old: str) -> None:
    edited = TomlText(f"{old}{before}")
    edited.edit({("active_auth_provider",): "chatgpt"}, drop=("using_chatgpt_auth",))
    line = 'active_auth_provider = "chatgpt"\n'
    start = edited.text.index(line)
    rest = edited.text[:start] + edited.text[start + len(line) :]
    assert rest in (before, before[:start] + "\n" + before[start:])


@pytest.mark.slow
@given(before=toml_texts(), remark=st.sampled_from(["", "  # plan"]))
def test_an_old_key_that_only_goes_leaves_the_rest_as_it_was(before: str, remark: str) -> None:
    text = f'active_auth_provider = "claude"\nusing_chatgpt_auth = true{remark}\n{before}'
    edited = TomlText(text)
    edited.edit({}, drop=("using_chatgpt_auth",))
    assert edited.text == f'active_auth_provider = "claude"\n{before}'
