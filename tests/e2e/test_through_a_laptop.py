"""A laptop signs in to three providers and lends them: another home answers through it, and keeps nothing of it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from adapters.forwarding.places import host_id
from adapters.sandbox.scripted_browser import approve
from adapters.sandbox.server import Sandbox
from domain.provider import Provider
from domain.session import Session
from entrypoints.light import container_for, light_parts, light_services
from tests.architecture.tree import ROOT
from tests.support.approving_person import sign_in
from tests.support.canaries import Canaries
from tests.support.command import Keyswitch
from tests.support.forks import Process
from tests.support.short_folder import short_folder

pytestmark = pytest.mark.slow

MARK = "made-up mark 5d0e77c2a1b4"
"""What is asked: it must be found wherever secrets are looked for."""

ASK_ALL_AND_STAY = """
import os, sys
from keyswitch import main
stay = os.dup(0)
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # what is piped in would belong to the question
for model in ("gpt-6.1-sol", "claude-opus-5-5", "gemini-3.8-flash"):
    try:
        code = main(["ask", "-m", model, "--yes", os.environ["MARK"]])
    except SystemExit as stopped:
        code = stopped.code
    print("CODE", code, flush=True)
sys.stdout.flush()
os.read(stay, 1)
"""


@pytest.fixture
def laptop() -> Iterator[Keyswitch]:
    """Signed in to all three providers of the sandbox."""
    with short_folder() as folder, Sandbox() as sandbox:
        laptop = Keyswitch(folder / "laptop", {"XDG_RUNTIME_DIR": str(_private(folder / "run"))})
        laptop.configure(providers=sandbox.provider_settings(), auth={"key_source": "file"})
        asyncio.run(_signed_in(laptop))
        yield laptop


async def _signed_in(laptop: Keyswitch) -> None:
    services = light_services(laptop.home, laptop.environment(), consent=approve).load()
    for provider in Provider:
        await sign_in(services, provider)
    await services.close()


def _private(folder: Path) -> Path:
    folder.mkdir(mode=0o700)
    return folder


def secrets_of(laptop: Keyswitch) -> Canaries:
    """Every token of the laptop."""
    container = container_for(light_parts(laptop.home, laptop.environment()))
    canaries = Canaries()
    for record in container.reader.records():
        session = container.sessions.load(record.key)
        assert isinstance(session, Session)
        tokens = {"access": session.access_token, "refresh": session.refresh_token, "id": session.id_token}
        for name, token in tokens.items():
            if token is not None:
                canaries.add(f"{record.provider} {name}", token.reveal())
    assert len(canaries.names) >= 6
    return canaries


def memory_of(process: int) -> Iterator[bytes]:
    """What can be read of the memory of *process*, a region at a time."""
    regions = Path(f"/proc/{process}/maps").read_text("ascii").splitlines()
    with Path(f"/proc/{process}/mem").open("rb", buffering=0) as memory:
        for region in regions:
            span, permissions, *_ = region.split()
            start, end = (int(part, 16) for part in span.split("-"))
            if permissions.startswith("rw"):
                with suppress(OSError, ValueError, OverflowError):
                    memory.seek(start)
                    yield memory.read(end - start)


def environment_of(process: int) -> bytes:
    return Path(f"/proc/{process}/environ").read_bytes()


def lend(laptop: Keyswitch, agent: Process, remote: Path) -> None:
    """Do what `ssh -R` does: put a way to the agent into the remote's folder."""
    assert agent.stderr is not None
    assert "answers for the machines" in agent.stderr.readline()
    opened = laptop("agent", "open", "devbox")
    assert opened.code == 0, opened.err
    os.link(opened.out.strip(), _private(remote / "keyswitch") / f"{host_id()}-5d0e77c2a1b4.sock")


def test_three_providers_answer_through_a_laptop_and_no_secret_of_it_comes_along(laptop: Keyswitch) -> None:
    runtime = _private(laptop.home.parent / "remote")
    remote = Keyswitch(laptop.home.parent / "home", {"XDG_RUNTIME_DIR": str(runtime)})
    canaries = secrets_of(laptop)
    with laptop.started("agent") as agent:
        lend(laptop, agent, runtime)
        status = remote("status", "--json").document
        assert {one["id"]: (one["from_laptop"], one["usable"]) for one in status["providers"]} == {
            provider.value: (True, True) for provider in Provider
        }
        asking = asyncio.run(_asked_all(remote, canaries))
        assert laptop("agent", "lock").code == 0
        locked = remote("ask", "-m", "claude-opus-5-5", "--yes", "Hello?")
    gone = remote("ask", "-m", "claude-opus-5-5", "--yes", "Hello?")
    assert ("keyswitch agent unlock" in locked.err, "laptop not reachable" in gone.err.casefold()) == (True, True), (
        locked.err,
        gone.err,
    )
    codes = [line for line in asking.splitlines() if line.startswith("CODE")]
    assert codes == ["CODE 0"] * 3, asking

    left = {str(path.relative_to(remote.home)): path for path in remote.home.rglob("*") if path.is_file()}
    assert not {"auth.json", "master.key"}.intersection(left)
    found = [hit for name, path in left.items() for hit in canaries.found_in(path.read_bytes(), name)]
    assert found == []


async def _asked_all(remote: Keyswitch, canaries: Canaries) -> str:
    """What a remote process said that asked all three; its memory and environment are looked through before it ends."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ASK_ALL_AND_STAY,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env=remote.environment(MARK=MARK), cwd=ROOT,
    )  # fmt: skip
    assert process.stdout is not None
    said = b""
    async with asyncio.timeout(60):
        while said.count(b"CODE") < len(Provider) and (line := await process.stdout.readline()):
            said += line
    regions = await asyncio.to_thread(lambda: (*memory_of(process.pid), environment_of(process.pid)))
    found = {
        name for value, name in (*canaries.values.items(), (MARK, "mark")) for one in regions if value.encode() in one
    }
    await process.communicate(b"\n")
    assert found == {"mark"}  # the question is there, so that the hunt is not blind
    return said.decode()
