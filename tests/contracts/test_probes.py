"""What every look at a part of the machine promises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path

import pytest

from adapters.diagnosis.hosts import HostsProbe
from adapters.diagnosis.way_out import WayOutProbe
from adapters.http.options import client_options
from application.ports.probe import Probe
from domain.finding import Area, Finding, Verdict, ok, problem
from entrypoints.light import container_for, light_parts
from tests.support.fake_probe import FakeProbe
from tests.support.fixed_clock import FixedClock


class ProbeContract(ABC):
    @abstractmethod
    def make_probes(self) -> Iterable[Probe]:
        """All of one kind. The return type is the static half of the contract."""

    async def test_its_findings_are_of_an_area_and_tell_what_to_do_about_a_problem(self) -> None:
        wrong: list[object] = []
        for probe in self.make_probes():
            findings = await probe()
            wrong += [probe] * (probe.area not in Area or not isinstance(findings, tuple))
            wrong += [finding for finding in findings if not _is_complete(finding)]
        assert not wrong

    async def test_looking_twice_shows_the_same(self) -> None:
        for probe in self.make_probes():
            assert await probe() == await probe()


def _is_complete(finding: Finding) -> bool:
    lines = finding.what.splitlines(), finding.fix.splitlines()
    has_fix = bool(finding.fix) or finding.verdict is not Verdict.PROBLEM
    return finding.area in Area and len(lines[0]) == 1 and len(lines[1]) <= 1 and has_fix


class TestProbesOfTheMachine(ProbeContract):
    @pytest.fixture(autouse=True)
    def _home(self, tmp_path: Path) -> None:
        self.home = tmp_path

    def make_probes(self) -> Iterable[Probe]:
        made = container_for(light_parts(self.home, {}))
        return (
            made.config_probe,
            made.key_command_probe,
            made.store_probe,
            made.key_probe,
            made.loopback_probe,
            made.place_probe,
            made.forwards_probe,
            HostsProbe(hosts=lambda: (), http_options=client_options, clock=FixedClock()),
            WayOutProbe(hosts=lambda: ()),
        )

    async def test_it_changes_nothing(self) -> None:
        for probe in self.make_probes():
            await probe()
        assert list(self.home.iterdir()) == []


class TestFakeProbe(ProbeContract):
    def make_probes(self) -> Iterable[Probe]:
        return (FakeProbe(Area.STORE), FakeProbe(Area.KEY, (ok(Area.KEY, "a key"), problem(Area.KEY, "none", "mend"))))
