"""What every store of drafts promises."""

from __future__ import annotations

from abc import ABC, abstractmethod

from application.ports.writing.draft_store import DraftStore
from domain.text.written import Written

DRAFT = Written("Grüße 👋\nfolded", ((8, 14),))


class DraftStoreContract(ABC):
    @abstractmethod
    def make_window(self) -> DraftStore:
        """The place of one more window of the same home. The return type is the static half of the contract."""

    def test_a_draft_comes_back_in_the_next_window_until_it_is_gone(self) -> None:
        first = self.make_window()
        assert first.take() is None
        assert first.keep(Written("half"))
        assert first.keep(DRAFT)
        first.let_go()
        second = self.make_window()
        assert second.take() == DRAFT
        assert not second.keep(Written(" \n"))
        second.let_go()
        assert self.make_window().take() is None

    def test_two_windows_keep_two_drafts_and_the_latest_comes_back_first(self) -> None:
        first, second = self.make_window(), self.make_window()
        assert (first.take(), second.take()) == (None, None)
        first.keep(Written("of the first"))
        second.keep(Written("of the second"))
        first.let_go()
        third = self.make_window()
        assert third.take() == Written("of the first")
        second.let_go()
        assert self.make_window().take() == Written("of the second")

    def test_a_key_and_what_is_too_long_are_never_kept(self) -> None:
        window = self.make_window()
        assert not window.keep(Written("before it was taken"))
        window.take()
        assert window.keep(Written("harmless"))
        assert not window.keep(Written("my key is sk-ant-" + "made-up-" * 6))
        assert not window.keep(Written("x" * (2**20 + 1)))
        window.let_go()
        assert self.make_window().take() is None
