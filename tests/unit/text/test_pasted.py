"""What may be pasted to finish a sign-in."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.sign_in.callback import CallbackParameters
from domain.text.pasted import Pastes, PasteUnusable, parse_pasted
from domain.text.secret import Secret

HERE = "http://127.0.0.1:1455/auth/callback"
RIGHT = f"{HERE}?code=fake-code&state=fake-state"
WHOLE = {"code": "fake-code", "state": "fake-state"}


def read(text: str, redirect_uri: str = HERE) -> CallbackParameters:
    return parse_pasted(Secret(text), redirect_uri=redirect_uri)


COPIES = {
    "as it is": RIGHT,
    "blanks around it": f"  {RIGHT} \n",
    "broken over lines": "http://127.0.0.1:1455/auth/call\nback?code=fake-\ncode&state=fake-state",
    "broken and indented": "http://127.0.0.1:1455/auth/callback?code=fake-c\r\n    ode&state=fake-\u2028state",
    "without the scheme": RIGHT.removeprefix("http://"),
    "capitals in scheme and host": RIGHT.replace("http", "HTTP"),
    "a query": "?code=fake-code&state=fake-state",
    "a bare query": "code=fake-code&state=fake-state",
    "a code with its state": "fake-code#fake-state",
    "a broken code with its state": "fake-\n  code#fake-state",
    "angle brackets": f"<{RIGHT}>",
    "quotes": f'"{RIGHT}"',
    "typographic quotes": f"„{RIGHT}“",
    "quotes around the code": "“fake-code#fake-state”",
    "a link of Markdown": f"[here]({RIGHT})",
    "a sentence": f"It ended on {RIGHT}, what now?",
    "a sentence on lines of its own": f"It ended on this address:\n{RIGHT} and nothing happened.",
    "two copies": f"{RIGHT}\n{RIGHT}",
    "the link we sent before it": f"https://auth.example.test/?code_challenge=x&to={quote(HERE, '')}\n {RIGHT}",
    "bracketed paste": f"\x1b[200~{RIGHT}\x1b[201~",
    "what is left of bracketed paste": f"[200~{RIGHT}[201~",
    "colours": f"\x1b[1;34m{RIGHT}\x1b[0m",
    "a link of the terminal": f"\x1b]8;;{RIGHT}\x1b\\{RIGHT}\x1b]8;;\x1b\\",
    "an escape sequence inside": RIGHT.replace("fake-code", "fake\x1b[K-code"),
    "a byte order mark": f"\ufeff{RIGHT}",
    "marks that show nothing": "\u200b".join(RIGHT),
    "soft hyphens": RIGHT.replace("-", "\u00ad-"),
    "an order from right to left": f"\u202e{RIGHT}\u202c",
    "variation selectors": RIGHT.replace("f", "f\ufe0f\U000e0101"),
    "combining marks": RIGHT.replace("c", "c\u034f\u0301"),
    "controls": RIGHT.replace("-", "\x00-\x7f"),
    "entities of HTML": RIGHT.replace("&", "&amp;"),
    "escaped": quote(RIGHT, safe=""),
    "escaped twice": quote(quote(RIGHT, safe=""), safe=""),
    "a fragment": f"{RIGHT}#_=_",
    "an issuer with an address in it": f"{HERE}?iss=https://auth.example.test&code=fake-code&state=fake-state",
    "no-break spaces": f"\u00a0{RIGHT}\u00a0",
}


def test_whatever_a_copy_brings_along_is_left_out() -> None:
    wrong = {}
    for name, text in COPIES.items():
        try:
            found = {key: value for key, value in read(text).items() if key != "iss"}
        except PasteUnusable as error:
            wrong[name] = str(error)
        else:
            if found != WHOLE:
                wrong[name] = str(found)
    assert wrong == {}


def test_a_bare_code_has_no_state() -> None:
    assert read("fake-code") == {"code": "fake-code"}


def test_a_code_that_a_page_shows_may_be_pasted_with_the_address_of_the_page() -> None:
    page = "https://login.example.test/oauth/code/callback"
    assert read(f"{page}?code=fake-code&state=fake-state", page) == WHOLE
    assert read("fake-code#fake-state", page) == WHOLE


def test_a_refusal_is_understood() -> None:
    assert read(f"{HERE}?error=access_denied&state=s")["error"] == "access_denied"


UNUSABLE = {
    "": "nothing", " \u200b\ufeff\x1b[0m ": "nothing",
    "https://auth.example.test/authorize?code_challenge=x&state=y": "the link we sent",
    "https://example.test/": "another address",
    RIGHT.replace("http:", "https:"): "another address",
    RIGHT.replace("127.0.0.1", "evil.example"): "another address",
    RIGHT.replace("127.0.0.1", "127.0.0.1.evil.example"): "another address",
    RIGHT.replace("127.0.0.1", "ana@127.0.0.1"): "another address",
    RIGHT.replace("127.0.0.1", "localhost"): "another address",
    RIGHT.replace("1455", "14550"): "another address",
    RIGHT.replace("/auth/callback", "/auth/callback/x"): "another address",
    RIGHT.replace("/auth/callback", "/AUTH/callback"): "another address",
    f"https://evil.example/{RIGHT.removeprefix('http://')}": "another address",
    f"https://evil.example/?to={RIGHT}": "another address",
    f"https://evil.example/?to={quote(RIGHT, safe='')}": "another address",
    HERE: "another address", f"{HERE}?": "no code", f"{HERE}?state=s": "no code",
    f"{HERE}?code=a&code=b&state=c": "twice", "?code=a&code=b&state=c": "twice",
    f"{HERE}?state=s&code=half another": "where the code in it ends",
    f"{HERE}?code=a&{'&'.join(f'p{number}=1' for number in range(40))}": "no address that",
    "half another#state": "nothing else", "the code is abc": "nothing else", "?code=ab cd&state=s": "nothing else",
    "codé#state": "nothing else", "x" * 9000: "too long",
}  # fmt: skip


def test_what_does_not_help_is_named() -> None:
    wrong = {}
    for text, said in UNUSABLE.items():
        try:
            wrong[text] = str(read(text))
        except PasteUnusable as error:
            if said not in str(error):
                wrong[text] = str(error)
    assert wrong == {}


@pytest.mark.parametrize(
    "pieces",
    [
        (f"{HERE}?code=fake-", "code&state=fake-state"), (f"{HERE}?code=fake-code&sta", "te=fake-", "state"),
        ("http://127.0.0.1:1455/auth/", "callback?code=fake-code&state=fake-state"),
        ("nonsense that was pasted before", f"{HERE}?code=fake-code&", "state=fake-state"),
    ],
)  # fmt: skip
def test_what_comes_in_pieces_is_put_together(pieces: tuple[str, ...]) -> None:
    pastes = Pastes(redirect_uri=HERE)
    found: list[dict[str, str]] = []
    for piece in pieces:
        try:
            found.append(dict(pastes.read(Secret(piece))))
        except PasteUnusable:
            found.append({})
    assert found[-1] == WHOLE


def test_a_whole_address_counts_for_itself_whatever_came_before() -> None:
    pastes = Pastes(redirect_uri=HERE)
    pastes.read(Secret(f"{HERE}?code=old&state=old"))
    assert pastes.read(Secret(RIGHT)) == WHOLE


@given(st.text(max_size=300))
def test_any_text_is_parameters_or_a_sentence(text: str) -> None:
    sentence, parameters = "", CallbackParameters({})
    try:
        parameters = read(text)
    except PasteUnusable as error:
        sentence = str(error)
    assert sentence or parameters.keys() & {"code", "error"}


UNSEEN = st.text(st.sampled_from("\u200b\u200e\u202e\u2066\ufeff\u00ad\ufe0f\u0301\x00\x08\x7f\x9c"), max_size=3)


@given(st.lists(UNSEEN, min_size=len(RIGHT), max_size=len(RIGHT)), st.sets(st.integers(1, len(RIGHT) - 1), max_size=4))
def test_no_sign_that_shows_nothing_and_no_line_break_changes_what_was_copied(
    unseen: list[str], breaks: set[int]
) -> None:
    text = "".join(
        ("\r\n  " if place in breaks else "") + sign + between
        for place, (sign, between) in enumerate(zip(RIGHT, unseen, strict=True))
    )
    assert read(text) == WHOLE
