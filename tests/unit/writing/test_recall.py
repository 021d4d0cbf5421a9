"""The history is walked from its end, each message once, and gives the draft back."""

from __future__ import annotations

from domain.text.written import Written
from entrypoints.tui.writing.recall import Recall


def texts(*steps: Written | None) -> list[str | None]:
    return [step.text if step else None for step in steps]


def test_up_and_down_walk_all_that_was_sent_and_end_at_the_draft() -> None:
    recall, draft = Recall(), Written("draft", ((0, 2),))
    for text in ("one", "two", "one"):
        recall.add(Written(text))
    recall.add_earlier(["before", "two", " "])
    seen = [recall.older(draft), *(recall.older(Written("shown")) for _ in range(3))]
    assert texts(*seen) == ["one", "two", "before", "before"]
    assert texts(recall.newer(), recall.newer()) == ["two", "one"]
    assert recall.newer() == draft
    assert recall.newer() is None


def test_a_big_message_of_an_earlier_run_comes_folded_and_goes_out_in_full() -> None:
    recall, big = Recall(), "line\n" * 20
    recall.add_earlier([big, "small"])
    assert [one.folds for one in recall.newest_first] == [(), ((0, len(big)),)]
    assert recall.known(big).text == big


def test_what_was_changed_is_a_draft_of_its_own() -> None:
    recall = Recall()
    recall.add(Written("one"))
    assert texts(recall.older(Written("draft"))) == ["one"]
    recall.stay()
    assert recall.newer() is None
    assert texts(recall.older(Written("one more"))) == ["one"]
    assert recall.newer() == Written("one more")


def test_a_message_comes_back_folded_as_it_was() -> None:
    recall, folded = Recall(), Written("abc", ((0, 3),))
    recall.add(folded)
    assert recall.known("abc") == folded
    assert recall.known("other") == Written("other")
    assert recall.older(Written("")) == folded


def test_an_empty_history_has_nothing_to_show() -> None:
    assert Recall().older(Written("draft")) is None
