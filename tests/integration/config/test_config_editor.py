"""The config key by key: read, set where it makes sense, and looked over as a whole."""

from __future__ import annotations

import inspect
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.catalogue.builtin import load_catalogue
from adapters.config import settings_reader
from adapters.config.config_editor import TomlConfigEditor
from adapters.config.known_keys import known_names
from adapters.config.toml_config import TomlConfig
from application.ports.config_editor import ConfigEditor
from domain.errors import ConfigError, UnknownName, UsageError
from tests.support.error_codes import with_code

TEXT = """\
# Ana's settings
model = "gpt-5.1-medium" # today's
active_auth_provider = "chatgpt"
later = 1

[auth]
# why
env_keys = "fallback" # since Monday

[ui]
theme = "light"
wide = true

[providers.gemini]
client_id = "fake-client"
client_secret = "fake-secret-of-ana"
scopes = ["a", "b"]

[presets."my-4.1"]
model = "claude-opus-4-1"
provider = "claude"
"""


Write = Callable[[str | bytes], Path]


@pytest.fixture
def write(config_path: Path) -> Write:
    """Write the file as a person's editor does."""

    def write(text: str | bytes) -> Path:
        config_path.write_bytes(text.encode() if isinstance(text, str) else text)
        config_path.chmod(0o600)
        return config_path

    return write


@pytest.fixture
def editor(tmp_path: Path) -> ConfigEditor:
    return TomlConfigEditor(config=TomlConfig(home=tmp_path), catalogue=load_catalogue())


# Reading


def test_a_key_says_what_stands_there_or_its_default(editor: ConfigEditor, write: Write) -> None:
    write(TEXT)
    values = {
        "model": "gpt-5.1-medium",
        "auth.env_keys": "fallback",
        "auth.key_source": "auto",
        "auth.claude_profile": None,
        "ui.theme": "light",
        "providers.gemini.scopes": '["a", "b"]',
        "providers.claude.scopes": None,
        'presets."my-4.1".provider': "claude",
        "providers.gemini.client_secret": "****",
    }
    assert {key: editor.get(key) for key in values} == values


def test_everything_that_is_set_is_listed_and_no_secret_with_it(editor: ConfigEditor, write: Write) -> None:
    write(TEXT)
    entries = dict(editor.entries())
    assert entries["ui.wide"] == "true"
    assert entries["later"] == "1"
    assert entries['presets."my-4.1".model'] == "claude-opus-4-1"
    assert entries["providers.gemini.client_secret"] == "****"
    assert "fake-secret" not in str(entries)


def test_without_a_file_there_are_defaults_alone(editor: ConfigEditor) -> None:
    assert editor.entries() == ()
    assert editor.get("auth.env_keys") == "ignore"
    assert editor.remarks() == ()


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("auth.keysource", "auth.key_source"),
        ("auth.env_key", "auth.env_keys"),
        ("providers.claude.scope", "providers.claude.scopes"),
        ("provider.claude.scopes", "providers.claude.scopes"),
    ],
)
def test_a_slip_in_a_key_is_met_with_the_nearest(key: str, meant: str, editor: ConfigEditor) -> None:
    for use in (editor.get, editor.takes_secret, lambda name: editor.set(name, "x")):
        with pytest.raises(UnknownName, check=with_code("unknown_setting"), match=f"Did you mean {meant}"):
            use(key)


def test_what_is_no_key_is_refused(editor: ConfigEditor, subtests: pytest.Subtests) -> None:
    for key in ("", " ", "a b", "a =", "model = 1\nx", "=", "'", "a.", "[a]", "providers.claude", "é"):
        with subtests.test(key), pytest.raises(UnknownName, check=with_code("unknown_setting")):
            editor.get(key)


def test_every_known_key_can_be_read(editor: ConfigEditor, write: Write) -> None:
    write(TEXT)
    said = {name: editor.get(name.replace("NAME", '"my-4.1"')) for name in known_names()}
    assert len(said) > 60
    assert {name for name, value in said.items() if value == "****"} == {"providers.gemini.client_secret"}


def test_every_key_that_is_read_is_known() -> None:
    """The list is not written by hand twice: what the reader takes from `[auth]` must be in it."""
    read = re.findall(
        r'(?:auth|section\("auth"\))\.(?:choice|flag|text|texts)\("(\w+)"', inspect.getsource(settings_reader)
    )
    assert len(read) >= 4
    assert {f"auth.{name}" for name in read} <= set(known_names())


# Setting


@pytest.mark.parametrize(
    ("key", "value", "before", "after"),
    [
        ("auth.env_keys", "ignore", 'env_keys = "fallback" # since Monday', 'env_keys = "ignore" # since Monday'),
        ("ui.theme", "dark", 'theme = "light"', 'theme = "dark"'),
        ("auth.strict_renewal", "true", "[auth]\n", "[auth]\nstrict_renewal = true\n"),
        ("providers.gemini.scopes", '["c"]', 'scopes = ["a", "b"]', 'scopes = ["c"]'),
        ('presets."my-4.1".label', "Mine", '[presets."my-4.1"]\n', '[presets."my-4.1"]\nlabel = "Mine"\n'),
        (
            "providers.gemini.quota_project",
            "p-1",
            "[providers.gemini]\n",
            '[providers.gemini]\nquota_project = "p-1"\n',
        ),
        (
            "providers.gemini.authorize_params",
            '{ prompt = "consent" }',
            "[providers.gemini]\n",
            '[providers.gemini]\nauthorize_params = {prompt = "consent"}\n',
        ),
    ],
)
def test_a_value_is_set_and_nothing_else_is_changed(
    key: str, value: str, before: str, after: str, editor: ConfigEditor, write: Write
) -> None:
    path = write(TEXT)
    editor.set(key, value)
    assert path.read_text("utf-8") == TEXT.replace(before, after)


def test_a_key_of_a_table_that_is_not_there_gets_one(editor: ConfigEditor, write: Write) -> None:
    path = write(TEXT)
    editor.set("providers.claude.redirect_ports", "[54545, 0]")
    assert path.read_text("utf-8") == f"{TEXT}\n[providers.claude]\nredirect_ports = [54545, 0]\n"
    assert editor.get("providers.claude.redirect_ports") == "[54545, 0]"


@pytest.mark.parametrize(
    "text",
    [
        'providers = { gemini = { client_id = "x" } }\n',
        'providers.gemini.client_id = "x"\n',
        '[providers]\ngemini = { client_id = "x" }\n',
        '[providers]\ngemini.client_id = "x"\n',
        "[ providers . gemini ] # mine\n",
        '["providers"."gemini"]\n',
        "[providers.gemini]",
        "",
    ],
)
def test_however_a_table_is_written_a_key_finds_its_place(text: str, editor: ConfigEditor, write: Write) -> None:
    path = write(text)
    before = tomllib.loads(text).get("providers", {}).get("gemini", {})
    editor.set("providers.gemini.quota_project", "p-1")
    assert tomllib.loads(path.read_text("utf-8"))["providers"]["gemini"] == {**before, "quota_project": "p-1"}


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("auth.env_keys", "falback", 'expected "ignore" or "fallback".*did you mean "fallback"'),
        ("auth.key_source", "disk", "expected"),
        ("auth.strict_renewal", "yes", "true or false"),
        ("auth.claude_profile", " ", "one line of text"),
        ("providers.claude.token_url", "http://example.test/token", "https"),
        ("providers.claude.scopes", "a b", "list or a table"),
        ("providers.claude.scopes", '"a"', "list of words"),
        ("providers.claude.redirect_ports", "[70000]", "port"),
        ("providers.claude.scopes", "[" * 5000, "list or a table"),
        ("presets.new.label", "Mine", "expected the id of a model"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_and_the_file_left(
    key: str, value: str, words: str, editor: ConfigEditor, write: Write
) -> None:
    path = write(TEXT)
    with pytest.raises(UsageError, check=with_code("wrong_setting"), match=words):
        editor.set(key, value)
    assert path.read_text("utf-8") == TEXT


@pytest.mark.parametrize("key", ["model", "active_auth_provider"])
def test_what_goes_together_is_not_set_alone(key: str, editor: ConfigEditor, write: Write) -> None:
    path = write(TEXT)
    with pytest.raises(UsageError, check=with_code("set_by_command"), match="together"):
        editor.set(key, "claude")
    assert path.read_text("utf-8") == TEXT


def test_what_was_wrong_before_keeps_no_other_value_from_being_set(editor: ConfigEditor, write: Write) -> None:
    path = write('active_auth_provider = "grok"\n[auth]\nenv_keys = "x"\n')
    editor.set("ui.theme", "dark")
    with pytest.raises(UsageError, check=with_code("wrong_setting"), match="env_keys"):
        editor.set("auth.env_keys", "y")
    editor.set("auth.env_keys", "fallback")
    assert path.read_text() == 'active_auth_provider = "grok"\n[auth]\nenv_keys = "fallback"\n\n[ui]\ntheme = "dark"\n'


@pytest.mark.parametrize("text", ["= 1", "\xff"])
def test_a_file_that_makes_no_sense_is_no_fault_of_the_value(text: str, editor: ConfigEditor, write: Write) -> None:
    path = write(text.encode("latin-1"))
    with pytest.raises(ConfigError):
        editor.set("ui.theme", "dark")
    assert path.read_bytes() == text.encode("latin-1")


# Looking it over


def test_a_good_file_has_no_problem_and_its_odd_keys_are_noted(editor: ConfigEditor, write: Write) -> None:
    write(TEXT)
    remarks = editor.remarks()
    assert [remark for remark in remarks if remark.is_problem] == []
    assert [remark.sentence for remark in remarks] == ["later is not a setting of this version"]


def test_every_problem_is_told_and_none_hides_another(editor: ConfigEditor, write: Write) -> None:
    write(
        """\
model = 7
active_auth_provider = "nobody"

[auth]
env_keys = "x"
key_source = "keyrign"
keysource = "file"

[ui]

[presets.one]
label = "no model"

[presets.two]
model = "claude-opus-4-1"
level = "endless"

[providers.claude]
token_url = "http://example.test"

[providers.gemini]
scopes = "a"

[providers.grok]
"""
    )
    remarks = editor.remarks()
    problems = [remark.sentence for remark in remarks if remark.is_problem]
    for words in ("model: expected", "active_auth_provider", "auth.env_keys", "presets.one.model", "presets.two.level",
                  "providers.claude.token_url", "providers.gemini.scopes", "providers.grok"):  # fmt: skip
        assert [sentence for sentence in problems if sentence.startswith(words)], f"{words} is not among {problems}"
    assert len(problems) == len(set(problems))
    assert not [sentence for sentence in problems if "\n" in sentence]
    assert "auth.keysource is not a setting of this version; did you mean auth.key_source?" in [
        remark.sentence for remark in remarks if not remark.is_problem
    ]


@pytest.mark.parametrize("text", ["= 1", "model = 1\nmodel = 2\n", "presets = 1\n", "providers = []\n", "auth = 3\n"])
def test_a_file_that_cannot_be_read_is_one_problem(text: str, editor: ConfigEditor, write: Write) -> None:
    write(text)
    remarks = editor.remarks()
    assert [remark.is_problem for remark in remarks] == [True]


def test_a_model_that_does_not_exist_is_a_problem(editor: ConfigEditor, write: Write) -> None:
    write('model = "grok-9"\n')
    (remark,) = editor.remarks()
    assert remark.is_problem
    assert remark.sentence.startswith("model: Unknown model")


def test_a_file_that_others_may_change_is_noted(editor: ConfigEditor, write: Write) -> None:
    write(TEXT).chmod(0o666)
    assert [remark for remark in editor.remarks() if "other users" in remark.sentence and not remark.is_problem]


def test_looking_changes_nothing(editor: ConfigEditor, write: Write) -> None:
    path = write("using_chatgpt_auth = true\n")
    editor.remarks()
    editor.entries()
    assert path.read_text("utf-8") == "using_chatgpt_auth = true\n"
