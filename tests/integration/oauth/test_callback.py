"""The redirect: nothing in it counts before it is known to be ours."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.oauth.callback import QueryUnusable, callback_parameters, redirected_code
from domain.errors import CallbackUnusable, SignInDeclined, SignInError
from domain.provider import Provider
from domain.text.secret import Secret

STATE = Secret("fake-state-0123456789")
ISSUER = "https://auth.example.test"


def code(parameters: dict[str, str], *, issuer: str | None = None, issuer_sent: bool = False) -> str:
    found = redirected_code(Provider.CLAUDE, parameters, state=STATE, issuer=issuer, issuer_sent=issuer_sent)
    return found.reveal()


def ours(**parameters: str) -> dict[str, str]:
    return {"state": STATE.reveal(), **parameters}


def test_a_query_is_read() -> None:
    assert callback_parameters("code=a%2Bb&state=x&scope=") == {"code": "a+b", "state": "x", "scope": ""}


@pytest.mark.parametrize(
    "query", ["code=a&code=b&state=x", "state=x&code=a&state=x", "code=" + "a" * 9000, "&".join(["a=1"] * 40), "a=%ff"]
)
def test_a_query_that_no_server_writes_is_refused(query: str) -> None:
    with pytest.raises(QueryUnusable):
        callback_parameters(query)


@given(st.text(max_size=200))
def test_any_query_is_refused_or_read_as_what_can_be_written_again(query: str) -> None:
    try:
        parameters = callback_parameters(query)
    except QueryUnusable:
        return
    assert callback_parameters(urlencode(parameters)) == parameters


def test_the_code_comes_out() -> None:
    assert code(ours(code="fake-code-1")) == "fake-code-1"


@pytest.mark.parametrize("state", ["", "fake-state", "fake-state-012345678", "ä", "\ud800"])
def test_another_state_is_another_sign_in(state: str) -> None:
    with pytest.raises(CallbackUnusable, match="another sign-in"):
        code({"state": state, "code": "fake-code-1"})


def test_a_bare_code_is_not_enough() -> None:
    with pytest.raises(CallbackUnusable, match="paste all of it"):
        code({"code": "fake-code-1"})


@pytest.mark.parametrize("parameters", [{"error": "access_denied"}, {"error": "access_denied", "state": "other"}])
def test_an_error_that_is_not_ours_ends_nothing(parameters: dict[str, str]) -> None:
    with pytest.raises(CallbackUnusable):
        code(parameters)


@pytest.mark.parametrize("issuer", ["https://auth.example.test/", "https://other.example.test", ""])
def test_the_issuer_is_compared_letter_by_letter(issuer: str) -> None:
    with pytest.raises(CallbackUnusable, match="another authorization server"):
        code(ours(code="fake-code-1", iss=issuer), issuer=ISSUER)


def test_a_server_that_promises_its_name_must_give_it() -> None:
    with pytest.raises(CallbackUnusable):
        code(ours(code="fake-code-1"), issuer=ISSUER, issuer_sent=True)
    assert code(ours(code="fake-code-1", iss=ISSUER), issuer=ISSUER, issuer_sent=True) == "fake-code-1"


def test_an_error_may_come_without_that_name_but_not_with_another() -> None:
    with pytest.raises(SignInDeclined):
        code(ours(error="access_denied"), issuer=ISSUER, issuer_sent=True)
    with pytest.raises(CallbackUnusable):
        code(ours(error="access_denied", iss="https://other.example.test"), issuer=ISSUER, issuer_sent=True)


def test_an_unknown_issuer_is_not_compared() -> None:
    assert code(ours(code="fake-code-1", iss="https://anything.example.test")) == "fake-code-1"


def test_declining_is_not_failing() -> None:
    with pytest.raises(SignInDeclined):
        code(ours(error="access_denied"))


def test_another_error_is_shown_without_what_a_terminal_obeys() -> None:
    with pytest.raises(SignInError) as caught:
        code(ours(error="server_error", error_description=f"\x1b]0;x\x07bad\u202e {STATE.reveal()} " + "y" * 500))

    shown = str(caught.value)
    assert "server_error" in shown
    assert "bad" in shown
    assert not set(shown) & {"\x1b", "\x07", "\u202e"}
    assert STATE.reveal() not in shown
    assert len(shown) < 400


def test_an_error_that_is_no_code_is_not_shown() -> None:
    with pytest.raises(SignInError) as caught:
        code(ours(error="<script>"))

    assert "script" not in str(caught.value)


@pytest.mark.parametrize("parameters", [{}, {"code": ""}, {"code": "x" * 5000}, {"code": "a\nb"}])
def test_no_code_is_no_sign_in(parameters: dict[str, str]) -> None:
    with pytest.raises(CallbackUnusable, match="without a code"):
        code(ours(**parameters))
