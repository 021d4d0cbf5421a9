from __future__ import annotations

from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Protocol

from domain.forwarding.grant import Grant
from domain.provider import Provider
from domain.records import dataclass


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be lent to a host."""

    host: str
    """As its owner calls it."""
    providers: frozenset[Provider]
    seconds: float | None = None
    """For how long; None: until it is taken back."""
    confirm: bool = False


@dataclass(frozen=True, slots=True)
class OpenGrant:
    """What is lent, and where that host's requests are taken."""

    grant: Grant
    socket: str
    """The path of the Unix socket that `ssh -R` leads to. This host has it for itself."""
    over: bool = False
    """Whether its time has run out, or it was taken back: its host is told so."""
    relayed: int = 0
    """How many requests were relayed."""
    running: int = 0
    """How many of them are being answered."""


@dataclass(frozen=True, slots=True)
class AgentState:
    """What a running agent says of itself."""

    pid: int
    locked: bool
    grants: tuple[OpenGrant, ...]


@dataclass(frozen=True, slots=True)
class PeerProcess:
    """The process of this machine that connected: the ssh client, never the process on the other machine."""

    pid: int | None
    """None where the system does not say."""
    started: int = 0
    """When it started, in ticks since boot: tells it from a later process of the same number."""


class Owner(Protocol):
    """The person at the agent's terminal."""

    async def agrees(self, grant: Grant, caller: PeerProcess) -> bool:
        """Whether the connection of *caller* may use *grant*. Waits for a person, however long that takes."""
        ...


class Agent(Protocol):
    """Relays what hosts ask, and takes orders from the commands of its owner."""

    def serving(self, owner: Owner | None) -> AbstractAsyncContextManager[None]:
        """Serve until the context ends. Without an *owner* nobody can be asked, and no grant that asks is opened.

        Raises:
            UsageError: An agent of this home runs already, or there is no safe place for its sockets.
            StoreNotWritable: Nothing can be locked in the home folder.
        """
        ...


class AgentControl(Protocol):
    """Gives orders to the agent of this home that runs, in whichever process. All calls block for a moment.

    All of them raise `UsageError` where none runs, it does not answer, or it refuses; its words say which.
    """

    def is_running(self) -> bool:
        """Whether an agent of this home answers."""
        ...

    def state(self) -> AgentState:
        """What the agent says of itself and of what it lends."""
        ...

    def open(self, wish: Wish) -> OpenGrant:
        """Lend *wish* until its time is over or it is taken back, whatever becomes of this process."""
        ...

    def held(self, wish: Wish) -> AbstractContextManager[OpenGrant]:
        """Lend *wish* until the context ends or this process dies."""
        ...

    def lock(self, *, locked: bool) -> None:
        """Answer nobody, and cut what is being answered; or answer again."""
        ...

    def revoke(self, host: str) -> int:
        """Take back all that is lent to *host*, and cut what is being answered; how many grants that ended."""
        ...
