"""Many processes that all need the same sessions at the same moment: how often is a provider asked?

By hand, for the table in docs/reliability.md: `python -m tests.faults.storm --processes 128 --rounds 100`.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from adapters.sandbox import faults
from adapters.sandbox.request_log import LoggedRequest
from adapters.sandbox.server import Sandbox
from adapters.sandbox.settings import SandboxSettings
from domain.errors import KeyswitchError
from domain.provider import Provider
from tests.faults.process_herd import MEGABYTE, Herd, Memory
from tests.support.fault_scale import SEED
from tests.support.shared_home import SharedHome, shared_home
from tests.support.shifted_clock import ShiftedClock

LIFE: Final = 3600
"""Seconds that an access token lasts, at all three providers."""

SECONDS_TO_START: Final = 3.0
SECONDS_A_ROUND: Final = 0.5
"""For each process, far beyond what they take: after that a storm is taken for stuck, and its processes are killed."""

NANOSECONDS: Final = 1e9


class Cause(StrEnum):
    """Why all processes need a renewal at once."""

    EXPIRED = "expired"
    DUE = "due"
    REFUSED = "refused"
    """The token is fresh, and the provider's API answered 401 to it."""

    @property
    def after(self) -> timedelta:
        """How long after the last round this is so.

        A session is due 5 min before its end, up to one minute later by each process's own spread, and is served as it
        is up to the last minute.
        """
        seconds = {Cause.EXPIRED: LIFE + 60, Cause.DUE: LIFE - 200, Cause.REFUSED: LIFE / 3}
        return timedelta(seconds=seconds[self])


@dataclass(frozen=True)
class Plan:
    """How much of a storm."""

    processes: int
    rounds: int
    seed: int = SEED
    coordinator: str = "real"
    answer_seconds: float = 0.2
    """How long the provider takes to renew; every process that will has asked by then."""


@dataclass
class Score:
    """What one provider saw, and what its users got."""

    requests: int = 0
    most_in_a_round: int = 0
    least_in_a_round: int = sys.maxsize
    refused: int = 0
    """Refresh tokens that were sent and not taken: reuse, or what follows from one."""
    starved: int = 0
    """Calls that got no session, or one that the provider does not take."""
    lost: int = 0
    """1 if the session was at an end after the storm."""

    def row(self, provider: Provider) -> str:
        """The figures as a line of the table."""
        cells = (provider, self.requests, self.most_in_a_round, self.refused, self.starved, self.lost)
        return f"| {' | '.join(map(str, cells))} |"


@dataclass
class Report:
    """What a storm was seen to do."""

    plan: Plan
    scores: dict[Provider, Score] = field(default_factory=lambda: {provider: Score() for provider in Provider})
    causes: Counter[Cause] = field(default_factory=Counter)
    waits: list[float] = field(default_factory=list)
    """Seconds from the gate to each answer, beyond the time that the provider took."""
    rounds: list[float] = field(default_factory=list)
    """Seconds from the gate to the last answer, likewise."""
    errors: Counter[str] = field(default_factory=Counter)
    neighbours_changed: bool = False
    memory: list[Memory] = field(default_factory=list)

    @property
    def once(self) -> bool:
        """Whether each provider was asked exactly once in each round."""
        return all(
            score.requests == self.plan.rounds and score.most_in_a_round == score.least_in_a_round == 1
            for score in self.scores.values()
        )

    def total(self, what: str) -> int:
        """The sum of one member of `Score` over the providers."""
        return sum(getattr(score, what) for score in self.scores.values())

    def wait(self, share: float) -> float:
        """The wait that *share* of all calls did not exceed, in seconds."""
        return quantile(self.waits, share)

    def table(self) -> str:
        """For a document: Markdown."""
        plan, largest = self.plan, max(self.memory, key=lambda memory: memory.peak)
        lines = [
            f"{plan.coordinator}: {plan.processes} processes, {plan.rounds} rounds ({self._causes()})",
            f"Seed {plan.seed}.",
            "",
            "| provider | token requests | most in a round | refused | starved | lost |",
            "| --- | --- | --- | --- | --- | --- |",
            *(score.row(provider) for provider, score in self.scores.items()),
            "",
            f"- seconds until a session was there, beyond the provider's {plan.answer_seconds:g}: {spread(self.waits)}",
            f"- seconds until the last one of a round was, likewise: {spread(self.rounds)}",
            f"- largest resident set of a process: {largest.peak / MEGABYTE:.1f} MB",
            f"- its share of memory: at most {max(each.proportional for each in self.memory) / MEGABYTE:.1f} MB",
            f"- records of others changed: {'yes' if self.neighbours_changed else 'none'}",
            *(f"- {count} times: {error}" for error, count in self.errors.most_common(5)),
        ]
        return "\n".join(lines)

    def _causes(self) -> str:
        return ", ".join(f"{count} {cause}" for cause, count in sorted(self.causes.items()))


def run_storm(plan: Plan) -> Report:
    """Carry out *plan*; blocking.

    Raises:
        HerdError: A process ended, or got stuck.
    """
    report = Report(plan)
    with _home(plan) as home:
        neighbours = home.neighbours()
        task = {"home": str(home.folder), "coordinator": plan.coordinator, "sessions": _sessions(home)}
        seconds = plan.processes * (SECONDS_TO_START + SECONDS_A_ROUND * plan.rounds) + 60
        with Herd("tests.faults.storm_worker", plan.processes, task, seconds=seconds) as herd:
            for cause in _causes(plan):
                _round(home, herd, cause, report)
            report.memory = herd.memory()
        report.neighbours_changed = home.neighbours() != neighbours
        for provider in Provider:
            report.scores[provider].lost = int(not _alive(home, provider))
    return report


@contextmanager
def _home(plan: Plan) -> Iterator[SharedHome[ShiftedClock]]:
    clock = ShiftedClock()
    settings = SandboxSettings(
        access_seconds=dict.fromkeys(map(str, Provider), LIFE), clock=clock.unix, gemini_rotates=True
    )
    with tempfile.TemporaryDirectory(prefix="keyswitch-storm-") as folder, Sandbox(settings=settings) as sandbox:
        home = shared_home(Path(folder) / "home", sandbox, clock)
        for provider in Provider:
            sandbox.faults.add(provider.value, "refresh", faults.slow(plan.answer_seconds), times=None)
        yield home


def _causes(plan: Plan) -> list[Cause]:
    """One a round, each about as often as the others; the first is an expiry."""
    causes = [list(Cause)[number % len(Cause)] for number in range(plan.rounds)]
    random.Random(f"{plan.seed} causes").shuffle(causes)
    return causes


def _round(home: SharedHome[ShiftedClock], herd: Herd, cause: Cause, report: Report) -> None:
    """Make all sessions need a renewal, let all processes ask at once, and count."""
    home.clock.offset += cause.after
    if cause is Cause.REFUSED:
        for provider in Provider:
            home.sandbox.expire_access_tokens(provider.value)
    if cause is not Cause.DUE and home.live():
        raise AssertionError("a token is still good before the gate opens")
    generations = {provider: home.session(provider).record.generation for provider in Provider}
    home.sandbox.log.clear()
    chances = random.Random(f"{report.plan.seed} round {len(report.rounds)}")
    herd.tell(lambda _: _order(home, cause, generations, chances))
    herd.hear()
    released = herd.release()
    answers = [answer for said in herd.hear() for answer in said]
    report.causes[cause] += 1
    _count_requests(home.sandbox.log.entries(), report)
    _count_answers(answers, home.live(), report)
    beyond = [(answer["at"] - released) / NANOSECONDS - report.plan.answer_seconds for answer in answers]
    report.waits += beyond
    report.rounds.append(max(beyond))


def _order(
    home: SharedHome[ShiftedClock], cause: Cause, generations: dict[Provider, int], chances: random.Random
) -> dict[str, Any]:
    sessions = _sessions(home, rejected=generations if cause is Cause.REFUSED else {})
    chances.shuffle(sessions)
    return {"offset": home.clock.offset.total_seconds(), "sessions": sessions}


def _sessions(
    home: SharedHome[ShiftedClock], *, rejected: Mapping[Provider, int] = MappingProxyType({})
) -> list[dict[str, Any]]:
    """Ana's sessions, as a process is told of them, with the generations that an API has refused."""
    return [
        {"provider": key.provider.value, "account": key.account, "rejected": rejected.get(key.provider)}
        for key in home.keys.values()
    ]


def _count_requests(entries: tuple[LoggedRequest, ...], report: Report) -> None:
    renewals = [entry for entry in entries if entry.kind == "refresh"]
    for provider, score in report.scores.items():
        asked = [entry for entry in renewals if entry.provider == provider]
        score.requests += len(asked)
        score.most_in_a_round = max(score.most_in_a_round, len(asked))
        score.least_in_a_round = min(score.least_in_a_round, len(asked))
        score.refused += sum(entry.outcome == "refused" for entry in asked)


def _count_answers(answers: list[dict[str, Any]], live: set[str], report: Report) -> None:
    for answer in answers:
        if answer.get("token") not in live:
            report.scores[Provider(answer["provider"])].starved += 1
            report.errors[answer.get("error", "a token that the provider does not take")] += 1


def _alive(home: SharedHome[ShiftedClock], provider: Provider) -> bool:
    """Whether the session can be renewed once more, and its new token is taken."""
    home.clock.offset += Cause.EXPIRED.after
    try:
        asyncio.run(home.parts.renewal(home.keys[provider]))
    except KeyswitchError:
        return False
    return home.session(provider).access_token.fingerprint in home.live()


def quantile(values: list[float], share: float) -> float:
    """The smallest of *values* that *share* of them do not exceed."""
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def spread(values: list[float]) -> str:
    """Median, 99th percentile and maximum, for a table."""
    return f"p50 {quantile(values, 0.5):.3f}, p99 {quantile(values, 0.99):.3f}, longest {quantile(values, 1):.3f}"


def main() -> int:
    """Print the table; 0 if nothing in it is a defect."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.storm", description=__doc__)
    parser.add_argument("--processes", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--coordinator", default="real")
    given = parser.parse_args()
    report = run_storm(Plan(given.processes, given.rounds, given.seed, given.coordinator))
    sys.stdout.write(report.table() + "\n")
    return int(not report.once or bool(report.total("refused") + report.total("starved") + report.total("lost")))


if __name__ == "__main__":
    sys.exit(main())
