"""What every place that keeps the master key promises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import suppress

from adapters.master_key.key import KeyHolder, MasterKey, key_id
from domain.errors import StoreLocked

KEY, OTHER = MasterKey(b"k" * 32), MasterKey(b"o" * 32)


class KeyHolderContract(ABC):
    @abstractmethod
    def make_holder(self) -> KeyHolder:
        """The place, as a new process finds it. The return type is the static half of the contract."""

    def test_what_it_keeps_it_gives_back_to_another_process(self) -> None:
        note = self.make_holder().keep(KEY)
        assert self.make_holder().fetch(note) == KEY

    def test_it_says_which_key_it_keeps_and_not_the_key(self) -> None:
        note = self.make_holder().keep(KEY)
        assert note.key == key_id(KEY)
        assert "kkkk" not in repr(note)

    def test_nothing_is_there_that_was_not_put_there(self) -> None:
        assert self.make_holder().fetch(None) is None

    def test_a_key_can_be_kept_twice(self) -> None:
        self.make_holder().keep(KEY)
        note = self.make_holder().keep(KEY)
        assert self.make_holder().fetch(note) == KEY

    def test_another_key_never_takes_its_place(self) -> None:
        note = self.make_holder().keep(KEY)
        with suppress(StoreLocked):  # a place that holds one at a time refuses
            self.make_holder().keep(OTHER)
        assert self.make_holder().fetch(note) == KEY


class RemovingContract(KeyHolderContract):
    """Of the places that are apart from the note."""

    def test_what_is_removed_is_gone(self) -> None:
        note = self.make_holder().keep(KEY)
        self.make_holder().remove(note)
        assert self.make_holder().fetch(note) is None
        self.make_holder().remove(note)

    def test_removing_another_key_removes_nothing(self) -> None:
        note = self.make_holder().keep(KEY)
        other = type(note)(note.place, key_id(OTHER), backend=note.backend)
        self.make_holder().remove(other)
        assert self.make_holder().fetch(note) == KEY
