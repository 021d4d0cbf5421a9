"""Random damage to the file of three sessions: detected or without effect, and never somebody else's problem."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.session_stores.key_file import KeyFile
from adapters.session_stores.sealed_file import SealedFileStore
from domain.credential import CredentialRecord
from domain.errors import KeyswitchError
from domain.provider import Provider
from domain.session import Credential
from tests.support.credentials import a_session


@dataclass(frozen=True)
class Sealed:
    """A file of three sessions, to be damaged again and again."""

    store: SealedFileStore
    path: Path
    good: bytes
    records: tuple[CredentialRecord, ...]
    lines: tuple[bytes, ...]

    def check(self, damaged: bytes) -> None:
        """What is whole loads, what is not is refused, and the file stays as it is."""
        self.path.write_bytes(damaged)
        for record, line in zip(self.records, self.lines, strict=True):
            loaded = self._loaded(record)
            whole = line in damaged
            assert loaded == a_session(record.provider) if whole else loaded in {None, a_session(record.provider)}
        assert set(self._readable()) <= set(self.records)
        assert self.path.read_bytes() == damaged

    def _loaded(self, record: CredentialRecord) -> Credential | None:
        try:
            return self.store.load(record.key)
        except KeyswitchError:
            return None

    def _readable(self) -> tuple[CredentialRecord, ...]:
        try:
            return self.store.records()
        except KeyswitchError:
            return ()


@pytest.fixture(scope="module")
def sealed() -> Iterator[Sealed]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        store = SealedFileStore(home=home, keys=KeyFile(home=home))
        for provider in Provider:
            store.save(a_session(provider))
        path = home / "auth.json"
        good = path.read_bytes()
        lines = tuple(line.rstrip(b",") for line in good.splitlines() if b'"bound"' in line)
        assert len(lines) == 3
        yield Sealed(store, path, good, store.records(), lines)


@given(data=st.data())
def test_a_flipped_bit_is_detected_or_without_effect(sealed: Sealed, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(sealed.good) - 1))
    bit = data.draw(st.integers(0, 7))
    sealed.check(sealed.good[:place] + bytes([sealed.good[place] ^ 1 << bit]) + sealed.good[place + 1 :])


@given(data=st.data())
def test_a_changed_byte_is_detected_or_without_effect(sealed: Sealed, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(sealed.good) - 1))
    byte = data.draw(st.binary(min_size=1, max_size=1))
    sealed.check(sealed.good[:place] + byte + sealed.good[place + 1 :])


@given(data=st.data())
def test_what_stands_before_a_cut_is_still_read(sealed: Sealed, data: st.DataObject) -> None:
    sealed.check(sealed.good[: data.draw(st.integers(0, len(sealed.good)))])


@given(data=st.data())
def test_a_stretch_of_noise_or_a_hole_hides_nothing_else(sealed: Sealed, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(sealed.good)))
    end = data.draw(st.integers(start, len(sealed.good)))
    sealed.check(sealed.good[:start] + data.draw(st.binary(max_size=64)) + sealed.good[end:])


def test_every_bit_of_the_file_head_and_of_one_note_is_checked(sealed: Sealed) -> None:
    """All of them, as they lie outside the seal."""
    head = range(sealed.good.index(b"\n"))
    notes = range(sealed.good.index(b'"notes"'), sealed.good.index(b'"sealed"'))
    for place in (*head, *notes):
        for bit in range(8):
            sealed.check(sealed.good[:place] + bytes([sealed.good[place] ^ 1 << bit]) + sealed.good[place + 1 :])
