"""What every conversation store promises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from application.ports.conversation_store import ConversationStore
from domain.conversation import Conversation, Origin, Rates, Receipt, Role, StopReason, Turn, TurnState, Usage
from domain.conversations.kept import Summary
from domain.credential import CredentialKey, CredentialKind
from domain.errors import StoreError
from domain.model import Preset, ReasoningLevel
from domain.provider import Provider
from domain.provider_facts.payer import Payer
from domain.selection import Held
from tests.support.sample_files import a_file

START = datetime(2026, 11, 23, 12, 30, 0, 123456, tzinfo=UTC)

RECEIPT = Receipt(
    provider=Provider.CLAUDE,
    preset="claude-opus-4.1",
    model="claude-opus-5-5",
    label="Claude Opus 5.5",
    account="ana@example.test",
    kind=CredentialKind.OAUTH,
    payer=Payer.CONSOLE,
    usage=Usage(input=120, output=34, cached=100, reasoning=7, written=12, written_long=4),
    cost=Decimal("0.000000005"),
    seconds=1.25,
    answered="claude-opus-5-5-20260915",
    rates=Rates("claude-opus-5-5", "a list", Decimal(4), Decimal(20), Decimal("0.2"), Decimal("6.25")),
    unpriced="nothing",
    reported=True,
)


OPUS = Held(
    Preset("mine", "Müller\x1b's Opus", "claude-opus-5-5", Provider.CLAUDE, level=ReasoningLevel.HIGH),
    CredentialKey(Provider.CLAUDE, "ana\n"),
    Payer.CONSOLE,
    "ana@example.test",
)
BY_KEY = Held(
    Preset("gpt-5.1-medium", "GPT-5.1 Medium", "gpt-5.1", Provider.CHATGPT),
    CredentialKey(Provider.CHATGPT, "key-0123", CredentialKind.API_KEY),
    Payer.API_BILLING,
    "…1234",
    "sign-in-1",
)


def asked(text: str) -> Turn:
    return Turn(role=Role.USER, text=text, at=START)


def conversation(name: str, *turns: Turn) -> Conversation:
    return Conversation(id=name, started=START, title=f"About {name}", turns=turns)


def coming(text: str = "") -> Turn:
    """An answer that is on its way."""
    return Turn(Role.ASSISTANT, text, START, TurnState.BROKEN, receipt=RECEIPT)


def texts(turns: Iterable[Turn]) -> list[str]:
    return [turn.text for turn in turns]


def numbered(count: int, *, first: int = 1) -> tuple[Turn, ...]:
    return tuple(asked(str(number)) for number in range(first, first + count))


class ConversationStoreContract(ABC):
    @abstractmethod
    def make_store(self) -> ConversationStore:
        """An empty store. The return type is the static half of the contract."""

    def another(self, store: ConversationStore) -> ConversationStore:
        """The same store as another process has it."""
        return store

    @pytest.fixture
    def store(self) -> ConversationStore:
        return self.make_store()

    def test_an_empty_store_has_no_latest(self, store: ConversationStore) -> None:
        assert store.latest() is None

    def test_an_unknown_conversation_loads_as_none(self, store: ConversationStore) -> None:
        assert store.load("nobody") is None

    def test_a_conversation_comes_back_as_it_began(self, store: ConversationStore) -> None:
        begun = conversation("a", asked("Hello"), asked("Anyone?"))
        store.begin(begun)
        assert store.load("a") == begun

    def test_a_turn_keeps_everything_it_had(self, store: ConversationStore) -> None:
        store.begin(conversation("a"))
        answer = Turn(
            role=Role.ASSISTANT,
            text="Grüße 👋\x00\r\n\ttail ",
            at=START + timedelta(seconds=2),
            state=TurnState.BROKEN,
            reasoning="They greet.",
            receipt=RECEIPT,
            stop=StopReason.LENGTH,
        )
        store.append("a", answer)
        loaded = store.load("a")
        assert loaded is not None
        assert loaded.turns == (answer,)
        assert store.said("a", first=1, count=9) == (replace(answer, reasoning="", receipt=None),)

    def test_files_come_back_with_their_turns_also_with_a_copy_of_them(self, store: ConversationStore) -> None:
        files = (a_file("photo.png"), a_file("notes.md", b"\x1b[2J hostile\x00"[:-1]), a_file("photo.png"))
        store.begin(conversation("a", replace(asked("see"), attachments=files), *numbered(3)))
        store.append("a", replace(asked("again"), attachments=files[:1]))

        off = store.cut("a", after_turn=2)
        store.append("a", asked("another way"))
        again = store.restore(off)

        found = {name: [turn.attachments for turn in store.turns(name, first=1, count=9)] for name in ("a", again)}
        assert found == {"a": [files, (), ()], again: [files, (), (), (), files[:1]]}
        sizes = {one.id: one.size for one in store.summaries()}
        of_files = sum(file.size for file in files)
        assert sizes["a"] == of_files + len("see1another way")
        assert sizes[again] == of_files + files[0].size + len("see123again")

    def test_a_time_of_another_zone_comes_back_as_the_same_moment(self, store: ConversationStore) -> None:
        elsewhere = START.astimezone(timezone(timedelta(hours=5, minutes=45)))
        store.begin(conversation("a", Turn(role=Role.USER, text="Hi", at=elsewhere)))
        loaded = store.load("a")
        assert loaded is not None
        assert loaded.turns[0].at == START

    def test_turns_come_back_in_the_order_they_were_added(self, store: ConversationStore) -> None:
        store.begin(conversation("a", asked("0")))
        for number in range(1, 12):
            store.append("a", asked(str(number)))
        loaded = store.load("a")
        assert loaded is not None
        assert [turn.text for turn in loaded.turns] == [str(number) for number in range(12)]

    @pytest.mark.parametrize(
        ("asked_for", "expected"), [(0, []), (1, ["4"]), (3, ["2", "3", "4"]), (99, list("01234"))]
    )
    def test_only_the_last_turns_are_loaded_where_a_number_is_given(
        self, store: ConversationStore, asked_for: int, expected: list[str]
    ) -> None:
        store.begin(conversation("a", *(asked(str(number)) for number in range(5))))
        loaded, latest = store.load("a", turns=asked_for), store.latest(turns=asked_for)
        assert loaded is not None
        assert [turn.text for turn in loaded.turns] == expected
        assert latest == loaded

    def test_the_latest_is_the_one_that_was_last_added_to(self, store: ConversationStore) -> None:
        store.begin(conversation("a", asked("first")))
        store.begin(conversation("b", asked("second")))
        store.append("a", asked("third"))
        latest = store.latest()
        assert latest is not None
        assert (latest.id, len(latest.turns)) == ("a", 2)

    def test_a_conversation_without_a_turn_is_never_the_latest(self, store: ConversationStore) -> None:
        store.begin(conversation("a", asked("said")))
        store.begin(conversation("b"))
        latest = store.latest()
        assert latest is not None
        assert latest.id == "a"

    def test_a_turn_of_an_unknown_conversation_is_an_error(self, store: ConversationStore) -> None:
        with pytest.raises(StoreError):
            store.append("nobody", asked("Hello?"))
        assert store.latest() is None

    def test_an_id_is_good_for_one_conversation(self, store: ConversationStore) -> None:
        store.begin(conversation("a", asked("kept")))
        with pytest.raises(StoreError):
            store.begin(conversation("a", asked("lost")))
        loaded = store.load("a")
        assert loaded is not None
        assert [turn.text for turn in loaded.turns] == ["kept"]

    def test_a_conversation_comes_back_with_the_model_and_the_credential_that_it_held_last(
        self, store: ConversationStore
    ) -> None:
        store.hold("not begun", OPUS)
        store.begin(replace(conversation("a", asked("by Claude")), held=OPUS))
        store.begin(conversation("b", asked("by nobody that is known")))
        loaded, other = store.load("a"), store.load("b")
        assert loaded is not None
        assert other is not None
        assert loaded.held == OPUS
        assert loaded.held is not None
        assert loaded.held.label == OPUS.label
        assert other.held is None
        store.hold("a", BY_KEY)
        store.append("a", asked("by key"))
        latest = store.latest()
        assert latest is not None
        assert latest.held == BY_KEY

    # As much as is asked for.

    def test_turns_are_read_by_their_numbers(self, store: ConversationStore) -> None:
        assert (store.count("a"), store.turns("a", first=1, count=9)) == (0, ())
        store.begin(conversation("a", *numbered(7)))
        store.begin(conversation("b", asked("of another conversation")))
        assert (store.count("a"), store.count("b"), store.count("nobody")) == (7, 1, 0)
        found = {
            (first, count): texts(store.turns("a", first=first, count=count))
            for first, count in [(1, 3), (4, 2), (7, 1), (6, 30), (8, 1), (1, 0)]
        }
        assert found == {
            (1, 3): ["1", "2", "3"],
            (4, 2): ["4", "5"],
            (7, 1): ["7"],
            (6, 30): ["6", "7"],
            (8, 1): [],
            (1, 0): [],
        }

    def test_a_conversation_knows_how_many_turns_came_before_those_that_were_loaded(
        self, store: ConversationStore
    ) -> None:
        store.begin(conversation("a", *numbered(7)))
        loaded = [store.load("a", turns=2), store.load("a", turns=9), store.load("a"), store.latest(turns=7)]
        assert [(one.earlier, one.count) for one in loaded if one] == [(5, 7), (0, 7), (0, 7), (0, 7)]

    def test_the_latest_of_an_origin_is_one_that_began_there_or_nobody_knows_where(
        self, store: ConversationStore
    ) -> None:
        store.begin(conversation("unknown", asked("1")))
        assert [one and one.id for one in (store.latest(origin=each) for each in Origin)] == ["unknown"] * 2
        store.begin(replace(conversation("app", asked("2")), origin=Origin.APP))
        store.begin(replace(conversation("ask", asked("3")), origin=Origin.ASK))
        found = {origin: store.latest(origin=origin) for origin in (*Origin, None)}
        assert {origin: one and (one.id, one.origin) for origin, one in found.items()} == {
            Origin.APP: ("app", Origin.APP),
            Origin.ASK: ("ask", Origin.ASK),
            None: ("ask", Origin.ASK),
        }

    # An answer as it comes.

    def test_answers_are_told_for_the_bill_whatever_became_of_them(self, store: ConversationStore) -> None:
        def answer(number: int, state: TurnState = TurnState.COMPLETE, receipt: Receipt = RECEIPT) -> Turn:
            return Turn(Role.ASSISTANT, "Because.", START + timedelta(minutes=number), state, receipt=receipt)

        nothing_counted = replace(RECEIPT, usage=Usage())
        store.begin(conversation("a", asked("one"), answer(1), asked("two"), answer(2, TurnState.STOPPED)))
        store.begin(conversation("b", asked("one"), answer(3, TurnState.BROKEN), asked("two"), answer(4)))
        store.begin(conversation("c", asked("one"), answer(5, TurnState.FAILED)))
        store.begin(conversation("d", asked("one"), answer(6, TurnState.BROKEN, nothing_counted)))
        store.cut("a", after_turn=2)
        store.remove("b")
        told = sorted(store.answers(), key=lambda entry: entry.at)
        assert [(entry.at - START).seconds // 60 for entry in told] == [1, 2, 3, 4]
        assert {entry.receipt for entry in told} == {RECEIPT}
        assert [entry.ending for entry in told[:3]] == [TurnState.COMPLETE, TurnState.STOPPED, TurnState.BROKEN]

    def test_an_answer_is_there_as_far_as_it_came_and_then_as_it_ended(self, store: ConversationStore) -> None:
        key = store.begin(conversation("a", asked("hi"), coming()))
        store.grow(key, "Hel", "They ")
        store.grow(key, "lo \ud83d", "greet.")
        (_, half), size = store.turns("a", first=1, count=2), store.summaries()[0].size
        assert (half.text.rstrip("?\ud83d"), half.reasoning, half.state) == ("Hello ", "They greet.", TurnState.BROKEN)
        ended = Turn(Role.ASSISTANT, "Hello you", START, reasoning="They greet.", receipt=RECEIPT, stop=StopReason.END)
        store.settle(key, ended)
        loaded = store.load("a")
        assert loaded is not None
        assert loaded.turns == (asked("hi"), ended)
        assert size <= len("hiHello ?They greet.")
        assert store.summaries()[0].size == len("hiHello youThey greet.")
        assert texts(
            [turn for hit in store.search("you") if hit.turn for turn in store.turns("a", first=hit.turn, count=1)]
        ) == ["Hello you"]

    def test_answers_of_two_windows_stay_beside_their_questions(self, store: ConversationStore) -> None:
        store.begin(conversation("a", asked("0"), asked("1")))
        one = store.append("a", asked("one?"), coming())
        other = store.append("a", asked("other?"), coming())
        store.grow(other, "oth")
        store.settle(one, coming("one!"))
        store.settle(other, coming("other!"))
        assert texts(store.turns("a", first=3, count=9)) == ["one?", "one!", "other?", "other!"]

    def test_an_exchange_of_which_nothing_came_is_taken_back(self, store: ConversationStore) -> None:
        store.withdraw(store.begin(conversation("gone", asked("hi"), coming())))
        assert (store.load("gone"), store.latest(), store.summaries()) == (None, None, ())
        store.begin(conversation("a", *numbered(2)))
        store.withdraw(store.append("a", asked("hi"), coming()))
        assert texts(store.turns("a", first=1, count=9)) == ["1", "2"]
        key = store.append("a", asked("lost"), coming())
        store.append("a", asked("of another window"))
        store.withdraw(key)
        found = store.turns("a", first=3, count=9)
        assert [(turn.text, turn.state) for turn in found] == [
            ("lost", TurnState.FAILED),
            ("", TurnState.FAILED),
            ("of another window", TurnState.COMPLETE),
        ]

    def test_an_answer_to_what_is_gone_hurts_nobody(self, store: ConversationStore) -> None:
        key = store.begin(conversation("a", asked("hi"), coming()))
        store.withdraw(key)
        store.withdraw(key)
        store.grow(key, "too late")
        with pytest.raises(StoreError):
            store.settle(key, coming("too late"))
        assert store.search("late") == ()

    # The list.

    def test_the_list_has_the_last_one_added_to_first_and_is_read_in_pages(self, store: ConversationStore) -> None:
        answer = Turn(Role.ASSISTANT, "Grüße", START + timedelta(days=1), reasoning="x", receipt=RECEIPT)
        store.begin(replace(conversation("a", asked("hello"), answer), origin=Origin.ASK))
        store.begin(conversation("empty"))
        for name in "bcd":
            store.begin(conversation(name, asked("hi")))
        store.append("b", asked("again"))
        assert [one.id for one in store.summaries()] == ["b", "d", "c", "a"]
        assert [one.id for one in store.summaries(limit=2, skip=1)] == ["d", "c"]
        assert store.summaries()[-1] == Summary(
            "a", "About a", START, START + timedelta(days=1), 2, len("hello") + 8, RECEIPT.label, Origin.ASK
        )
        last = store.summaries()[0]
        assert (last.turns, last.size, last.label, last.origin) == (2, len("hiagain"), "", None)

    def test_a_conversation_is_found_by_how_its_id_begins(self, store: ConversationStore) -> None:
        for name in ("abc1", "abd2", "abd3", "x_%"):
            store.begin(conversation(name, asked("hi")))
        found = {start: [one.id for one in store.with_id(start)] for start in ("abc", "ab", "x_", "_", "%", "nobody")}
        assert found == {
            "abc": ["abc1"],
            "ab": ["abc1", "abd2"],
            "x_": ["x_%"],
            "_": [],
            "%": [],
            "nobody": [],
        }

    # Search.

    def test_a_search_finds_turns_and_titles_and_marks_the_place(self, store: ConversationStore) -> None:
        store.begin(conversation("a", asked("Where do penguins live?"), asked("And walruses?")))
        store.begin(replace(conversation("b", asked("no such bird")), title="My penguins"))
        title, turn = store.search("penguins")
        assert (title.conversation, title.turn, title.title) == ("b", None, "My penguins")
        assert (turn.conversation, turn.turn, turn.role, turn.title) == ("a", 1, Role.USER, "About a")
        assert [piece.text for piece in turn.snippet if piece.found] == ["penguins"]
        assert "".join(piece.text for piece in turn.snippet) == "Where do penguins live?"
        assert [hit.turn for hit in store.search("penguins", limit=1)] == [None]

    def test_what_people_wrote_in_the_app_comes_back_latest_last(self, store: ConversationStore) -> None:
        assert store.messages(limit=9) == ()
        answer = Turn(Role.ASSISTANT, "an answer", START)
        store.begin(replace(conversation("a", asked("one"), answer), origin=Origin.APP))
        store.begin(replace(conversation("b", asked("piped")), origin=Origin.ASK))
        store.begin(conversation("c", asked("nobody knows where"), asked("x" * 100_001)))
        store.begin(replace(conversation("gone", asked("removed")), origin=Origin.APP))
        store.append("a", asked("two"), answer, asked("cut off"))
        store.cut("a", after_turn=4)
        store.remove("gone")
        assert store.messages(limit=9) == ("one", "nobody knows where", "two")
        assert store.messages(limit=2) == ("nobody knows where", "two")

    def test_a_search_takes_all_words_and_the_last_as_a_beginning(self, store: ConversationStore) -> None:
        store.begin(conversation("a", asked("Penguins live far south"), asked("penguins far")))
        found = {
            text: [hit.turn for hit in store.search(text)]
            for text in ("PENG", "penguins li", "far penguins", "far walrus", "x", "p", "live far")
        }
        assert found == {
            "PENG": [2, 1],
            "penguins li": [1],
            "far penguins": [2, 1],
            "far walrus": [],
            "x": [],
            "p": [2, 1],
            "live far": [1],
        }

    def test_whatever_is_typed_into_a_search_is_safe(self, store: ConversationStore) -> None:
        store.begin(conversation("a", asked('he said AND she said: NEAR(x) is c++ -> it\'s 100% * done ^ "so"')))
        hostile = [
            "", " ", "\n\t", '"', '""', "'", "''", "AND", "OR NOT", "NEAR(", "x NEAR", "NEAR(x, 2)", "*", "**", "a*",
            "^", "^x", "-", "--", "-x", "+x", "text:", "text:x", "{text}:x", "(", ")", "()", "((", "\\", "%", "_",
            "\x00", "a\x00b", "\ud83d", "; DROP TABLE turn; --", "?", "?1", ":x", "@x", "👋", "é", "e\u0301", "\u200b",
            "\ufeff", "a" * 10_000, "x " * 500,
        ]  # fmt: skip
        for text in hostile:
            store.search(text)
        assert [text for text in ("", " ", "\n\t", '"') if store.search(text)] == []
        found = [text for text in ("AND", "c++", "->", "%", "100%", '"so"', "it's", "^ so") if store.search(text)]
        assert found == ["AND", "c++", "->", "%", "100%", '"so"', "it's", "^ so"]

    def test_scripts_without_spaces_are_searched_too(self, store: ConversationStore) -> None:
        said = ["今日は天気がいいですね", "你好世界", "สวัสดีชาวโลก", "नमस्ते दुनिया", "Καλημέρα κόσμε", "שלום עולם"]
        store.begin(conversation("a", *map(asked, said)))
        wanted = ["天気", "世界", "ชาว", "दुनि", "κόσ", "עול"]
        assert [[hit.turn for hit in store.search(text)] for text in wanted] == [[1], [2], [3], [4], [5], [6]]

    # Titles, removal, cuts.

    def test_a_conversation_gets_another_title(self, store: ConversationStore) -> None:
        store.begin(conversation("a", asked("hi")))
        store.rename("a", "Grüße \x1b[31m")
        assert [one.title for one in store.summaries()] == ["Grüße \x1b[31m"]
        with pytest.raises(StoreError):
            store.rename("nobody", "x")

    def test_what_was_removed_is_nowhere_until_it_is_restored_in_its_old_place(self, store: ConversationStore) -> None:
        for name in "abc":
            store.begin(conversation(name, asked(f"words of {name}")))
        store.remove("b")
        assert [one.id for one in store.summaries()] == ["c", "a"]
        assert (store.load("b"), store.search("words of b"), store.with_id("b")) == (None, (), ())
        store.remove("c")
        latest = store.latest()
        assert latest is not None
        assert latest.id == "a"
        assert [store.restore("c"), store.restore("b")] == ["c", "b"]
        assert [one.id for one in store.summaries()] == ["c", "b", "a"]
        assert [hit.conversation for hit in store.search("words of b")] == ["b"]
        for call in (store.remove, store.restore):
            with pytest.raises(StoreError):
                call("nobody")

    def test_a_window_that_goes_on_with_what_was_removed_brings_it_back(self, store: ConversationStore) -> None:
        store.begin(conversation("a", asked("one")))
        store.remove("a")
        assert (store.count("a"), texts(store.turns("a", first=1, count=1))) == (1, ["one"])
        store.append("a", asked("two"))
        assert [one.turns for one in store.summaries()] == [2]

    def test_what_was_cut_off_goes_back_to_its_place(self, store: ConversationStore) -> None:
        store.begin(conversation("a", *numbered(5)))
        cut = store.cut("a", after_turn=2)
        assert texts(store.turns("a", first=1, count=9)) == ["1", "2"]
        assert ([one.id for one in store.summaries()], store.search("4"), store.load(cut)) == (["a"], (), None)
        assert [(one.id, one.after, one.turns) for one in store.cuts("a")] == [(cut, 2, 3)]
        assert store.restore(cut) == "a"
        assert texts(store.turns("a", first=1, count=9)) == ["1", "2", "3", "4", "5"]
        assert (store.cuts("a"), [one.size for one in store.summaries()]) == ((), [5])
        assert store.cut("a", after_turn=5) == ""
        whole = store.cut("a", after_turn=0)
        assert (store.summaries(), store.latest()) == ((), None)
        assert store.restore(whole) == "a"
        assert [one.turns for one in store.summaries()] == [5]

    def test_what_was_cut_off_becomes_a_conversation_of_its_own_where_more_was_said(
        self, store: ConversationStore
    ) -> None:
        store.begin(replace(conversation("a", *numbered(4)), held=OPUS))
        cut = store.cut("a", after_turn=2)
        store.append("a", asked("other"))
        assert store.restore(cut) == cut
        assert texts(store.turns("a", first=1, count=9)) == ["1", "2", "other"]
        branch = store.load(cut)
        assert branch is not None
        assert (texts(branch.turns), branch.title, branch.held) == (["1", "2", "3", "4"], "About a", OPUS)
        assert [(one.id, one.size) for one in store.summaries()] == [(cut, 4), ("a", 7)]

    def test_an_answer_that_was_cut_off_on_its_way_ends_there(self, store: ConversationStore) -> None:
        key = store.begin(conversation("a", asked("old?"), coming()))
        cut = store.cut("a", after_turn=0)
        store.append("a", asked("new?"), coming("new!"))
        store.grow(key, "old")
        store.settle(key, coming("old!"))
        assert texts(store.turns("a", first=1, count=9)) == ["new?", "new!"]
        assert texts(store.turns(store.restore(cut), first=1, count=9)) == ["old?", "old!"]

    def test_the_stamp_changes_with_what_others_write(self, store: ConversationStore) -> None:
        store.begin(conversation("a", asked("hi")))
        before = store.stamp()
        self.another(store).append("a", asked("from elsewhere"))
        assert store.stamp() != before
