"""A secret is not seen."""

from __future__ import annotations

import copy
import pickle
import traceback
from collections.abc import Callable

import pytest

from domain.secret import Secret

TOKEN = "fake-token-abcdefgh-1234"


@pytest.mark.parametrize("shown", [repr, str, "{}".format, "{!r}".format, "{:>40}".format, lambda s: f"{s}"])
def test_no_way_of_printing_shows_it(shown: Callable[[Secret], str]) -> None:
    text = shown(Secret(TOKEN))
    assert TOKEN not in text
    assert "****" in text


def test_a_traceback_shows_the_mask() -> None:
    error = ValueError(Secret(TOKEN))
    assert TOKEN not in "".join(traceback.format_exception(error))


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickle.dumps])
def test_it_is_neither_copied_nor_pickled(copied: Callable[[Secret], object]) -> None:
    with pytest.raises(TypeError, match="neither pickled nor copied"):
        copied(Secret(TOKEN))


def test_it_is_compared_by_value_and_given_out_on_request() -> None:
    assert Secret(TOKEN) == Secret(TOKEN)
    assert Secret(TOKEN) != Secret("other")
    assert Secret(TOKEN) != TOKEN
    assert hash(Secret(TOKEN)) == hash(Secret(TOKEN))
    assert Secret(TOKEN).reveal() == TOKEN
    assert not Secret("")


def test_its_hint_is_four_characters_and_nothing_for_a_short_one() -> None:
    assert Secret(TOKEN).hint == "…1234"
    assert Secret("short").hint == "…"
