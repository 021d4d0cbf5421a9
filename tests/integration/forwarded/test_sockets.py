"""No prompt goes to a socket that somebody else may stand behind: what is wrong is said, and not used."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import pytest

from adapters.forwarded import asking
from adapters.forwarded.laptops import Laptops
from domain.errors import Offline
from tests.support.fake_agent import HOST, FakeAgent, lent, problem, serving
from tests.support.fake_laptops import a_forwarded_record
from tests.support.fixed_clock import FixedClock
from tests.support.short_folder import short_folder

RECORD = a_forwarded_record()
NAME = f"{HOST}-5d0e77c2a1b4.sock"


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder() as folder:
        yield folder


def laptops(folder: Path) -> Laptops:
    return Laptops(folders=lambda: (folder,), mine=lambda name: name.startswith(HOST), clock=FixedClock())


async def refused(folder: Path) -> str:
    """The one sentence that is said of what lies in *folder*; nothing of it is used."""
    there = laptops(folder)
    found = there.found()
    assert found.records == ()
    with pytest.raises(Offline):
        await there.load(RECORD)
    (notice,) = found.notices
    return notice.replace(str(folder), "FOLDER")


def emptied(folder: Path) -> None:
    folder.chmod(0o700)
    for left in folder.iterdir():
        left.unlink()


async def test_what_others_can_enter_use_or_put_there_is_not_used(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def open_folder() -> None:
        folder.chmod(0o755)

    def open_socket() -> None:
        (folder / NAME).chmod(0o777)

    def planted() -> None:
        (folder / NAME).rename(folder / "elsewhere")
        (folder / NAME).symlink_to("elsewhere")

    def somebody_elses() -> None:
        monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)

    cases: dict[str, Callable[[], None]] = {
        "FOLDER is not used to reach your laptop: it can be entered by others (mode 0755).": open_folder,
        "FOLDER/NAME is not used to reach your laptop: it can be used by others (mode 0777).": open_socket,
        "FOLDER/NAME is not used to reach your laptop: it is no socket.": planted,
        "FOLDER is not used to reach your laptop: it belongs to another user.": somebody_elses,
    }
    told = []
    for spoil in cases.values():
        with serving(FakeAgent(RECORD), folder) as agent:
            spoil()
            told.append((await refused(folder)).replace(NAME, "NAME"))
            assert agent.connections == 0
        monkeypatch.undo()
        emptied(folder)
    assert told == list(cases)


async def test_an_agent_of_another_user_is_asked_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "own_peer", lambda _: None)
    with serving(FakeAgent(RECORD), folder) as agent:
        assert (await refused(folder)).endswith("is not used to reach your laptop: another user listens there.")
        assert agent.requests == []


async def test_a_socket_that_its_connection_left_behind_is_named_only_where_no_laptop_is_left(folder: Path) -> None:
    with serving(FakeAgent(RECORD), folder):
        pass
    ended = "Laptop not reachable: the connection to it has ended. On the laptop, run: keyswitch ssh HOST"
    assert await refused(folder) == ended
    with serving(FakeAgent(RECORD), folder, name=f"{HOST}-another.sock"):
        found = laptops(folder).found()
    assert ([one.key for one in found.records], found.notices) == ([RECORD.key], ())


async def test_what_answers_and_is_no_agent_or_lends_nothing_says_why(folder: Path) -> None:
    other, locked = FakeAgent(RECORD), FakeAgent(RECORD)
    other.about["protocol"] = 2
    locked.refusal = problem("agent_locked", detail="The agent is locked.", command="keyswitch agent unlock")
    told = []
    for agent in (other, locked):
        with serving(agent, folder):
            told.append(laptops(folder).found().notices[0].replace(str(folder / NAME), "IT"))
        (folder / NAME).unlink()
    assert told == [
        "IT is not used to reach your laptop: no agent of this protocol (1) answers there.",
        "Your laptop lends nothing: The agent is locked. On the laptop, run: keyswitch agent unlock",
    ]


def test_sockets_of_another_host_that_shares_the_home_are_left_alone(folder: Path) -> None:
    with serving(FakeAgent(RECORD), folder, name="fedcba98-5d0e77c2a1b4.sock") as agent:
        found = laptops(folder).found()
    assert (found.records, found.notices, agent.connections) == ((), (), 0)


def test_a_laptop_that_sleeps_costs_a_third_of_a_second_however_many_connections_there_are(folder: Path) -> None:
    asleep = []
    for number in range(5):  # nobody accepts: the kernel takes the connections, as it does while the agent is stopped
        listening = socket.socket(socket.AF_UNIX)
        path = folder / f"{HOST}-{number}.sock"
        listening.bind(str(path))
        path.chmod(0o600)
        listening.listen()
        asleep.append(listening)
    began = monotonic()
    notices = laptops(folder).found().notices
    took = monotonic() - began
    for one in asleep:
        one.close()
    assert {notice.partition(":")[0] for notice in notices} == {"Laptop not reachable"}
    assert took < 0.5


def test_nonsense_that_a_laptop_says_of_its_sign_ins_is_passed_over(folder: Path) -> None:
    good = lent(RECORD)
    agent = FakeAgent()
    agent.lends = [
        good, {}, "text", {**good, "provider": "another"}, {**good, "kind": "forwarded"}, {**good, "account": ""},
        {**good, "api_base": "file:///etc"}, {**good, "payer": None}, {**good, "account": "x" * 1000},
    ]  # fmt: skip
    with serving(agent, folder):
        assert [one.key for one in laptops(folder).found().records] == [RECORD.key]


def test_of_two_laptops_with_one_provider_the_second_does_not_step_in(folder: Path) -> None:
    other = a_forwarded_record(account="ben", agent="2b57091a57091a57")
    with (
        serving(FakeAgent(RECORD), folder),
        serving(FakeAgent(other, agent="2b57091a57091a57"), folder, name=f"{HOST}-2.sock"),
    ):
        found = laptops(folder).found().records
    assert [(one.key, one.active) for one in found] == [(RECORD.key, True), (other.key, False)]
