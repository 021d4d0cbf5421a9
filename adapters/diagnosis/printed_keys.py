"""Whether the commands that print API keys could be run. None of them is."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping

from adapters.system.key_commands import program_of
from application.ports.config_store import ConfigStore
from domain.errors import ConfigError, SourceUnusable
from domain.finding import Area, Finding, ok, problem


class KeyCommandProbe:
    """Looks for the programs that the config names; that others can write it, is said with the config itself."""

    area = Area.CONFIG

    def __init__(self, *, config: ConfigStore, environ: Mapping[str, str]) -> None:
        self._config = config
        self._environ = environ

    async def __call__(self) -> tuple[Finding, ...]:
        """As the port says."""
        return await asyncio.to_thread(lambda: tuple(self._look()))

    def _look(self) -> Iterator[Finding]:
        try:
            commands = self._config.read().key_commands
        except ConfigError:  # another probe says so
            return
        for command in commands:
            label = command.provider.label
            try:
                program = program_of(command, self._environ)
            except SourceUnusable as error:
                yield problem(Area.CONFIG, str(error), f"correct providers.{command.provider}.key_command")
            else:
                what = f"{label} key from the command `{command.shown}` ({program}), not run now"
                yield ok(Area.CONFIG, what)
