"""The agent of one home: a socket for its owner's orders, and one for each host that something is lent to."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from adapters.agent.answers import Explain
from adapters.agent.orders import LONGEST_LINE, grant_members, wish_of
from adapters.agent.own_sockets import OwnSockets, agent_id
from adapters.files.locks import exclusive
from adapters.files.private_file import private_subfolder
from adapters.forwarding.peer_process import own_peer
from adapters.forwarding.protocol import VERSION, About
from adapters.serving.callers import Callers
from application.forwarding.lending import Lending, Loan
from application.forwarding.relay import Relay
from application.ports.clock import Clock
from application.ports.forwarding.agent import OpenGrant, Owner
from application.ports.forwarding.upstream import Upstream
from domain.errors import StoreBusy, StoreNotWritable, UsageError
from domain.forwarding.grant import Grant
from domain.text.moments import moment_text

LOCK: Final = "agent.lock"
_ORDER_SECONDS: Final = 5.0
_GOODBYE_SECONDS: Final = 0.2


class UnixAgent:
    """The `Agent` over Unix sockets. It never listens by TCP."""

    def __init__(
        self,
        *,
        home: Path,
        environ: Mapping[str, str],
        lending: Lending,
        relay: Relay,
        upstream: Upstream,
        clock: Clock,
        explain: Explain,
    ) -> None:
        self._home = home
        self._environ = environ
        self._lending = lending
        self._relay = relay
        self._upstream = upstream
        self._clock = clock
        self._explain = explain
        self._instance = os.urandom(8).hex()
        self._doors: dict[Loan, tuple[Path, socket.socket, Callers]] = {}

    @asynccontextmanager
    async def serving(self, owner: Owner | None) -> AsyncIterator[None]:
        """As the port says."""
        with _alone(self._home / "locks"):
            self._sockets.prepare()
            self._lending.owner = owner
            with self._sockets.listen(self._sockets.control) as listening:
                orders = Callers([listening], self._take_orders)
                try:
                    yield
                finally:
                    await orders.close(within=0.0)
                    for loan in self._lending.loans:
                        await self._close(loan)
                    await self._upstream.aclose()
                    self._sockets.control.unlink(missing_ok=True)

    @cached_property
    def _sockets(self) -> OwnSockets:
        """Made when the agent serves: the home gets an id by it."""
        return OwnSockets(home=self._home, environ=self._environ)

    # --- Hosts ---

    def _open(self, members: Mapping[str, Any]) -> Loan:
        from adapters.agent.visit import Door, Visit  # with h11, which a program without an agent does not need

        wish = wish_of(members)
        if wish.confirm and self._lending.owner is None:
            raise UsageError("Nobody could be asked to confirm: the agent has no terminal.", command="keyswitch agent")
        for loan in self._lending.loans:  # what is over is not missed once its host begins anew
            if loan.grant.host == wish.host and self._lending.refusal(loan) is not None and not self._lending.locked:
                asyncio.get_running_loop().create_task(self._close(loan)).add_done_callback(lambda done: done.result())
        until = None if wish.seconds is None else self._clock.now() + timedelta(seconds=wish.seconds)
        path = self._sockets.fresh()
        listening = self._sockets.listen(path)
        loan = self._lending.open(Grant(wish.host, wish.providers, until, wish.confirm))
        door = Door(
            loan=loan,
            relay=self._relay,
            about=self._about,
            explain=self._explain,
            clock=self._clock,
            answering=self._lending.answering,
        )

        async def serve(connection: socket.socket, _: Any) -> None:
            await Visit(door, connection, callers).serve()

        callers = Callers([listening], serve)
        self._doors[loan] = (path, listening, callers)
        return loan

    async def _close(self, loan: Loan) -> None:
        self._lending.forget(loan)
        if (door := self._doors.pop(loan, None)) is not None:
            path, listening, callers = door
            with suppress(OSError):
                path.unlink()
            await callers.close(within=_GOODBYE_SECONDS)
            listening.close()

    def _about(self, loan: Loan) -> dict[str, Any]:
        until = loan.grant.until
        return {
            About.PROTOCOL: VERSION,
            About.INSTANCE: self._instance,
            About.AGENT: agent_id(self._home),
            About.NAME: os.uname().nodename,
            About.LOCKED: self._lending.locked,
            About.UNTIL: None if until is None else moment_text(until),
        }

    def _opened(self, loan: Loan) -> OpenGrant:
        over = loan.ended or loan.grant.is_over(self._clock.now())
        path, *_ = self._doors[loan]
        return OpenGrant(loan.grant, str(path), over=over, relayed=loan.relayed, running=len(loan.answering))

    # --- Orders ---

    async def _take_orders(self, connection: socket.socket, _: Any) -> None:
        if own_peer(connection) is None:
            return
        loop = asyncio.get_running_loop()
        with suppress(OSError, TimeoutError):
            line = await _line(connection)
            held: Loan | None = None
            try:
                members = json.loads(line)
                answer, held = self._done(members)
            except UsageError as refused:
                answer = {"ok": False, "sentence": str(refused)}
            except (ValueError, KeyError, TypeError, AttributeError):
                answer = {"ok": False, "sentence": "The agent does not know this order: it is of another version."}
            except StoreNotWritable as refused:
                answer = {"ok": False, "sentence": str(refused)}
            try:
                await loop.sock_sendall(connection, json.dumps(answer).encode() + b"\n")
                while held is not None and await loop.sock_recv(connection, 64):
                    pass
            finally:
                if held is not None:
                    await self._close(held)

    def _done(self, members: Mapping[str, Any]) -> tuple[dict[str, Any], Loan | None]:
        """What there is to say once the order was carried out, and what ends with the connection."""
        match members["do"]:
            case "state":
                grants = [grant_members(self._opened(loan)) for loan in self._lending.loans]
                return {"ok": True, "pid": os.getpid(), "locked": self._lending.locked, "grants": grants}, None
            case "open":
                loan = self._open(members)
                return {"ok": True, "grant": grant_members(self._opened(loan))}, loan if members["held"] else None
            case "lock":
                self._lending.lock(locked=bool(members["locked"]))
                return {"ok": True}, None
            case "revoke":
                return {"ok": True, "count": self._lending.revoke(str(members["host"]))}, None
            case _:
                raise ValueError


async def _line(connection: socket.socket) -> bytes:
    """One line, which has to come at once."""
    said = bytearray()
    async with asyncio.timeout(_ORDER_SECONDS):
        while not said.endswith(b"\n") and len(said) < LONGEST_LINE:
            data = await asyncio.get_running_loop().sock_recv(connection, 65536)
            if not data:
                break
            said += data
    return bytes(said)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Be the only agent of this home until the context ends."""
    try:
        private_subfolder(folder)
    except OSError as error:
        raise StoreNotWritable(str(folder), f"no lock can be made there ({error.strerror})") from None
    lock = exclusive(folder / LOCK, timeout=0)
    try:
        lock.__enter__()
    except StoreBusy:
        raise UsageError(
            "An agent of this home runs already. See: keyswitch agent list", command="keyswitch agent list"
        ) from None
    try:
        yield
    finally:
        lock.__exit__(None, None, None)
