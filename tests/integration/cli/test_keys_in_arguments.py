"""A key that somebody typed as an argument is repeated nowhere: not in an error, not in a result, not in the log."""

from __future__ import annotations

import pytest

from tests.support.command import Keyswitch
from tests.support.vendor_values import MARKED

pytestmark = pytest.mark.slow

KEY = "sk-ant-api03-MADE-UP-1234"
PLACES = (
    ["KEY"],
    ["--KEY"],
    ["use", "KEY"],
    ["login", "KEY"],
    ["login", "claude", "KEY"],
    ["login", "claude", "--api-key=KEY"],
    ["login", "--account", "KEY"],
    ["login", "claude", "--profile", "KEY"],
    ["login", "--timeout", "KEY"],
    ["logout", "KEY"],
    ["ask", "--api-key", "KEY", "hi"],
    ["ask", "--api-key=KEY", "hi"],
    ["ask", "-m", "KEY", "hi"],
    ["ask", "-f", "KEY", "hi"],
    ["ask", "-m", "KEY", "--json", "hi"],
    ["accounts", "use", "claude", "KEY"],
    ["status", "--json", "KEY"],
    ["completion", "KEY"],
    ["config", "set", "KEY", "x"],
    ["config", "set", "auth.env_keys", "KEY"],
    ["config", "set", "auth.strict_renewal", "KEY"],
    ["config", "set", "providers.claude.scopes", "KEY"],
    ["config", "set", "providers.claude.token_url", "KEY"],
    ["config", "set", "providers.claude.client_id", "KEY"],
    ["config", "get", "providers.claude.client_id"],
    ["config", "get", "KEY"],
    ["config", "get"],
    ["config", "check"],
)


def test_no_command_repeats_a_key_that_it_was_given(keyswitch: Keyswitch) -> None:
    repeated = []
    for place in PLACES:
        ended = keyswitch(*(word.replace("KEY", KEY) for word in place))
        if "MADE-UP" in ended.out + ended.err or ended.code == 70:
            repeated.append((place, ended))
    assert repeated == []
    files = [path for path in keyswitch.home.rglob("*") if path.is_file() and b"MADE-UP" in path.read_bytes()]
    assert [path.name for path in files] == ["config.toml"]  # where it was put


def test_nor_one_of_any_other_vendor_or_of_no_known_form(keyswitch: Keyswitch) -> None:
    repeated = []
    for value in (*MARKED, "0123456789abcdef0123456789abcdef", "my-own-gateway-key"):
        ended = keyswitch("login", "claude", value)
        if value in ended.err or ended.code != 2:
            repeated.append((value, ended))
    assert repeated == []


def test_what_was_no_key_is_repeated_and_a_key_is_led_to_where_it_belongs(keyswitch: Keyswitch) -> None:
    assert '"frobnicate"' in keyswitch("frobnicate").err
    assert "keyswitch login claude --api-key asks for it" in keyswitch("use", KEY).err
