"""What every keeper of promises has to do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from decimal import Decimal

import pytest

from application.ports.spending.promises import Promises
from domain.errors import UsageError
from domain.spending.limits import Promise
from tests.support.fixed_clock import NOON

FIRST = Promise("1", NOON, "conversation-1", Decimal("0.164321"))
SECOND = replace(FIRST, id="2", dollars=Decimal(0))


def agreed(_: tuple[Promise, ...]) -> None:
    """Have nothing against it."""


class PromisesContract(ABC):
    @abstractmethod
    def make_promises(self) -> Promises:
        """Begins empty, and finds later what an earlier one of the same test was promised."""

    def told(self) -> tuple[Promise, ...]:
        """What another window is told of."""
        seen: list[tuple[Promise, ...]] = []
        self.make_promises().make(replace(FIRST, id="look"), seen.append)
        self.make_promises().forget("look")
        return seen[0]

    def test_each_is_told_all_others_whoever_made_them_until_they_are_forgotten(self) -> None:
        assert self.told() == ()
        self.make_promises().make(FIRST, agreed)
        self.make_promises().make(SECOND, agreed)
        assert self.told() == (FIRST, SECOND)
        self.make_promises().forget(FIRST.id)
        self.make_promises().forget("of nobody")
        assert self.told() == (SECOND,)
        self.make_promises().forget(SECOND.id)
        assert self.told() == ()

    def test_one_that_is_not_agreed_to_is_not_noted(self) -> None:
        def refuse(_: tuple[Promise, ...]) -> None:
            raise UsageError("too dear")

        with pytest.raises(UsageError):
            self.make_promises().make(FIRST, refuse)
        assert self.told() == ()
