"""Whether each configured host can be reached from here, and what its `Date` says of this machine's clock."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from adapters.diagnosis.configured import Host
from adapters.diagnosis.reach import HttpOptions, head
from application.ports.clock import Clock
from domain.errors import ConfigError
from domain.finding import Area, Finding, Verdict, ok, problem, warning
from domain.records import dataclass
from domain.text.moments import date_of

if TYPE_CHECKING:
    import httpx2

_NOTICEABLE: Final = timedelta(seconds=60)
"""A clock that differs by less troubles nobody; `Date` itself counts whole seconds."""

_HARMFUL: Final = timedelta(minutes=5)
"""From here on id_tokens and renewals are judged wrongly (OpenID Connect Core 1.0, 3.1.3.7)."""


@dataclass(frozen=True, slots=True)
class _Answer:
    host: Host
    milliseconds: float = 0.0
    ahead: timedelta | None = None
    """By how much this machine's clock is ahead of the host's; None if it sent no usable `Date`."""
    trouble: str = ""
    fix: str = ""


class HostsProbe:
    """Asks each host for the head of its first page, all at once: a request without any credential.

    The HTTP library is loaded when the hosts are asked: few programs ever do.
    """

    area = Area.HOSTS

    def __init__(self, *, hosts: Callable[[], Iterable[Host]], http_options: HttpOptions, clock: Clock) -> None:
        self._hosts = hosts
        self._http_options = http_options
        self._clock = clock

    async def __call__(self) -> tuple[Finding, ...]:
        """As the port says."""
        try:
            hosts = await asyncio.to_thread(lambda: tuple(self._hosts()))
        except ConfigError:
            return (warning(Area.HOSTS, "not looked at: the config has to be mended first"),)
        answers = await asyncio.gather(*(self._asked(host) for host in hosts))
        return (*map(_reachable, answers), _clock(answers))

    async def _asked(self, host: Host) -> _Answer:
        import httpx2

        started = time.perf_counter()
        try:
            answer = await head(host.origin, self._http_options)
            took = time.perf_counter() - started
        except ConfigError as error:
            return _Answer(host, trouble=str(error), fix=f"correct or unset {error.path}")
        except (TimeoutError, httpx2.HTTPError) as error:
            return _unreached(host, error)
        return _Answer(host, took * 1000, self._ahead(answer, took))

    def _ahead(self, answer: httpx2.Response, took: float) -> timedelta | None:
        """The host named its time somewhere in the middle of the exchange, and cut it to the second."""
        theirs = date_of(answer.headers)
        return None if theirs is None else self._clock.now() - timedelta(seconds=took / 2) - theirs


def _unreached(host: Host, error: Exception) -> _Answer:
    from adapters.http.unreached import Cause, cause_of, why_unreached

    name, port = host.origin.host, host.origin.port
    match cause_of(error, name, port=port):
        case Cause.CERTIFICATE:
            fix = "set SSL_CERT_FILE to a file with the authorities of your network"
        case Cause.CLOCK:
            fix = "set this machine's clock, then try again"
        case Cause.PROXY:
            fix = f"correct the proxy's variable, or add {name} to NO_PROXY"
        case Cause.NAME:
            fix = "check the network and DNS; where a proxy is needed, set HTTPS_PROXY"
        case Cause.REFUSED:
            fix = "check the address in config.toml, and whether a firewall is in the way"
        case _:
            fix = "check the network; where a proxy is needed, set HTTPS_PROXY"
    return _Answer(host, trouble=why_unreached(error, name, port=port), fix=fix)


def _reachable(answer: _Answer) -> Finding:
    host = answer.host
    purpose = ", ".join(host.used_for)
    if not answer.trouble:
        return ok(Area.HOSTS, f"{host.origin} answers in {answer.milliseconds:.0f} ms ({purpose})")
    verdict = Verdict.PROBLEM if host.needed else Verdict.WARNING
    return Finding(Area.HOSTS, verdict, f"{host.origin} ({purpose}): {answer.trouble}", answer.fix)


def _clock(answers: Iterable[_Answer]) -> Finding:
    """By the first host away from this machine that named its time: our own says nothing."""
    told = next((one for one in answers if one.ahead is not None and not one.host.origin.is_loopback), None)
    if told is None or told.ahead is None:
        return warning(Area.CLOCK, "not checked: no host away from this machine named its time")
    off = abs(told.ahead)
    source = told.host.origin.host
    if off < _NOTICEABLE:
        return ok(Area.CLOCK, f"agrees with {source} to the minute")
    words = f"{_length(off)} {'ahead of' if told.ahead > timedelta() else 'behind'} {source}"
    fix = "set this machine's clock: timedatectl set-ntp true, or as your system does it"
    return problem(Area.CLOCK, words, fix) if off >= _HARMFUL else warning(Area.CLOCK, words, fix)


def _length(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    if minutes < _MOST_MINUTES:
        return f"{minutes} min"
    hours = round(minutes / 60)
    return f"{hours} h" if hours < _MOST_HOURS else f"{round(hours / 24)} days"


_MOST_MINUTES: Final = 120
_MOST_HOURS: Final = 48
