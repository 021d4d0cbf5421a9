"""Open the chat, as an app or line by line."""

from __future__ import annotations

import os
import sys
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import TYPE_CHECKING

from entrypoints.cli.output import is_terminal

if TYPE_CHECKING:
    from entrypoints.early_terminal import EarlyTerminal
    from entrypoints.services import LightServices, Services


def chat(
    *,
    model: str | None = None,
    continue_last: bool = False,
    resume: str | None = None,
    plain: bool = False,
    ascii_signs: bool = False,
    mouse: bool = True,
    save: bool = True,
) -> int:
    """The chat until the person leaves it; returns the exit code.

    Raises:
        CommandError: Standard input or output is no terminal.
        ConfigError, StoreError: The home folder cannot be used.
        UsageError: No conversation has an id that begins with *resume*, or several have.
    """
    _require_terminal()
    plain = plain or wants_plain()
    with nullcontext() if plain else _early_terminal() as early:
        from entrypoints.cli.home import up_to_date_or_as_it_is
        from entrypoints.light import protect

        protect()
        found = up_to_date_or_as_it_is(asks_itself=True)
        light = found.light
        from entrypoints.chat.options import TuiOptions
        from entrypoints.tui.run import run

        options = TuiOptions(
            model=model,
            continue_last=continue_last,
            resume=found_id(light, resume) if resume is not None else None,
            plain=plain,
            ascii=ascii_signs,
            mouse=mouse,
            save=save and found.saves,
            message="\n".join(found.sentences) or None,
            sealed_earlier_files=found.sealed,
        )
        return run(partial(_services, light), light, options, early)


def _services(light: LightServices) -> Services:
    """The services of *light*, with the key unlocked where its passphrase was given; for any thread."""
    from entrypoints.cli.passphrase import take_given

    built = light.load()
    if (passphrase := take_given()) is not None:
        built.keys.unlock(passphrase)
    return built


def _early_terminal() -> AbstractContextManager[EarlyTerminal | None]:
    """Have the terminal keep what is typed while all else is loaded.

    It is entered by a `with` of its own: contextlib's helpers let Ctrl+C come between the entry and what undoes it.
    """
    if sys.platform == "win32":
        return nullcontext()
    from entrypoints.early_terminal import EarlyTerminal

    return EarlyTerminal()


def _require_terminal() -> None:
    """Raises CommandError where standard input or output is none."""
    if is_terminal(sys.stdin, sys.stdout):
        return
    from entrypoints.cli.failure import CommandError

    sentence = 'The chat needs a terminal; without one, ask a single question: keyswitch ask "QUESTION".'
    raise CommandError(sentence, code="no_terminal")


def found_id(light: LightServices, typed: str) -> str:
    """The whole id of the conversation that *typed* is the beginning of. Raises UsageError where that is not one."""
    from application.use_cases.find_conversation import find_conversation

    return find_conversation(light.conversations(), typed).id


def wants_plain() -> bool:
    """Whether the person or the terminal asks for lines instead of a screen."""
    return os.environ.get("ACCESSIBLE") == "1" or os.environ.get("TERM") == "dumb"
