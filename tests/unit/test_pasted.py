"""What may be pasted to finish a sign-in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.callback import CallbackParameters
from domain.pasted import PasteUnusable, parse_pasted
from domain.secret import Secret


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1:1455/auth/callback?code=fake-code&state=fake-state",
        "  http://127.0.0.1:1455/auth/callback?code=fake-code&state=fake-state \n",
        "http://127.0.0.1:1455/auth/call\nback?code=fake-\ncode&state=fake-state",
        "?code=fake-code&state=fake-state",
        "code=fake-code&state=fake-state",
        "fake-code#fake-state",
    ],
)
def test_an_address_a_query_or_a_code_with_its_state_is_understood(text: str) -> None:
    assert parse_pasted(Secret(text)) == {"code": "fake-code", "state": "fake-state"}


def test_a_bare_code_has_no_state() -> None:
    assert parse_pasted(Secret("fake-code")) == {"code": "fake-code"}


def test_a_refusal_is_understood() -> None:
    assert parse_pasted(Secret("http://127.0.0.1/cb?error=access_denied&state=s"))["error"] == "access_denied"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "nothing"),
        ("https://auth.example.test/authorize?code_challenge=x&state=y", "the link we sent"),
        ("https://example.test/", "no code in it"),
        ("http://[half/cb?code=x", "no address"),
        ("?code=a&code=b&state=c", "twice"),
        ("x" * 9000, "too long"),
    ],
)
def test_what_does_not_help_is_named(text: str, said: str) -> None:
    with pytest.raises(PasteUnusable, match=said):
        parse_pasted(Secret(text))


@given(st.text(max_size=300))
def test_any_text_is_parameters_or_a_sentence(text: str) -> None:
    sentence, parameters = "", CallbackParameters({})
    try:
        parameters = parse_pasted(Secret(text))
    except PasteUnusable as error:
        sentence = str(error)
    assert sentence or parameters.keys() & {"code", "error"}
