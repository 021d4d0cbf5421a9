"""Lend the use of sign-ins to another machine, for as long as a connection to it lasts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack

from application.auth_manager import AuthManager
from application.ports.clock import Clock
from application.ports.forwarding.agent import AgentControl, Wish
from application.ports.forwarding.secure_shell import Route, SecureShell
from domain.credential import CredentialRecord
from domain.errors import UsageError
from domain.forwarding.grant import Grant
from domain.provider import Provider

Tell = Callable[[Grant, tuple[CredentialRecord, ...]], None]
"""Says what is lent, before ssh takes the terminal."""


class ForwardTo:
    """Asks the other machine for a place first: where there is none, nothing is lent."""

    def __init__(
        self,
        *,
        auth: AuthManager,
        shell: SecureShell,
        agent: AgentControl,
        serving: Callable[[], AbstractContextManager[object]],
        clock: Clock,
    ) -> None:
        """*serving* makes an agent that serves for as long as its context lasts, where none runs."""
        self._auth = auth
        self._shell = shell
        self._agent = agent
        self._serving = serving
        self._clock = clock

    def __call__(self, wish: Wish, arguments: Sequence[str], tell: Tell) -> int:
        """Run ssh with *arguments* to the host of *wish*, and return its exit code.

        Raises:
            UsageError: Nothing can be lent, or not to that host; the sentence says why.
            ConfigError, StoreError: The home cannot be used.
        """
        if not self._lent(Grant(wish.host, wish.providers)):
            raise _nothing_to_lend(wish.providers)
        there = self._shell.place_on(wish.host, arguments)
        with ExitStack() as stack:
            if not self._agent.is_running():
                stack.enter_context(self._serving())
            opened = stack.enter_context(self._agent.held(wish))
            tell(opened.grant, self._lent(opened.grant))
            return self._shell.session(wish.host, arguments, Route(there=there, here=opened.socket))

    def _lent(self, grant: Grant) -> tuple[CredentialRecord, ...]:
        now = self._clock.now()
        return tuple(record for record in self._auth.snapshot().credentials if grant.shows(record, now))


def _nothing_to_lend(providers: frozenset[Provider]) -> UsageError:
    named = [provider for provider in Provider if provider in providers]
    whose = named[0].label if len(named) == 1 else "any provider"
    sentence = f"There is no sign-in of {whose} here that could be forwarded. Nothing was sent."
    return UsageError(sentence, code="not_forwarded", command=f"keyswitch login {named[0]}" if named else "")
