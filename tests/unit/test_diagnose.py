"""A diagnosis is complete, in order, and over in time."""

from __future__ import annotations

import asyncio

from application.use_cases.diagnose import Diagnose
from domain.finding import Area, Finding, Verdict, ok, problem
from tests.support.fake_probe import FakeProbe


async def test_findings_come_by_area_and_in_the_order_of_each_probe() -> None:
    first, second = problem(Area.HOSTS, "a", "fix"), ok(Area.HOSTS, "b")
    probes = [FakeProbe(Area.HOSTS, (first, second)), FakeProbe(Area.STORE, (ok(Area.STORE, "c"),))]

    assert await Diagnose(probes=probes)() == (ok(Area.STORE, "c"), first, second)


async def test_a_probe_that_hangs_is_named_and_holds_up_no_other() -> None:
    probes = [FakeProbe(Area.KEY, hangs=True), FakeProbe(Area.PORTS, (ok(Area.PORTS, "free"),))]

    hanging, free = await Diagnose(probes=probes, seconds=0.01)()

    assert (hanging.area, hanging.verdict) == (Area.KEY, Verdict.PROBLEM)
    assert "no answer within 0.01 s" in hanging.what
    assert hanging.fix
    assert free == ok(Area.PORTS, "free")


async def test_probes_run_side_by_side() -> None:
    met = asyncio.Barrier(2)

    class Meeting(FakeProbe):
        async def __call__(self) -> tuple[Finding, ...]:
            await met.wait()
            return self.findings

    probes = [Meeting(Area.STORE, (ok(Area.STORE, "a"),)), Meeting(Area.KEY, (ok(Area.KEY, "b"),))]

    assert len(await Diagnose(probes=probes, seconds=5)()) == 2
