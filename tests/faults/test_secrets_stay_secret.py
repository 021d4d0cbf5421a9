"""No secret is found anywhere but where it belongs, whatever goes wrong (row S1 of the reliability plan).

The numbers of CI times `KEYSWITCH_FAULT_SCALE`; at 6 there are 300 bugs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random

import pytest

from adapters.sandbox.server import Sandbox
from adapters.sandbox.settings import SandboxSettings
from tests.support.canaries import ENCODINGS
from tests.support.fault_scale import chances, scaled
from tests.support.leak_child import ERRORS
from tests.support.leak_flows import COMMANDS, FLOWS, SCREENS
from tests.support.leak_hunt import Hunt, Outcome
from tests.support.leaky_builds import BUILDS

BUGS_ON_THE_COMMAND_LINE = 42
BUGS_IN_THE_APP = 8

HASTE = 8.0
"""Seconds that the person waits for each step where a bug may keep it away; more where the whole flow took more."""

WORKERS = 2

pytestmark = pytest.mark.timeout(1800)


@dataclass(frozen=True)
class Bug:
    """One call that fails."""

    flow: str
    function: str
    after: int
    error: str

    def __str__(self) -> str:
        return f"{self.flow}: {self.error} in {self.function} after {self.after} calls"


@pytest.fixture(scope="module")
def hunt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hunt]:
    with Sandbox(settings=SandboxSettings(device_interval=1)) as sandbox:
        yield Hunt(sandbox, tmp_path_factory.mktemp("hunt"))


@pytest.fixture(scope="module")
def undisturbed(hunt: Hunt) -> dict[str, Outcome]:
    """Every flow without a bug: what is called, and the first look at what is left."""
    with ThreadPoolExecutor(WORKERS) as workers:
        return dict(zip(FLOWS, workers.map(hunt, FLOWS.values()), strict=True))


def test_each_flow_goes_well_and_leaves_no_secret(undisturbed: dict[str, Outcome]) -> None:
    assert {flow: outcome.code for flow, outcome in undisturbed.items()} == dict.fromkeys(FLOWS, 0)
    assert {flow: outcome.missed for flow, outcome in undisturbed.items() if outcome.missed} == {}
    assert [str(hit) for outcome in undisturbed.values() for hit in outcome.hits] == []


def test_at_least_thirty_kinds_of_secrets_are_looked_for(hunt: Hunt, undisturbed: dict[str, Outcome]) -> None:
    assert undisturbed
    assert len(hunt.names) >= 30, sorted(hunt.names)
    assert len(ENCODINGS) >= 15


@pytest.mark.parametrize(
    ("flows", "count"), [(COMMANDS, BUGS_ON_THE_COMMAND_LINE), (SCREENS, BUGS_IN_THE_APP)], ids=["command", "app"]
)
def test_no_bug_anywhere_tells_a_secret(
    hunt: Hunt, undisturbed: dict[str, Outcome], flows: dict[str, object], count: int
) -> None:
    random = chances(f"bugs among {len(flows)} flows")
    bugs = [a_bug(random, undisturbed, list(flows)) for _ in range(scaled(count))]

    def outcome(bug: Bug) -> Outcome:
        patience = max(HASTE, undisturbed[bug.flow].seconds)
        return hunt(FLOWS[bug.flow], bug_at=bug.function, bug_after=bug.after, error=bug.error, patience=patience)

    with ThreadPoolExecutor(WORKERS) as workers:
        outcomes = dict(zip(bugs, workers.map(outcome, bugs), strict=True))
    told = reports(outcomes)
    assert not told, "\n".join(told)
    # Most bugs are fatal; if none were, nothing would have been tested
    crashed = [found for found in outcomes.values() if found.code == 70]
    assert len(crashed) >= len(bugs) // 3
    print(f"{len(bugs)} bugs, {len(crashed)} crashes, {len(hunt.names)} kinds of secrets, 0 told")  # noqa: T201


@pytest.mark.parametrize("build", BUILDS)
def test_a_leaky_build_is_caught_where_it_leaks(hunt: Hunt, build: str) -> None:
    """The control: each place that is looked at is written to, by a build that is wrong in this one way."""
    leak = BUILDS[build]
    function = CRASHES[leak.flow] if leak.error else ""
    outcome = hunt(FLOWS[leak.flow], leaks=(build,), bug_at=function, error=leak.error)
    assert leak.error or outcome.missed == ()
    found = {hit.encoding for hit in outcome.hits if leak.channel in hit.channel}
    expected = set(ENCODINGS) - leak.impossible if leak.every_encoding else {"plain"}
    assert sorted(expected - found) == []


CRASHES = {
    "renew": "adapters/oauth/authlib_client.py:AuthlibClient.renew",
    "chat with claude on a screen": "adapters/oauth/authlib_client.py:AuthlibClient.exchange",
}
"""A function of each of these flows that holds secrets when it is called."""


def reports(outcomes: Mapping[Bug, Outcome]) -> list[str]:
    """A line for each bug that told something, without what it told."""
    lines = []
    for bug, found in outcomes.items():
        where = {f"{hit.secret} in {hit.channel}" for hit in found.hits}
        if where:
            lines.append(f"{bug}: {len(where)} told, {min(where)}")
        if "Traceback" in found.output:
            lines.append(f"{bug}: a traceback")
        if found.left_behind and found.code >= 0:  # whoever is killed restores nothing
            lines.append(f"{bug}: it left {found.left_behind}")
    return lines


def a_bug(random: Random, undisturbed: dict[str, Outcome], flows: list[str]) -> Bug:
    """Any function has the same chance, however often it is called."""
    flow = random.choice(flows)
    calls = undisturbed[flow].calls
    function = random.choice(sorted(calls))
    after = random.choice([0, calls[function] - 1, random.randrange(calls[function])])
    return Bug(flow, function, after, random.choice(list(ERRORS)))
