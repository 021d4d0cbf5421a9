"""Processes that sign in and out, renew, switch, configure and store keys in one home, held against a sequential model.

By hand: `python -m tests.faults.writers --processes 8 --operations 2000`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from adapters.sandbox.server import Sandbox
from adapters.sandbox.settings import SandboxSettings
from domain.credential import CredentialKind
from domain.provider import Provider
from domain.session import Session
from tests.faults.process_herd import Herd
from tests.faults.sequential_model import Place, Sight, Write
from tests.support.fault_scale import SEED
from tests.support.shared_home import SharedHome, shared_home
from tests.support.shifted_clock import ShiftedClock

MODULE: Final = "tests.faults.writers_worker"
COMMENT: Final = "# written by hand, and kept by every program"
STEADY: Final = 2
"""ChatGPT sessions, ana's and her neighbour's, that nobody signs out."""
LATER: Final = "of_a_later_version"


@dataclass
class Report:
    """What came of it."""

    operations: int
    seconds: float = 0.0
    deeds: Counter[str] = field(default_factory=Counter)
    states_seen: int = 0
    defects: list[str] = field(default_factory=list)

    def table(self) -> str:
        """The figures as they stand in a document."""
        done = ", ".join(f"{count} {what}" for what, count in sorted(self.deeds.items()))
        lines = [
            f"{self.operations} operations in {self.seconds:.0f} s ({done}), seed {SEED}",
            f"- states of the store that a reader saw meanwhile, all whole: {self.states_seen}",
            f"- defects: {len(self.defects)}",
            *(f"  - {defect}" for defect in self.defects[:10]),
        ]
        return "\n".join(lines)


def run_writers(processes: int, operations: int, *, careless: bool = False) -> Report:
    """Let *processes* do *operations* each; blocking.

    Raises:
        HerdError: A process ended: an operation failed in a way that it may not, or a file could not be read.
    """
    report = Report(processes * operations)
    with (
        tempfile.TemporaryDirectory(prefix="keyswitch-writers-") as folder,
        Sandbox(settings=SandboxSettings(gemini_rotates=True)) as sandbox,
    ):
        home = shared_home(Path(folder) / "home", sandbox, ShiftedClock())
        _add_by_hand(home.folder / "config.toml")
        first = _state(home)
        sandbox.log.clear()
        deeds, seen = _write_and_watch(home, processes, operations, careless, report)
        report.deeds.update(_kind(deed) for deed in deeds)
        report.states_seen = len(seen)
        report.defects += [
            *(f"failed: {deed['value']}" for deed in deeds if deed["what"] == "failed"),
            *_unexplained(first, deeds, [*seen, _state(home)]),
            *_going_back(seen),
            *_config_defects(home.folder / "config.toml", deeds),
            *_session_defects(home),
        ]
    return report


def _write_and_watch(
    home: SharedHome[ShiftedClock], processes: int, operations: int, careless: bool, report: Report
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    task = {"home": str(home.folder), "careless": careless}
    seconds = 120 + processes * operations / 5
    with Herd(MODULE, 1, task, seconds=seconds) as watcher, Herd(MODULE, processes, task, seconds=seconds) as writers:
        watcher.tell(lambda _: "watch")
        watcher.hear()
        writers.tell(lambda number: {"operations": operations, "seed": f"{SEED} writer {number}"})
        writers.hear()
        began = time.monotonic()
        writers.release()
        deeds = [deed for said in writers.hear() for deed in said]
        report.seconds = time.monotonic() - began
        watcher.tell(lambda _: "stop")
        return deeds, watcher.hear()[0]


def _state(home: SharedHome[ShiftedClock]) -> dict[str, Any]:
    """What a watcher would see now."""
    records = {str(record.key): [record.session_id, record.generation] for record in home.parts.sessions.records()}
    return {"began": time.monotonic_ns(), "ended": time.monotonic_ns(), "records": records}


def _unexplained(first: dict[str, Any], deeds: list[dict[str, Any]], seen: list[dict[str, Any]]) -> Iterator[str]:
    """What was lost, or came back: sights of a credential that no order of the deeds explains."""
    writes: dict[str, list[Write]] = defaultdict(list)
    for deed in deeds:
        if "/" in deed["what"]:
            writes[deed["what"]].append(Write(deed["value"], deed["began"], deed["ended"]))
    for key in first["records"].keys() | writes.keys():
        place = Place(first["records"].get(key, [None])[0], writes[key])
        last: str | None = None
        for sight in seen:
            value = sight["records"].get(key, [None])[0]
            if sight is not seen[-1] and value == last:
                continue  # only changes are looked at; the end in any case
            last = value
            if not place.explains(Sight(value, sight["began"], sight["ended"])):
                yield f"{key}: {'nothing' if value is None else 'a sign-in that had gone'} was there"


def _going_back(seen: list[dict[str, Any]]) -> Iterator[str]:
    """Sessions whose generation went down."""
    highest: dict[str, int] = {}
    for sight in seen:
        for key, (session_id, generation) in sight["records"].items():
            if generation < highest.get(session_id, 0):
                yield f"{key}: generation {generation} after {highest[session_id]}"
            highest[session_id] = max(generation, highest.get(session_id, 0))


def _session_defects(home: SharedHome[ShiftedClock]) -> Iterator[str]:
    """What is in the store in the end and is no good there, or not as often renewed as its provider says."""
    sessions = home.parts.sessions
    renewals = Counter(
        (entry.provider, entry.credential)
        for entry in home.sandbox.log.entries()
        if entry.kind == "refresh" and entry.outcome == "answered"
    )
    chatgpt = [record for record in sessions.records() if record.provider is Provider.CHATGPT]
    if sum(record.kind is CredentialKind.OAUTH for record in chatgpt) != STEADY:
        yield "chatgpt: a session that nobody signed out is gone"
    for record in sessions.records():
        session = sessions.load(record.key)
        if not isinstance(session, Session) or session.refresh_token is None:
            continue
        token = home.sandbox._tokens.find(session.refresh_token.reveal())
        if token is None or token.spent_at is not None or token.grant.revoked:
            yield f"{record.key}: the stored refresh token is not good any more"
            continue
        renewed = renewals[record.provider.value, token.grant.label]
        if record.generation != 1 + renewed:
            yield f"{record.key}: generation {record.generation} after {renewed} renewals"


def _add_by_hand(config: Path) -> None:
    config.write_text(f"{COMMENT}\n{config.read_text('utf-8')}\n[{LATER}]\nkept = true\n", "utf-8")


def _config_defects(config: Path, deeds: list[dict[str, Any]]) -> Iterator[str]:
    """What of the config is not what the last ones wrote, or is gone."""
    text = config.read_text("utf-8")
    content = tomllib.loads(text)
    now = time.monotonic_ns()
    for what, value in (("model", content.get("model")), ("env_keys", content.get("auth", {}).get("env_keys"))):
        writes = [Write(deed["value"], deed["began"], deed["ended"]) for deed in deeds if deed["what"] == what]
        if not Place(None, writes).explains(Sight(value, now, now)):
            yield f"config: {what} is {value}, which is not what was written last"
    if COMMENT not in text or content.get(LATER) != {"kept": True}:
        yield "config: something that was written by hand is gone"


def _kind(deed: dict[str, Any]) -> str:
    what = deed["what"]
    if "/api_key/" in what:
        return "keys stored"
    if "/" in what:
        return "sign-outs" if deed["value"] is None else "sign-ins"
    return {"model": "switches", "env_keys": "config changes", "renewed": "renewals", "failed": "failures"}[what]


def main() -> int:
    """Print what came of it; 0 if nothing is a defect."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.writers", description=__doc__)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--operations", type=int, default=2000)
    given = parser.parse_args()
    report = run_writers(given.processes, given.operations)
    sys.stdout.write(report.table() + "\n")
    return int(bool(report.defects))


if __name__ == "__main__":
    sys.exit(main())
