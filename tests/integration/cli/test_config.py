"""`keyswitch config`, and a master key that it moves."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.support.command import LAUNCHER, Ended, Keyswitch
from tests.support.fake_backend import FakeBackend

pytestmark = pytest.mark.slow

API_KEY = "sk-ant-api03-fake-claude-key-1234"
PASSPHRASE = "fake passphrase of ana"


@pytest.fixture
def with_key(keyswitch: Keyswitch) -> Keyswitch:
    """Somebody with a stored API key, and so a master key; on this machine no keyring is in reach."""
    keyswitch.configure(model="claude-opus-4.1", active_auth_provider="apikey")
    assert keyswitch("login", "claude", "--api-key", typed=f"{API_KEY}\n").code == 0
    return keyswitch


@pytest.fixture
def desktop(keyswitch: Keyswitch, fake_backend: FakeBackend) -> Keyswitch:
    """The same home on a machine whose keyring works."""
    return Keyswitch(keyswitch.home, fake_backend.variables(), forked=True)


def key_in(keyswitch: Keyswitch) -> str | None:
    place: str | None = keyswitch("status", "--json").document["key"]["in"]
    return place


def contents(keyswitch: Keyswitch) -> dict[str, bytes]:
    """Every file of the home but the empty ones that are locks."""
    files = (path for path in keyswitch.home.rglob("*") if path.is_file() and path.suffix != ".lock")
    return {path.name: path.read_bytes() for path in files}


def opens(keyswitch: Keyswitch, *arguments: str, typed: str = "") -> Ended:
    """Log out, which opens the record of the key to find out whether there is anything to revoke."""
    return keyswitch("logout", "claude", *arguments, typed=typed)


# Reading and writing


def test_get_prints_the_value_alone(keyswitch: Keyswitch) -> None:
    keyswitch.configure(auth={"env_keys": "fallback"}, providers={"gemini": {"client_secret": "fake-secret"}})
    assert keyswitch("config", "get", "auth.env_keys").out == "fallback\n"
    assert keyswitch("config", "get", "auth.key_source").out == "auto\n"
    assert keyswitch("config", "get", "auth.env_keys", "--json").document == {
        "schema": 1, "key": "auth.env_keys", "value": "fallback",
    }  # fmt: skip
    everything = keyswitch("config", "get")
    assert everything.lines == ["auth.env_keys = fallback", "providers.gemini.client_secret = ****"]
    assert keyswitch("config", "get", "--json").document["settings"]["auth.env_keys"] == "fallback"


def test_a_key_that_is_not_set_exits_1_and_prints_nothing(keyswitch: Keyswitch) -> None:
    ended = keyswitch("config", "get", "model")
    assert (ended.code, ended.out, ended.err) == (1, "", "")
    assert keyswitch("config", "get", "model", "--json").document["value"] is None


def test_set_changes_its_line_and_keeps_the_rest(keyswitch: Keyswitch) -> None:
    path = keyswitch.configure(auth={"env_keys": "ignore"})
    path.write_text(f"# mine\n{path.read_text('utf-8')}# the end\n", "utf-8")
    ended = keyswitch("config", "set", "auth.env_keys", "fallback")
    assert (ended.code, ended.out) == (0, "auth.env_keys = fallback\n")
    assert path.read_text("utf-8") == '# mine\n[auth]\nenv_keys = "fallback"\n# the end\n'


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (["get", "auth.keysource"], 2, "unknown_setting"),
        (["set", "auth.keysource", "file"], 2, "unknown_setting"),
        (["set", "auth.env_keys", "x"], 2, "wrong_setting"),
        (["set", "auth.key_source", "x"], 2, "wrong_setting"),
        (["set", "model", "x"], 2, "set_by_command"),
        (["set", "auth.env_keys"], 2, "usage"),
        (["set", "providers.gemini.client_secret", "fake"], 2, "usage"),
        (["chck"], 2, "usage"),
        ([], 2, "usage"),
        (["set", "auth.key_source", "passphrase"], 7, "passphrase_needed"),
        (["set", "auth.key_source", "keyring"], 7, "keyring_unusable"),
    ],
)
def test_what_cannot_be_done_is_said_in_words_and_in_json(
    arguments: list[str], code: int, error: str, with_key: Keyswitch
) -> None:
    before = contents(with_key)
    ended = with_key("config", *arguments, "--json") if arguments else with_key("config")
    assert ended.code == code
    assert f"[{error}]" in ended.err
    assert "Traceback" not in ended.err
    if arguments and arguments != ["chck"]:
        assert ended.document["error"]["code"] == error
    assert contents(with_key) == before


def test_a_secret_is_read_from_standard_input_and_not_shown(keyswitch: Keyswitch) -> None:
    ended = keyswitch("config", "set", "providers.gemini.client_secret", typed="fake-secret-of-ana\n")
    assert (ended.code, ended.out) == (0, "providers.gemini.client_secret = ****\n")
    assert "fake-secret-of-ana" in (keyswitch.home / "config.toml").read_text("utf-8")


def test_check_says_a_line_for_each_problem_and_changes_nothing(keyswitch: Keyswitch) -> None:
    path = keyswitch.configure(auth={"env_keys": "x"}, providers={"claude": {"token_url": "http://example.test"}}, z=1)
    before = path.read_bytes()
    ended = keyswitch("config", "check")
    assert ended.code == 7
    assert len(ended.lines) == 2
    assert "z is not a setting" in ended.err
    document = keyswitch("config", "check", "--json").document
    assert document["ok"] is False
    assert len(document["problems"]) == 2
    assert path.read_bytes() == before
    assert [file.name for file in keyswitch.home.iterdir()] == ["config.toml"]


def test_check_is_content_with_a_good_file(with_key: Keyswitch) -> None:
    ended = with_key("config", "check")
    assert (ended.code, ended.out) == (0, "")
    assert "makes sense" in ended.err


# Where the key is


def test_status_says_where_the_key_is_for_ever_if_it_fell_back(with_key: Keyswitch) -> None:
    document = with_key("status", "--json").document
    assert document["key"]["in"] == "file"
    assert "PYTHON_KEYRING_BACKEND" in document["key"]["fallback_because"]
    claude = next(one for one in document["providers"] if one["id"] == "claude")
    assert claude["key_in"] == "file"
    for _ in range(2):
        assert "The master key is in a key file, as PYTHON_KEYRING_BACKEND" in with_key("status").err


def test_a_key_that_fell_back_moves_into_a_keyring_that_came_later(with_key: Keyswitch, desktop: Keyswitch) -> None:
    ended = desktop("config", "set", "auth.key_source", "auto")
    assert (ended.code, ended.out) == (0, "auth.key_source = auto\n")
    assert "The master key is in the keyring (Secret Service)." in ended.err
    assert key_in(desktop) == "keyring"
    assert not (desktop.home / "master.key").exists()
    assert "in the keyring (Secret Service)" in desktop("status").err


def test_auto_leaves_the_key_where_it_is_without_a_keyring(with_key: Keyswitch) -> None:
    ended = with_key("config", "set", "auth.key_source", "auto", "--json")
    assert ended.code == 0
    assert ended.document["moved"] is False
    assert ended.document["key_in"] == "file"
    assert "PYTHON_KEYRING_BACKEND" in ended.document["stayed_because"]


def test_a_setting_that_was_changed_by_hand_moves_nothing_and_is_pointed_at(with_key: Keyswitch) -> None:
    with_key.configure(model="claude-opus-4.1", active_auth_provider="apikey", auth={"key_source": "keyring"})
    assert key_in(with_key) == "file"
    for command in (("status",), ("config", "check")):
        assert 'auth.key_source = "keyring"' in with_key(*command).err
    assert opens(with_key).code == 0


@pytest.mark.parametrize("start", ["keyring", "file", "passphrase"])
def test_the_key_goes_round_all_places_and_the_record_opens_at_the_end(start: str, desktop: Keyswitch) -> None:
    desktop.configure(model="claude-opus-4.1", active_auth_provider="apikey", auth={"key_source": "keyring"})
    assert desktop("login", "claude", "--api-key", typed=f"{API_KEY}\n").code == 0
    order = ["file", "passphrase", "keyring"]
    turned = order[order.index(start) :] + order[: order.index(start)]
    for place in turned:
        ended = desktop("config", "set", "auth.key_source", place, "--passphrase-fd", "0", typed=f"{PASSPHRASE}\n")
        assert ended.code == 0, ended.err
        assert key_in(desktop) == place
        assert desktop("config", "get", "auth.key_source").out == f"{place}\n"
    assert opens(desktop, "--passphrase-fd", "0", typed=f"{PASSPHRASE}\n").code == 0


# A passphrase


@pytest.fixture
def sealed(with_key: Keyswitch) -> Keyswitch:
    """The key under a passphrase."""
    ended = with_key("config", "set", "auth.key_source", "passphrase", "--passphrase-fd", "0", typed=f"{PASSPHRASE}\n")
    assert ended.code == 0, ended.err
    return with_key


def test_without_the_passphrase_a_script_is_told_how_to_give_it(sealed: Keyswitch) -> None:
    ended = opens(sealed)
    assert ended.code == 7
    assert "[passphrase_needed]" in ended.err
    assert "--passphrase-fd" in ended.err
    assert sealed("status", "--json").code == 0


def test_a_wrong_passphrase_opens_nothing(sealed: Keyswitch) -> None:
    ended = opens(sealed, "--passphrase-fd", "0", "--json", typed="fake passphrase of bob\n")
    assert (ended.code, ended.document["error"]["code"]) == (7, "wrong_passphrase")
    assert "bob" not in ended.out + ended.err
    assert key_in(sealed) == "passphrase"


def test_forgetting_here_alone_needs_no_passphrase(sealed: Keyswitch) -> None:
    assert opens(sealed, "--local").code == 0


def test_any_descriptor_will_do_and_only_one_line_of_it_is_taken(sealed: Keyswitch) -> None:
    read, write = os.pipe()
    os.write(write, f"{PASSPHRASE}\r\nnot for keyswitch\n".encode())
    os.close(write)
    ended = subprocess.run(
        [sys.executable, str(LAUNCHER), "logout", "claude", "--passphrase-fd", str(read)],
        env=sealed.environment(),
        pass_fds=[read],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert os.read(read, 100) == b"not for keyswitch\n"
    os.close(read)


@pytest.mark.parametrize(("typed", "descriptor"), [("", "99"), ("\udcff\n", "0")])
def test_a_descriptor_that_gives_no_passphrase_is_a_usage_error(typed: str, descriptor: str, sealed: Keyswitch) -> None:
    ended = subprocess.run(
        [sys.executable, str(LAUNCHER), "logout", "claude", "--passphrase-fd", descriptor],
        env=sealed.environment(),
        input=typed.encode(errors="surrogateescape"),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 2
    assert b"--passphrase-fd" in ended.stderr
    assert b"Traceback" not in ended.stderr


def test_a_passphrase_is_changed_by_giving_the_old_one_first(sealed: Keyswitch) -> None:
    new = "another fake passphrase"
    change = ("config", "set", "auth.key_source", "passphrase", "--passphrase-fd", "0")
    assert sealed(*change, typed=f"{new}\n{new}\n").code == 7
    assert sealed(*change, typed=f"{PASSPHRASE}\nshort\n").code == 2
    assert sealed(*change, typed=f"{PASSPHRASE}\n{new}\n").code == 0
    assert opens(sealed, "--passphrase-fd", "0", typed=f"{PASSPHRASE}\n").code == 7
    assert opens(sealed, "--passphrase-fd", "0", typed=f"{new}\n").code == 0


def test_whoever_forgot_the_passphrase_starts_anew_by_forgetting_the_sign_ins(sealed: Keyswitch) -> None:
    move = ("config", "set", "auth.key_source", "file")
    assert sealed(*move).code == 7
    assert opens(sealed, "--local").code == 0
    assert sealed(*move).code == 0
    assert sealed("login", "claude", "--api-key", typed=f"{API_KEY}\n").code == 0
    assert key_in(sealed) == "file"


def test_a_first_sign_in_under_a_passphrase_says_where_to_choose_it(keyswitch: Keyswitch) -> None:
    keyswitch.configure(auth={"key_source": "passphrase"})
    ended = keyswitch("login", "claude", "--api-key", typed=f"{API_KEY}\n")
    assert ended.code == 7
    assert "keyswitch config set auth.key_source passphrase" in ended.err
    assert not (keyswitch.home / "master-key.json").exists()


@pytest.mark.parametrize("command", ["status", "models", "use claude-opus-4.1", "accounts", "events", "config check"])
def test_what_opens_no_record_asks_for_no_passphrase(command: str, sealed: Keyswitch) -> None:
    """And derives no key: that takes a part of a second and 64 MiB."""
    ended = sealed(*command.split())
    assert ended.code == 0, ended.err
    assert "passphrase_needed" not in ended.err


def test_no_passphrase_stands_anywhere(sealed: Keyswitch) -> None:
    opens(sealed, "--passphrase-fd", "0", typed=f"{PASSPHRASE}\n")
    for name, content in contents(sealed).items():
        assert PASSPHRASE.encode() not in content, name
    assert "passphrase" not in json.dumps([event for event in sealed.events() if event["event"] != "key_moved"])
