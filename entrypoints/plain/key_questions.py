"""An API key is entered line by line; what is typed does not show."""

from __future__ import annotations

from functools import partial
from typing import Final

from application.use_cases.api_key import StoredKey
from application.use_cases.check import CheckOutcome
from domain.errors import KeyswitchError
from domain.provider import Provider
from domain.text.secret import Secret
from entrypoints.plain.line_terminal import LineTerminal, say_lines
from entrypoints.services import Services
from entrypoints.words.api_keys import key_title, may_be_stored_untested, verdict, where_keys_are_made
from entrypoints.words.errors import trouble

LEFT: Final = "No key was stored."

_AGAIN: Final = "Paste it again, or another one"


class KeyQuestions:
    """Asks until a key is stored, or until the person leaves."""

    def __init__(self, line: LineTerminal, services: Services, provider: Provider) -> None:
        self._line = line
        self._services = services
        self._provider = provider

    def ask(self, about: tuple[str, ...]) -> StoredKey | None:
        """What was stored; *about* is said first. None where Ctrl+C, or the end of input, says: leave it."""
        say_lines(*about, where_keys_are_made(self._provider))
        while True:
            try:
                value = self._line.ask_unseen(f"{key_title(self._provider)} (does not show, Ctrl+C leaves): ")
                stored = self._tested(value)
            except EOFError:
                say_lines("", LEFT)
                return None
            except KeyboardInterrupt:
                self._line.forgive()
                say_lines("", LEFT)
                return None
            except KeyswitchError as error:
                say_lines(trouble(error, again=_AGAIN))
                continue
            if stored is not None:
                return stored

    def _tested(self, value: Secret) -> StoredKey | None:
        """What was stored of *value*; None where the provider, or the person, says no."""
        say_lines("Asking about this key...")
        checked = self._line.run(partial(self._services.check_key, self._provider, value))
        if words := verdict(checked):
            say_lines(words)
        if checked.outcome is CheckOutcome.REFUSED:
            return None
        if may_be_stored_untested(checked) and self._line.ask("Store it untested? y/N ").casefold() != "y":
            return None
        return self._services.store_api_key(self._provider, value)
