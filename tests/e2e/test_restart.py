"""A new process finds what the last one left: model and sign-in, also from the config of an older version."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import tomlkit

from adapters.sandbox.scripted_browser import approve
from adapters.sandbox.server import Sandbox
from tests.support.command import Keyswitch

pytestmark = pytest.mark.slow

OLD = """\
# written by hand
model = "claude-haiku-4.5"      # the small one
{old}
unknown_key = [1, 2]            # of another program

[tui]
theme = "dark"
"""


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def keyswitch(tmp_path: Path, sandbox: Sandbox) -> Keyswitch:
    command = Keyswitch(tmp_path / "home", {})
    command.configure(providers=sandbox.provider_settings())
    return command


def test_a_restart_restores_model_and_sign_in(keyswitch: Keyswitch, sandbox: Sandbox) -> None:
    keyswitch.sign_in("chatgpt", approve)
    keyswitch.sign_in("claude", approve)
    assert keyswitch("use", "claude-opus-4.1").code == 0
    report = keyswitch("status", "--json").document
    assert (report["model"], report["active"]) == ("claude-opus-4.1", "claude")
    active = [row["id"] for row in keyswitch("models", "--json").document["models"] if row["active"]]
    assert active == ["claude-opus-4.1"]
    sandbox.log.clear()
    assert keyswitch("ask", "hello again").code == 0
    (chat,) = (entry for entry in sandbox.log.entries() if entry.kind == "chat")
    assert (chat.provider, chat.wire_model, chat.own_live_token) == ("claude", "claude-opus-5-5", True)


def test_a_second_sign_in_changes_no_selection(keyswitch: Keyswitch) -> None:
    keyswitch.sign_in("chatgpt", approve)
    keyswitch.sign_in("claude", approve)
    assert keyswitch("status", "--json").document["active"] == "chatgpt"


@pytest.mark.parametrize(
    ("old", "mode"),
    [
        ("using_chatgpt_auth = true", "claude"),
        ("using_chatgpt_auth = false", "apikey"),
        ('preferred_auth_method = "ApiKey"', "apikey"),
    ],
)
def test_old_keys_are_migrated_once_and_nothing_else_changes(
    keyswitch: Keyswitch, sandbox: Sandbox, old: str, mode: str
) -> None:
    path = keyswitch.home / "config.toml"
    providers = tomlkit.dumps({"providers": sandbox.provider_settings()})
    path.write_text(OLD.format(old=old) + providers, "utf-8")
    first = keyswitch("logout", "--all")
    assert first.code == 0
    assert f'active_auth_provider = "{mode}"' in first.err
    text = path.read_text("utf-8")
    assert tomllib.loads(text)["active_auth_provider"] == mode
    added = f'active_auth_provider = "{mode}"'
    before = OLD.format(old="").replace("\n\n", "\n") + providers
    assert [line for line in text.splitlines() if line and line != added] == [
        line for line in before.splitlines() if line
    ]
    again = keyswitch("logout", "--all")
    assert "active_auth_provider" not in again.err
    assert path.read_text("utf-8") == text


def test_an_old_value_that_nobody_knows_is_named_and_left(keyswitch: Keyswitch) -> None:
    path = keyswitch.home / "config.toml"
    path.write_text('preferred_auth_method = "carrier-pigeon"\n', "utf-8")
    assert keyswitch("use", "opus").code == 4
    ended = keyswitch("status")
    assert "carrier-pigeon" in ended.out + ended.err
    assert path.read_text("utf-8") == 'preferred_auth_method = "carrier-pigeon"\n'
