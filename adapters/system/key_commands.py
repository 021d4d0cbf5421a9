"""API keys that a program of the person's prints, such as a password manager."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from adapters.system.bounded_run import LARGEST, BoundedRun, Ended
from adapters.system.child_environment import child_environment
from application.ports.config_store import ConfigStore
from domain.credential import CredentialKey, CredentialRecord
from domain.errors import SourceUnusable, UsageError
from domain.session import ApiKey
from domain.text.key_command import KeyCommand
from domain.text.pasted_key import parse_key
from domain.text.secret import Secret
from domain.text.untrusted import untrusted_line
from domain.text.vendor_secrets import masked_arguments

LONGEST: Final = 60.0
"""Seconds: time for a person to answer a window or to touch a key."""

_LONGEST_COMPLAINT: Final = 160
"""Characters."""

_BOM: Final = "\ufeff"
_TERMINAL: Final = "GPG_TTY"
"""Tells gpg's agent on which terminal to ask for a passphrase: the app draws on that one."""


class ProgramKeys:
    """Runs the command that the config names now, once for this process, and keeps its key in memory alone."""

    def __init__(
        self, *, config: ConfigStore, environ: Mapping[str, str], home: Path, seconds: float = LONGEST
    ) -> None:
        self._config = config
        self._environ = environ
        self._home = home
        self._seconds = seconds
        self._known: dict[CredentialKey, Secret] = {}
        self._one_at_a_time = threading.Lock()

    async def key(self, record: CredentialRecord, *, refused: ApiKey | None = None) -> ApiKey:
        """As the port says."""
        run = BoundedRun()
        try:
            return ApiKey(record, await asyncio.to_thread(self._printed, record, refused, run))
        finally:
            run.stop()

    def _printed(self, record: CredentialRecord, refused: ApiKey | None, run: BoundedRun) -> Secret:
        command = self._configured(record)
        with self._one_at_a_time:
            known = self._known.get(record.key)
            if known is not None and (refused is None or known != refused.value):
                return known
            try:
                ended = run(
                    [program_of(command, self._environ), *command.words[1:]],
                    environment=self._environment(),
                    folder=self._home,
                    seconds=self._seconds,
                )
            except (OSError, ValueError) as error:
                why = error.strerror if isinstance(error, OSError) else error
                raise _failed(command, f"It cannot be started: {why}.") from None
            key = self._known[record.key] = self._key(command, ended)
            return key

    def _configured(self, record: CredentialRecord) -> KeyCommand:
        """The command of *record*, if the config has it still and nobody else can write that."""
        commands = [one for one in self._config.read().key_commands if one.provider is record.provider]
        if commands and commands[0].key == record.key:
            return commands[0]
        shown = record.label.partition("`")[2].rpartition("`")[0]
        problem = "It is not in the config any more, or others can write that: keyswitch status tells."
        raise SourceUnusable(shown, problem, provider=record.provider, code="key_command")

    def _environment(self) -> dict[str, str]:
        return {name: value for name, value in child_environment(self._environ).items() if name != _TERMINAL}

    def _key(self, command: KeyCommand, ended: Ended) -> Secret:
        """The key in what was printed. Raises SourceUnusable where it is not exactly one."""
        if ended.too_long:
            problem = (
                f"It did not end within {self._seconds:g} s and was stopped. Nobody can answer it here: if it asks"
            )
            raise _failed(command, f"{problem} for something, unlock what it reads from first.")
        if ended.too_large:
            raise _failed(command, f"It printed more than {LARGEST // 1024} KiB; print the key alone, on one line.")
        if ended.code:
            raise _failed(command, f"It ended with exit code {ended.code}{_complaint(ended)}.")
        try:
            text = ended.output.decode().removeprefix(_BOM)
        except UnicodeDecodeError:
            raise _failed(command, "It printed what is no text in UTF-8; print the key alone, on one line.") from None
        lines = [line for line in text.splitlines() if line.strip()]
        if not lines:
            raise _failed(command, f"It printed nothing{_complaint(ended)}.")
        if len(lines) > 1:
            raise _failed(command, f"It printed {len(lines)} lines; print the key alone, on one line.")
        try:
            return parse_key(Secret(lines[0]), command.provider)
        except UsageError as error:
            raise _failed(command, str(error)) from None


def program_of(command: KeyCommand, environ: Mapping[str, str]) -> str:
    """The whole path of its program, which does not depend on the folder where the person is.

    Raises:
        SourceUnusable: There is none.
    """
    program = shutil.which(command.words[0], path=environ.get("PATH"))
    if program is None or not Path(program).is_absolute():
        raise _failed(command, "Its program was not found: name one that is on the PATH, or give its full path.")
    return program


def _failed(command: KeyCommand, problem: str) -> SourceUnusable:
    return SourceUnusable(command.shown, problem, provider=command.provider, code="key_command")


def _complaint(ended: Ended) -> str:
    """The last line of what it complained of, cut, without what looks like a secret or was printed as one."""
    lines = [line for line in ended.complaint.decode(errors="replace").splitlines() if line.strip()]
    if not lines:
        return ""
    said = masked_arguments(untrusted_line(lines[-1]))
    for word in ended.output.decode(errors="replace").split():
        said = Secret(word).masked_in(said)
    said = said.strip().rstrip(".")
    return f", saying: {said if len(said) <= _LONGEST_COMPLAINT else said[: _LONGEST_COMPLAINT - 1] + '…'}"
