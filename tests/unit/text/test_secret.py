"""A secret is not seen."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import io
import json
import logging
import pickle
import pprint
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticSerializationError
from rich.console import Console
from rich.traceback import Traceback

from domain.provider import Provider
from domain.sign_in.callback import CallbackParameters
from domain.text.secret import Secret, SecretBytes
from tests.support.credentials import a_session

TOKEN = "fake-token-abcdefgh-1234"


@dataclasses.dataclass(frozen=True)
class Holder:
    token: Secret


class Model(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    token: Secret


def old_style(secret: Secret) -> str:
    return "%s %r %20s" % (secret, secret, secret)  # noqa: UP031 - the way of logging


def logged(secret: Secret) -> str:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    for message, arguments in (("%s %r", (secret, secret)), ({"token": secret}, ())):
        handler.handle(logging.LogRecord("test", logging.DEBUG, "here", 1, message, arguments, None))
    return stream.getvalue()


def rich_traceback(secret: Secret) -> str:
    """What Textual would draw: every local variable of every frame."""
    console = Console(file=io.StringIO(), record=True, width=200)

    def fails() -> None:
        held, listed = Holder(secret), [secret]
        raise KeyError(secret, held, listed)

    with pytest.raises(KeyError) as caught:
        fails()
    console.print(Traceback.from_exception(caught.type, caught.value, caught.tb, show_locals=True))
    return console.export_text()


SHOWN: dict[str, Callable[[Secret], str]] = {
    "repr": repr,
    "str": str,
    "format": "{}".format,
    "format of the repr": "{!r}".format,
    "format with a width": "{:>40}".format,
    "f-string": lambda secret: f"{secret}",
    "f-string with a width": lambda secret: f"{secret:^30}{secret!s}{secret!r}{secret!a}",
    "percent": old_style,
    "a log": logged,
    "a list": lambda secret: str([secret, (secret,), {secret: secret}]),
    "pprint": lambda secret: pprint.pformat({"token": secret}),
    "a dataclass": lambda secret: f"{Holder(secret)} {pprint.pformat(Holder(secret))}",
    "a model": lambda secret: f"{Model(token=secret)!r} {Model(token=secret)}",
    "a traceback": lambda secret: "".join(traceback.format_exception(ValueError(secret))),
    "a traceback with local variables": rich_traceback,
    "a session": lambda secret: repr(dataclasses.replace(a_session(Provider.CLAUDE), access_token=secret)),
}


@pytest.mark.parametrize("shown", SHOWN.values(), ids=SHOWN)
def test_no_way_of_printing_shows_it(shown: Callable[[Secret], str]) -> None:
    text = shown(Secret(TOKEN))
    assert TOKEN not in text
    assert "****" in text


@pytest.mark.parametrize("shown", SHOWN.values(), ids=SHOWN)
def test_these_ways_show_what_is_no_secret(shown: Callable[[Any], str]) -> None:
    """The control. What is typed as a secret takes nothing else, so those two are shown by their error."""
    try:
        text = shown(TOKEN)
    except ValueError as error:
        text = str(error)
    assert TOKEN in text


COPIED: dict[str, Callable[[Secret], object]] = {
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": pickle.dumps,
    "pickle of old": lambda secret: pickle.dumps(secret, protocol=0),
    "its state": lambda secret: secret.__getstate__(),
    "asdict": lambda secret: dataclasses.asdict(Holder(secret)),
    "vars": vars,
    "json": json.dumps,
    "json of a member": lambda secret: json.dumps({"token": secret}),
    "json of a key": lambda secret: json.dumps({secret: 1}),
    "a join": lambda secret: "".join([secret]),  # type: ignore[list-item]
    "a sum": lambda secret: "token=" + secret,  # type: ignore[operator]
    "bytes": bytes,  # type: ignore[dict-item]
    "an iteration": list,  # type: ignore[dict-item]
}


@pytest.mark.parametrize("copied", COPIED.values(), ids=COPIED)
def test_no_copy_is_made_of_it(copied: Callable[[Secret], object]) -> None:
    with pytest.raises(TypeError) as caught:
        copied(Secret(TOKEN))
    assert TOKEN not in str(caught.value)


def test_a_model_does_not_write_it_as_json() -> None:
    with pytest.raises(PydanticSerializationError) as caught:
        Model(token=Secret(TOKEN)).model_dump_json()
    assert TOKEN not in str(caught.value)


def test_json_with_a_fallback_writes_the_mask() -> None:
    assert json.dumps({"token": Secret(TOKEN)}, default=str) == '{"token": "****"}'


def test_only_one_attribute_and_one_method_hold_it() -> None:
    secret = Secret(TOKEN)
    holding = [name for name, value in inspect.getmembers(secret) if value == TOKEN]
    assert holding == ["_value"]


def test_a_key_in_bytes_hides_itself_as_well() -> None:
    value = TOKEN.encode()
    key = SecretBytes(value)
    assert f"{key} {key!r} {[key]}" == "**** SecretBytes(****) [SecretBytes(****)]"
    assert key.reveal() == value
    assert key == SecretBytes(value)
    assert key != SecretBytes(b"other")
    assert key != value
    assert hash(key) == hash(SecretBytes(value))
    for copied in (copy.copy, copy.deepcopy, pickle.dumps, json.dumps):
        with pytest.raises(TypeError):
            copied(key)


def test_nobody_can_derive_a_talkative_class() -> None:
    assert getattr(Secret, "__final__", False)


def test_it_is_compared_by_value_and_given_out_on_request() -> None:
    assert Secret(TOKEN) == Secret(TOKEN)
    assert Secret(TOKEN) != Secret("other")
    assert Secret(TOKEN) != TOKEN
    assert Secret(TOKEN).matches(TOKEN)
    assert not Secret(TOKEN).matches(TOKEN[:-1])
    assert hash(Secret(TOKEN)) == hash(Secret(TOKEN))
    assert Secret(TOKEN).reveal() == TOKEN
    assert Secret(f" {TOKEN}\n").stripped() == Secret(TOKEN)
    assert not Secret("")


def test_its_hint_is_four_characters_and_nothing_for_a_short_one() -> None:
    assert Secret(TOKEN).hint == "…1234"
    assert Secret("short").hint == "…"


@pytest.mark.parametrize(
    ("value", "sendable"),
    [(TOKEN, True), ("!~", True), ("", False), ("a b", False), ("a\r\nb", False), ("é", False), ("a\x7f", False)],
)
def test_only_one_word_of_visible_ascii_can_be_sent(value: str, *, sendable: bool) -> None:
    assert Secret(value).sendable is sendable


@given(
    st.text(min_size=6, max_size=40),
    st.sampled_from(["{}", "before {} after", "{0}{0}", "url?code={}&x=1"]),
    st.sampled_from(["plain", "quoted", "plus"]),
)
def test_it_is_masked_in_a_text_that_repeats_it(value: str, frame: str, how: str) -> None:
    from urllib.parse import quote, quote_plus

    value = value.encode("utf-8", "replace").decode()
    form = {"plain": value, "quoted": quote(value, safe=""), "plus": quote_plus(value)}[how]
    text = Secret(value).masked_in(frame.format(form))
    assert text == frame.format("****")


GAPS = [
    "\n",
    "\r\n  ",
    " ",
    "\u00a0",
    "\u200b",
    "\u00ad",
    "\u2060",
    "\ufeff",
    "\u034f",
    "\ufe0f",
    "\u202e",
    "\x07",
    "\\n",
    "\\u200b",
]


def test_it_is_masked_whatever_stands_inside_it_that_nobody_sees() -> None:
    for gap in GAPS:
        for place in range(1, len(TOKEN)):
            broken = TOKEN[:place] + gap + TOKEN[place:]
            assert Secret(TOKEN).masked_in(f"before {broken} after") == "before **** after", (gap, place)
        everywhere = gap.join(TOKEN)
        assert Secret(TOKEN).masked_in(f"{everywhere}, and {TOKEN}.") == "****, and ****.", gap


def test_a_text_that_does_not_repeat_it_stays_as_it_is() -> None:
    for text in (TOKEN[:-1], f"{TOKEN[:10]}...{TOKEN[10:]}", "a\\nb \u200b c", "\n\n", ""):
        assert Secret(TOKEN).masked_in(text) == text


def test_a_short_one_is_left_in_a_text() -> None:
    assert Secret("code").masked_in("the code was refused") == "the code was refused"


def test_parameters_of_a_redirect_show_their_names_alone() -> None:
    parameters = CallbackParameters({"code": TOKEN, "state": "fake-state"})
    assert repr(parameters) == str(parameters) == f"{parameters}" == "CallbackParameters(code, state)"
    assert parameters == {"code": TOKEN, "state": "fake-state"}
    assert parameters["code"] == TOKEN
    for copied in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="neither pickled nor copied"):
            copied(parameters)


def test_four_characters_in_a_row_hint_at_a_secret() -> None:
    secret = Secret("sk-made-up-9876")

    assert secret.hinted_in("Incorrect API key provided: ****9876")
    assert not secret.hinted_in("OAuth token has expired (876)")
