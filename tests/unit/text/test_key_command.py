from __future__ import annotations

from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.text.key_command import KeyCommand
from tests.support.credentials import NOON


def test_a_command_is_shown_without_the_arguments_that_look_like_secrets() -> None:
    shown = {
        ("pass", "show", "anthropic"): "pass show anthropic",
        ("op", "read", "op://Private/Anthropic/credential"): "op read op://Private/Anthropic/credential",
        ("bw", "get", "password", "anthropic api"): "bw get password 'anthropic api'",
        ("security", "find-generic-password", "-s", "x", "-w"): "security find-generic-password -s x -w",
        ("secret-tool", "lookup", "service", "anthropic"): "secret-tool lookup service anthropic",
        ("echo", "sk-ant-api03-made-up-1234"): "echo ****",
        ("x", "a1b2c3d4e5f6a1b2c3d4e5f6"): "x ****",
        ("x", "--password", "hunter2"): "x --password ****",
        ("x", "--master-password=hunter two"): "x --master-password=****",
        ("x", "--session=hunter2", "get"): "x --session=**** get",
        ("env", "BW_PASSWORD=hunter2", "bw"): "env BW_PASSWORD=**** bw",
        ("sh", "-c", "x --pin 1234 | head -1"): "sh -c x --pin **** | head -1",
        ("sh", "-c", "PIN='12 34' x | head -1"): "sh -c PIN=**** x | head -1",
        ("curl", "https://ana:hunter2@keys.example.test/x"): "curl https://****@keys.example.test/x",
        ("x", "\x1b[31mred\u202e"): "x 'red'",
    }  # fmt: skip
    found = {words: KeyCommand(Provider.CLAUDE, words).shown for words in shown}
    assert {words: text for words, text in found.items() if text != shown[words]} == {}
    assert len(KeyCommand(Provider.CLAUDE, ("x", "word " * 50)).shown) == 80


def test_its_key_is_paid_for_by_its_owner_and_named_after_it() -> None:
    record = KeyCommand(Provider.CLAUDE, ("pass", "show", "anthropic")).record(NOON)
    assert record.label == "from the command `pass show anthropic`"
    assert (record.payer, record.active) == (Payer.API_BILLING, True)
    assert (record.key.by_command, record.key.is_stored) == (True, False)


def test_another_command_is_another_credential() -> None:
    commands = [
        KeyCommand(Provider.CLAUDE, ("pass", "show", "a")),
        KeyCommand(Provider.CLAUDE, ("pass", "show a")),
        KeyCommand(Provider.CLAUDE, ("pass", "show", "b")),
        KeyCommand(Provider.CHATGPT, ("pass", "show", "a")),
    ]
    assert len({command.key for command in commands}) == 4
    assert commands[0].key == KeyCommand(Provider.CLAUDE, ("pass", "show", "a")).key
