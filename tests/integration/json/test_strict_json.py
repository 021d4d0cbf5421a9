"""The one strict reader: what breaks a rule is refused as a whole, or is a flaw in its place."""

from __future__ import annotations

import pytest

from adapters.json.strict_json import Flaw, NotJson, flawed_object, json_object, json_object_at

BROKEN_VALUES = ("NaN", "Infinity", "-Infinity", "1e999", '{"b": 1, "b": 2}')
NO_OBJECTS = (
    b"", b"[]", b"1", b'"a"', b"null", b"{", b'{"a": 1', b'{"a": 1} x', b"{'a': 1}", b"\xff{}", b"[" * 100_000,
)  # fmt: skip


def read(content: bytes) -> object:
    try:
        return json_object(content)
    except NotJson as problem:
        return str(problem)


def test_an_object_is_read_as_json_has_it() -> None:
    assert json_object(' {"a": [1, 2.5, null, true, {"b": "ä\\u00e4"}]}\n'.encode()) == {
        "a": [1, 2.5, None, True, {"b": "ää"}]
    }


def test_what_is_no_whole_object_is_refused_and_not_quoted() -> None:
    refused = {"it is no whole JSON document", "it is no JSON object"}

    assert {read(content) for content in NO_OBJECTS} == refused
    for content in NO_OBJECTS:
        with pytest.raises(NotJson):
            flawed_object(content)


def test_what_two_readers_could_understand_differently_is_refused_as_a_whole() -> None:
    contents = [f'{{"good": 1, "a": {value}}}'.encode() for value in BROKEN_VALUES]

    assert {read(content) for content in (*contents, b"\xef\xbb\xbf{}")} == {"it is no whole JSON document"}


def test_the_same_is_a_flaw_in_its_place_where_only_that_value_is_lost() -> None:
    for value in (*BROKEN_VALUES[:-1], "9" * 500):
        members = flawed_object(f'\ufeff{{"good": 1, "a": {value}}}'.encode())
        assert members["good"] == 1
        assert isinstance(members["a"], Flaw)
    twice = flawed_object(b'{"a": 1, "b": 2, "a": 3}')
    assert (twice["a"], twice["b"]) == (Flaw("a member stands twice"), 2)


def test_an_object_in_the_middle_of_a_text_is_read_with_its_end() -> None:
    text = 'xx {"a": 1} {"a": 1, "a": 2}'

    assert json_object_at(text, 3) == ({"a": 1}, 11)
    with pytest.raises(NotJson):
        json_object_at(text, 12)
