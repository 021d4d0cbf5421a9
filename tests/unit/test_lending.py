"""A terminal that was lent comes back, whatever the program did that had it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from domain.errors import UsageError
from entrypoints.signals import lent


def test_a_terminal_comes_back_from_a_program_that_failed() -> None:
    happened: list[str] = []

    @contextmanager
    def suspended() -> Iterator[None]:  # as Textual's, which has no `finally`
        happened.append("suspended")
        yield
        happened.append("resumed")

    with lent(suspended()):
        happened.append("edited")
    with pytest.raises(UsageError, match="false ended"), lent(suspended()):
        raise UsageError("false ended with exit code 1.")
    assert happened == ["suspended", "edited", "resumed", "suspended", "resumed"]
