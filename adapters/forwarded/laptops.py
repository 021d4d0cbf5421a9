"""The laptops that lend this machine the use of their sign-ins, over the connections that are open right now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from adapters.forwarded.sockets import found_sockets
from adapters.forwarding.protocol import ABOUT, ABOUT_SECONDS, CREDENTIALS, LIGHT_SECONDS
from application.ports.elsewhere.forwarded import ForwardedFound
from domain.forwarding.forwarded_key import agent_of
from domain.records import replace
from domain.session import Forwarded

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable
    from pathlib import Path

    from adapters.forwarded.laptop_answers import Answers
    from application.ports.clock import Clock
    from domain.credential import CredentialRecord

_FRESH_SECONDS: Final = 1.0
"""How long an answer counts for further looks: a command takes several, one after the other."""

OUT_OF_REACH: Final = "laptop not reachable"
"""The words for it, wherever they are said."""

_NOT_LENT: Final = "it does not lend this sign-in, or is signed out."


class Laptops:
    """Asks the agents behind the sockets of some folders. It writes nothing."""

    def __init__(self, *, folders: Callable[[], Iterable[Path]], mine: Callable[[str], bool], clock: Clock) -> None:
        """*mine* tells by its name whether a socket is of this machine."""
        self._folders = folders
        self._mine = mine
        self._clock = clock
        self._last: tuple[Hashable, float, ForwardedFound] | None = None

    def stamp(self) -> Hashable:
        """When something came into each folder or went, last; None where there is none. As the port says."""
        return tuple(map(_changed, self._folders()))

    def found(self) -> ForwardedFound:
        """What can be used now. As the port says."""
        stamp = tuple(map(_changed, self._folders()))
        if not any(stamp):
            return ForwardedFound()
        now = self._clock.monotonic()
        if self._last is not None and self._last[0] == stamp and 0 <= now - self._last[1] < _FRESH_SECONDS:
            return self._last[2]
        found = self._look()
        self._last = stamp, self._clock.monotonic(), found
        return found

    async def load(self, record: CredentialRecord) -> Forwarded:
        """The use of *record*, with the way that it goes. Raises as the port says."""
        import asyncio  # `status` has no loop, and does without

        return await asyncio.to_thread(self._load, record)

    async def reachable(self, record: CredentialRecord) -> bool:
        """Whether its laptop answers. As the port says."""
        import asyncio

        agent = agent_of(record.key)
        heard = await asyncio.to_thread(self._heard, ABOUT_SECONDS)
        return heard is not None and any(laptop.agent == agent for laptop in heard.laptops())

    def _load(self, record: CredentialRecord) -> Forwarded:
        agent = agent_of(record.key)
        heard = self._heard(ABOUT_SECONDS)
        mine = [laptop for laptop in heard.laptops() if laptop.agent == agent] if heard else []
        if heard is None or not mine:
            from domain.errors import Offline

            raise Offline(record.provider, OUT_OF_REACH, laptop=True)
        for laptop in mine:  # several connections may lead to one
            for lent in heard.records(laptop, self._clock.now()):
                if lent.key == record.key:
                    return Forwarded(lent, laptop.path)
        from adapters.forwarded.refusals import not_passed_on

        reason, command = heard.refusal(mine[0])
        raise not_passed_on(record.provider, reason or _NOT_LENT, command)

    def _look(self) -> ForwardedFound:
        sockets = found_sockets(self._folders(), self._mine)
        if not sockets.paths:
            return ForwardedFound(notices=sockets.notices)
        heard = self._asked(sockets.paths, LIGHT_SECONDS)
        records: list[CredentialRecord] = []
        for laptop in sorted({one.agent: one for one in heard.laptops()}.values()):
            taken = {one.provider for one in records if one.active}
            # No second laptop steps in for the first one: what it lends of the same provider is not the active one.
            records += [
                replace(record, active=record.active and record.provider not in taken)
                for record in heard.records(laptop, self._clock.now())
            ]
        return ForwardedFound(tuple(records), (*sockets.notices, *heard.notices()))

    def _heard(self, seconds: float) -> Answers | None:
        """What all agents say; None where there is no way to any."""
        paths = found_sockets(self._folders(), self._mine).paths
        return self._asked(paths, seconds) if paths else None

    def _asked(self, paths: tuple[str, ...], seconds: float) -> Answers:
        from adapters.forwarded.asking import Question, ask  # who has no laptop connected does without
        from adapters.forwarded.laptop_answers import Answers

        return Answers(ask((Question(path, target) for path in paths for target in (ABOUT, CREDENTIALS)), seconds))


def _changed(folder: Path) -> int | None:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return None
