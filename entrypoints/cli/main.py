"""The command line from its arguments to its exit code."""

from __future__ import annotations

import os
import sys
from functools import partial
from typing import TYPE_CHECKING, Final

from entrypoints.cli.endings import Guard
from entrypoints.cli.output import prepare_streams, write_result
from entrypoints.cli.shells import VARIABLE

if TYPE_CHECKING:
    from collections.abc import Callable


def main(argv: list[str] | None = None) -> int:
    """Run one command. *argv* is without the program's name; None means `sys.argv`. See `ExitCode` for the answer."""
    arguments = sys.argv[1:] if argv is None else argv
    prepare_streams()
    with Guard(as_json=_wants_json(arguments)) as guard:
        quick = None if _completing() else _quick(arguments)
        if quick:
            guard.code = quick()
        elif arguments or _completing():
            guard.code = _parsed(arguments)
        else:
            guard.code = _chat()
    if quick and argv is None:
        # It has no threads, and what it wrote is out: taking its modules down would be an eighth of its time.
        os._exit(guard.code)
    return guard.code


def _quick(arguments: list[str]) -> Callable[[], int] | None:
    """What answers without a parser, if anything does."""
    match arguments:
        case ["use", model] if model and not model.startswith("-"):
            return partial(_use, model)
        case _:
            return _QUICK.get(tuple(arguments))


def _wants_json(arguments: list[str]) -> bool:
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--json" in options or "--jsonl" in options


def _completing() -> bool:
    """Whether a shell's completion script is asking: it gives no arguments, and must get no chat."""
    return bool(os.environ.get(VARIABLE))


def _parsed(arguments: list[str]) -> int:
    from entrypoints.cli.group import run

    return run(arguments)


def _version() -> int:
    from domain.text.untrusted import untrusted
    from domain.version import VERSION

    write_result(untrusted(f"keyswitch {VERSION}\n"))
    return 0


def _help() -> int:
    from domain.text.untrusted import untrusted
    from entrypoints.cli.overview import help_text

    write_result(untrusted(help_text()))
    return 0


def _chat() -> int:
    from entrypoints.cli.open_chat import chat

    return chat()


def _status(*, as_json: bool = False) -> int:
    from entrypoints.cli.status_report import show_status

    return show_status(as_json=as_json)


def _models(*, as_json: bool = False) -> int:
    from entrypoints.cli.models.model_list import show_models

    return show_models(as_json=as_json)


def _use(model: str) -> int:
    from entrypoints.cli.selecting import use

    return use(model)


_QUICK: Final[dict[tuple[str, ...], Callable[[], int]]] = {
    ("--version",): _version,
    ("--help",): _help,
    ("-h",): _help,
    ("status",): _status,
    ("status", "--json"): lambda: _status(as_json=True),
    ("login", "--status"): _status,
    ("models",): _models,
    ("models", "--json"): lambda: _models(as_json=True),
}
"""What prompts and scripts run over and over, spelled out: parsing any other line costs the import of click, which
takes twice as long as these do. Every line here means the same to the parser; a test compares them."""
