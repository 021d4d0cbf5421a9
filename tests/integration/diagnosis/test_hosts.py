"""What can be reached, and what the hosts' clocks say of ours."""

from __future__ import annotations

import socket
import ssl
from datetime import timedelta
from email.utils import format_datetime
from functools import partial

import httpx2
import pytest

from adapters.diagnosis.configured import Host
from adapters.diagnosis.hosts import HostsProbe
from adapters.http.options import client_options
from adapters.http.origin import Origin
from domain.finding import Area, Finding, Verdict
from tests.support.credentials import NOON
from tests.support.fixed_clock import FixedClock

AWAY = Host(Origin.of("https://auth.example.test"), ("Claude sign-in",), needed=True)
SPARE = Host(Origin.of("https://spare.example.test"), ("Gemini API",), needed=False)
HERE = Host(Origin.of("http://127.0.0.1:9"), ("ChatGPT API",), needed=True)


class World:
    """Answers for every host alike, and keeps what it was asked."""

    def __init__(
        self, *, ahead: timedelta | None = timedelta(), date: str = "", fails: Exception | None = None
    ) -> None:
        self._headers = {"date": date or format_datetime(NOON - ahead, usegmt=True)} if ahead is not None else {}
        self._fails = fails
        self.requests: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        if self._fails:
            raise self._fails
        return httpx2.Response(404, headers=self._headers)


async def found(world: World, *hosts: Host) -> dict[Area, list[Finding]]:
    probe = HostsProbe(
        hosts=lambda: hosts,
        http_options=partial(client_options, network=httpx2.MockTransport(world)),
        clock=FixedClock(),
    )
    by_area: dict[Area, list[Finding]] = {}
    for finding in await probe():
        by_area.setdefault(finding.area, []).append(finding)
    return by_area


async def test_any_answer_means_that_a_host_can_be_reached_and_costs_one_bare_request() -> None:
    world = World()

    findings = await found(world, AWAY)

    assert [finding.verdict for finding in findings[Area.HOSTS]] == [Verdict.OK]
    (request,) = world.requests
    assert (request.method, str(request.url)) == ("HEAD", "https://auth.example.test/")
    assert not {"authorization", "cookie", "x-api-key", "x-goog-api-key"} & set(request.headers)


@pytest.mark.parametrize(
    ("ahead", "verdict", "words"),
    [
        (timedelta(), Verdict.OK, "agrees with auth.example.test"),
        (timedelta(seconds=59), Verdict.OK, "agrees"),
        (timedelta(seconds=-59), Verdict.OK, "agrees"),
        (timedelta(seconds=62), Verdict.WARNING, "1 min ahead of auth.example.test"),
        (timedelta(minutes=-4), Verdict.WARNING, "4 min behind auth.example.test"),
        (timedelta(minutes=6), Verdict.PROBLEM, "6 min ahead"),
        (timedelta(hours=-3), Verdict.PROBLEM, "3 h behind"),
        (timedelta(days=400), Verdict.PROBLEM, "400 days ahead"),
        (timedelta(days=-3650), Verdict.PROBLEM, "3650 days behind"),
    ],
)
async def test_a_clock_that_is_off_is_told_by_how_much(ahead: timedelta, verdict: Verdict, words: str) -> None:
    (clock,) = (await found(World(ahead=ahead), AWAY))[Area.CLOCK]

    assert (clock.verdict, bool(clock.fix)) == (verdict, verdict is not Verdict.OK)
    assert words in clock.what


@pytest.mark.parametrize("date", ["yesterday", "Mon, 99 Nov 2026 12:00:00 GMT", "Mon, 23 Nov 99999 12:00:00 GMT", " "])
async def test_a_date_that_is_none_says_nothing_of_the_clock(date: str) -> None:
    (clock,) = (await found(World(date=date), AWAY))[Area.CLOCK]

    assert clock.verdict is Verdict.WARNING
    assert "not checked" in clock.what


async def test_our_own_machine_does_not_judge_our_own_clock() -> None:
    (clock,) = (await found(World(ahead=timedelta(days=1)), HERE))[Area.CLOCK]

    assert "not checked" in clock.what


def _because(cause: Exception) -> httpx2.ConnectError:
    error = httpx2.ConnectError("x")
    error.__cause__ = cause
    return error


def _certificate(code: int, message: str) -> httpx2.ConnectError:
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, message
    return _because(error)


@pytest.mark.parametrize(
    ("fails", "words", "fix"),
    [
        (_because(socket.gaierror()), "the name of auth.example.test is not known here", "check the network and DNS"),
        (_because(ConnectionRefusedError()), "refused the connection", "firewall"),
        (httpx2.ConnectTimeout("x"), "did not answer in time", "check the network"),
        (_certificate(20, "unable to get local issuer certificate"), "does not trust the certificate", "SSL_CERT_FILE"),
        (_certificate(10, "certificate has expired"), "check that this machine's clock is right", "set this machine's"),
        (httpx2.ReadError("x"), "no connection", "check the network"),
    ],
)
async def test_a_host_out_of_reach_is_named_with_its_reason_and_a_fix(fails: Exception, words: str, fix: str) -> None:
    (finding,) = (await found(World(fails=fails), AWAY))[Area.HOSTS]

    assert finding.verdict is Verdict.PROBLEM
    assert finding.what.startswith("https://auth.example.test (Claude sign-in): ")
    assert words in finding.what
    assert fix in finding.fix


async def test_a_proxy_that_is_out_of_reach_is_what_to_mend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://ana:fake-password@proxy.example.test:3128")

    (finding,) = (await found(World(fails=_because(ConnectionRefusedError())), AWAY))[Area.HOSTS]

    assert "the proxy of HTTPS_PROXY (http://proxy.example.test:3128) refused the connection" in finding.what
    assert finding.fix == "correct the proxy's variable, or add auth.example.test to NO_PROXY"
    assert "fake-password" not in finding.what


async def test_a_host_that_nobody_needs_now_is_a_warning() -> None:
    (finding,) = (await found(World(fails=httpx2.ConnectTimeout("x")), SPARE))[Area.HOSTS]

    assert finding.verdict is Verdict.WARNING
