"""A bug is told by kind and place, whatever its error holds."""

from __future__ import annotations

import asyncio
import sys
from typing import NoReturn

import pytest

from entrypoints.crash_report import LONGEST_TRACE, headline, in_loop, told

TOKEN = "fake-token-abcdefgh-1234"


class Hostile(Exception):
    """An object that cannot be shown as a text."""

    def __str__(self) -> NoReturn:
        raise RuntimeError(TOKEN)

    __repr__ = __str__

    def __rich__(self) -> str:
        return TOKEN


def raised(error: BaseException) -> BaseException:
    try:
        raise error
    except type(error) as caught:
        return caught


def chained(link: str) -> BaseException:
    """An error with another one at its *link*, `__cause__` or `__context__`."""
    error = raised(ValueError(TOKEN))
    setattr(error, link, raised(KeyError(TOKEN)))
    return error


def noted() -> BaseException:
    error = raised(OSError(13, TOKEN, TOKEN))
    error.add_note(TOKEN)
    return error


def decoding() -> BaseException:
    try:
        f"{TOKEN}\xff".encode("latin-1").decode()
    except UnicodeDecodeError as error:
        return error
    raise AssertionError("it was decoded")


@pytest.mark.parametrize(
    "error",
    [
        raised(ValueError(TOKEN)), raised(KeyError(TOKEN)), noted(), decoding(), raised(Hostile(TOKEN)),
        chained("__cause__"), chained("__context__"), raised(SystemExit(TOKEN)),
        raised(ExceptionGroup(TOKEN, [ValueError(TOKEN), ExceptionGroup(TOKEN, [Hostile(TOKEN)])])),
    ],
    ids=["args", "key", "note", "object", "hostile", "cause", "context", "exit", "group"],
)  # fmt: skip
def test_no_text_and_no_value_of_an_error_is_told(error: BaseException) -> None:
    words = "\n".join([headline(error), *told(error)])
    assert TOKEN not in words
    assert "tests/unit/test_crash_report.py:" in words
    assert type(error).__name__ in words


def test_what_led_to_an_error_is_told_by_kind() -> None:
    assert "because of KeyError" in told(chained("__cause__"))
    assert "while handling KeyError" in told(chained("__context__"))


def test_members_of_a_group_are_told_by_kind() -> None:
    group = raised(BaseExceptionGroup("two", [raised(ValueError()), raised(TypeError())]))
    assert [line for line in told(group) if not line.startswith("at ")] == ["with ValueError", "with TypeError"]


def test_a_recursion_and_a_ring_of_causes_come_to_an_end() -> None:
    def deeper() -> NoReturn:
        deeper()

    with pytest.raises(RecursionError) as caught:
        deeper()
    assert len(told(caught.value)) == LONGEST_TRACE
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first
    assert told(first) == ["because of KeyError"]
    assert len(told(ExceptionGroup("many", [ValueError() for _ in range(50)]))) < 10


@pytest.mark.parametrize(
    ("context", "kinds"),
    [
        ({"message": TOKEN, "exception": ValueError(TOKEN)}, ["ValueError"]),
        ({"message": TOKEN, "exception": ConnectionResetError(TOKEN)}, []),
        ({"message": TOKEN}, []),
    ],
    ids=["a bug", "a dead connection", "no error"],
)
def test_a_bug_in_a_loop_goes_to_the_crash_hook_and_a_dead_connection_does_not(
    context: dict[str, object], kinds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, _error, _traceback: seen.append(kind.__name__))
    with asyncio.Runner() as runner:
        in_loop(runner.get_loop(), context)
    assert seen == kinds
