"""What kind of machine this is, and who holds a port."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from pathlib import Path

import pytest

from adapters.diagnosis.loopback import LoopbackProbe
from adapters.diagnosis.machine import PlaceProbe
from adapters.diagnosis.port_owner import owner_of
from application.ports.oauth_client import RedirectRule
from domain.errors import ConfigError
from domain.finding import Area, Finding, Verdict
from domain.provider import Provider

SSH = {"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22"}


async def at(root: Path, environ: Mapping[str, str], *, window: bool = True) -> dict[Area, list[Finding]]:
    findings: dict[Area, list[Finding]] = {}
    for finding in await PlaceProbe(environ=environ, has_window=lambda: window, root=root)():
        findings.setdefault(finding.area, []).append(finding)
    return findings


@pytest.mark.parametrize(
    ("environ", "files", "words", "warns"),
    [
        ({}, {}, "", False),
        (SSH, {}, "a session over SSH", True),
        ({"SSH_TTY": "/dev/pts/1"}, {}, "a session over SSH", True),
        ({"WSL_DISTRO_NAME": "Debian"}, {}, "Windows Subsystem for Linux", False),
        ({}, {"proc/sys/kernel/osrelease": "5.15.1-microsoft-standard-WSL2\n"}, "Windows Subsystem for Linux", False),
        ({}, {"proc/sys/kernel/osrelease": "6.1.0-28-amd64\n"}, "", False),
        ({}, {".dockerenv": ""}, "a container", True),
        ({}, {"run/.containerenv": ""}, "a container", True),
        ({"container": "podman"}, {}, "a container", True),
        ({"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, {}, "a container", True),
        ({"CODESPACES": "true"}, {}, "a container", True),
        ({**SSH, "container": "lxc"}, {".dockerenv": ""}, "a session over SSH, a container", True),
    ],
)
async def test_the_place_is_named_and_what_to_do_about_it(
    tmp_path: Path, environ: dict[str, str], files: dict[str, str], words: str, warns: bool
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)

    first, *more = (await at(tmp_path, environ))[Area.PLACE]

    assert first.verdict is Verdict.OK
    assert first.what.endswith(words)
    assert ("SSH" in first.what) == ("SSH" in words)
    assert [finding.verdict for finding in more] == [Verdict.WARNING] * warns
    assert all("paste the address" in finding.fix for finding in more)


@pytest.mark.parametrize(("window", "verdict"), [(True, Verdict.OK), (False, Verdict.WARNING)])
async def test_a_missing_browser_is_a_warning(tmp_path: Path, window: bool, verdict: Verdict) -> None:
    (finding,) = (await at(tmp_path, {}, window=window))[Area.BROWSER]
    assert finding.verdict is verdict


def test_whoever_listens_on_a_port_is_found() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as four,
        socket.create_server(("::1", 0), family=socket.AF_INET6) as six,
    ):
        for listening in (four, six):
            owner = owner_of(listening.getsockname()[1])
            assert owner is not None
            assert owner.endswith(f"(process {os.getpid()})")


def test_of_a_free_port_there_is_no_owner() -> None:
    with socket.socket() as silent:  # bound and not listening: nobody else gets the port meanwhile
        silent.bind(("127.0.0.1", 0))
        assert owner_of(silent.getsockname()[1]) is None


def test_where_nothing_can_be_seen_there_is_no_owner(tmp_path: Path) -> None:
    assert owner_of(80, proc=tmp_path) is None


async def ports(*rules: tuple[Provider, RedirectRule]) -> list[Finding]:
    return [finding for finding in await LoopbackProbe(rules=lambda: rules)() if finding.area is Area.PORTS]


async def test_a_second_port_that_is_free_is_good_enough() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, socket.create_server(("127.0.0.1", 0)) as other:
        first, second = taken.getsockname()[1], other.getsockname()[1]
        other.close()
        (finding,) = await ports((Provider.CHATGPT, RedirectRule("127.0.0.1", "/callback", (first, second))))
    assert finding.verdict is Verdict.OK
    assert f"port {second} is free" in finding.what


async def test_half_of_localhost_is_not_enough() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as squatter:
        rule = RedirectRule("localhost", "/callback", (squatter.getsockname()[1],))
        (finding,) = await ports((Provider.CLAUDE, rule))
    assert finding.verdict is Verdict.PROBLEM


async def test_a_port_that_was_looked_at_is_free_afterwards() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    await ports((Provider.CHATGPT, RedirectRule("localhost", "/callback", (port,))))
    socket.create_server(("127.0.0.1", port)).close()


async def test_without_a_usable_config_the_ports_are_not_looked_at() -> None:
    def rules() -> tuple[tuple[Provider, RedirectRule], ...]:
        raise ConfigError("config.toml", "it makes no sense")

    findings = await LoopbackProbe(rules=rules)()
    assert [finding.verdict for finding in findings if finding.area is Area.PORTS] == [Verdict.WARNING]
