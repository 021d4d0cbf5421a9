"""Random damage to the file of three sessions: detected or without effect, and never somebody else's problem."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.damaged_store import DamagedStore, damaged_store, flipped

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sealed() -> Iterator[DamagedStore]:
    with damaged_store() as store:
        yield store


@given(data=st.data())
def test_a_changed_byte_is_detected_or_without_effect(sealed: DamagedStore, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(sealed.good) - 1))
    byte = data.draw(st.binary(min_size=1, max_size=1))
    sealed.check(sealed.good[:place] + byte + sealed.good[place + 1 :])


@given(data=st.data())
def test_what_stands_before_a_cut_is_still_read(sealed: DamagedStore, data: st.DataObject) -> None:
    sealed.check(sealed.good[: data.draw(st.integers(0, len(sealed.good)))])


@given(data=st.data())
def test_a_stretch_of_noise_or_a_hole_hides_nothing_else(sealed: DamagedStore, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(sealed.good)))
    end = data.draw(st.integers(start, len(sealed.good)))
    sealed.check(sealed.good[:start] + data.draw(st.binary(max_size=64)) + sealed.good[end:])


@settings(max_examples=25)
@given(data=st.data())
def test_damage_is_no_missing_sign_in_and_comes_back_from_the_good_copy(
    sealed: DamagedStore, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(sealed.good) - 1))
    damaged = flipped(sealed.good, place, data.draw(st.integers(0, 7))) if data.draw(st.booleans()) else None
    case = sealed.good[:place] if damaged is None else damaged
    sealed.check_words(case)
    sealed.check_writing(case)
