"""The whole program in a network of its own: what is meant for this machine does not leave it, not as one packet."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support import off_host

ROOT = Path(__file__).parents[2]
LONGEST = 240
"""Seconds for all commands of a day, on a busy machine."""


@dataclass(frozen=True)
class Network:
    """A network namespace with one way out, to another namespace that answers nothing."""

    ip: str
    name: str

    def packets(self) -> int:
        """How many have gone out since it was made."""
        shown = subprocess.run(
            [self.ip, "-n", self.name, "-s", "-j", "link", "show", "dev", "out"], capture_output=True, check=True
        )
        return int(json.loads(shown.stdout)[0]["stats64"]["tx"]["packets"])

    def run(self, *arguments: str) -> str:
        """Run Python with *arguments* inside; what it printed."""
        done = subprocess.run(
            [self.ip, "netns", "exec", self.name, sys.executable, *arguments],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout


@pytest.fixture
def network(system_program: Callable[[str, str], str]) -> Iterator[Network]:
    """Linux lets root alone make one."""
    ip = system_program("ip", "iproute2")
    name = f"keyswitch-{os.getpid()}"
    world = f"{name}-world"
    try:
        for made in (name, world):
            subprocess.run([ip, "netns", "add", made], check=True)
        for line in (
            f"-n {name} link set lo up",
            f"-n {name} link add out type veth peer name in",
            f"-n {name} link set in netns {world}",
            f"-n {name} addr add 10.213.0.2/24 dev out",
            f"-n {world} addr add 10.213.0.1/24 dev in",
            f"netns exec {name} sh -c echo\t1\t>/proc/sys/net/ipv6/conf/out/disable_ipv6",
            f"-n {world} link set in up",
            f"-n {name} link set out up",
            f"-n {name} route add default via 10.213.0.1",
        ):
            subprocess.run([ip, *(word.replace("\t", " ") for word in line.split(" "))], check=True)
        yield Network(ip, name)
    finally:
        for made in (name, world):
            subprocess.run([ip, "netns", "delete", made], check=False)


@pytest.mark.timeout(LONGEST + 60)
def test_a_day_at_the_sandbox_sends_no_packet_off_this_machine(network: Network, tmp_path: Path) -> None:
    before = network.packets()

    printed = network.run(str(Path(off_host.__file__)), str(tmp_path))

    assert network.packets() == before
    assert {"chat", "refresh", "revoke"} <= set(json.loads(printed.splitlines()[-1])["with_credential"])


def test_a_client_that_believes_its_environment_is_caught(network: Network, tmp_path: Path) -> None:
    """The control: the same network, the same variables."""
    before = network.packets()

    network.run(str(Path(off_host.__file__)), str(tmp_path), "permissive")

    assert network.packets() > before
