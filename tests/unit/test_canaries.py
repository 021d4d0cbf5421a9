"""The scan for secrets finds what it is for."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.canaries import ENCODINGS, Canaries, Hit

TOKEN = "fake-token/with+all=signs&of\"a'kind<1>~0123456789abcdef"

CHANNELS = {
    "a line": b"before %s after",
    "a terminal": b"\x1b[1;31mbefore \x1b]0;title\x07%s\x1b[0m after",
    "binary": b"\x00\xff%s\xfe\x00",
}


def scan(data: bytes) -> list[Hit]:
    canaries = Canaries()
    canaries.add("token", TOKEN)
    return canaries.found_in(data, "here")


def test_there_are_enough_encodings() -> None:
    assert len(ENCODINGS) >= 15


def test_every_encoding_is_found_on_every_channel() -> None:
    missed = [
        (channel, encoding)
        for channel, frame in CHANNELS.items()
        for encoding, encode in ENCODINGS.items()
        if not scan(frame.replace(b"%s", encode(TOKEN)))
    ]
    assert not missed


@given(st.binary(max_size=7), st.binary(max_size=7))
def test_base64_is_found_wherever_the_secret_lies_in_it(before: bytes, after: bytes) -> None:
    whole = before + TOKEN.encode() + after
    assert scan(base64.b64encode(whole))
    assert scan(base64.urlsafe_b64encode(whole))


@pytest.mark.parametrize("width", [20, 40, 80])
def test_lines_do_not_hide_it(width: int) -> None:
    text = f"some words {TOKEN} more words"
    cut = "\n".join(text[start : start + width] for start in range(0, len(text), width))
    assert scan(cut.encode())
    assert scan(cut.replace("\n", "\r\n\x1b[2K\x1b[3;1H").encode())


def test_its_end_alone_is_found_and_four_characters_are_not() -> None:
    assert {hit.encoding for hit in scan(f"…{TOKEN[-20:]}".encode())} == {"its end"}
    assert not scan(f"API key …{TOKEN[-4:]}".encode())


def test_what_is_allowed_somewhere_is_left_out_there() -> None:
    canaries = Canaries()
    canaries.add("token", TOKEN)
    canaries.add("key", "fake-key-0123456789")
    data = f"{TOKEN} fake-key-0123456789".encode()
    assert {hit.secret for hit in canaries.found_in(data, "here")} == {"token", "key"}
    assert {hit.secret for hit in canaries.found_in(data, "here", but=["key"])} == {"token"}


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_a_text_without_it_is_clean(text: str) -> None:
    assert not scan(text.encode())
