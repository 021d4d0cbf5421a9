"""A switch in the running app: durable, and nothing of it waits for a provider."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

from entrypoints.light import light_services
from tests.benchmarks.homes import signed_in_home, with_models
from tests.benchmarks.measuring import Row, Samples, timed

_NAMES = ("claude-opus-4.1", "gpt-5.1-high", "gemini-3-pro")
P50_BAR = 3.0
P99_BAR = 10.0
SCALE_BAR = 1.2


def switch(folder: Path) -> Row:
    """Against lock, read, change, fsync of file and folder, in the same folder."""
    home = signed_in_home(folder)
    floor = timed(_durable_write(home), times=200)
    taken = _switches(home)
    ratio = taken.p50 / floor.p50
    return Row(
        "a switch in the running app, durable, every provider unreachable",
        f"p50 {taken.p50:.1f} ms, p99 {taken.p99:.1f} ms",
        f"{floor.p50:.2f} ms: lock, read, change, fsync file and folder",
        f"p50 ≤ {P50_BAR:.0f} x, p99 ≤ {P99_BAR:.0f} ms",
        ratio <= P50_BAR and taken.p99 <= P99_BAR,
        ratio,
    )


def many_accounts(folder: Path) -> Row:
    """200 accounts and 1,000 models against one account a provider."""
    (folder / "few").mkdir()
    (folder / "many").mkdir()
    few = _switches(signed_in_home(folder / "few"), times=60)
    many = _switches(with_models(signed_in_home(folder / "many", accounts=67), 1000), times=60)
    ratio = many.p50 / few.p50
    return Row(
        "a switch with 201 accounts and 1,000 own models",
        f"{many.p50:.1f} ms",
        f"{few.p50:.1f} ms, three accounts",
        f"≤ {SCALE_BAR} x",
        ratio <= SCALE_BAR,
        ratio,
    )


def _switches(home: Path, *, times: int = 200) -> Samples:
    services = light_services(home, {})
    names = cycle(_NAMES)
    return timed(lambda: services.auth.switch_provider(next(names)), times=times)


def _durable_write(home: Path) -> Callable[[], None]:
    path, lock = home / "floor.toml", home / "floor.lock"
    path.write_bytes((home / "config.toml").read_bytes())

    def work() -> None:
        with lock.open("a") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            content = path.read_bytes() + b"#"
            temporary = home / "floor.tmp"
            with temporary.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
            descriptor = os.open(home, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)

    return work
