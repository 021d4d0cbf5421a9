"""An API key as people give it: cleaned where that leaves no doubt, else refused by a sentence that repeats nothing."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import UsageError
from domain.provider import Provider
from domain.provider_facts.secret_form import SecretKind
from domain.text.pasted_key import parse_key
from domain.text.secret import Secret
from entrypoints.words.errors import command_for
from tests.support.error_codes import with_code
from tests.support.vendor_values import MARKED

OPENAI = "sk-proj-MADE-UP-0000-1234"
OWN = {
    Provider.CHATGPT: (OPENAI, "sk-1234", "0123456789abcdef0123456789abcdef"),
    Provider.CLAUDE: ("sk-ant-api03-MADE-UP-1234", "made-up-key-of-a-gateway-1"),
    Provider.GEMINI: ("AQ.made-up-0001", "AIzaSyMADE-UP_0000"),
}
VARIABLE = {Provider.CHATGPT: "OPENAI_API_KEY", Provider.CLAUDE: "ANTHROPIC_API_KEY", Provider.GEMINI: "GEMINI_API_KEY"}
WRAPPED = (
    "{}",
    "  {}\t",
    "{}\n",
    "{}\r\n",
    "\ufeff{}",
    "\ufeff{}\r\n",
    "\u00a0{}\u00a0",
    "\u200b{}\u200b",
    "{}\u2028",
    "\n\n{}\n\n",
    '"{}"',
    "'{}'",
    "`{}`",
    "\u201c{}\u201d",
    "\u2018{}\u2019",
    "\u00ab{}\u00bb",
    "<{}>",
    ' "{}" ',
    '"{}",',
    "'{}';",
    '"\u200b{}\u2060"',
    "Bearer {}",
    "bearer  {}",
    "Authorization: Bearer {}",
    '-H "Authorization: Bearer {}"',
    "x-api-key: {}",
    "x-goog-api-key:{}",
    "export VARIABLE={}",
    "export VARIABLE='{}'",
    "VARIABLE={}",
    'VARIABLE = "{}"',
    "set VARIABLE={}",
    '$env:VARIABLE = "{}"',
    '"api_key": "{}",',
    "api_key: {}",
    "API key: {}",
    "key={}",
    "# made by ana\nexport VARIABLE={}\n",
    "\x1b[200~{}\x1b[201~",
    "\u202a{}\u202c",
    "{}\x00",
    "to\u200bken {}".replace("to\u200bken", "Token"),
)
"""How a key arrives; VARIABLE stands for the one of its provider."""

DOUBTFUL = (
    "",
    " ",
    "\n\n",
    "ab",
    "x",
    "hello",
    "password",
    "claude",
    "no thanks",
    "Please store my key, it is the one of last week",
    f"{OPENAI}\n{OPENAI}2",
    f"{OPENAI[:12]}\n{OPENAI[12:]}",
    f"{OPENAI[:12]} {OPENAI[12:]}",
    f"{OPENAI[:12]}\u00a0{OPENAI[12:]}",
    f'"{OPENAI}',
    f"{OPENAI}'",
    f"{OPENAI}\u2013x",
    "sk-proj-\u043a\u043b\u044e\u0447-0000-1234",
    "sk-…1234",
    "sk-proj-****1234",
    "sk-proj-made...",
    "$OPENAI_API_KEY",
    "${OPENAI_API_KEY}",
    "https://platform.openai.com/api-keys",
    "ana@example.test",
    "{}",
    "[]",
    "null",
    f'{{"key": "{OPENAI}"}}',
    "x" * 5000,
    f"{OPENAI}|{OPENAI}",
    "OPENAI_API_KEY=",
    "export",
    "Bearer",
    "Bearer ",
)


@pytest.mark.parametrize("provider", Provider)
def test_what_surrounds_a_key_is_taken_away(provider: Provider) -> None:
    for key, wrapped in product(OWN[provider], WRAPPED):
        given = wrapped.replace("VARIABLE", VARIABLE[provider]).format(key)
        assert parse_key(Secret(given), provider) == Secret(key), given


@pytest.mark.parametrize("provider", Provider)
def test_what_leaves_a_doubt_is_refused_and_not_repeated(provider: Provider) -> None:
    for text in DOUBTFUL:
        with pytest.raises(UsageError) as refused:
            parse_key(Secret(text), provider)
        sentence = str(refused.value)
        assert "Nothing was changed" in sentence or "neither stored nor sent" in sentence, text
        assert "MADE-UP" not in sentence, text


@pytest.mark.parametrize("provider", Provider)
def test_a_value_that_tells_whose_it_is_goes_nowhere_else(provider: Provider) -> None:
    for (value, (owner, kind)), wrapped in product(
        MARKED.items(), ("{}", '"{}"\r\n', "Bearer {}", "export VARIABLE={}")
    ):
        text = Secret(wrapped.replace("VARIABLE", VARIABLE[provider]).format(value))
        if (owner, kind) == (provider, SecretKind.API_KEY):
            assert parse_key(text, provider) == Secret(value)
            continue
        with pytest.raises(UsageError) as refused:
            parse_key(text, provider)
        assert value not in str(refused.value)
        if owner is not None and kind is SecretKind.API_KEY:
            assert (refused.value.code, refused.value.provider) == ("key_of_another", owner)
            assert command_for(refused.value) == f"keyswitch login {owner} --api-key"


def test_a_variable_of_another_vendor_says_whose_a_key_without_a_mark_is() -> None:
    with pytest.raises(UsageError, check=with_code("key_of_another"), match="belongs to Claude"):
        parse_key(Secret("export ANTHROPIC_API_KEY=made-up-0000-1234"), Provider.CHATGPT)


@given(st.text(max_size=60), st.sampled_from(Provider))
def test_whatever_comes_out_can_be_sent(text: str, provider: Provider) -> None:
    try:
        key = parse_key(Secret(text), provider)
    except UsageError:
        return
    assert key.sendable
    assert parse_key(key, provider) == key
