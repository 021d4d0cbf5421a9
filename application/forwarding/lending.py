"""What is lent to which host, until when; and cutting what is being answered once it no longer is."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from application.ports.clock import Clock
from application.ports.event_log import EventLog
from application.ports.forwarding.agent import Owner, PeerProcess
from domain.forwarding.grant import Grant
from domain.forwarding.refusal import Refusal
from domain.text.moments import moment_text


class Loan:
    """One grant that was opened, and what is going on by it."""

    def __init__(self, grant: Grant) -> None:
        self.grant = grant
        self.ended = False
        self.relayed = 0
        """How many requests were relayed."""
        self.answering: set[asyncio.Task[object]] = set()
        """The tasks that are answering one now."""
        self.agreed: dict[PeerProcess, asyncio.Future[bool]] = {}
        """What the owner said to each connection, or is being asked."""

    def cut(self) -> None:
        """Break off what is being answered."""
        for task in self.answering:
            task.cancel()


class Lending:
    """All that is lent by this process. An object belongs to one event loop."""

    def __init__(self, *, clock: Clock, events: EventLog) -> None:
        self._clock = clock
        self._events = events
        self._loans: list[Loan] = []
        self.locked = False
        self.owner: Owner | None = None
        """Who is asked to confirm; None where nobody can be."""

    @property
    def loans(self) -> tuple[Loan, ...]:
        """All that were opened and not closed, in their order; some may be over."""
        return tuple(self._loans)

    def open(self, grant: Grant) -> Loan:
        """Lend *grant* from now on."""
        loan = Loan(grant)
        self._loans.append(loan)
        until = "" if grant.until is None else moment_text(grant.until)
        providers = " ".join(sorted(grant.providers))
        self._events.record("grant_opened", host=grant.host, providers=providers, until=until, confirm=grant.confirm)
        if grant.until is not None:
            seconds = (grant.until - self._clock.now()).total_seconds()
            asyncio.get_running_loop().call_later(max(seconds, 0.0), self._run_out, loan)
        return loan

    def end(self, loan: Loan) -> None:
        """Take *loan* back, and cut what is being answered. Its host is told from now on that it is over."""
        if not loan.ended:
            loan.ended = True
            self._events.record("grant_ended", host=loan.grant.host, relayed=loan.relayed)
        loan.cut()

    def forget(self, loan: Loan) -> None:
        """As `end`, where nobody asks any more."""
        self.end(loan)
        for question in loan.agreed.values():
            question.cancel()
        if loan in self._loans:
            self._loans.remove(loan)

    def revoke(self, host: str) -> int:
        """End all that is lent to *host*; how many that were."""
        mine = [loan for loan in self._loans if loan.grant.host == host and not self._is_over(loan)]
        for loan in mine:
            self.end(loan)
        return len(mine)

    def lock(self, *, locked: bool) -> None:
        """Answer nobody, and cut what is being answered; or answer again."""
        if locked != self.locked:
            self._events.record("agent_locked" if locked else "agent_unlocked")
        self.locked = locked
        for loan in self._loans if locked else ():
            loan.cut()

    def refusal(self, loan: Loan) -> Refusal | None:
        """Why nothing at all is lent by *loan* now; None where something is."""
        if self.locked:
            return Refusal.AGENT_LOCKED
        return Refusal.GRANT_OVER if self._is_over(loan) else None

    async def confirmed(self, loan: Loan, caller: PeerProcess) -> bool:
        """Whether the owner agrees to the connection of *caller*, who is asked about it once."""
        if not loan.grant.confirm:
            return True
        if caller not in loan.agreed:
            asked = asyncio.ensure_future(self._asked(loan.grant, caller))
            loan.agreed[caller] = asked
            asked.add_done_callback(lambda done: loan.agreed.pop(caller) if done.cancelled() else None)
        return await asyncio.shield(loan.agreed[caller])

    @contextmanager
    def answering(self, loan: Loan) -> Iterator[None]:
        """What this task does in the context is cut when *loan* ends, or all is locked."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - every caller is a coroutine
        loan.answering.add(task)
        try:
            yield
        finally:
            loan.answering.discard(task)

    async def _asked(self, grant: Grant, caller: PeerProcess) -> bool:
        return self.owner is not None and await self.owner.agrees(grant, caller)

    def _run_out(self, loan: Loan) -> None:
        if loan.grant.is_over(self._clock.now()):
            self.end(loan)
        elif not loan.ended and loan.grant.until is not None:  # the clock was set back
            seconds = (loan.grant.until - self._clock.now()).total_seconds()
            asyncio.get_running_loop().call_later(max(seconds, 1.0), self._run_out, loan)

    def _is_over(self, loan: Loan) -> bool:
        return loan.ended or loan.grant.is_over(self._clock.now())
