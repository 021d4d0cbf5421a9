"""What is left of a limit, how long an answer may be to stay within it, and how amounts are read."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from domain.capability import answer_limit, longest_answer
from domain.model import MAX_OUTPUT, Model
from domain.provider import Provider
from domain.spending.limits import (
    Ceiling,
    Left,
    Limits,
    Promise,
    Spent,
    about,
    at_least,
    at_most,
    least_left,
    length_that_fits,
    promised,
)
from tests.support.credentials import NOON


def test_the_limit_of_which_least_is_left_counts_and_nothing_is_left_below_zero() -> None:
    rows = {
        (None, None, "1", "1"): None,
        ("5", None, "1", "3"): Left(Ceiling.DAY, Decimal(5), Decimal(4)),
        ("5", "2", "1", "0.5"): Left(Ceiling.CONVERSATION, Decimal(2), Decimal("1.5")),
        ("5", "2", "4.5", "0.5"): Left(Ceiling.DAY, Decimal(5), Decimal("0.5")),
        ("5", None, "6", "0"): Left(Ceiling.DAY, Decimal(5), Decimal(0)),
        ("0", None, "0", "0"): Left(Ceiling.DAY, Decimal(0), Decimal(0)),
    }

    def amount(text: str | None) -> Decimal | None:
        return None if text is None else Decimal(text)

    found = {
        row: least_left(
            Limits(day=amount(row[0]), conversation=amount(row[1])), Spent(Decimal(row[2]), Decimal(row[3]))
        )
        for row in rows
    }
    assert found == rows


def test_promises_count_on_their_day_and_in_their_conversation() -> None:
    promises = [
        Promise("1", NOON, "here", Decimal("0.1")),
        Promise("2", NOON, "elsewhere", Decimal("0.2")),
        Promise("3", NOON - timedelta(days=1), "here", Decimal("0.4")),
    ]
    assert promised(promises, "here", NOON.date()) == Spent(Decimal("0.3"), Decimal("0.5"))


def test_a_shorter_answer_costs_no_more_than_what_is_left() -> None:
    # A million tokens of an answer at $10; the question costs 2 cents.
    unanswered, most = Decimal("0.02"), 128_000
    worst = unanswered + Decimal(most) * 10 / 1_000_000
    fits = {
        left: length_that_fits(Decimal(left), unanswered, worst, most)
        for left in ("0.50", "0.0312", "0.03", "0.01", "9")
    }
    assert fits == {"0.50": 48_000, "0.0312": 1100, "0.03": 1000, "0.01": None, "9": 128_000}
    for left, length in fits.items():
        if length is not None:
            assert unanswered + Decimal(length) * 10 / 1_000_000 <= Decimal(left)


def test_the_limit_of_an_answer_is_the_one_that_the_request_names_else_the_longest_there_is() -> None:
    models = {provider: Model("m", provider, "A model") for provider in Provider}
    named = {provider: answer_limit(model, None) for provider, model in models.items()}
    assert named == {Provider.CHATGPT: None, Provider.CLAUDE: MAX_OUTPUT, Provider.GEMINI: None}
    longest = {provider: longest_answer(model, None) for provider, model in models.items()}
    assert longest == {Provider.CHATGPT: 128_000, Provider.CLAUDE: MAX_OUTPUT, Provider.GEMINI: 65_536}
    assert {answer_limit(model, 2000) for model in models.values()} == {2000}
    assert {longest_answer(model, 2000) for model in models.values()} == {2000}
    assert longest_answer(Model("m", Provider.CHATGPT, "A model", output=200_000), None) == 200_000


def test_amounts_are_rounded_so_that_they_promise_nothing() -> None:
    rows = {
        "0.0804": ("$0.08", "$0.09", "$0.0804"),
        "0.00872": ("$0.009", "$0.0088", "$0.0087"),
        "0.00041": ("$0.0004", "$0.0005", "$0.0004"),
        "0.00001": ("under $0.0001", "$0.0001", "$0.0000"),
        "12.304": ("$12.30", "$12.31", "$12.30"),
        "0.30": ("$0.30", "$0.30", "$0.30"),
        "0": ("$0.00", "$0.0000", "$0.00"),
    }
    assert {text: (about(Decimal(text)), at_most(Decimal(text)), at_least(Decimal(text))) for text in rows} == rows
